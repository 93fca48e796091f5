"""The words for categories: how the describer says them, and how the screens find them in free text.

A noun phrase of a caption may mean several categories ("a knife" stands for every kind of knife), so `meanings` answers with a
set. Phrases are matched longest first, so that "folding knife" is not read as "knife".
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from beltline.labels import CATEGORIES, broader
from beltline.language.vocabulary import ALONE, MEASURES, NOT_PLURAL, SAID, SPELLING, SYNONYMS, WIDER

_AMERICAN = re.compile("|".join(sorted(SPELLING, key=len, reverse=True)))


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
    if category in SAID:
        one, _, many = SAID[category].partition("|")
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
    if words in ALONE:
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


NUMBERS = {number_word(number): number for number in range(1, 11)} | {
    "single": 1,
    "both": 2,
    "eleven": 11,
    "twelve": 12,
}


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
    for word, categories in WIDER.items():
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


@lru_cache(maxsize=4096)
def is_plural(found: str) -> bool:
    """Whether a phrase that `finder` found is a plural of several: 'knives', not 'scissors'."""
    words = _letters(found)
    if any(words.endswith(alone) for alone in ALONE):
        return words.startswith(("pairs-of-", "sets-of-", "bundles-of-"))
    return words.startswith(tuple(f"{plural(word)}-of-" for word in MEASURES)) or (
        not any(f"{word}-of-" in words for word in MEASURES) and words.endswith("s") and not words.endswith(NOT_PLURAL)
    )


def is_alone(found: str) -> bool:
    """Whether a phrase is a plural that means one thing: 'scissors', 'pliers'."""
    return _letters(found).split("-of-")[-1] in ALONE


def plain(text: str) -> str:
    """Lower case, British spelling, straight quotes: what sentences and facts are compared in."""
    plainer = text.lower().replace("\u2019", "'").replace("\u2010", "-").replace("\u2011", "-")
    return _AMERICAN.sub(lambda match: SPELLING[match[0]], plainer)


@lru_cache(maxsize=256)
def _by_letters(further: frozenset[str]) -> dict[str, frozenset[str]]:
    return {_letters(phrase): categories for phrase, categories in phrases(further).items()}


def _letters(phrase: str) -> str:
    return phrase.replace(" ", "-")


def _forms(name: str) -> list[str]:
    said = noun(name)
    singular = [name, *SYNONYMS.get(name, "").split("|")]
    words = [said.one, said.many, *(form for word in singular if word for form in (word, plural(word)))]
    return [word.lower() for word in dict.fromkeys(words)]


def glossary() -> list[str]:
    """The words of every class, one Markdown row each, singular only: the table of docs/screening-rules.md."""
    rows = ["| class | words | wide for |", "|---|---|---|"]
    for name in CATEGORIES:
        words = [noun(name).one.lower(), name, *SYNONYMS.get(name, "").split("|")]
        under = sorted(phrases()[name] - {name})
        rows.append(f"| {name} | {', '.join(dict.fromkeys(word for word in words if word))} | {', '.join(under)} |")
    return rows
