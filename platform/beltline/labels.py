"""The categories of both papers and of every public set: one canonical name each, and the aliases that lead to it.

Canonical names are lower-case English words, as a caption would use them. The same thing in several sets has one name
("Powerbank", "power_bank" and 充电宝 are all `power bank`); what only one set tells apart keeps its specific name, and
`BROADER` says what it is a kind of.

    >>> canonical("Multi-tool_Knife"), canonical("手机", "ldxray"), BROADER["multi-tool knife"]
    ('multi-tool knife', 'mobile phone', 'knife')
"""

import difflib
import re
from typing import Final

from beltline.verdict import BadRow

MMXRAY = (
    "mobile phone", "power bank", "handcuffs", "axe", "scissors", "baton", "bullet", "hammer", "gun", "metal handle cleaver",
    "plastic handle cleaver", "pliers", "compressed gas", "columnar block battery", "plastic bottle liquid",
    "glass bottle liquid", "metal bottle liquid", "unfolding knife", "folding knife", "straight knife", "utility knife",
    "multi-tool knife", "plastic handle knife", "metal handle knife", "plastic lighter", "laptop", "grenade", "fireworks",
)  # fmt: skip
"""MMXray's 28 categories, in the order of One, Table 1."""

DUAL = (
    "mobile phone", "orange liquid", "portable charger 1", "portable charger 2", "laptop", "green liquid", "tablet",
    "blue liquid", "columnar orange liquid", "nonmetallic lighter", "umbrella", "columnar green liquid",
)  # fmt: skip
"""DualXrayBench's 12 categories, in the order of Dual, Table 2 (LDXray's files have another order: map by name)."""

DVXRAY = (
    "gun", "knife", "wrench", "pliers", "scissors", "lighter", "battery", "bat", "razor blade", "saw blade", "fireworks",
    "hammer", "screwdriver", "dart", "pressure vessel",
)  # fmt: skip
"""DvXray's 15 classes, 0 to 14; PIXray has the same fifteen."""

LDXRAY = (
    "mobile phone", "orange liquid", "portable charger 1", "laptop", "green liquid", "portable charger 2", "tablet",
    "blue liquid", "columnar orange liquid", "nonmetallic lighter", "umbrella", "columnar green liquid",
)  # fmt: skip
"""LDXray's 12 categories in the order of its files, ids 1 to 12."""

OPIXRAY = ("folding knife", "straight knife", "scissors", "utility knife", "multi-tool knife")
HIXRAY = (
    "portable charger 1", "portable charger 2", "water", "laptop", "mobile phone", "tablet", "cosmetic",
    "nonmetallic lighter",
)  # fmt: skip
PIDRAY = (
    "baton", "pliers", "hammer", "power bank", "scissors", "wrench", "gun", "bullet", "sprayer", "handcuffs", "knife",
    "lighter",
)  # fmt: skip
SIXRAY = ("gun", "knife", "wrench", "pliers", "scissors", "hammer")
CLCXRAY = (
    "blade", "dagger", "knife", "scissors", "swiss army knife", "can", "carton drink", "glass bottle", "plastic bottle",
    "vacuum cup", "spray can", "tin",
)  # fmt: skip
STCRAY = (
    "explosive", "gun", "3d printed gun", "knife", "cutter", "shaving blade", "shaving razor", "lighter", "syringe",
    "battery", "nail cutter", "other sharp item", "power bank", "scissors", "hammer", "pliers", "wrench", "screwdriver",
    "handcuffs", "bullet", "dagger", "blade",
)  # fmt: skip
DUALRAY = ("knife", "wrench", "pliers", "scissors", "power bank", "lighter")
GDXRAY = ("gun", "knife", "razor blade", "shuriken")
EDS = (
    "plastic bottle", "pressure vessel", "lighter", "knife", "electronic device", "power bank", "umbrella", "glass bottle",
    "scissors", "laptop",
)  # fmt: skip

