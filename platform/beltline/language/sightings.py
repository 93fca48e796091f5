"""Sightings in a model's words: which boxes a text gives, what it calls each, how sure the tokens were, and which two are one item.

    found, problems = sightings("The gun <box>[10,20,300,400]</box> lies flat.", "top", at=5)
    pairs = linked(tops, sides)        # [(top, side), (top, None), ...]

A box has the last category that is named before it in its sentence. A box that no name goes with, or that lies in no view, is not
guessed at: it becomes a problem. Both views of a scan share the belt's axis, so boxes of one category are one item where they lie
along the same stretch of it.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from beltline.language.lexicon import finder, named, plain
from beltline.language.places import Box1000

BOX_LIKE = re.compile(r"<box>(?P<inside>.*?)</box>", re.DOTALL)
_FOUR = re.compile(r"\s*\[\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*\]\s*")
_SENTENCE = re.compile(r"[.!?;\n]")
SHOWN = 60
Token = tuple[str, float]
"""A token's text, and the logarithm of the probability that it had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A box with what it is called."""

    category: str | None
    """None where the text does not name it."""
    box: Box1000
    start: int
    """In the model's text, where its name begins."""
    end: int


def sightings(text: str, view: str, at: int = 0) -> tuple[list[Sighting], list[str]]:
    """The boxes of a view's section, each once, and what is wrong with those that are left out.

    Args:
        text: the section; `at`: where it begins in the whole text.
    """
    found, problems = dict[tuple[str | None, Box1000], Sighting](), list[str]()
    begins = 0
    for match in BOX_LIKE.finditer(text):
        box, problem = _box(match["inside"], view)
        problems += [problem] if problem else []
        if box is not None:
            begins = max([begins, *(one.end() for one in _SENTENCE.finditer(text, begins, match.start()))])
            category, start = _name(text[begins : match.start()])
            sighting = Sighting(category=category, box=box, start=at + begins + start, end=at + match.end())
            found.setdefault((category, box), sighting)
    return list(found.values()), problems


def _box(inside: str, view: str) -> tuple[Box1000 | None, str | None]:
    """A box that lies in the view, or why there is none."""
    four = _FOUR.fullmatch(inside)
    if four is None:
        return None, f"{view}: expected [left,top,right,bottom] in a box, found {inside[:SHOWN]!r}"
    left, top, right, bottom = (int(edge) for edge in four.groups())
    if not (0 <= left < right <= 1000 and 0 <= top < bottom <= 1000):
        return None, f"{view}: expected a box within 0 to 1000 with some area, found {[left, top, right, bottom]}"
    return (left, top, right, bottom), None


def _name(before: str) -> tuple[str | None, int]:
    """The last category that the words name outright, and where it begins in them."""
    words = plain(before)
    if len(words) != len(before):  # another spelling has another length; the place is then the sentence
        found = [next(iter(named(one[0]))) for one in finder().finditer(words) if len(named(one[0])) == 1]
        return (found[-1], 0) if found else (None, 0)
    nouns = [one for one in finder().finditer(words) if len(named(one[0])) == 1]
    return (next(iter(named(nouns[-1][0]))), nouns[-1].start()) if nouns else (None, len(before))


def called(found: list[Sighting], category: str) -> list[Sighting]:
    """The same, with a name for those that have none."""
    return [replace(one, category=one.category or category) for one in found]


def linked(tops: Sequence[Sighting], sides: Sequence[Sighting]) -> list[tuple[Sighting | None, Sighting | None]]:
    """Which boxes are one item: of one category and over the same stretch of the belt, the best overlap first.

    One of a category in each view are one item wherever they lie. The order is that of the top view, then the side's.
    """
    overlaps = [(_shared(top, side), i, j) for i, top in enumerate(tops) for j, side in enumerate(sides)]
    alone = {one.category for one in tops if _only(one, tops) and _only(one, sides)}
    of_top, of_side = dict[int, int](), dict[int, int]()
    for shared, i, j in sorted(overlaps, key=lambda one: (-one[0], one[1:])):
        same = tops[i].category == sides[j].category and (shared > 0 or tops[i].category in alone)
        if same and i not in of_top and j not in of_side:
            of_top[i], of_side[j] = j, i
    pairs = [(top, sides[of_top[i]] if i in of_top else None) for i, top in enumerate(tops)]
    return [*pairs, *((None, side) for j, side in enumerate(sides) if j not in of_side)]


def _only(one: Sighting, others: Sequence[Sighting]) -> bool:
    return sum(other.category == one.category for other in others) <= 1


def _shared(top: Sighting, side: Sighting) -> float:
    """Along the belt, the stretch that both take over the stretch that either takes."""
    left, right = max(top.box[0], side.box[0]), min(top.box[2], side.box[2])
    both = max(top.box[2], side.box[2]) - min(top.box[0], side.box[0])
    return max(0, right - left) / both


def sure(tokens: Sequence[Token], text: str, start: int, end: int) -> float | None:
    """The geometric mean of the probabilities of the tokens that a stretch of the text is made of; None where they do not
    make up the text. What an engine counts after it, the token that ends the answer, is no part of it."""
    if not "".join(token for token, _ in tokens).startswith(text):
        return None
    at, found = 0, list[float]()
    for token, log in tokens:
        if at < end and at + len(token) > start:
            found.append(log)
        at += len(token)
    return min(1.0, math.exp(sum(found) / len(found))) if found else None
