"""Do the papers' claims repeat? Models taught under each condition with several seeds, and how sure their difference is.

    claim = CLAIMS["second-view"]
    lines(claim, {"taught, two views": {1: graded}})                     # a cell that was not run says so
    gap_lines(claim, runs)

A claim is seen when the whole interval of a difference, over seeds of teaching and over bags, lies on its side of 0; one that is not
seen is not refuted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beltline.exam import published
from beltline.exam.comparing import OVERALL
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.seeds import over_seeds
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question

HEAD: Final = ("condition", "seeds", "accuracy", "95 %", "published")
GAPS: Final = ("claim", "difference", "95 %", "published", "finding")
NOT_RUN: Final = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One condition: how a model is taught from the base, and how it is then asked."""

    name: str
    teach: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """One after the other: recipe, and the roles of the lessons it is given. None: the base is asked as it is."""
    views: str | None = None
    """Only this view is shown when it is asked."""
    row: str | None = None
    """Of the paper's table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a paper says of its conditions."""

    name: str
    source: str
    table: str
    """PAPER/TABLE of published.py."""
    cells: tuple[Cell, ...]
    gaps: tuple[tuple[str, str], ...]
    """(better, worse): the paper finds the first above the second."""

    def __post_init__(self) -> None:
        known = {cell.name for cell in self.cells}
        if missing := {name for gap in self.gaps for name in gap} - known:
            raise ValueError(f"{self.name}: expected gaps between its cells, found {sorted(missing)}")


def _views(family: str) -> tuple[Cell, ...]:
    """Dual Table 6: one and two views, before and after teaching."""
    return (
        Cell(name="base, one view", views="top", row="Qwen2.5-VL-7B, one view"),
        Cell(name="base, two views", row="Qwen2.5-VL-7B, two views"),
        Cell(name="taught, one view", teach=((f"{family}-top-reasoned", ("lessons",)),), views="top", row="GSR-8B, one view"),
        Cell(name="taught, two views", teach=((f"{family}-both-reasoned", ("lessons",)),), row="GSR-8B, two views"),
    )  # fmt: skip


def _stages(family: str) -> tuple[Cell, ...]:
    """One Table 12: synthetic scans in neither stage, in one, in both."""
    real, made = ("captions",), ("captions", "captions-made")
    words, more = ("lessons",), ("lessons", "lessons-made")
    cells = {"none": (real, words), "stage 1": (made, words), "stage 2": (real, more), "both stages": (made, more)}
    return tuple(
        Cell(name=name, row=name, teach=((f"{family}_stage1", first), (f"{family}_stage2", second)))
        for name, (first, second) in cells.items()
    )


def _reasons(family: str) -> tuple[Cell, ...]:
    """Dual Table 5: sections of the reasoning, with one view and with two. Two are conditions of `second-view` and have their names: of
    cells that were taught for one claim, another's table finds them under the same --output."""
    cells = {
        "taught without reasoning, one view": ("top", "top"),
        "taught, one view": ("top-reasoned", "top, <top>"),
        "taught without reasoning, two views": ("both", "top, side"),
        "taught, two views": ("both-reasoned", "top, side, <top>, <side>"),
    }
    return tuple(
        Cell(name=name, row=row, teach=((f"{family}-{recipe}", ("lessons",)),), views="top" if row[:9] != "top, side" else None)
        for name, (recipe, row) in cells.items()
    )  # fmt: skip


CLAIMS: Final[dict[str, Claim]] = {
    claim.name: claim
    for claim in (
        Claim(
            name="second-view",
            source="Dual 5.4, Table 6: the second view helps those who were taught with it",
            table="dual/6",
            cells=_views("gsr_nano"),
            gaps=(("taught, two views", "taught, one view"), ("base, two views", "base, one view")),
        ),
        Claim(
            name="synthetic-scans",
            source="One 5.8, Table 12: synthetic scans help in stage 2, and most in both",
            table="one/12",
            cells=_stages("onefocus_base"),
            gaps=(("stage 1", "none"), ("stage 2", "none"), ("both stages", "none"), ("both stages", "stage 2")),
        ),
        Claim(
            name="reasoning",
            source="Dual 5.4, Table 5: what each view's section of the reasoning adds",
            table="dual/5",
            cells=_reasons("gsr_nano"),
            gaps=(
                ("taught, one view", "taught without reasoning, one view"),
                ("taught without reasoning, two views", "taught without reasoning, one view"),
                ("taught, two views", "taught without reasoning, two views"),
            ),
        ),
    )
}


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
