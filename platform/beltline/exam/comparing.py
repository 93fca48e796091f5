"""Models beside each other: accuracy by task with intervals, paired differences, and published rows in the same form.

asked, graded = common([ours, theirs])                  # the questions that both were asked
standing("ours", graded[0]).tasks["CT"].estimate
against(graded[1], graded[0])["CT"].permutation_p       # second minus first
published("dual/4", ["GPT-4o"])[0].tasks["overall"]
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import stats

from beltline.exam import published as papers
from beltline.exam.metrics import paired
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.paired import Comparison
from beltline.exam.scoring import Graded, score
from beltline.exam.tasks import DUALXRAY, MMXRAY

OVERALL: Final = "overall"
BEST: Final = 5
"""Published rows that are shown when nobody says which."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's accuracy by task, `overall` (the mean over tasks) last."""

    name: str
    tasks: Mapping[str, Interval]
    printed: bool = False
    """From a paper: another exam of the same tasks, with intervals from the number of questions alone."""


def common(models: Sequence[Sequence[Graded]]) -> tuple[int, list[list[Graded]]]:
    """The questions that every model was asked, and each model's answers to them, in the same order.

    Raises:
        ValueError: there is none.
    """
    ids = [[one.key for one in graded] for graded in models]
    shared = set(ids[0]).intersection(*ids[1:])
    if not shared:
        raise ValueError("compare: expected models that answered the same questions, found none in common: two exams?")
    return len(shared), [
        [one for key, one in sorted(zip(keys, graded, strict=True), key=lambda pair: pair[0]) if key in shared]
        for keys, graded in zip(ids, models, strict=True)
    ]


def standing(name: str, graded: Sequence[Graded]) -> Standing:
    """One model's accuracies."""
    found = score(graded)
    tasks = {task: cell.interval for task, cell in sorted(found.tasks.items(), key=lambda pair: _order(pair[0]))}
    return Standing(name=name, tasks={**tasks, OVERALL: found.macro})


def against(one: Sequence[Graded], other: Sequence[Graded]) -> dict[str, Comparison]:
    """The first minus the second on the same questions, by task and over all questions (seeds averaged)."""
    first, second = _means(one), _means(other)
    tasks: dict[str, list[int]] = defaultdict(list)
    for key in first:
        tasks[first[key][0]].append(key)
    found = {task: _pair(first, second, keys) for task, keys in sorted(tasks.items(), key=lambda pair: _order(pair[0]))}
    weights = {key: 1 / len(keys) for keys in tasks.values() for key in keys}
    scale = len(first) / len(tasks)
    return {**found, OVERALL: _pair(first, second, list(first), {key: scale * weights[key] for key in first})}


def drop(usual: Standing, shifted: Standing) -> dict[str, Interval]:
    """How much less is right on a shifted exam than on the usual one, by the tasks of both; below 0 where more is.

    The bags differ, so nothing is paired: the interval joins the two (Newcombe 1998, Statistics in Medicine 17, method 10).
    """
    both = [task for task in usual.tasks if task in shifted.tasks]
    return {task: _apart(usual.tasks[task], shifted.tasks[task]) for task in both}


def _apart(one: Interval, other: Interval) -> Interval:
    gap = one.estimate - other.estimate
    below = float(np.hypot(one.estimate - one.low, other.high - other.estimate))
    above = float(np.hypot(one.high - one.estimate, other.estimate - other.low))
    return replace(one, estimate=gap, low=gap - below, high=gap + above)


def chances(graded: Sequence[Graded]) -> dict[str, float]:
    """What guessing among the options gives, by task and overall."""
    shares: dict[str, list[float]] = defaultdict(list)
    for one in graded:
        shares[one.question.task].append(1 / len(one.question.options))
    found = {task: float(np.mean(some)) for task, some in shares.items()}
    return {**found, OVERALL: float(np.mean(list(found.values())))}


_Means = dict[int, tuple[str, str, float]]
"""Question id to its task, its bag, and the share of seeds in which it was answered rightly."""


def _means(graded: Sequence[Graded]) -> _Means:
    right: dict[int, list[Graded]] = defaultdict(list)
    for one in graded:
        right[one.key].append(one)
    return {
        key: (some[0].question.task, some[0].question.group, sum(one.correct for one in some) / len(some))
        for key, some in right.items()
    }


def _pair(first: _Means, second: _Means, keys: Sequence[int], weights: Mapping[int, float] | None = None) -> Comparison:
    """A comparison; `weights` of mean 1 make the mean over questions one over tasks."""
    weight = np.array([weights[key] if weights else 1.0 for key in keys])
    a, b = (np.array([means[key][2] for key in keys]) * weight for means in (first, second))
    return paired.compare(a, b, [first[key][1] for key in keys])


def published(name: str, rows: Sequence[str] | None = None, best: int = BEST) -> list[Standing]:
    """Rows of a paper's table, highest overall first; their intervals are Wilson's 95 % where the paper says how many were asked.

    Args:
        name: PAPER/TABLE, such as dual/4.
        rows: which; None takes the best overall.

    Raises:
        ValueError: no such table or row.
    """
    paper, _, number = name.partition("/")
    known = papers.rows(paper, number)
    unknown = [row for row in rows or () if row not in known]
    if unknown:
        raise ValueError(f"{name}: expected rows of {', '.join(known)}; found {', '.join(unknown)}")
    found = [_printed(paper, number, row) for row in rows or known]
    ranked = sorted(found, key=lambda one: -one.tasks[OVERALL].estimate if OVERALL in one.tasks else 0)
    return found if rows else ranked[:best]


def beside(printed: Sequence[Standing], ours: Standing) -> list[Standing]:
    """Published rows reduced to an exam's tasks: `overall` stays only where it is the mean over the same ones."""
    return [replace(one, tasks={task: one.tasks[task] for task in _shared(one, ours)}) for one in printed]


def _shared(one: Standing, ours: Standing) -> list[str]:
    return [
        task for task in one.tasks if task in ours.tasks and (task != OVERALL or one.tasks.keys() == ours.tasks.keys())
    ]


def _printed(paper: str, number: str, row: str) -> Standing:
    cells = [cell for cell in papers.cells(paper=paper, table=number, row=row, metric="accuracy")]
    tasks = {cell.task: wilson(cell.value / 100, cell.n) for cell in sorted(cells, key=lambda cell: _order(cell.task))}
    return Standing(name=row, tasks=tasks, printed=True)


def wilson(share: float, num: int | None, level: float = 0.95) -> Interval:
    """Wilson's interval of a share of `num` independent questions; the share alone where `num` is not known."""
    if num is None:
        return Interval(
            estimate=share, low=share, high=share, level=level, num_clusters=0, num_rounds=0, method="none: n not known"
        )
    low, high = stats.binomtest(round(share * num), num).proportion_ci(level, method="wilson")
    return Interval(
        estimate=share, low=float(low), high=float(high), level=level, num_clusters=num, num_rounds=0, method="Wilson"
    )


def _order(task: str) -> tuple[bool, int, str]:
    """Tasks in the papers' order, others by name, overall last."""
    names = [*DUALXRAY, *MMXRAY]
    return task == OVERALL, names.index(task) if task in names else len(names), task
