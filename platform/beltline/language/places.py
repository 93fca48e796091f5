"""Coarse places: which fifth of the bag a box lies in, and whether a stated place can stand for a box.

Two answers on purpose. `place_of` asserts a place only where nobody would argue; `agrees` refuses a stated place only where
nobody would defend it. Between the two lies what is neither a fact nor a fault.
"""

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from beltline import pixels

Place = Literal["centre", "top", "bottom", "left", "right"]
Box1000 = tuple[int, int, int, int]
"""left, top, right, bottom in thousandths of the view, 0 to 1000."""
MARK_STEP = 20
"""Thousandths between two marks along a view: as fine as a small model is taught to see edges (learning/sight.py) and to say them."""

CENTRE_WITHIN, EDGE_BEYOND, AXIS_RATIO = 110, 200, 1.4
"""Thousandths of the frame from its middle: centre up to the first, an edge from the second on, and further along that axis
than along the other by the ratio. What lies between has no place."""
AGREE_WITHIN, AGREE_BEYOND = 220, 60
"""What still passes as the centre, and as an edge."""
SPECKS = 40
"""A row or column belongs to the bag when at least one pixel in so many is filled."""


def place_of(box: Box1000, frame: Box1000) -> Place | None:
    """Where in the frame a box lies; None near a border between two places."""
    across, down = offset(box, frame)
    if max(abs(across), abs(down)) <= CENTRE_WITHIN:
        return "centre"
    if abs(across) >= max(EDGE_BEYOND, AXIS_RATIO * abs(down)):
        return "left" if across < 0 else "right"
    if abs(down) >= max(EDGE_BEYOND, AXIS_RATIO * abs(across)):
        return "top" if down < 0 else "bottom"
    return None


def agrees(place: str, box: Box1000, frame: Box1000) -> bool:
    """Whether a statement of this place can stand for the box: every place that `place_of` asserts does, and its neighbours."""
    across, down = offset(box, frame)
    if place == "centre":
        return max(abs(across), abs(down)) <= AGREE_WITHIN
    towards = {"left": -across, "right": across, "top": -down, "bottom": down}
    return towards[place] >= AGREE_BEYOND


def offset(box: Box1000, frame: Box1000) -> tuple[float, float]:
    """The box's middle from the frame's middle, -500 to 500 within the frame, (to the right, down)."""
    width, height = max(frame[2] - frame[0], 1), max(frame[3] - frame[1], 1)
    across = (box[0] + box[2] - frame[0] - frame[2]) * 500 / width
    down = (box[1] + box[3] - frame[1] - frame[3]) * 500 / height
    return across, down


def at_marks(box: Sequence[float]) -> Box1000:
    """A box in thousandths with its edges at the nearest marks."""
    left, top, right, bottom = (MARK_STEP * round(edge / MARK_STEP) for edge in box)
    return left, top, right, bottom


def middle(box: Box1000, low: int) -> int:
    """Of a box at marks, rightwards (0) or downwards (1): at a mark too; between two, at the lower."""
    return (box[low] + box[low + 2]) // (2 * MARK_STEP) * MARK_STEP


def area(box: Box1000) -> int:
    """In millionths of the view."""
    return (box[2] - box[0]) * (box[3] - box[1])


def frames_of(rgbs: dict[str, pixels.Rgb]) -> dict[str, Box1000]:
    """What the bag fills of each view. The belt runs along x in both, so they share the wider x-range."""
    found = {view: _frame(rgb) for view, rgb in rgbs.items()}
    left, right = min(box[0] for box in found.values()), max(box[2] for box in found.values())
    return {view: (left, box[1], right, box[3]) for view, box in found.items()}


def _frame(rgb: pixels.Rgb) -> Box1000:
    """The rows and columns in which more than specks are darker than the belt: real views have stray dots and a thin line
    where the belt lies, all of which a plain rectangle around the foreground would take for the bag."""
    darkest = np.minimum(np.minimum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    filled = (darkest < pixels.WHITE_AT).astype(np.uint8)
    height, width = filled.shape
    across = np.flatnonzero(cv2.reduce(filled, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0] * SPECKS >= height)
    down = np.flatnonzero(cv2.reduce(filled, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0] * SPECKS >= width)
    if not len(across) or not len(down):
        return 0, 0, 1000, 1000
    return thousandths((int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1), rgb)


def thousandths(xyxy: Sequence[float], rgb: pixels.Rgb) -> Box1000:
    """boxes.to_thousandths for one box, without the cost of four arrays."""
    height, width = rgb.shape[:2]
    scales = (1000 / width, 1000 / height) * 2
    left, top, right, bottom = (
        min(max(round(edge * scale), 0), 1000) for edge, scale in zip(xyxy, scales, strict=True)
    )
    return left, top, right, bottom
