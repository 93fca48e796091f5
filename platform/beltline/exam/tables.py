"""Scores and comparisons as tables and as MLflow's metrics: one naming, percent, so that a model stands beside the published rows.

    card.table(HEAD, rows(result))        # markdown
    metrics(result)                       # {"CT/accuracy": 46.5, "CT/accuracy_low": ..., "overall/accuracy": ...}

`overall` is the mean over tasks, as in Dual Table 4 and One Table 6; `micro` weighs each task by its questions.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from beltline.exam.circular import Circular, Polar, Views
from beltline.exam.grounded import Grounded
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.paired import Comparison
from beltline.exam.replies import STATUSES
from beltline.exam.scoring import Result, TaskScore

HEAD: Final = (
    *("task", "n", "read", "invalid", "refused", "abstained", "no response"),
    *("accuracy", "95 % interval", "macro F1", "micro F1"),
)
COMPARED: Final = ("task", "accuracy", "95 % interval", "difference", "95 % interval", "p", "McNemar p", "detectable")
SHIFTED: Final = ("task", "usual", "95 % interval", "shifted", "95 % interval", "drop", "95 % interval")
GROUNDED: Final = ("questions", "without a box", "mIoU", "95 % interval", "mIoU of the evidence alone")
UNREAD: Final = tuple(status for status in STATUSES if status != "answered")
Line = tuple[str, ...]


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def points(difference: float) -> str:
    """Percentage points with their sign; never a negative nothing."""
    return f"{round(100 * difference, 1) + 0.0:+.1f}"


def span(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"


def rows(result: Result) -> list[Line]:
    """One a task, then the mean over tasks and over questions; cells under `HEAD`."""
    lines = [_task(task, cell) for task, cell in result.tasks.items()]
    num = str(sum(cell.num for cell in result.tasks.values()))
    blank = ("",) * (1 + len(UNREAD))
    f1 = percent(result.macro_f1.estimate)
    lines.append(("overall", num, *blank, percent(result.macro.estimate), span(result.macro), f1, ""))
    lines.append(("micro", num, *blank, percent(result.micro.estimate), span(result.micro), "", ""))
    return lines


def _task(task: str, cell: TaskScore) -> Line:
    unread = (str(cell.statuses[status]) for status in UNREAD)
    figures = (percent(cell.accuracy), span(cell.interval), percent(cell.macro_f1), percent(cell.micro_f1))
    return (task, str(cell.num), str(cell.valid), *unread, *figures)


def grounded_row(found: Grounded) -> Line:
    """Under `GROUNDED`."""
    means = found.means
    share = percent(found.interval.estimate), span(found.interval), percent(means.miou_of_evidence)
    return (str(means.num_questions), str(means.num_silent), *share)


def metrics(result: Result) -> dict[str, float]:
    """What goes into MLflow; percent, except for counts."""
    found: dict[str, float] = {}
    for task, cell in result.tasks.items():
        found |= _spread(f"{task}/accuracy", cell.interval)
        found |= {f"{task}/macro_f1": 100 * cell.macro_f1, f"{task}/micro_f1": 100 * cell.micro_f1}
        found |= {f"{task}/n": float(cell.num)}
        found |= {f"{task}/{status}": float(count) for status, count in cell.statuses.items()}
    found |= _spread("overall/accuracy", result.macro) | _spread("micro/accuracy", result.micro)
    found |= _spread("overall/F1", result.macro_f1)
    return found | {f"overall/accuracy_seed_{seed}": 100 * value for seed, value in result.seeds.items()}


def _spread(name: str, interval: Interval) -> dict[str, float]:
    return {
        name: 100 * interval.estimate,
        f"{name}_low": 100 * interval.low,
        f"{name}_high": 100 * interval.high,
    }


CIRCULAR: Final = ("task", "n", "right in every turn", "95 % interval", "mean over turns", "always the same option")


def circular_rows(found: Mapping[str, Circular]) -> list[Line]:
    """One a task; cells under `CIRCULAR`."""
    return [
        (
            *(task, str(one.num), percent(one.all_right.estimate), span(one.all_right)),
            *(percent(one.mean.estimate), percent(one.consistency.estimate)),
        )
        for task, one in found.items()
    ]


def circular_metrics(found: Mapping[str, Circular]) -> dict[str, float]:
    """What goes into MLflow, percent."""
    metrics: dict[str, float] = {}
    for task, one in found.items():
        metrics |= _spread(f"{task}/circular", one.all_right)
        metrics |= {
            f"{task}/circular_mean": 100 * one.mean.estimate,
            f"{task}/same_option": 100 * one.consistency.estimate,
        }
    return metrics


POLAR: Final = ("yes/no questions", "n", "right", "no was right", "no was said", "leans to no by")
VIEWS: Final = ("task", "n", "top alone", "side alone", "both", "needs both", "needs the side")


def polar_rows(found: Iterable[Polar]) -> list[Line]:
    """One a task; cells under `POLAR`. What no is said to is also what it would earn if every right answer were no (One Table 13)."""
    return [
        (one.task, str(one.num), *map(percent, (one.right, one.gold_no, one.said_no)), points(one.lean))
        for one in found
    ]


def polar_metrics(found: Iterable[Polar]) -> dict[str, float]:
    """What goes into MLflow, percent."""
    return {
        f"{one.task}/{name}": 100 * value
        for one in found
        for name, value in (("no_was_right", one.gold_no), ("no_was_said", one.said_no))
    }


def views_rows(found: Iterable[Views]) -> list[Line]:
    """One a task; cells under `VIEWS`."""
    return [
        (one.task, str(one.num), *map(percent, (one.top, one.side, one.both, one.needs_both, one.needs_side)))
        for one in found
    ]


def compared(intervals: Mapping[str, Interval], pairs: Mapping[str, Comparison] | None) -> list[Line]:
    """One model's tasks, beside another where `pairs` are given (this one minus the other); cells under `COMPARED`."""
    return [
        (task, percent(one.estimate), span(one), *_pair(pairs[task] if pairs else None))
        for task, one in intervals.items()
    ]


def shifted(usual: Mapping[str, Interval], other: Mapping[str, Interval], drops: Mapping[str, Interval]) -> list[Line]:
    """One model on the usual and on the shifted exam; cells under `SHIFTED`."""
    return [
        (
            *(task, percent(usual[task].estimate), span(usual[task]), percent(other[task].estimate), span(other[task])),
            *(points(gap.estimate), f"{points(gap.low)} to {points(gap.high)}"),
        )
        for task, gap in drops.items()
    ]


def _pair(pair: Comparison | None) -> Sequence[str]:
    if pair is None:
        return ("",) * 5
    gap = pair.difference
    mcnemar = "" if pair.mcnemar_p is None else f"{pair.mcnemar_p:.3f}"
    bounds = f"{points(gap.low)} to {points(gap.high)}"
    return (points(gap.estimate), bounds, f"{pair.permutation_p:.3f}", mcnemar, percent(pair.detectable))
