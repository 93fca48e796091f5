"""Answerers that never look at the picture but have read other questions with their answers: letters, priors, a text classifier.

Each is fitted on a lesson, or on the exam's other bags (five folds, whole bags at a time), so that what it is credited with it could do
on an exam that it has not seen.

    LEARNERS["prior given task"].fit(lesson)(questions)                    # ["B", ...]
    Folded(LEARNERS["text classifier"], seed=7)(questions)                 # the exam's other bags as lesson
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import SGDClassifier

from beltline.exam.answers import LETTERS
from beltline.exam.blind import Answerer, Figures, box_of, number_of, words_of
from beltline.exam.tasks import Question, rank

FOLDS = 5
MOST = 20_000
"""Questions of a lesson that are read, the same ones whatever their order."""
NUM_FEATURES = 1 << 18
EPOCHS = 20


class Learner(Protocol):
    """Reads questions with their answers and becomes an answerer."""

    def fit(self, lesson: Sequence[Question]) -> Answerer: ...


@dataclass(frozen=True, slots=True)
class MajorityLetter(Answerer):
    """The letter that is right most often among questions of as many options."""

    times: Counter[tuple[int, str]] = field(default_factory=Counter)

    def fit(self, lesson: Sequence[Question]) -> "MajorityLetter":
        return MajorityLetter(Counter((len(question.options), question.answer) for question in lesson))

    def figures(self, questions: Sequence[Question]) -> list[Figures | None]:
        return [self._figures(len(question.options)) for question in questions]

    def _figures(self, num: int) -> list[float]:
        return [float(self.times[num, letter]) for letter in LETTERS[:num]]


@dataclass(frozen=True, slots=True)
class Prior(Answerer):
    """The option that is right most often where it is offered, among questions of the same key."""

    key: Callable[[Question], Hashable]
    rates: dict[tuple[Hashable, str], tuple[int, float]] = field(default_factory=dict)
    """Key and option -> how often it was offered, how often right."""

    def fit(self, lesson: Sequence[Question]) -> "Prior":
        rates: dict[tuple[Hashable, str], tuple[int, float]] = {}
        for question in lesson:
            key, right = self.key(question), question.answer_text
            for option in question.options:
                offered, times = rates.get((key, option), (0, 0.0))
                rates[key, option] = offered + 1, times + (option == right)
        return Prior(self.key, rates)

    def figures(self, questions: Sequence[Question]) -> list[Figures | None]:
        return [self._figures(question) for question in questions]

    def _figures(self, question: Question) -> list[float]:
        """Rates of being right, drawn to chance as if each option had been seen twice more with it."""
        key, chance = self.key(question), 1 / len(question.options)
        seen = [self.rates.get((key, option), (0, 0.0)) for option in question.options]
        return [round((times + 2 * chance) / (offered + 2), 9) for offered, times in seen]


@dataclass(frozen=True, slots=True)
class TextClassifier(Answerer):
    """Logistic regression: is this option right? Over hashed words and pairs of words of the option, and of question with option."""

    model: Any = None

    def fit(self, lesson: Sequence[Question]) -> "TextClassifier":
        right = np.array([option == one.answer_text for one in lesson for option in one.options], bool)
        if not 0 < right.sum() < len(right):
            return TextClassifier()
        model = SGDClassifier(
            loss="log_loss", alpha=1e-5, max_iter=EPOCHS, tol=None, average=True, random_state=0, n_jobs=1
        )
        return TextClassifier(model.fit(_table(lesson), right))

    def figures(self, questions: Sequence[Question]) -> list[Figures | None]:
        if self.model is None or not questions:
            return [None] * len(questions)
        ends = np.cumsum([len(question.options) for question in questions])[:-1]
        return [own.tolist() for own in np.split(np.round(self.model.decision_function(_table(questions)), 6), ends)]


@dataclass(frozen=True, slots=True)
class Folded(Answerer):
    """A learner on the exam itself: each bag's questions after those of the bags in other folds (`evened`, if the exam is)."""

    learner: Learner
    seed: int

    def figures(self, questions: Sequence[Question]) -> list[Figures | None]:
        folds = np.array([_fold(question.group, self.seed) for question in questions], int)
        found: list[Figures | None] = [None] * len(questions)
        even = drawn_even(questions)
        for fold in set(folds.tolist()):
            lesson = [questions[place] for place in np.flatnonzero(folds != fold)]
            fitted = self.learner.fit(evened(lesson) if even else lesson)
            own = np.flatnonzero(folds == fold).tolist()
            for place, figures in zip(own, fitted.figures([questions[place] for place in own]), strict=True):
                found[place] = figures
        return found


