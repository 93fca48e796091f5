"""The words for categories as data: how each is said, what else it is called, and what wider words may mean.

lexicon.py makes phrases of them; docs/screening-rules.md lists them for people (a test compares the two).
"""

# Where the category's own name, with a or an, is not what a person would write: singular | plural.
SAID = {
    "3d printed gun": "3D-printed gun|3D-printed guns",
    "axe": "axe|axes",
    "blue liquid": "bottle of blue liquid|bottles of blue liquid",
    "carton drink": "carton of drink|cartons of drink",
    "columnar block battery": "columnar block battery|columnar block batteries",
    "columnar green liquid": "columnar bottle of green liquid|columnar bottles of green liquid",
    "columnar orange liquid": "columnar bottle of orange liquid|columnar bottles of orange liquid",
    "compressed gas": "compressed gas canister|compressed gas canisters",
    "cosmetic": "cosmetic product|cosmetic products",
    "explosive": "explosive charge|explosive charges",
    "fireworks": "bundle of fireworks|bundles of fireworks",
    "glass bottle liquid": "glass bottle of liquid|glass bottles of liquid",
    "green liquid": "bottle of green liquid|bottles of green liquid",
    "handcuffs": "pair of handcuffs|pairs of handcuffs",
    "liquid": "container of liquid|containers of liquid",
    "metal bottle liquid": "metal bottle of liquid|metal bottles of liquid",
    "metal handle cleaver": "metal-handled cleaver|metal-handled cleavers",
    "metal handle knife": "metal-handled knife|metal-handled knives",
    "nonmetallic lighter": "non-metallic lighter|non-metallic lighters",
    "orange liquid": "bottle of orange liquid|bottles of orange liquid",
    "other sharp item": "sharp item of another kind|sharp items of another kind",
    "plastic bottle liquid": "plastic bottle of liquid|plastic bottles of liquid",
    "plastic handle cleaver": "plastic-handled cleaver|plastic-handled cleavers",
    "plastic handle knife": "plastic-handled knife|plastic-handled knives",
    "pliers": "pair of pliers|pairs of pliers",
    "portable charger 1": "type-1 portable charger|type-1 portable chargers",
    "portable charger 2": "type-2 portable charger|type-2 portable chargers",
    "scissors": "pair of scissors|pairs of scissors",
    "water": "bottle of water|bottles of water",
}

# Other words for a category that a caption may use; plurals follow the rules of `plural`.
SYNONYMS = {
    "mobile phone": "cell phone|cellphone|cellular phone|mobile|smartphone|smart phone|phone|handset",
    "power bank": "powerbank|portable charger|portable battery|battery bank|charger",
    "laptop": "notebook|notebook computer|laptop computer",
    "tablet": "tablet computer|tablet pc",
    "gun": "handgun|hand gun|pistol|firearm|revolver",
    "3d printed gun": "3d-printed gun|3d gun",
    "axe": "ax|hatchet",
    "wrench": "spanner",
    "baton": "truncheon|nightstick|police baton",
    "bat": "baseball bat",
    "bullet": "round of ammunition|cartridge",
    "fireworks": "firework|fireworks|firecracker",
    "grenade": "hand grenade",
    "lighter": "cigarette lighter",
    "nonmetallic lighter": "nonmetallic lighter|non-metal lighter",
    "shuriken": "throwing star|ninja star",
    "folding knife": "pocket knife|pocketknife|penknife|jackknife|clasp knife",
    "straight knife": "fixed-blade knife",
    "utility knife": "box cutter|stanley knife",
    "cutter": "cutter knife",
    "multi-tool knife": "multitool|multi-tool",
    "columnar block battery": "columnar battery|cylindrical battery",
    "battery": "battery pack",
    "nail cutter": "nail clipper|nail clippers",
    "razor blade": "razorblade",
    "vacuum cup": "vacuum flask|thermos|thermos flask",
    "spray can": "aerosol can|aerosol",
    "can": "drink can|beverage can",
    "tin": "tin can",
    "compressed gas": "gas canister|gas cylinder|gas bottle|compressed gas cylinder|compressed gas",
    "pressure vessel": "pressure container|pressurised container|pressurized container",
    "metal bottle liquid": "metal bottle",
    "metal handle cleaver": "metal handle cleaver",
    "plastic handle cleaver": "plastic handle cleaver",
    "metal handle knife": "metal handle knife",
    "plastic handle knife": "plastic handle knife",
    "columnar orange liquid": "columnar orange liquid|cylindrical orange liquid|cylindrical bottle of orange liquid",
    "columnar green liquid": "columnar green liquid|cylindrical green liquid|cylindrical bottle of green liquid",
    "portable charger 1": "portable charger of type 1|portable charger 1",
    "portable charger 2": "portable charger of type 2|portable charger 2",
    "handcuffs": "handcuffs|handcuff|cuffs",
    "scissors": "scissors|shears",
    "pliers": "pliers",
    "cosmetic": "cosmetic",
    "explosive": "explosive|explosive device",
    "other sharp item": "sharp item|sharp object|other sharp item",
    "syringe": "injection needle|hypodermic needle",
}
_KNIVES = ("knife", "blade", "other sharp item", "scissors", "axe", "shuriken", "dart", "syringe", "shaving razor")
_WEAPONS = ("gun", "knife", "axe", "baton", "grenade", "explosive", "shuriken", "bat", "bullet", "dart")
WIDER: dict[str, tuple[str, ...]] = {
    "cleaver": ("metal handle cleaver", "plastic handle cleaver"),
    "bottle": ("liquid",),
    "sharp item": _KNIVES,
    "sharp object": _KNIVES,
    "edged weapon": ("knife", "axe"),
    "weapon": _WEAPONS,
    "tool": ("hammer", "wrench", "pliers", "screwdriver", "multi-tool knife", "axe", "scissors"),
    "charger": ("portable charger 1", "portable charger 2"),
}
"""Words and the categories that they may mean, with all that these are broader than, besides their own if they are one."""
ALONE = frozenset({"handcuffs", "cuffs", "pliers", "scissors", "shears", "fireworks", "explosives", "nail clippers"})
"""Words that are plural already, or that mean one thing and many."""
MEASURES = ("pair", "set", "bundle", "bottle", "container", "carton", "round", "item", "charger")
NOT_PLURAL = ("ss", "gas", "thermos")
SPELLING = {
    "center": "centre",
    "color": "colour",
    "gray": "grey",
    "aluminum": "aluminium",
    "pressurized": "pressurised",
    "luggages": "luggage",
}
