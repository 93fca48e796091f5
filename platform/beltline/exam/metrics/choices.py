"""Questions with one right answer: accuracy, macro and micro F1, per task and over tasks, with intervals.

What the papers leave open is settled here. An invalid or refused answer is wrong, and counted apart; none is dropped, so every
figure of a task has the same denominator. F1 is the mean over the answers that are ever right in the task (macro, the headline)
or over all pooled decisions (micro); both are always there. Over tasks, `macro` is the mean of the tasks and `micro` weighs each
by its questions.

    scores = score([Answer(task="CT", bag="b1", gold="A", given="A"), ...])
    scores.tasks["CT"].accuracy, scores.macro["accuracy"].estimate, scores.macro["accuracy"].low
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.exam.metrics import intervals
from beltline.exam.metrics.intervals import Floats, Interval, divide

FIGURES = ("accuracy", "macro_f1", "micro_f1")
REFUSED = "refused"
INVALID = "invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One question's right answer, and what was read from a model's words."""

    task: str
    bag: str
    """The unit of chance: questions of one bag stand or fall together."""
    gold: str
    """The class that is right: the letter, or the option's meaning where letters are shuffled."""
    given: str | None
    """The class that was given; None where no answer could be read."""
    missing: str | None = None
    """Why none was read: `invalid` (the default for None) or `refused`."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One task. Figures are 0 to 1."""

    accuracy: float
    """Right over all that were asked."""
    macro_f1: float
    """Headline F1: mean over the answers that are right at least once."""
    micro_f1: float
    """2 right / (asked + answered): accuracy where every answer could be read, more forgiving to silence where not."""
    num: int
    num_valid: int
    num_invalid: int
    num_refused: int
    num_classes: int
    """Answers that are right at least once: chance is 1 / this, if they are balanced."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """All tasks, and the mean over them in both ways, with intervals."""

    tasks: dict[str, Cell]
    intervals: dict[str, dict[str, Interval]]
    """task -> figure -> interval."""
    macro: dict[str, Interval]
    """figure -> unweighted mean of the tasks."""
    micro: dict[str, Interval]
    """figure -> mean of the tasks weighted by their questions; for accuracy, that of all questions pooled."""


def score(answers: Iterable[Answer], *, rounds: int = 1000, level: float = 0.95, seed: int = 0) -> Scores:
    """Scores of one model; rows of several seeds may be given together (they share their bags).

    Raises:
        ValueError: no answers, an answer that is both given and missing, or an unknown reason.
    """
    rows = list(answers)
    if not rows:
        raise ValueError("score: expected at least one answer, found none")
    plan = Plan.of(rows)
    sums = intervals.cluster_sums(plan.counted(rows), [row.bag for row in rows])
    whole = plan.figures(sums.sum(0, keepdims=True))
    drawn = plan.draw(sums, rounds, seed)
    spans = {key: intervals.percentile(whole[key][0], drawn[key], level, len(sums)) for key in whole}
    return Scores(
        tasks={task: plan.cell(task, whole, sums.sum(0)) for task in plan.tasks},
        intervals={task: {figure: spans[task, figure] for figure in FIGURES} for task in plan.tasks},
        macro={figure: spans["macro", figure] for figure in FIGURES},
        micro={figure: spans["micro", figure] for figure in FIGURES},
    )


@dataclass(frozen=True)
class Plan:
    """Which column counts what, so that every figure is a function of sums over questions.

    Per task: asked, answered, refused, right; then per class of the task: right, given, asked for.
    """

    tasks: dict[str, tuple[str, ...]]
    """Task -> the answers that are right at least once, sorted."""
    start: dict[str, int]
    """Task -> its first column."""
    num_columns: int

    @classmethod
    def of(cls, rows: Sequence[Answer]) -> "Plan":
        """The columns that these questions need. They depend on the exam alone, never on what a model answered."""
        golds: dict[str, set[str]] = {}
        for row in rows:
            golds.setdefault(row.task, set()).add(row.gold)
        tasks, start, column = {task: tuple(sorted(golds[task])) for task in sorted(golds)}, {}, 0
        for task, classes in tasks.items():
            start[task] = column
            column += 4 + 3 * len(classes)
        return cls(tasks, start, column)

    def counted(self, rows: Sequence[Answer]) -> NDArray[np.uint8]:
        """One line of ones and zeros per answer, shape (N, num_columns)."""
        counts = np.zeros((len(rows), self.num_columns), np.uint8)
        place = {(task, name): 3 * i for task, names in self.tasks.items() for i, name in enumerate(names)}
        for line, row in zip(counts, rows, strict=True):
            base = self.start[row.task]
            right, first = row.given == row.gold, base + 4
            line[base : base + 4] = 1, row.given is not None, _refused(row), right
            asked, given = place[row.task, row.gold], place.get((row.task, row.given or ""))
            line[first + asked], line[first + asked + 2] = right, 1
            if row.given is not None and given is not None:
                line[first + given + 1] = 1
        return counts

    def figures(self, totals: Floats) -> dict[tuple[str, str], Floats]:
        """(task | "macro" | "micro", figure) to values, shape (R,), of totals (R, num_columns).

        NaN where the task has no question; a mean over tasks leaves such tasks out.
        """
        each: dict[str, list[Floats]] = {figure: [] for figure in FIGURES}
        for task, names in self.tasks.items():
            part = totals[:, self.start[task] : self.start[task] + 4 + 3 * len(names)]
            each["accuracy"].append(divide(part[:, 3], part[:, 0]))
            each["macro_f1"].append(macro_f1(part[:, 4:]))
            each["micro_f1"].append(divide(2 * part[:, 3], part[:, 0] + part[:, 1]))
        asked = totals[:, list(self.start.values())]
        found = {(task, f): each[f][i] for i, task in enumerate(self.tasks) for f in FIGURES}
        for figure in FIGURES:
            found["macro", figure] = _mean(np.stack(each[figure], 1), (asked > 0).astype(float))
            found["micro", figure] = _mean(np.stack(each[figure], 1), asked)
        return found

    def draw(self, sums: Floats, rounds: int, seed: int) -> dict[tuple[str, str], Floats]:
        """All figures in each round, from the same bags."""
        keys: list[tuple[str, str]] = list(self.figures(sums[:1]))
        stack = intervals.resampled(
            sums, lambda totals: np.stack(list(self.figures(totals).values()), 1), rounds, seed
        ).reshape(-1, len(keys))
        return dict(zip(keys, stack.T, strict=True))

    def cell(self, task: str, whole: dict[tuple[str, str], Floats], totals: Floats) -> Cell:
        """One task's figures and counts."""
        num, valid, refused = (int(value) for value in totals[self.start[task] : self.start[task] + 3])
        return Cell(
            accuracy=float(whole[task, "accuracy"][0]),
            macro_f1=float(whole[task, "macro_f1"][0]),
            micro_f1=float(whole[task, "micro_f1"][0]),
            num=num,
            num_valid=valid,
            num_refused=refused,
            num_invalid=num - valid - refused,
            num_classes=len(self.tasks[task]),
        )


def macro_f1(counts: Floats) -> Floats:
    """Mean F1 of the classes from (right, given, asked for) of each, shape (R, 3 C) to (R,).

    A class that is never asked for in a round (a bootstrap may lose a rare one) does not count there.
    """
    right, given, asked = counts[:, 0::3], counts[:, 1::3], counts[:, 2::3]
    each = divide(2 * right, given + asked)
    return _mean(np.nan_to_num(each), (asked > 0).astype(float))


def _mean(values: Floats, weights: Floats) -> Floats:
    return divide((np.nan_to_num(values) * weights).sum(1), weights.sum(1))


def _refused(row: Answer) -> bool:
    if row.missing not in (None, INVALID, REFUSED) or (row.given is not None and row.missing):
        raise ValueError(
            f"score: expected an answer or a reason ({INVALID}, {REFUSED}), found given {row.given!r}, "
            f"missing {row.missing!r} in task {row.task!r}"
        )
    return row.missing == REFUSED
