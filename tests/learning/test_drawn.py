"""The picture of a teaching run: one panel a kind of figure, and the same figures give the same picture."""

import io
import itertools
from typing import Any

import numpy as np
import pytest
from PIL import Image

from beltline.learning.drawn import drawn

STEPS: list[dict[str, Any]] = [{"step": step, "loss": 3.0 * 0.99**step + 0.3} for step in range(300)]
EXAMS = {
    100: {"overall/accuracy": 20.0, "overall/accuracy_low": 15.0, "overall/accuracy_high": 25.0, "overall/mIoU": 12.0},
    300: {"overall/accuracy": 80.0},
}


def picture(steps: list[dict[str, Any]], exams: dict[int, dict[str, float]]) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(drawn(steps, exams))).convert("RGB"))


def test_no_step_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        drawn([], {})


def test_exams_have_a_panel_of_their_own() -> None:
    assert picture(STEPS[:1], {}).shape[1] < picture(STEPS[:1], EXAMS).shape[1]


def test_the_same_figures_give_the_same_bytes() -> None:
    assert drawn(STEPS, EXAMS) == drawn(STEPS, EXAMS)


def test_the_mean_falls_with_the_losses_and_marks_rise() -> None:
    found = picture(STEPS, {}).min(axis=2)
    inside = (found < 60)[10:-90, 130:-10]  # black within the axes: the running mean
    columns = np.flatnonzero(inside.any(axis=0))
    heights = [inside[:, column].nonzero()[0].mean() for column in columns[:: len(columns) // 8]]
    assert all(a < b for a, b in itertools.pairwise(heights))
    rgb = picture(STEPS, EXAMS).astype(int)
    blue = np.abs(rgb - (0, 114, 178)).sum(axis=2) < 30
    blue[:, : rgb.shape[1] // 2] = False
    at = [np.flatnonzero(blue[:, half].any(axis=1)).mean() for half in (slice(0, rgb.shape[1] * 3 // 4), slice(rgb.shape[1] * 3 // 4, None))]  # fmt: skip
    assert at[0] > at[1]
