"""Answerers that never look at the picture: rules over the words and numbers of the options.

Every rule gives each option a figure and takes the highest; of equal ones a hash of the bag and the words decides, so that no rule
leans on a letter by accident. A rule that has nothing to say of a question (boxes, where none are offered) gives None.

    RULES["longest option"]([question, ...])         # ["C", ...]

What answerers learn from other questions is in blind_learned.py; audit.py asks all of them.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beltline import boxes
from beltline.exam.answers import LETTERS
from beltline.exam.quantities import number_in
from beltline.exam.tasks import Question

Figures = Sequence[float]
"""One per option; the highest is taken."""

_BOX = re.compile(r"\D*(\d+(?:\.\d+)?)\D+(\d+(?:\.\d+)?)\D+(\d+(?:\.\d+)?)\D+(\d+(?:\.\d+)?)\D*")
_YES = re.compile(r"\W*(?:yes|true|correct)\b", re.I)
_NO = re.compile(r"\W*(?:no|not|none|neither|false|incorrect|nothing|there\s+(?:is|are)\s+(?:no|not|none))\b", re.I)
_WORD = re.compile(r"\w+")


class Answerer:
    """Answers questions, in their order, from their text alone."""

    __slots__ = ()

    def figures(self, questions: Sequence[Question]) -> Iterable[Figures | None]:
        """How much is said for each option of each question; None where nothing is."""
        raise NotImplementedError

    def __call__(self, questions: Sequence[Question]) -> list[str]:
        """Letters, as a reader without the picture would give them."""
        return [picked(*pair) for pair in zip(questions, self.figures(questions), strict=True)]

    def marks(self, questions: Sequence[Question]) -> list[float]:
        """What the letters are worth, 0 to 1: where options are equal, the mean over them, so that the toss adds no noise."""
        return [mark(*pair) for pair in zip(questions, self.figures(questions), strict=True)]


@dataclass(frozen=True, slots=True)
class Rule(Answerer):
    """An answerer that sees one question at a time."""

    rule: Callable[[Question], Figures | None]

    def figures(self, questions: Sequence[Question]) -> Iterable[Figures | None]:
        return map(self.rule, questions)

    def applies(self, question: Question) -> bool:
        """Whether the rule prefers any option of this question."""
        found = self.rule(question)
        return found is not None and len(set(found)) > 1


def picked(question: Question, figures: Figures | None) -> str:
    """The letter of the highest figure; of equal ones the one whose hash is lowest."""
    places = _highest(question, figures)
    return LETTERS[min(places, key=lambda place: _rank(question, place)) if len(places) > 1 else places[0]]


def mark(question: Question, figures: Figures | None) -> float:
    """1 / the options of the highest figure if the right one is among them, else 0."""
    places = _highest(question, figures)
    return (LETTERS.index(question.answer) in places) / len(places)


def _highest(question: Question, figures: Figures | None) -> list[int]:
    """Places of the options with the highest figure; of all where there are no figures."""
    if figures is None:
        return list(range(len(question.options)))
    best = max(figures)
    return [place for place, value in enumerate(figures) if value == best]


def affirms(option: str) -> bool:
    """Whether an option is a yes, with whatever follows."""
    return bool(_YES.match(option))


def denies(option: str) -> bool:
    """Whether an option is a no: "No", "There is no lighter in the image.", "None of the above", "Not present"."""
    return bool(_NO.match(option))


def box_of(option: str) -> tuple[float, ...] | None:
    """The four numbers of an option that says a box and no other number."""
    found = _BOX.fullmatch(option)
    return tuple(map(float, found.groups())) if found else None


def words_of(text: str) -> list[str]:
    """Lower-case words and numbers."""
    return _WORD.findall(text.lower())


def _letter(place: int) -> Callable[[Question], Figures]:
    return lambda question: [float(option == question.options[place]) for option in question.options]


def _length(sign: int) -> Callable[[Question], Figures]:
    return lambda question: [float(sign * len(option)) for option in question.options]


def _polar(says: Callable[[str], bool]) -> Callable[[Question], Figures]:
    return lambda question: [float(says(option)) for option in question.options]


def _boxwise(measure: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Callable[[Question], Figures | None]:
    """A rule over the boxes offered, (N, 4) to (N,), where there are three or more; other options are never taken."""

    def figures(question: Question) -> Figures | None:
        found = [box_of(option) for option in question.options]
        offered = [box for box in found if box is not None]
        if len(offered) < 3:
            return None
        # rounded, so that figures that differ in the last bit alone are equal and no letter is preferred
        values = iter(np.round(measure(np.array(offered, float)), 6).tolist())
        return [-np.inf if box is None else next(values) for box in found]

    return figures


def _middle(offered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nearness to the mean of the boxes, corner by corner."""
    return -np.abs(offered - offered.mean(axis=0)).sum(axis=1)


