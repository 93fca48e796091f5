"""The words for what is said of an item or a bag besides its class and place: colour, material, pose, sight, density, container.

asserts("sight", "clear", "the gun is clearly visible")         # True; "is not clearly visible": False
stated("pose", "it lies flat on the floor of the bag")          # ('flat',)
"""

import re
from typing import Final

_NOT = r"(?<!\bnot )(?<!n't )(?<!\bno )(?<!\bnever )(?<!\bnot very )(?<!\bnot at all )(?<!\bnot even )(?<!\bneither )"
_SIGHTS: Final = {
    "clear": r"(?:clear(?:ly)?|fully visible|unobstructed|unoccluded|stands? out|entirely visible|in plain view|plainly visible|easily visible"
    r"|(?:not|n't|nor|neither) (?:at all )?(?:hidden|occluded|obscured|covered))\b",
    "partly hidden": r"(?:part(?:ly|ially)|half[- ](?:hidden|covered|visible)|in part)\b",
    "heavily occluded": r"(?:heav(?:y|ily)|largely|mostly|severely|almost (?:entirely|fully|completely)|nearly (?:entirely|fully|completely)"
    r"|for the most part|(?:barely|hardly) visible)\b",
}
_POSES: Final = {
    "flat": r"(?:flat|(?:is|are|it) lying|lies? down|lying down|laid (?:flat|down))\b",
    "upright": r"(?:(?<!\bup to )stand(?:s|ing)?(?! out)|upright|on end|vertical(?:ly)?)\b",
    "tilted": r"(?:tilted|slanted|leaning|leans|at an angle)\b",
    "folded": r"(?:folded|closed)\b",
    "open": r"(?:opened|unfolded|(?:is|are) open|open(?:ed)? (?:blade|position))\b",
}
_POSE_OF: Final = {"lying": "flat", "lying flat": "flat", "standing": "upright", "closed": "folded", "unfolded": "open"}
_MATERIALS: Final = {"metal": r"(?:metal(?:lic)?|steel)\b", "plastic": r"(?:plastic|polymer)\b"}
_DENSITIES: Final = {
    "sparse": r"(?:spars\w*|light(?:ly)? (?:packed|filled|loaded)|few (?:items|objects|things)|uncluttered)",
    "medium": r"(?:moderate\w*|medium[- ]density|medium(?:ly)? (?:packed|filled)|half[- ]full)",
    "dense": r"(?:dense\w*|tight(?:ly)? packed|crowded|cluttered|crammed|high[- ]density)",
}
_CONTAINERS: Final = {
    "suitcase": "case|luggage|trolley case|trolley",
    "backpack": "rucksack",
    "handbag": "purse",
    "parcel": "package",
    "wooden box": "crate|wooden crate",
    "plastic bag": "carrier bag",
    "tray": "bin|security tray",
}
_SHADES = re.compile(r"\b(?:deep|pale)[ -](?=blue|green|yellow)")


def asserts(kind: str, value: str, text: str) -> bool:
    """Whether a text in plain lower case says this of what it speaks of.

    Args:
        kind: colour, material, pose, sight, density or container.
        value: the fact.
        text: a clause, or an entry's text.
    """
    return re.search(_pattern(kind, value.lower()), _shaded(text) if kind == "colour" else text) is not None


def stated(kind: str, text: str) -> tuple[str, ...]:
    """The poses or sights that a text states: keys of the vocabulary; the last where one is a shade of another."""
    known = _SIGHTS if kind == "sight" else _POSES
    return tuple(value for value in known if re.search(_pattern(kind, value), text))


def pose_of(words: str) -> str:
    """The vocabulary's word for a pose: lying and lying flat are flat; others are themselves."""
    return _POSE_OF.get(words, words)


def _pattern(kind: str, value: str) -> str:
    if kind == "colour":
        return rf"{_NOT}(?<!dark[ -])(?<!light[ -])\b{_spaced(value)}\b"
    if kind == "container":
        words = [value, *_CONTAINERS.get(value, "").split("|")]
        return rf"\b(?:{'|'.join(_spaced(word) for word in words if word)})s?\b"
    table = {"sight": _SIGHTS, "pose": _POSES, "density": _DENSITIES, "material": _MATERIALS}[kind]
    known = table.get(pose_of(value) if kind == "pose" else value)
    alternatives = [rf"{_spaced(value)}\b", *([known] if known else [])]
    return rf"{_NOT}(?<!un)\b(?:{'|'.join(alternatives)})"


def _spaced(words: str) -> str:
    return re.escape(words).replace(r"\ ", "[ -]")


def _shaded(text: str) -> str:
    return _SHADES.sub(lambda match: "dark " if match[0].startswith("deep") else "light ", text)
