"""The shape of an item in one view, in words: along which way it reaches, how slender it is, which way it points.

Integers throughout, from the mask's moments, so that the same row gives the same words on every processor. What lies near a border
between two words has none.

    shape_of(item, (640, 480)).build        # "long and narrow", "compact" or None
"""

from dataclasses import dataclass

import numpy as np

from beltline import masks
from beltline.scan import Item

WIDER_FROM = 1.5
"""One side of the box by the other."""
SLENDER_FROM, COMPACT_BELOW = 4, 2
"""Longer by shorter axis of the ellipse with the mask's second moments."""
ALONG_WITHIN, ACROSS_BEYOND = 3, 3
"""Tangents: an axis lies along the image when its rise is at most a third of its run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Words, each None where it would be a matter of taste."""

    extent: str | None = None
    """`wider than tall` or `taller than wide`, of the box."""
    build: str | None = None
    """`long and narrow` or `compact`, of the mask."""
    direction: str | None = None
    """`horizontally`, `vertically` or `diagonally`: where a long item points."""
    outline: str | None = None
    """`fills its box` or `leaves most of its box empty`, of the mask."""


def shape_of(item: Item, size_wh: tuple[int, int]) -> Shape:
    """The shape of an item in the top view; without a mask only what its box tells."""
    if item.top_xyxy is None:
        return Shape()
    x0, y0, x1, y1 = (round(edge) for edge in item.top_xyxy)
    extent = _extent(x1 - x0, y1 - y0)
    if item.top_mask is None:
        return Shape(extent=extent)
    rows, columns = np.nonzero(masks.decode(item.top_mask, size_wh)[max(y0, 0) : y1, max(x0, 0) : x1])
    if len(rows) < 30:
        return Shape(extent=extent)
    xx, yy, xy = _moments(columns, rows)
    build = _build(xx, yy, xy)
    direction = _direction(xx, yy, xy) if build == "long and narrow" else None
    return Shape(extent=extent, build=build, direction=direction, outline=_outline(len(rows), (x1 - x0) * (y1 - y0)))


def _extent(width: int, height: int) -> str | None:
    if width >= WIDER_FROM * height:
        return "wider than tall"
    return "taller than wide" if height >= WIDER_FROM * width else None


def _moments(x: np.ndarray, y: np.ndarray) -> tuple[int, int, int]:
    """Second central moments, times the squared number of pixels: whole numbers."""
    n, x, y = len(x), x.astype(np.int64), y.astype(np.int64)
    sx, sy = int(x.sum()), int(y.sum())
    xx, yy, xy = int((x * x).sum()), int((y * y).sum()), int((x * y).sum())
    return n * xx - sx * sx, n * yy - sy * sy, n * xy - sx * sy


def _build(xx: int, yy: int, xy: int) -> str | None:
    """With r the ratio of the squared axes, trace^2 / determinant is (r + 1)^2 / r, which grows with r."""
    trace_squared, determinant = (xx + yy) ** 2, xx * yy - xy * xy
    slender, compact = SLENDER_FROM**2, COMPACT_BELOW**2
    if determinant <= 0 or trace_squared * slender >= determinant * (slender + 1) ** 2:
        return "long and narrow"
    return "compact" if trace_squared * compact <= determinant * (compact + 1) ** 2 else None


def _direction(xx: int, yy: int, xy: int) -> str | None:
    """From twice the angle: tan 2a = 2 xy / (xx - yy). Upright and level within 18 degrees, diagonal within 18 of 45."""
    level, slanted = xx - yy, 2 * abs(xy)
    if 4 * slanted <= 3 * abs(level):  # tan 37
        return "horizontally" if level > 0 else "vertically"
    return "diagonally" if 4 * abs(level) <= 3 * slanted else None


def _outline(filled: int, box: int) -> str | None:
    if 4 * filled >= 3 * box:
        return "fills its box"
    return "leaves most of its box empty" if 5 * filled <= 2 * box else None
