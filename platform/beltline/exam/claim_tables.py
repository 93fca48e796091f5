"""Do the papers' claims repeat? Answers under each condition with several seeds of teaching, and how sure their difference is.

    claim = CLAIMS["second-view"]
    lines(claim, {"taught, two views": {1: graded}})                     # a cell that was not run says so
    gap_lines(claim, runs)

A claim is seen when the whole interval of a difference, over seeds of teaching and over bags, lies on its side of 0; one that is not
seen is not refuted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beltline.exam import published
from beltline.exam.claims import Cell, Claim
from beltline.exam.comparing import OVERALL, Standing
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.seeds import over_seeds
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question

HEAD: Final = ("condition", "seeds", "accuracy", "95 %", "published")
GAPS: Final = ("claim", "difference", "95 %", "published", "finding")
NOT_RUN: Final = "not run"
Runs = Mapping[str, Mapping[int, Sequence[Graded]]]
"""Cell to teaching seed to its answers; cells and seeds that were not run are not there."""
Seeds = Sequence[NDArray[np.float64]]
"""What each seed of a cell scored, question by question."""


def standings(claim: Claim, runs: Runs) -> list[Standing]:
    """The cells that were run, task by task and over all with tasks weighing the same, on the questions that all of them were asked."""
    scores, shared = _scores(runs)
    return [Standing(name=cell.name, tasks=_held(shared, scores[cell.name])) for cell in claim.cells if cell.name in scores]  # fmt: skip


def gaps(claim: Claim, runs: Runs) -> dict[tuple[str, str], dict[str, Interval]]:
    """The differences that the claim speaks of, where both cells were run; by task and over all."""
    scores, shared = _scores(runs)
    run = [gap for gap in claim.gaps if set(gap) <= scores.keys()]
    return {gap: _held(shared, scores[gap[0]], scores[gap[1]]) for gap in run}


def _held(shared: Sequence[Question], seeds: Seeds, minus: Seeds = ()) -> dict[str, Interval]:
    """Each task's and, tasks weighing the same, the whole exam's."""
    bags, tasks = np.array([one.group for one in shared]), np.array([one.task for one in shared])
    sizes = Counter(tasks.tolist())
    weights = np.array([len(tasks) / (len(sizes) * sizes[task]) for task in tasks])
    there = {task: tasks == task for task in sorted(sizes)}
    alone = {
        task: over_seeds([one[some] for one in seeds], bags[some], [one[some] for one in minus])
        for task, some in there.items()
    }
    whole = over_seeds([weights * one for one in seeds], bags, [weights * one for one in minus])
    return alone | {OVERALL: whole}


def lines(claim: Claim, runs: Runs) -> list[tuple[str, ...]]:
    """Rows under HEAD, a cell each."""
    found = {one.name: one.tasks[OVERALL] for one in standings(claim, runs)}
    return [_line(claim, cell, len(runs.get(cell.name, ())), found.get(cell.name)) for cell in claim.cells]


def gap_lines(claim: Claim, runs: Runs) -> list[tuple[str, ...]]:
    """Rows under GAPS, a statement each."""
    found, rows = gaps(claim, runs), {cell.name: cell.row for cell in claim.cells}
    whole = {gap: found[gap][OVERALL] if gap in found else None for gap in claim.gaps}
    return [
        (_above(*gap), *_told(one), _printed(claim, rows[gap[0]], rows[gap[1]]), _finding(one))
        for gap, one in whole.items()
    ]


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


def _line(claim: Claim, cell: Cell, num_seeds: int, found: Interval | None) -> tuple[str, ...]:
    return (cell.name, str(num_seeds), *_told(found), _printed(claim, cell.row))


def _told(found: Interval | None) -> tuple[str, str]:
    if found is None:
        return NOT_RUN, ""
    return f"{100 * found.estimate:.1f}", f"{100 * found.low:.1f} to {100 * found.high:.1f}"


def _finding(found: Interval | None) -> str:
    if found is None:
        return NOT_RUN
    return "seen" if found.low > 0 else "the other way round" if found.high < 0 else "not seen"


def _printed(claim: Claim, row: str | None, minus: str | None = None) -> str:
    """What the paper prints for a row, or for the difference of two."""
    values = [_value(claim, name) for name in (row, minus) if name]
    if not values or None in values:
        return ""
    whole = [value for value in values if value is not None]
    return f"{whole[0] - whole[1]:+.1f}" if minus else f"{whole[0]:.1f}"


def _value(claim: Claim, row: str) -> float | None:
    paper, _, table = claim.table.partition("/")
    found = published.cells(paper=paper, table=table, row=row, task=OVERALL, metric="accuracy")
    return found[0].value if found else None


def _scores(runs: Runs) -> tuple[dict[str, Seeds], list[Question]]:
    """Cell to what each of its seeds scored, and the questions that all of them were asked; in one order for all."""
    rights = {name: [_right(graded) for graded in seeds.values()] for name, seeds in runs.items() if seeds}
    every = [set(one) for some in rights.values() for one in some]
    shared = sorted(set.intersection(*every) if every else ())
    asked = {one.key: one.question for seeds in runs.values() for graded in seeds.values() for one in graded}
    found: dict[str, Seeds] = {
        name: [np.array([right[key] for key in shared]) for right in some] for name, some in rights.items()
    }
    return found, [asked[key] for key in shared]


def _right(graded: Sequence[Graded]) -> dict[int, float]:
    """Question to the share of its askings that were right."""
    asked: dict[int, list[bool]] = {}
    for one in graded:
        asked.setdefault(one.key, []).append(one.correct)
    return {key: sum(some) / len(some) for key, some in asked.items()}
