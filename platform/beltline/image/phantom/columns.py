"""Columns: a coarse picture of a posed item for packing, from the bounding box of each part, all parts at once.

columns = footprint(moved(model.parts, Pose(rotation)))
lift = (height_below - columns.low).max()
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from beltline.image.phantom.model import Part
from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.solids import Soft
from beltline.image.phantom.tunnel import Floats

CELL_MM = 4.0
SOFTNESS = 0.7
"""Textiles give way: of a soft solid only this share of its half sizes keeps others out."""
MOST_CELLS = 2500
"""The parts of an item that covers no more columns than this are looked at all at once."""
_NEVER = 1e9


@dataclass(frozen=True, slots=True)
class Columns:
    """A posed item over the grid: lowest and highest z per cell (inf and -inf where it is not), corner of its first cell."""

    low: Floats
    high: Floats
    corner_mm: tuple[float, float]


def footprint(parts: tuple[Part, ...]) -> Columns:
    """Columns of placed parts: each part's bounding box, grown by half a cell so that no corner is missed."""
    boxes = _Boxes(parts)
    x0, y0 = float(boxes.low[:, 0].min()), float(boxes.low[:, 1].min())
    nx, ny = (int((boxes.high[:, axis].max() - first) / CELL_MM) + 1 for axis, first in ((0, x0), (1, y0)))
    low, high = np.full((nx, ny), np.inf), np.full((nx, ny), -np.inf)
    for chosen, place in boxes.batches((x0, y0), (nx, ny)):
        xs, ys = (
            (np.arange(one.start, one.stop, dtype=np.float64) + 0.5) * CELL_MM + first
            for one, first in zip(place, (x0, y0), strict=True)
        )
        bottom, top = chosen.vertical(xs, ys, CELL_MM)
        hit = bottom < top
        low[place] = np.minimum(low[place], np.where(hit, bottom, np.inf).min(axis=0))
        high[place] = np.maximum(high[place], np.where(hit, top, -np.inf).max(axis=0))
    return Columns(low, high, (x0, y0))


def upright(parts: tuple[Part, ...], grid_mm: float) -> tuple[tuple[int, int], Floats, Floats]:
    """Vertical lines at multiples of `grid_mm` through the parts' boxes, grown by half of that: the first line's number in x
    and y, and where the lines enter and leave, (N, nx, ny) each, entering after they leave where they miss."""
    boxes = _Boxes(parts)
    first = [int(np.floor(boxes.low[:, axis].min() / grid_mm)) for axis in (0, 1)]
    last = [int(np.ceil(boxes.high[:, axis].max() / grid_mm)) for axis in (0, 1)]
    xs, ys = (np.arange(a, b + 1, dtype=np.float64) * grid_mm for a, b in zip(first, last, strict=True))
    return (first[0], first[1]), *boxes.vertical(xs, ys, grid_mm)


def hard_half(one: Part) -> Vector:
    """Half sizes of what keeps others out."""
    x, y, z = one.solid.half
    return (x * SOFTNESS, y * SOFTNESS, z * SOFTNESS) if isinstance(one.solid, Soft) else (x, y, z)


class _Boxes:
    """The bounding boxes of placed parts: centres (N, 3), half sizes (N, 3), rotations (N, 3, 3), bounds (N, 3) each."""

    def __init__(self, parts: tuple[Part, ...]):
        self.parts = parts
        self.half = np.array([hard_half(one) for one in parts])
        self.rotation = np.array([one.pose.rotation for one in parts])
        self.centre = np.array([one.pose.apply(one.solid.centre) for one in parts])
        size = np.abs(self.rotation) * self.half[:, None, :]
        reach = size[..., 0] + size[..., 1] + size[..., 2]
        self.low, self.high = self.centre - reach, self.centre + reach

    def batches(
        self, corner: tuple[float, float], shape: tuple[int, int]
    ) -> Iterator[tuple["_Boxes", tuple[slice, slice]]]:
        """All parts together with all cells; those of a large item one by one, each with the cells that it covers."""
        if shape[0] * shape[1] <= MOST_CELLS:
            yield self, (slice(0, shape[0]), slice(0, shape[1]))
            return
        for one, low, high in zip(self.parts, self.low, self.high, strict=True):
            first = [int((low[axis] - corner[axis]) / CELL_MM) for axis in (0, 1)]
            last = [min(shape[axis], int((high[axis] - corner[axis]) / CELL_MM) + 1) for axis in (0, 1)]
            yield _Boxes((one,)), (slice(first[0], last[0]), slice(first[1], last[1]))

    def vertical(self, xs: Floats, ys: Floats, cell_mm: float) -> tuple[Floats, Floats]:
        """Where vertical lines through (xs, ys) enter and leave each box, grown by half a cell in x and y, (N, nx, ny)."""
        bottom, top = np.full((2, len(self.half), len(xs), len(ys)), _NEVER)
        bottom.fill(-_NEVER)
        away = [(line - self.centre[:, axis, None]) for axis, line in enumerate((xs, ys))]
        for axis in range(3):
            nx, ny, nz = (self.rotation[:, row, axis] for row in range(3))
            half = self.half[:, axis] + (np.abs(nx) + np.abs(ny)) * (cell_mm / 2)
            offset = (nx[:, None] * away[0])[:, :, None] + (ny[:, None] * away[1])[:, None, :]
            flat = np.abs(nz) < 1e-9
            inverse = 1 / np.where(flat, 1.0, nz)
            middle, reach = self.centre[:, 2, None, None] - offset * inverse[:, None, None], half * np.abs(inverse)
            enter, leave = middle - reach[:, None, None], middle + reach[:, None, None]
            if flat.any():
                outside = np.abs(offset) > half[:, None, None]
                enter = np.where(flat[:, None, None], np.where(outside, _NEVER, -_NEVER), enter)
                leave = np.where(flat[:, None, None], _NEVER, leave)
            bottom, top = np.maximum(bottom, enter), np.minimum(top, leave)
        missed = bottom >= top
        low = np.where(missed, _NEVER, np.maximum(bottom, self.low[:, 2, None, None]))
        return low, np.where(missed, -_NEVER, np.minimum(top, self.high[:, 2, None, None]))
