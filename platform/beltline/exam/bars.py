"""The plot of a comparison: a group of bars a task with their intervals, published rows in grey, chance as a line.

    draw(standings, chance, "DualXrayBench", [Path("compare.png"), Path("compare.svg")])

Made for a paper's full width (7 inches), readable in print and by readers who see colours differently (Okabe and Ito's set).
Needs matplotlib; the same standings give the same bytes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from beltline.exam.comparing import OVERALL, Standing

OURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PRINTED: Final = ("#4d4d4d", "#808080", "#a6a6a6", "#c4c4c4", "#dedede")
HATCHES: Final = ("", "////", "....", "xxxx", "\\\\\\\\")
STYLE: Final[Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.4,
    "svg.hashsalt": "beltline",
    "svg.fonttype": "none",
}
MOST_COLUMNS: Final = 4
"""Of names under the plot."""
GROUP: Final = 0.84
"""Share of a task's width that its bars take."""


def draw(standings: Sequence[Standing], chance: Mapping[str, float], title: str, paths: Sequence[Path]) -> None:
    """Writes the plot, in the format that each path's ending names.

    Args:
        standings: in the order of the bars; a task that one lacks has no bar of it.
        chance: task to the share that guessing gives, 0 to 1.
        title: over the plot; empty for none (a paper has a caption).
        paths: PNG at 300 dots an inch, SVG with its text as text.

    Raises:
        ValueError: nothing to draw.
    """
    if not standings:
        raise ValueError("draw: expected at least one model, found none")
    with matplotlib.rc_context(STYLE):
        figure = _figure(standings, chance, title)
        for path in paths:
            stamp = {"Date": None} if path.suffix == ".svg" else {"Software": None}
            figure.savefig(path, dpi=300, metadata=stamp)


def _figure(standings: Sequence[Standing], chance: Mapping[str, float], title: str) -> Figure:
    tasks = list(dict.fromkeys(task for one in standings for task in one.tasks if task != OVERALL))
    tasks = [task for task in tasks if task in standings[0].tasks] + [OVERALL]
    figure = Figure(figsize=(7.0, 2.9), layout="constrained")
    axes = figure.add_subplot()
    # the mean over tasks stands apart from what it is the mean of
    middles = np.arange(len(tasks)) + np.array([0.25 if task == OVERALL else 0.0 for task in tasks])
    width = GROUP / len(standings)
    looks = _looks(standings)
    for number, (one, look) in enumerate(zip(standings, looks, strict=True)):
        _bars(axes, one, tasks, middles - GROUP / 2 + (number + 0.5) * width, width, look)
    _chance(axes, tasks, middles, chance)
    _axes(axes, tasks, middles, title)
    rows = -(-(len(standings) + 1) // MOST_COLUMNS)
    columns = -(-(len(standings) + 1) // rows)  # no name alone in a row of its own
    figure.legend(loc="outside lower center", ncols=columns, frameon=False, handlelength=1.4)
    return figure


def _looks(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Colours for one's own models, greys for the published, hatched once the colours are used up."""
    counts, looks = {False: 0, True: 0}, []
    for one in standings:
        palette, number = PRINTED if one.printed else OURS, counts[one.printed]
        counts[one.printed] += 1
        hatch = HATCHES[number // len(palette) % len(HATCHES)]
        looks.append({"color": palette[number % len(palette)], "hatch": hatch, "edgecolor": "white", "linewidth": 0.3})
    return looks


def _bars(
    axes: Any, one: Standing, tasks: Sequence[str], at: np.ndarray[Any, Any], width: float, look: dict[str, Any]
) -> None:
    there = [(place, one.tasks[task]) for place, task in zip(at, tasks, strict=True) if task in one.tasks]
    places, spans = [place for place, _ in there], [interval for _, interval in there]
    heights = np.array([100 * span.estimate for span in spans])
    reach = np.array([[100 * (s.estimate - s.low), 100 * (s.high - s.estimate)] for s in spans]).reshape(-1, 2).T
    label = f"{one.name} (published)" if one.printed else one.name
    axes.bar(places, heights, width * 0.94, label=label, zorder=2, **look)
    known = reach.sum(0) > 0
    axes.errorbar(
        np.array(places)[known], heights[known], np.maximum(reach[:, known], 0),
        fmt="none", ecolor="black", elinewidth=0.6, capsize=min(1.6, 14 * width), capthick=0.6, zorder=3,
    )  # fmt: skip


def _chance(axes: Any, tasks: Sequence[str], middles: np.ndarray[Any, Any], chance: Mapping[str, float]) -> None:
    label: str | None = "chance"
    for task, middle in zip(tasks, middles, strict=True):
        if task in chance:
            ends, height = [middle - 0.47, middle + 0.47], 100 * chance[task]
            axes.plot(
                ends, [height, height], color="black", linestyle=(0, (3, 2)), linewidth=0.9, label=label, zorder=4
            )
            label = None


def _axes(axes: Any, tasks: Sequence[str], middles: np.ndarray[Any, Any], title: str) -> None:
    axes.set_xticks(middles, tasks)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(middles[0] - 0.55, middles[-1] + 0.55)
    axes.set_ylim(0, 100)
    axes.set_yticks(range(0, 101, 20))
    axes.set_ylabel("accuracy (%)")
    axes.grid(axis="y", color="#e5e5e5", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if title:
        axes.set_title(title, loc="left", fontsize=8)
