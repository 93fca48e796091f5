"""Parametric models: what each category is made of."""

from collections.abc import Callable

from beltline.image.phantom.items import dense, electronics, everyday, knives, liquids, tools, weapons
from beltline.image.phantom.items.containers import CONTAINERS, Container
from beltline.image.phantom.model import Draw, Model

CATALOGUE: dict[str, Callable[[Draw], Model]] = {
    "mobile phone": electronics.mobile_phone,
    "power bank": electronics.power_bank,
    "handcuffs": tools.handcuffs,
    "axe": tools.axe,
    "scissors": tools.scissors,
    "baton": tools.baton,
    "bullet": weapons.bullet,
    "hammer": tools.hammer,
    "gun": weapons.gun,
    "metal handle cleaver": knives.metal_handle_cleaver,
    "plastic handle cleaver": knives.plastic_handle_cleaver,
    "pliers": tools.pliers,
    "compressed gas": liquids.compressed_gas,
    "columnar block battery": electronics.block_battery,
    "plastic bottle liquid": liquids.plastic_bottle,
    "glass bottle liquid": liquids.glass_bottle,
    "metal bottle liquid": liquids.metal_bottle,
    "unfolding knife": knives.unfolding_knife,
    "folding knife": knives.folding_knife,
    "straight knife": knives.straight_knife,
    "utility knife": knives.utility_knife,
    "multi-tool knife": knives.multi_tool_knife,
    "plastic handle knife": knives.plastic_handle_knife,
    "metal handle knife": knives.metal_handle_knife,
    "plastic lighter": liquids.plastic_lighter,
    "laptop": electronics.laptop,
    "grenade": weapons.grenade,
    "fireworks": weapons.fireworks,
    "orange liquid": liquids.orange_liquid,
    "portable charger 1": electronics.charger_without_cells,
    "portable charger 2": electronics.charger_with_cells,
    "green liquid": liquids.green_liquid,
    "tablet": electronics.tablet,
    "blue liquid": liquids.blue_liquid,
    "columnar orange liquid": liquids.columnar_orange_liquid,
    "nonmetallic lighter": liquids.nonmetallic_lighter,
    "umbrella": everyday.umbrella,
    "columnar green liquid": liquids.columnar_green_liquid,
}
"""Categories that a recipe may ask for, and that are labelled: MMXray's 28 and Dual's 12 (two are common to both)."""

CLUTTER: dict[str, Callable[[Draw], Model]] = {
    "clothes": everyday.clothes,
    "book": everyday.book,
    "shoe": everyday.shoe,
    "cable": everyday.cables,
    "coins": everyday.coins,
    "keys": everyday.keys,
    "charger": electronics.charger,
    "carton": liquids.carton,
    "cosmetics": liquids.cosmetics,
    "toiletry": everyday.toothbrush_case,
    "belt": everyday.belt,
    "glasses": everyday.glasses,
    "pens": everyday.pens,
    "fruit": everyday.fruit,
    "wallet": everyday.wallet,
    "headphones": everyday.headphones,
    "tin": everyday.tin,
}
"""Innocent things: in the picture, never labelled."""

COVERS: dict[str, Callable[[Draw], Model]] = {
    "pan": dense.pan,
    "weight plate": dense.weight_plate,
    "transformer": dense.transformer,
    "film bag": dense.film_bag,
    "tool box": dense.tool_box,
    "steel plates": dense.steel_plates,
    "drill battery": dense.drill_battery,
}
"""Innocent things so dense that they hide what lies over or under them."""

__all__ = ["CATALOGUE", "CLUTTER", "CONTAINERS", "COVERS", "Container"]
