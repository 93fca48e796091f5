"""The picture of a teaching run: its losses step by step, and what its states scored.

    data = drawn([{"step": 0, "loss": 3.7}, ...], {400: {"overall/accuracy": 38.9, "overall/mIoU": 19.3}, ...})    # PNG bytes

Needs matplotlib; the same figures give the same bytes.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from beltline.scan import Row

MARKS: Final = {
    "overall/accuracy": ("answers right", "#0072B2", "o"),
    "overall/mIoU": ("mIoU of boxes", "#D55E00", "s"),
}
STYLE: Final[Any] = {"font.family": "DejaVu Sans", "font.size": 7, "axes.linewidth": 0.6}
SMOOTH: Final = 50
"""Steps of the running mean, at most a tenth of all."""


def drawn(steps: Sequence[Row], exams: Mapping[int, Mapping[str, float]]) -> bytes:
    """PNG bytes at 200 dots an inch; a second panel where there were exams.

    Args:
        steps: with `step` and `loss`, in nats a token, in order.
        exams: step to figures in percent, with `_low` and `_high` where their bounds are known.

    Raises:
        ValueError: no step.
    """
    if not steps:
        raise ValueError("drawn: expected at least one step, found none")
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.0 if exams else 3.6, 2.4), layout="constrained")
        panels = figure.subplots(1, 2 if exams else 1, squeeze=False)[0]
        _losses(panels[0], steps)
        if exams:
            _marks(panels[1], exams)
        for one in panels:
            one.set_xlabel("steps")
            one.grid(color="#e5e5e5", linewidth=0.5)
            one.set_axisbelow(True)
            one.spines[["top", "right"]].set_visible(False)
        found = io.BytesIO()
        figure.savefig(found, format="png", dpi=200, metadata={"Software": None})
    return found.getvalue()


def _losses(axes: Any, steps: Sequence[Row]) -> None:
    at, loss = (np.array([one[name] for one in steps], float) for name in ("step", "loss"))
    width = max(1, min(SMOOTH, len(loss) // 10))
    axes.plot(at, loss, color="#c4c4c4", linewidth=0.5)
    mean = np.convolve(loss, np.ones(width) / width, "valid")
    axes.plot(at[width // 2 :][: len(mean)], mean, color="black", linewidth=1.0)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("loss (nats a token)")


def _marks(axes: Any, exams: Mapping[int, Mapping[str, float]]) -> None:
    for name, (label, colour, sign) in MARKS.items():
        there = [(step, exams[step]) for step in sorted(exams) if name in exams[step]]
        if not there:  # an exam without reasoning has no boxes
            continue
        middles = np.array([one[name] for _, one in there])
        low, high = (np.array([one.get(f"{name}_{end}", one[name]) for _, one in there]) for end in ("low", "high"))
        axes.errorbar(
            [step for step, _ in there], middles, [middles - low, high - middles],
            label=label, color=colour, marker=sign, markersize=3, linewidth=1, elinewidth=0.6, capsize=2,
        )  # fmt: skip
    axes.set_ylim(0, 100)
    axes.set_ylabel("%")
    axes.legend(frameon=False, loc="upper left")
