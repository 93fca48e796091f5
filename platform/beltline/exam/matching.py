"""Which option a text names: option texts as words, whatever their spelling, synonyms of categories, numbers, places.

Words are compared run together ("power bank", "Powerbank" and "power_bank" are one key), without articles, numbers as digits. A phrase
that stands for a category (labels.canonical, language.lexicon) names the option of that category.

    >>> Matcher(("Powerbank", "Grenade")).named("It looks like a portable charger.").chosen
    (0,)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from beltline.labels import canonical
from beltline.language.lexicon import meanings, named, phrases
from beltline.verdict import BadRow

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_DROPPED = frozenset({"a", "an", "the", "with", "of", "containing"})
NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"single": "1"}
_SAME = NUMBERS | {"centre": "center", "middle": "center", "central": "center"}
_NOT = frozenset(
    "not no isn't aren't wasn't never neither nor without excluding than instead don't doesn't nothing cannot can't".split()
)
_CLAUSE = re.compile(r"[.,;:!?\n]|\bbut\b", re.I)
_BOUND_BEFORE = re.compile(
    r"\b(?:at\s+least|at\s+most|more\s+than|less\s+than|fewer\s+than|over|under|up\s+to|between)\s+$", re.I
)
_BOUND_AFTER = re.compile(r"\s+or\s+(?:more|less|fewer)\b", re.I)
_REACH = 4
"""How many words back a negation still holds, within its clause."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text as it is compared, and where it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Named:
    """The options that a text names and does not deny: their indices, ascending, and the stretch of the last."""

    chosen: tuple[int, ...]
    span: tuple[int, int]


def words(text: str) -> list[Word]:
    """The words that count, in order."""
    found = (Word(_key(match[0]), match.start(), match.end()) for match in _WORD.finditer(text))
    return [word for word in found if word.key not in _DROPPED]


def squeezed(text: str) -> str:
    """All words that count run together: the key of a text."""
    return "".join(word.key for word in words(text))


def denied(text: str, start: int) -> bool:
    """Whether a negation stands shortly before `start`, in the same clause: 'not a plastic bottle', 'rather than B'."""
    clause = _CLAUSE.split(text[max(0, start - 60) : start])[-1]
    return any(word in _NOT for word in clause.replace("\u2019", "'").casefold().split()[-_REACH:])


def bounded(text: str, start: int, end: int) -> bool:
    """Whether a number is only a bound: 'at least two', '2 or more'."""
    return (
        _BOUND_BEFORE.search(text[max(0, start - 20) : start]) is not None or _BOUND_AFTER.match(text, end) is not None
    )


class Matcher:
    """The options of one question, prepared once."""

    def __init__(self, options: Sequence[str]):
        self.options = tuple(options)
        self._words = [tuple(word.key for word in words(option)) for option in options]
        self._own = _unique((key, index) for index, each in enumerate(self._words) for key in _variants("".join(each)))
        categories = _unique((_category(option), index) for index, option in enumerate(options))
        self._categories = {name: index for name, index in categories.items() if name and index is not None}
        self._prefixes = {key[:length] for key in self._own for length in range(1, len(key) + 1)}

    def whole(self, text: str) -> int | None:
        """The option that the whole text is, by its words or as a category."""
        key = squeezed(text)
        if key in self._own:
            return self._own[key]
        name = _synonyms().get(key)
        return self._categories.get(name) if name else None

    def part(self, text: str) -> int | None:
        """The only option that has all words of the text in their order ('on the right of the image')."""
        keys = [word.key for word in words(text)]
        if not keys or (len(keys) == 1 and len(keys[0]) < 4 and not keys[0].isdigit()):
            return None
        holders = [index for index, own in enumerate(self._words) if _in_order(keys, own)]
        return holders[0] if len(holders) == 1 else None

    def named(self, text: str) -> Named:
        """Every option that the text names; by its words or a synonym, else by a wider word that fits one option alone."""
        said = words(text)
        for runs in (self._runs(said), self._wider(said)):
            hits = [(index, span) for index, span in runs if not (denied(text, span[0]) or bounded(text, *span))]
            if hits:
                return Named(tuple(sorted({index for index, _ in hits})), hits[-1][1])
        return Named((), (0, 0))

    def _runs(self, said: list[Word]) -> Iterator[tuple[int, tuple[int, int]]]:
        """(index, span) of each run of words that is an option's key or a synonym of its category, longest first."""
        place = 0
        while place < len(said):
            length, index = self._longest(said, place)
            if index is not None:
                yield index, (said[place].start, said[place + length - 1].end)
            place += max(1, length)

    def _longest(self, said: list[Word], place: int) -> tuple[int, int | None]:
        key, best, index = "", 0, None
        for length in range(1, len(said) - place + 1):
            key += said[place + length - 1].key
            if key in self._own and key not in ("yes", "no"):  # 'no' is a word of every sentence; polarity reads it
                best, index = length, self._own[key]
            elif (name := _synonyms().get(key)) in self._categories:
                best, index = length, self._categories[name or ""]
            elif key not in self._prefixes and (length >= 5 or not self._categories):
                break
        return best, index

    def _wider(self, said: list[Word]) -> Iterator[tuple[int, tuple[int, int]]]:
        """'battery' names a columnar block battery when no other option is a battery."""
        for place, word in enumerate(said if self._categories else ()):
            for key, end in (
                (word.key, word.end),
                *([(word.key + said[place + 1].key, said[place + 1].end)] if place + 1 < len(said) else []),
            ):
                fits = {
                    self._categories[name] for name in _meanings().get(key, frozenset()) if name in self._categories
                }
                if len(fits) == 1:
                    yield fits.pop(), (word.start, end)


def _key(word: str) -> str:
    low = word.casefold().replace("\u2019", "'")
    return _SAME.get(low, low)


def _variants(key: str) -> tuple[str, ...]:
    return (key, key + "s", key.removesuffix("s")) if len(key) > 3 else (key,)


def _unique(pairs: Iterator[tuple[str, int]]) -> dict[str, int | None]:
    """Key to index; None where two options share the key."""
    found: dict[str, int | None] = {}
    for key, index in pairs:
        if key:
            found[key] = index if found.get(key, index) == index else None
    return found


def _in_order(keys: list[str], own: tuple[str, ...]) -> bool:
    rest = iter(own)
    return all(key in rest for key in keys)


@lru_cache(maxsize=4096)
def _category(option: str) -> str:
    """Canonical name of an option that is a category; '' for any other."""
    try:
        return canonical(option.strip(" ."))
    except BadRow:
        return ""


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, str]:
    """Key of a phrase to the one category that it says outright."""
    return {squeezed(phrase): next(iter(own)) for phrase in phrases() if len(own := named(phrase)) == 1}


@lru_cache(maxsize=1)
def _meanings() -> dict[str, frozenset[str]]:
    """Key of a phrase to every category that it may stand for."""
    return {squeezed(phrase): meanings(phrase) for phrase in phrases()}
