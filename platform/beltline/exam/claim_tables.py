"""Do the papers' claims repeat? Answers under each condition with several seeds of teaching, and how sure their difference is.

    claim = CLAIMS["second-view"]
    lines(claim, {"taught, two views": {1: graded}})                     # a cell that was not run says so
    gap_lines(claim, runs)
    lines(claim, {"taught, two views": {1: grounding.each}}, MIOU)       # the same of the boxes in the reasoning

A claim is seen when the whole interval of a difference, over seeds of teaching and over bags, lies on its side of 0; one that is not
seen is not refuted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from beltline.exam import published
from beltline.exam.claims import Claim
from beltline.exam.comparing import OVERALL, Standing
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.seeds import over_seeds
from beltline.exam.tasks import Question

ACCURACY, MIOU = "accuracy", "mIoU"
HEAD: Final = ("condition", "seeds", ACCURACY, "95 %", "published")
BOXES: Final = ("condition", "seeds", MIOU, "95 %", "published")
GAPS: Final = ("claim", "difference", "95 %", "published", "finding")
NOT_RUN: Final = "not run"


class Marked(Protocol):
    """What one asking of a question is worth: Graded, or the boxes of its reasoning (grounded.Placed)."""

    @property
    def key(self) -> int: ...
    @property
    def question(self) -> Question: ...
    @property
    def value(self) -> float:
        """0 to 1."""
        ...


Runs = Mapping[str, Mapping[int, Sequence[Marked]]]
"""Cell to teaching seed to its answers; cells and seeds that were not run are not there."""
Seeds = Sequence[NDArray[np.float64]]
"""What each seed of a cell scored, question by question."""


def standings(claim: Claim, runs: Runs, metric: str = ACCURACY) -> list[Standing]:
    """The cells that were run, task by task and over all, on the questions that all of them were asked: of accuracy tasks weigh the same,
    of mIoU questions do (as in grounded.py)."""
    scores, shared = _scores(runs)
    return [
        Standing(name=cell.name, tasks=_held(shared, metric, scores[cell.name]))
        for cell in claim.cells
        if cell.name in scores
    ]


def gaps(claim: Claim, runs: Runs, metric: str = ACCURACY) -> dict[tuple[str, str], dict[str, Interval]]:
    """The differences that the claim speaks of, where both cells were run; by task and over all."""
    scores, shared = _scores(runs)
    run = [gap for gap in claim.gaps if set(gap) <= scores.keys()]
    return {gap: _held(shared, metric, scores[gap[0]], scores[gap[1]]) for gap in run}


def _held(shared: Sequence[Question], metric: str, seeds: Seeds, minus: Seeds = ()) -> dict[str, Interval]:
    """Each task's and the whole exam's."""
    bags, tasks = np.array([one.group for one in shared]), np.array([one.task for one in shared])
    sizes = Counter(tasks.tolist())
    alike = np.array([len(tasks) / (len(sizes) * sizes[task]) for task in tasks])
    weights = alike if metric == ACCURACY else np.ones(len(tasks))
    there = {task: tasks == task for task in sorted(sizes)}
    alone = {
        task: over_seeds([one[some] for one in seeds], bags[some], [one[some] for one in minus])
        for task, some in there.items()
    }
    whole = over_seeds([weights * one for one in seeds], bags, [weights * one for one in minus])
    return alone | {OVERALL: whole}


def lines(claim: Claim, runs: Runs, metric: str = ACCURACY) -> list[tuple[str, ...]]:
    """Rows under HEAD or BOXES, a cell each."""
    found = {one.name: one.tasks[OVERALL] for one in standings(claim, runs, metric)}
    return [
        (cell.name, str(len(runs.get(cell.name, ()))), *_told(found.get(cell.name)), _printed(claim, metric, cell.row))
        for cell in claim.cells
    ]


def gap_lines(claim: Claim, runs: Runs, metric: str = ACCURACY) -> list[tuple[str, ...]]:
    """Rows under GAPS, a statement each."""
    found, rows = gaps(claim, runs, metric), {cell.name: cell.row for cell in claim.cells}
    whole = {gap: found[gap][OVERALL] if gap in found else None for gap in claim.gaps}
    printed = {gap: _printed(claim, metric, rows[gap[0]], rows[gap[1]]) for gap in whole}
    return [(_above(*gap), *_told(one), printed[gap], _finding(one, printed[gap])) for gap, one in whole.items()]


def task_lines(claim: Claim, runs: Runs) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows: where a difference comes from. The cells that were run, then the differences, task by task; with a star where the
    interval of a difference lies on one side of 0."""
    found = standings(claim, runs)
    tasks = [task for task in found[0].tasks if task != OVERALL] if found else []
    each = [(one.name, *(f"{100 * one.tasks[task].estimate:.1f}" for task in tasks)) for one in found]
    apart = [(_above(*gap), *(_starred(one[task]) for task in tasks)) for gap, one in gaps(claim, runs).items()]
    return ("condition", *tasks), each + apart


def _above(better: str, worse: str) -> str:
    return f"{better} above {worse}"


def _starred(found: Interval) -> str:
    return f"{100 * found.estimate:+.1f}{'*' if found.low > 0 or found.high < 0 else ''}"


def _told(found: Interval | None) -> tuple[str, str]:
    if found is None:
        return NOT_RUN, ""
    return f"{100 * found.estimate:.1f}", f"{100 * found.low:.1f} to {100 * found.high:.1f}"


def _finding(found: Interval | None, printed: str) -> str:
    """Where the paper prints a loss, a loss is what is to be seen."""
    if found is None:
        return NOT_RUN
    side = "loss" if found.high < 0 else "gain" if found.low > 0 else None
    claimed = "loss" if printed.startswith("-") else "gain"
    return "not seen" if side is None else "seen" if side == claimed else "the other way round"


def _printed(claim: Claim, metric: str, row: str | None, minus: str | None = None) -> str:
    """What the paper prints for a row, or for the difference of two."""
    values = [_value(claim, name, metric) for name in (row, minus) if name]
    if not values or None in values:
        return ""
    whole = [value for value in values if value is not None]
    return f"{whole[0] - whole[1]:+.1f}" if minus else f"{whole[0]:.1f}"


def _value(claim: Claim, row: str, metric: str) -> float | None:
    paper, _, table = claim.table.partition("/")
    found = published.cells(paper=paper, table=table, row=row, task=OVERALL, metric=metric)
    return found[0].value if found else None


def _scores(runs: Runs) -> tuple[dict[str, Seeds], list[Question]]:
    """Cell to what each of its seeds scored, and the questions that all of them were asked; in one order for all."""
    means = {name: [_mean(marks) for marks in seeds.values()] for name, seeds in runs.items() if seeds}
    every = [set(one) for some in means.values() for one in some]
    shared = sorted(set.intersection(*every) if every else ())
    asked = {one.key: one.question for seeds in runs.values() for marks in seeds.values() for one in marks}
    found: dict[str, Seeds] = {
        name: [np.array([mean[key] for key in shared]) for mean in some] for name, some in means.items()
    }
    return found, [asked[key] for key in shared]


def _mean(marks: Sequence[Marked]) -> dict[int, float]:
    """Question to the mean of its askings."""
    asked: dict[int, list[float]] = {}
    for one in marks:
        asked.setdefault(one.key, []).append(one.value)
    return {key: sum(some) / len(some) for key, some in asked.items()}
