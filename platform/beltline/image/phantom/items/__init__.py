"""Parametric models: what each category is made of."""

from collections.abc import Callable

from beltline.image.phantom.items import electronics, everyday, liquids, weapons
from beltline.image.phantom.items.containers import CONTAINERS, Container
from beltline.image.phantom.model import Draw, Model

CATALOGUE: dict[str, Callable[[Draw], Model]] = {
    "gun": weapons.gun,
    "straight knife": weapons.straight_knife,
    "folding knife": weapons.folding_knife,
    "scissors": weapons.scissors,
    "hammer": weapons.hammer,
    "power bank": electronics.power_bank,
    "mobile phone": electronics.mobile_phone,
    "laptop": electronics.laptop,
    "tablet": electronics.tablet,
    "plastic bottle liquid": liquids.plastic_bottle,
    "glass bottle liquid": liquids.glass_bottle,
    "metal bottle liquid": liquids.metal_bottle,
    "plastic lighter": liquids.plastic_lighter,
    "umbrella": everyday.umbrella,
}
"""Categories that a recipe may ask for, and that are labelled."""

CLUTTER: dict[str, Callable[[Draw], Model]] = {
    "clothes": everyday.clothes,
    "book": everyday.book,
    "shoe": everyday.shoe,
    "cable": everyday.cables,
    "coins": everyday.coins,
    "keys": everyday.keys,
    "charger": electronics.charger,
    "carton": liquids.carton,
    "toiletry": everyday.toothbrush_case,
}
"""Innocent things: in the picture, never labelled."""

__all__ = ["CATALOGUE", "CLUTTER", "CONTAINERS", "Container"]
