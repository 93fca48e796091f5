"""Answerers that never look at the picture but have read where right boxes lie: by the numbers of their edges, and by their geometry.

Edges give away what no measure of overlap shows: where the picture has 640 columns, a true edge is a multiple of 1000 / 640 thousandths,
and a box that was moved by anything else is not. Geometry gives away where items lie in a bag, and how distractors lie around them.

    LEARNERS["edges of boxes"].fit(lesson)(questions)       # a question that offers fewer than three boxes is left to a toss
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from beltline.exam.blind import Answerer, Figures, box_of
from beltline.exam.blind_learned import Learner
from beltline.exam.tasks import Question

CHANCE: Final = log(1 / 4)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edges(Answerer):
    """How often a box with this left, upper, right or lower edge was the right one; the four as if they knew nothing of each other."""

    rates: dict[tuple[int, float], float] = field(default_factory=dict)
    """(edge, its number) -> logarithm of the rate, drawn to a quarter as if it had been seen four times more."""

    def fit(self, lesson: Sequence[Question]) -> "Edges":
        offered: Counter[tuple[int, float]] = Counter()
        right: Counter[tuple[int, float]] = Counter()
        for question in lesson:
            for option in question.options:
                edges = list(enumerate(box_of(option) or ()))
                offered.update(edges)
                right.update(edges if option == question.answer_text else ())
        return Edges({edge: log((right[edge] + 1) / (num + 4)) for edge, num in offered.items()})

    def figures(self, questions: Sequence[Question]) -> Iterable[Figures | None]:
        return [_spread(one, [self._worth(box) for box in offered(one)]) for one in questions]

    def _worth(self, box: tuple[float, ...]) -> float:
        return sum(self.rates.get(edge, CHANCE) for edge in enumerate(box))


@dataclass(frozen=True, slots=True)
class Places(Answerer):
    """Boosted trees over the geometry of a box: its own, and how it lies among the others that are offered."""

    model: Any = None

    def fit(self, lesson: Sequence[Question]) -> "Places":
        told = [one for one in lesson if offered(one)]
        right = np.array([o == one.answer_text for one in told for o in one.options if box_of(o)], bool)
        if not 0 < right.sum() < len(right):
            return Places()
        trees = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, max_leaf_nodes=15, min_samples_leaf=60, random_state=0
        )
        return Places(trees.fit(np.concatenate([_geometry(one) for one in told]), right))

    def figures(self, questions: Sequence[Question]) -> Iterable[Figures | None]:
        asked = [one for one in questions if offered(one)]
        if self.model is None or not asked:
            return [None] * len(questions)
        worth = self.model.decision_function(np.concatenate([_geometry(one) for one in asked]))
        ends = np.cumsum([len(offered(one)) for one in asked])[:-1]
        found = iter(np.split(np.round(worth, 6), ends))
        return [_spread(one, next(found).tolist() if offered(one) else []) for one in questions]


def offered(question: Question) -> list[tuple[float, ...]]:
    """The boxes of a question that offers three or more."""
    found = [box for box in map(box_of, question.options) if box is not None]
    return found if len(found) >= 3 else []


def _spread(question: Question, worth: list[float]) -> Figures | None:
    """One figure an option, what is no box never taken; None where no boxes are offered."""
    if not worth:
        return None
    values = iter(worth)
    return [next(values) if box_of(option) else -np.inf for option in question.options]


def _geometry(question: Question) -> Floats:
    """What is told of each box offered, (boxes, 16): corners, middle, size, distance from the picture's middle; the same for the others'
    mean, the way from it in sizes, and the ranks of the middle."""
    box = np.array(offered(question))
    middle, size = (box[:, :2] + box[:, 2:]) / 2, box[:, 2:] - box[:, :2]
    whole = np.broadcast_to(middle.mean(axis=0), middle.shape)
    away = (middle - whole) / np.maximum(size, 1)
    ranks = middle.argsort(axis=0).argsort(axis=0)
    return np.concatenate([box, middle, size, np.abs(middle - 500), whole, away, np.abs(away), ranks], axis=1)


LEARNERS: Final[dict[str, Learner]] = {"edges of boxes": Edges(), "places of boxes": Places()}
"""Each by its name in the audit's table."""