@lru_cache(maxsize=1 << 16)
def number_of(option: str) -> float | None:
    """The one number that an option says, in digits or words; None is 0 as a count."""
    if box_of(option):
        return None
    if option.strip(" .").lower() == "none":
        return 0.0
    found = number_in(option)
    return found.value if found else None


def _numberwise(measure: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Callable[[Question], Figures | None]:
    """A rule over the numbers offered, (N,) to (N,), where there are three or more; other options are never taken."""

    def figures(question: Question) -> Figures | None:
        found = [number_of(option) for option in question.options]
        offered = [number for number in found if number is not None]
        if len(offered) < 3:
            return None
        values = iter(measure(np.array(offered)).tolist())
        return [-np.inf if number is None else next(values) for number in found]

    return figures


def _likeness(sign: int) -> Callable[[Question], Figures | None]:
    """How like an option's letters are to the other options': the medoid of three-letter pieces, or the odd one out."""

    def figures(question: Question) -> Figures | None:
        if len(question.options) < 3 or any(box_of(option) for option in question.options):
            return None
        pieces = [_pieces(option) for option in question.options]
        return [round(sign * sum(_jaccard(own, other) for other in pieces), 6) for own in pieces]

    return figures


@lru_cache(maxsize=1 << 16)
def _pieces(option: str) -> frozenset[str]:
    text = f" {' '.join(words_of(option))} "
    return frozenset(text[start : start + 3] for start in range(max(1, len(text) - 2)))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _echo(question: Question) -> Figures:
    """Share of an option's words that the question has said already."""
    said = set(words_of(question.question))
    return [sum(word in said for word in own) / max(1, len(own)) for own in map(words_of, question.options)]


def _rank(question: Question, place: int) -> bytes:
    said = f"{question.group}\0{question.question}\0{question.options[place]}"
    return hashlib.blake2b(said.encode(), digest_size=8).digest()


RULES: Final[dict[str, Rule]] = {
    "first letter": Rule(_letter(0)),
    "last letter": Rule(_letter(-1)),
    "longest option": Rule(_length(1)),
    "shortest option": Rule(_length(-1)),
    "always yes": Rule(_polar(affirms)),
    "always no": Rule(_polar(denies)),
    "medoid of boxes": Rule(_boxwise(lambda offered: boxes.iou(offered, offered).sum(axis=1))),
    "nearest to the mean box": Rule(_boxwise(_middle)),
    "largest box": Rule(_boxwise(boxes.area)),
    "smallest box": Rule(_boxwise(lambda offered: -boxes.area(offered))),
    "middle number": Rule(_numberwise(lambda numbers: -np.abs(numbers - np.median(numbers)))),
    "largest number": Rule(_numberwise(lambda numbers: numbers)),
    "smallest number": Rule(_numberwise(np.negative)),
    "lexical medoid": Rule(_likeness(1)),
    "odd one out": Rule(_likeness(-1)),
    "echo of the question": Rule(_echo),
}
"""Every rule by its name in the audit's table."""