SETS: Final[dict[str, tuple[str, ...]]] = {
    "mmxray": MMXRAY, "dual": DUAL, "dvxray": DVXRAY, "ldxray": LDXRAY, "opixray": OPIXRAY, "hixray": HIXRAY,
    "pidray": PIDRAY, "sixray": SIXRAY, "clcxray": CLCXRAY, "pixray": DVXRAY, "stcray": STCRAY, "dualray": DUALRAY,
    "gdxray": GDXRAY, "eds": EDS,
}  # fmt: skip
"""The categories of each public set, by the name of its reader."""

BROADER: Final[dict[str, str]] = {
    "portable charger 1": "power bank", "portable charger 2": "power bank",
    "nonmetallic lighter": "lighter", "plastic lighter": "lighter",
    "orange liquid": "liquid", "green liquid": "liquid", "blue liquid": "liquid", "water": "liquid",
    "columnar orange liquid": "orange liquid", "columnar green liquid": "green liquid",
    "plastic bottle liquid": "plastic bottle", "glass bottle liquid": "glass bottle", "metal bottle liquid": "liquid",
    "plastic bottle": "bottle", "glass bottle": "bottle",
    "unfolding knife": "knife", "folding knife": "knife", "straight knife": "knife", "utility knife": "knife",
    "multi-tool knife": "knife", "plastic handle knife": "knife", "metal handle knife": "knife",
    "swiss army knife": "multi-tool knife", "dagger": "knife", "cutter": "knife",
    "metal handle cleaver": "knife", "plastic handle cleaver": "knife",
    "shaving blade": "blade", "razor blade": "blade", "saw blade": "blade",
    "3d printed gun": "gun", "columnar block battery": "battery",
    "compressed gas": "pressure vessel", "spray can": "pressure vessel", "sprayer": "pressure vessel",
    "laptop": "electronic device", "tablet": "electronic device", "mobile phone": "electronic device",
    "power bank": "electronic device",
}  # fmt: skip
"""What a specific category is a kind of; follow it repeatedly for the whole line."""

CATEGORIES: Final[tuple[str, ...]] = tuple(
    sorted({name for names in SETS.values() for name in names} | set(BROADER) | set(BROADER.values()))
)
"""Every canonical name."""

PLACES = ("centre", "top", "bottom", "left", "right")
"""Where in its container an item lies, roughly (One App. B)."""

COLOURS = (
    "light yellow", "yellow", "orange", "light green", "green", "cyan", "dark green", "blue", "dark blue", "black",
)  # fmt: skip
"""The ten colours of One App. B, from light organic matter to metal that lets nothing through."""

CONTAINERS = (
    "suitcase", "backpack", "handbag", "parcel", "plastic box", "metal box", "wooden box", "plastic basket",
    "metal basket", "plastic bag", "tray",
)  # fmt: skip
"""What holds the items (One App. B and 3.1)."""

OPEN_SOURCES = frozenset({"det-compass"})
"""Sets with hundreds of everyday categories: names that the tables lack keep their own spelling, in lower case."""

_GENERAL = {
    "mobile phone": "cell phone, cellular phone, smartphone, mobile, phone",
    "power bank": "portable charger, portable battery, charger, 充电宝",
    "laptop": "laptop computer, notebook computer, computer",
    "tablet": "tablet computer, tablet pc",
    "gun": "handgun, pistol, firearm, revolver",
    "3d printed gun": "3d gun",
    "wrench": "spanner",
    "pliers": "plier",
    "baton": "truncheon, police baton",
    "bat": "baseball bat",
    "bullet": "ammunition, cartridge",
    "handcuffs": "handcuff, hand cuffs",
    "fireworks": "firework, firecracker",
    "grenade": "hand grenade",
    "lighter": "cigarette lighter",
    "nonmetallic lighter": "non-metallic lighter",
    "syringe": "injection",
    "shuriken": "throwing star, ninja star",
    "utility knife": "box cutter",
    "multi-tool knife": "multi tool, multitool",
    "columnar block battery": "column block battery",
    "nail cutter": "nail clipper",
    "other sharp item": "other sharp",
    "explosive": "explosives",
    "razor blade": "razorblade",
    "vacuum cup": "vacuum flask, thermos",
    "spray can": "aerosol can, aerosol",
    "can": "cans",
    "pressure vessel": "pressure, pressure container",
    "compressed gas": "compressed gas cylinder, gas cylinder",
    "electronic device": "device, seat electronic device",
    "cosmetic": "cosmetics",
    "columnar orange liquid": "cylindrical orange liquid",
    "columnar green liquid": "cylindrical green liquid",
    "portable charger 1": "charger without cell",
    "portable charger 2": "charger with cell",
}

