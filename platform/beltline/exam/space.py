"""What a scan's row tells in space: oriented boxes and their distance, shadows in a view and what they share, how a thing rests.

Everything here is read off the row (boxes, masks, centre_mm, size_mm, pose), so that a question made of it can be answered by
whoever sees the scan, and no recipe is needed.

    solid = oriented(item)                 # None where the source gives no millimetres
    gap_mm(solid, oriented(other))
    shade = shadow(item, "top", size_wh)
    shared(shade, shadow(other, "top", size_wh)).share
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from beltline import masks
from beltline.masks import Mask
from beltline.scan import Box, Item

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Oriented:
    """The box of an item along its own axes, placed in the tunnel; it holds the item, which may be slimmer."""

    centre: Floats
    """(3,), mm: along the belt, across it, above it."""
    half: Floats
    """(3,), mm: half its sizes along its own axes."""
    axes: Floats
    """(3, 3), its own axes as columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """What an item covers of a view."""

    at_xy: tuple[int, int]
    mask: Mask
    """(h, w), with its first pixel at `at_xy`."""
    traced: bool
    """False where the row has a box only, which is taken for filled."""

    @property
    def pixels(self) -> int:
        return int(np.count_nonzero(self.mask))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What two shadows have in common."""

    share: float
    """Common pixels over those of the smaller shadow, 0 to 1."""
    middle_xy: tuple[float, float] | None
    """Mean of the common pixels' centres; None where there are none."""
    pixels: int


def oriented(item: Item) -> Oriented | None:
    """The item's oriented box; None where the row lacks its centre, sizes or pose."""
    if item.centre_mm is None or item.size_mm is None or item.pose is None:
        return None
    return Oriented(
        centre=np.array(item.centre_mm, float), half=np.array(item.size_mm, float) / 2, axes=turned(item.pose)
    )


def turned(quaternion: tuple[float, float, float, float]) -> Floats:
    """Rotation matrix (3, 3) of a quaternion (w, x, y, z), whatever its length."""
    w, x, y, z = np.array(quaternion, float) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def extents_mm(solid: Oriented) -> Floats:
    """Least and most along the belt, across it and in height, (3, 2)."""
    reach = np.abs(solid.axes) @ solid.half
    return np.stack([solid.centre - reach, solid.centre + reach], axis=1)


def gap_mm(a: Oriented, b: Oriented) -> float:
    """Distance of two oriented boxes, 0 where they meet: bounded least squares over a point in each."""
    ways = np.concatenate([a.axes * a.half, -b.axes * b.half], axis=1)
    found = lsq_linear(ways, b.centre - a.centre, bounds=(-1, 1), method="bvls", tol=1e-12)
    return float(np.linalg.norm(ways @ found.x - (b.centre - a.centre)))


def resting(solid: Oriented) -> tuple[int, float]:
    """Which of its own axes is the steepest, counted from the shortest (0) to the longest (2), and the cosine to the vertical."""
    upward = np.abs(solid.axes[2])
    steepest = int(np.argmax(upward))
    return int(np.argsort(np.argsort(solid.half, kind="stable"), kind="stable")[steepest]), float(upward[steepest])


def shadow(item: Item, view: str, size_wh: tuple[int, int]) -> Shadow | None:
    """What the item covers of a view; None where the view does not show it.

    Raises:
        ValueError: the mask does not fit the view.
    """
    box, runs = (item.top_xyxy, item.top_mask) if view == "top" else (item.side_xyxy, item.side_mask)
    if box is None:
        return None
    x0, y0, x1, y1 = _whole(box, size_wh)
    if runs is None:
        return Shadow(at_xy=(x0, y0), mask=np.ones((y1 - y0, x1 - x0), bool), traced=False)
    return Shadow(at_xy=(x0, y0), mask=masks.decode(runs, size_wh)[y0:y1, x0:x1], traced=True)


def shared(a: Shadow, b: Shadow) -> Shared:
    """What two shadows of one view have in common."""
    x, y, mine, theirs = _window(a, b)
    rows, columns = np.nonzero(mine & theirs)
    middle = (float(columns.mean() + x + 0.5), float(rows.mean() + y + 0.5)) if rows.size else None
    return Shared(share=rows.size / max(1, min(a.pixels, b.pixels)), middle_xy=middle, pixels=int(rows.size))


def within(a: Shadow, b: Shadow, px: int) -> bool:
    """Whether some pixels of both are no further apart than `px` rows and columns."""
    _, _, mine, theirs = _window(a, b, px)
    if not mine.size:
        return False
    kernel = np.ones((2 * px + 1, 2 * px + 1), np.uint8)
    return bool((cv2.dilate(mine.astype(np.uint8), kernel).astype(bool) & theirs).any())


def _window(a: Shadow, b: Shadow, margin: int = 0) -> tuple[int, int, Mask, Mask]:
    """Both masks on the rectangle that they share when each is let out by `margin`, and its corner."""
    corners = [(one.at_xy, (one.at_xy[0] + one.mask.shape[1], one.at_xy[1] + one.mask.shape[0])) for one in (a, b)]
    x0, y0 = (max(one[0][axis] for one in corners) - margin for axis in (0, 1))
    x1, y1 = (min(one[1][axis] for one in corners) + margin for axis in (0, 1))
    width, height = max(0, x1 - x0), max(0, y1 - y0)
    return x0, y0, _placed(a, (x0, y0), (width, height)), _placed(b, (x0, y0), (width, height))


def _placed(one: Shadow, at_xy: tuple[int, int], size_wh: tuple[int, int]) -> Mask:
    """The part of a shadow in a rectangle, (h, w)."""
    found = np.zeros((size_wh[1], size_wh[0]), bool)
    dx, dy = one.at_xy[0] - at_xy[0], one.at_xy[1] - at_xy[1]
    height, width = one.mask.shape
    x0, y0, x1, y1 = max(0, dx), max(0, dy), min(size_wh[0], dx + width), min(size_wh[1], dy + height)
    if x0 < x1 and y0 < y1:
        found[y0:y1, x0:x1] = one.mask[y0 - dy : y1 - dy, x0 - dx : x1 - dx]
    return found


def _whole(box: Box, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
    """The pixels that a box touches, cut to the view."""
    (width, height), (left, top, right, bottom) = size_wh, box
    x0, y0 = max(0, int(np.floor(left))), max(0, int(np.floor(top)))
    return x0, y0, max(x0, min(width, int(np.ceil(right)))), max(y0, min(height, int(np.ceil(bottom))))
