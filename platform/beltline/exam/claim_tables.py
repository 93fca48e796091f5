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
from beltline.exam.comparing import OVERALL
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.seeds import over_seeds
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question

HEAD: Final = ("condition", "seeds", "accuracy", "95 %", "published")
GAPS: Final = ("claim", "difference", "95 %", "published", "finding")
NOT_RUN: Final = "not run"
Runs = Mapping[str, Mapping[int, Sequence[Graded]]]
"""Cell to teaching seed to its answers; cells and seeds that were not run are not there."""


def standings(claim: Claim, runs: Runs) -> dict[str, Interval]:
    """Accuracy of each cell that was run, over the questions that all of them were asked, tasks weighing the same."""
    scores, bags = _scores(runs)
    return {cell.name: over_seeds(scores[cell.name], bags) for cell in claim.cells if cell.name in scores}


def gaps(claim: Claim, runs: Runs) -> dict[tuple[str, str], Interval]:
    """The differences that the claim speaks of, where both cells were run."""
    scores, bags = _scores(runs)
    run = [gap for gap in claim.gaps if gap[0] in scores and gap[1] in scores]
    return {gap: over_seeds(scores[gap[0]], bags, scores[gap[1]]) for gap in run}


def lines(claim: Claim, runs: Runs) -> list[tuple[str, ...]]:
    """Rows under HEAD, a cell each."""
    found = standings(claim, runs)
    return [_line(claim, cell, len(runs.get(cell.name, ())), found.get(cell.name)) for cell in claim.cells]


def gap_lines(claim: Claim, runs: Runs) -> list[tuple[str, ...]]:
    """Rows under GAPS, a statement each."""
    found, rows = gaps(claim, runs), {cell.name: cell.row for cell in claim.cells}
    return [
        (f"{better} above {worse}", *_told(found.get((better, worse))), _printed(claim, rows[better], rows[worse]), _finding(found.get((better, worse))))
        for better, worse in claim.gaps
    ]  # fmt: skip


def task_lines(claim: Claim, runs: Runs) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows: where a difference comes from. Accuracy of the cells that were run, task by task, over the same questions."""
    rights, shared = _shared(runs)
    tasks = sorted({one.task for one in shared.values()})
    rows = [
        (cell.name, *(f"{100 * _share(rights[cell.name], shared, task):.1f}" for task in tasks))
        for cell in claim.cells
        if cell.name in rights
    ]
    return ("condition", *tasks), rows


def _share(rights: Sequence[Mapping[int, float]], shared: Mapping[int, Question], task: str) -> float:
    return float(np.mean([right[key] for right in rights for key, one in shared.items() if one.task == task]))


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


def _scores(runs: Runs) -> tuple[dict[str, list[NDArray[np.float64]]], NDArray[np.str_]]:
    """Cell to the scores of each seed, and the bag of each question; questions in one order for all."""
    rights, shared = _shared(runs)
    sizes = Counter(one.task for one in shared.values())
    weights = np.array([len(shared) / (len(sizes) * sizes[one.task]) for one in shared.values()])
    found = {name: [weights * [right[key] for key in shared] for right in some] for name, some in rights.items()}
    return found, np.array([one.group for one in shared.values()])


def _shared(runs: Runs) -> tuple[dict[str, list[dict[int, float]]], dict[int, Question]]:
    """Cell to what each of its seeds had right, and the questions that all of them were asked."""
    rights = {name: [_right(graded) for graded in seeds.values()] for name, seeds in runs.items() if seeds}
    every = [set(one) for some in rights.values() for one in some]
    asked = {one.key: one.question for seeds in runs.values() for graded in seeds.values() for one in graded}
    return rights, {key: asked[key] for key in sorted(set.intersection(*every) if every else ())}


def _right(graded: Sequence[Graded]) -> dict[int, float]:
    """Question to the share of its askings that were right."""
    asked: dict[int, list[bool]] = {}
    for one in graded:
        asked.setdefault(one.key, []).append(one.correct)
    return {key: sum(some) / len(some) for key, some in asked.items()}