_LDXRAY = {
    "MP": "mobile phone", "OL": "orange liquid", "PC1": "portable charger 1", "LA": "laptop", "GL": "green liquid",
    "PC2": "portable charger 2", "TA": "tablet", "BL": "blue liquid", "CO": "columnar orange liquid",
    "NL": "nonmetallic lighter", "UM": "umbrella", "CG": "columnar green liquid",
    "手机": "mobile phone", "橙色液体": "orange liquid", "不带电芯充电宝": "portable charger 1", "电脑": "laptop",
    "绿色液体": "green liquid", "带电芯充电宝": "portable charger 2", "平板电脑": "tablet", "蓝色液体": "blue liquid",
    "柱状橙色液体": "columnar orange liquid", "非金属打火机": "nonmetallic lighter", "雨伞": "umbrella",
    "柱状绿色液体": "columnar green liquid",
}  # fmt: skip

SOURCE_ALIASES: Final[dict[str, dict[str, str]]] = {
    "ldxray": _LDXRAY,
    "dual": _LDXRAY,
    "gdxray": {"razor": "razor blade"},
    "stcray": {"razor": "shaving razor"},
}
"""What a label means in one set only; asked before the general aliases."""


def canonical(label: object, source: str | None = None) -> str:
    """The canonical name of a set's label; case, spaces, underscores, hyphens and plurals do not matter.

    Args:
        label: as the file has it.
        source: name of a reader, for labels that mean something in that set only.

    Raises:
        BadRow: `labels/unknown`, with the nearest known names.
    """
    if isinstance(label, str):
        for table in (_BY_SOURCE.get(source or "", {}), _KNOWN):
            for key in _variants(_folded(label)):
                if key in table:
                    return table[key]
        if source in OPEN_SOURCES and _folded(label):
            return " ".join(re.sub(r"[_\-\s]+", " ", label).lower().split())
    raise BadRow("labels/unknown", _unknown(label, source))


def broader(name: str) -> tuple[str, ...]:
    """A canonical name and everything it is a kind of, nearest first: ('columnar orange liquid', 'orange liquid', 'liquid')."""
    line = [name]
    while line[-1] in BROADER:
        line.append(BROADER[line[-1]])
    return tuple(line)


def _folded(label: str) -> str:
    return re.sub(r"[\W_]+", "", label).casefold()


def _variants(key: str) -> list[str]:
    """The key itself first, then its singulars and plural: 'knives' finds 'knife', 'scissor' finds 'scissors'."""
    endings = (("ives", "ife"), ("ies", "y"), ("es", ""), ("s", ""), ("", "s"))
    return [key, *(key.removesuffix(old) + new for old, new in endings if key.endswith(old))]


def _unknown(label: object, source: str | None) -> str:
    known = SETS.get(source or "", CATEGORIES)
    near = difflib.get_close_matches(str(label)[:80].lower(), CATEGORIES, n=3, cutoff=0.5)
    hint = f"; nearest: {', '.join(near)}" if near else f"; known: {', '.join(known[:15])}"
    return f"expected a category of {source or 'labels.py'}, found {str(label)[:80]!r}{hint}"


def _table() -> dict[str, str]:
    known = {_folded(name): name for name in CATEGORIES}
    for name, aliases in _GENERAL.items():
        known |= {_folded(alias): name for alias in aliases.split(", ")}
    return known


_KNOWN: Final = _table()
_BY_SOURCE: Final = {
    source: {_folded(alias): name for alias, name in aliases.items()} for source, aliases in SOURCE_ALIASES.items()
}