def drawn_even(questions: Sequence[Question]) -> bool:
    """Whether an exam was drawn in balance: nine tenths of it lie in strata whose every role is right equally often."""
    even = 0
    for own in _strata(questions):
        times = Counter(question.role for question in own)
        even += len(own) * (set(times) == set(own[0].roles) and len(set(times.values())) == 1)
    return even >= 0.9 * len(questions)


def evened(lesson: Sequence[Question]) -> list[Question]:
    """The lesson with each role of a stratum equally often, the first of each; none of a stratum in which a role is missing.

    Where a draw has each role equally often, the role that is held out is the one that the rest lacks. Learnt as it is, the rest
    would say what the answer is not: a learner would fall below chance by that alone, and hide what else it had found.
    """
    kept = []
    for own in _strata(lesson):
        by_role = {role: [question for question in own if question.role == role] for role in own[0].roles}
        least = min(map(len, by_role.values()))
        kept += [question for each in by_role.values() for question in each[:least]]
    return kept


def _strata(questions: Sequence[Question]) -> Iterable[list[Question]]:
    strata: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        strata[question.stratum].append(question)
    return strata.values()


def taught(learner: Learner, lesson: Sequence[Question], task: str) -> Answerer:
    """The learner fitted on the lesson's questions of a task; on all of them where it has none."""
    same = [question for question in lesson if question.task == task] or list(lesson)
    return learner.fit(sorted(same, key=lambda question: question.id)[:MOST] if len(same) > MOST else same)


def _fold(group: str, seed: int) -> int:
    return rank(seed, group)[0] % FOLDS


def _table(questions: Sequence[Question]) -> sparse.csr_matrix:
    """One row of zeros and ones for each option of each question, shape (options of all, NUM_FEATURES)."""
    rows = [_features(question.question, option) for question in questions for option in question.options]
    indices: NDArray[np.int32] = np.fromiter(chain.from_iterable(rows), np.int32)
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return sparse.csr_matrix((np.ones(len(indices), np.float32), indices, ends), (len(rows), NUM_FEATURES))


@lru_cache(maxsize=1 << 17)
def _features(asks: str, option: str) -> tuple[int, ...]:
    """Places of what an option says, alone and together with each word of the question."""
    said = _said(option)
    asked = words_of(asks)
    near = [f"{one} {two}" for one, two in pairwise(asked)]
    tokens = {*said, *(f"{word}|{piece}" for word in (*asked, *near) for piece in said[:4])}
    return tuple(sorted({zlib.crc32(token.encode()) % NUM_FEATURES for token in tokens}))


def _said(option: str) -> list[str]:
    """The whole option first, then its words and pairs of words; of a box where its corners lie, in tenths of the view."""
    box, number = box_of(option), number_of(option)
    if box:
        return [f"corner {place} {value // 100:.0f}" for place, value in enumerate(box)]
    words = words_of(option)
    pairs = [f"{one} {two}" for one, two in pairwise(words)]
    return [f"= {option.lower()}", *words, *pairs, *([] if number is None else [f"number {number:g}"])]


LEARNERS: Final[dict[str, Learner]] = {
    "majority letter": MajorityLetter(),
    "prior given words": Prior(lambda question: question.stratum),
    "prior given task": Prior(lambda question: question.task),
    "text classifier": TextClassifier(),
}
"""Every learner by its name in the audit's table."""
