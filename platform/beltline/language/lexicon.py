"""The words for categories: how the describer says them, and how the screens find them in free text.

A noun phrase of a caption may mean several categories ("a knife" stands for every kind of knife), so `meanings` answers with a
set. Phrases are matched longest first, so that "folding knife" is not read as "knife".
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from beltline.labels import CATEGORIES, broader

# Where the category's own name, with a or an, is not what a person would write: singular | plural.
_SAID = {
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
_SYNONYMS = {
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
_WIDER: dict[str, tuple[str, ...]] = {
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
_ALONE = frozenset({"handcuffs", "cuffs", "pliers", "scissors", "shears", "fireworks", "explosives", "nail clippers"})
"""Words that are plural already, or that mean one thing and many."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A category in words."""

    one: str
    many: str

    @property
    def bare(self) -> str:
        """Without the measure word: 'no scissors', not 'no pair of scissors'."""
        return self.one.split(" of ")[-1] if self.one.startswith(("pair of ", "set of ")) else self.one

    def counted(self, number: int) -> str:
        """'a gun', 'two pairs of scissors'."""
        return f"{article(self.one)} {self.one}" if number == 1 else f"{number_word(number)} {self.many}"


def noun(category: str) -> Noun:
    """How to say a category; one that the lexicon lacks is its own noun."""
    if category in _SAID:
        one, _, many = _SAID[category].partition("|")
        return Noun(one, many)
    if category.endswith("s") and not category.endswith("ss"):  # 'chopsticks', 'nail clippers'
        return Noun(f"set of {category}", f"sets of {category}")
    return Noun(category, plural(category))


def article(words: str) -> str:
    """a or an, by sound as far as letters tell ('a utility knife', 'an umbrella')."""
    first = words.split()[0].lower()
    consonant = first.startswith(("uni", "use", "usb", "uti", "eu", "one-"))
    return "an" if first[0] in "aeiou" and not consonant else "a"


def plural(words: str) -> str:
    """The plural of a noun phrase that ends in its noun."""
    if words in _ALONE:
        return words
    if words.endswith("knife"):
        return words[:-2] + "ves"
    if words.endswith("y") and words[-2] not in "aeiou":
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("s", "x", "ch", "sh")) else "s")


def number_word(number: int) -> str:
    """'two' up to 'ten', digits from 11."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)


NUMBERS = {number_word(number): number for number in range(1, 11)} | {"single": 1, "both": 2, "dozen": 12}


def listed(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


@lru_cache(maxsize=256)
def phrases(further: frozenset[str] = frozenset()) -> dict[str, frozenset[str]]:
    """Phrase in lower case -> the categories that it may stand for; `further` are categories that labels.py lacks."""
    said: dict[str, set[str]] = {}
    names = [*CATEGORIES, *sorted(further - set(CATEGORIES))]
    for name in names:
        for phrase in _forms(name):
            said.setdefault(phrase, set()).update(under for under in names if name in broader(under))
    for word, categories in _WIDER.items():
        for phrase in (word, plural(word)):
            wider = {under for under in names if set(categories) & set(broader(under))}
            said.setdefault(phrase, set()).update(wider)
    return {phrase: frozenset(categories) for phrase, categories in said.items()}


@lru_cache(maxsize=256)
def finder(further: frozenset[str] = frozenset()) -> re.Pattern[str]:
    """Finds noun phrases, the longest at each place; spaces and hyphens are the same to it."""
    ordered = sorted(phrases(further), key=lambda phrase: (-len(phrase), phrase))
    patterns = (re.escape(phrase).replace(r"\ ", "[ -]").replace(r"\-", "[ -]") for phrase in ordered)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])")


@lru_cache(maxsize=4096)
def meanings(found: str, further: frozenset[str] = frozenset()) -> frozenset[str]:
    """The categories of a phrase that `finder` found."""
    return _by_letters(further)[_letters(found)]


@lru_cache(maxsize=4096)
def named(found: str, further: frozenset[str] = frozenset()) -> frozenset[str]:
    """The categories that a phrase says outright: 'knife' says knife, and only may mean a folding knife."""
    return frozenset(name for name in meanings(found, further) if _letters(found) in _own(name))


@lru_cache(maxsize=4096)
def _own(name: str) -> frozenset[str]:
    return frozenset(_letters(form) for form in _forms(name))


@lru_cache(maxsize=256)
def _by_letters(further: frozenset[str]) -> dict[str, frozenset[str]]:
    return {_letters(phrase): categories for phrase, categories in phrases(further).items()}


def _letters(phrase: str) -> str:
    return phrase.replace(" ", "-")


def _forms(name: str) -> list[str]:
    said = noun(name)
    singular = [name, *_SYNONYMS.get(name, "").split("|")]
    words = [said.one, said.many, *(form for word in singular if word for form in (word, plural(word)))]
    return [word.lower() for word in dict.fromkeys(words)]


def glossary() -> list[str]:
    """The words of every class, one Markdown row each, singular only: the table of docs/screening-rules.md."""
    rows = ["| class | words | wide for |", "|---|---|---|"]
    for name in CATEGORIES:
        words = [noun(name).one.lower(), name, *_SYNONYMS.get(name, "").split("|")]
        under = sorted(phrases()[name] - {name})
        rows.append(f"| {name} | {', '.join(dict.fromkeys(word for word in words if word))} | {', '.join(under)} |")
    return rows
