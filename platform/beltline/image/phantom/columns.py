"""Columns: a coarse picture of a posed item for packing, from the bounding box of each part, many parts at once.

boxes = boxes_of(model.parts)                   # once for an item
columns = footprint(boxes.turned(rotation))     # for each way of lying
lift = (height_below - columns.low).max()
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from beltline.image.phantom.model import Part
from beltline.image.phantom.rotations import Rotation, Vector
from beltline.image.phantom.solids import Soft
from beltline.image.phantom.tunnel import Floats

CELL_MM = 4.0
SOFTNESS = 0.7
"""Textiles give way: of a soft solid only this share of its half sizes keeps others out."""
MOST_CELLS = 2500
"""In an item that covers no more columns than this, a part counts in each that its grown box meets; in a larger one only in
those that its own bounds meet."""
AT_ONCE = 6000
"""Columns times parts up to which all parts are looked at in all columns: fewer than the calls for several windows cost."""
_UPRIGHT = 1e-9


@dataclass(frozen=True, slots=True)
class Columns:
    """A posed item over the grid: lowest and highest z per cell (inf and -inf where it is not), corner of its first cell."""

    low: Floats
    high: Floats
    corner_mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Bounding boxes of parts: half sizes and centres in each part's own axes, shifts (N, 3) each, rotations (N, 3, 3)."""

    half: Floats
    own: Floats
    rotation: Floats
    shift: Floats

    def turned(self, rotation: Rotation) -> "Boxes":
        """As the item is turned; to the last bit what `moved` makes of its parts."""
        x, y, z = (np.array([row[axis] for row in rotation])[:, None] for axis in range(3))
        turn, shift = self.rotation[:, None], self.shift
        return Boxes(
            self.half,
            self.own,
            x * turn[:, :, 0] + y * turn[:, :, 1] + z * turn[:, :, 2],
            x[:, 0] * shift[:, :1] + y[:, 0] * shift[:, 1:2] + z[:, 0] * shift[:, 2:] + 0.0,
        )

    def some(self, chosen: list[int]) -> "Boxes":
        """A few of them."""
        return Boxes(self.half[chosen], self.own[chosen], self.rotation[chosen], self.shift[chosen])

    def centre(self) -> Floats:
        """Placed centres, (N, 3)."""
        size = self.rotation * self.own[:, None, :]
        return np.asarray(size[..., 0] + size[..., 1] + size[..., 2] + self.shift)

    def ends(self) -> tuple[Floats, Floats]:
        """Bounds along the outer axes, (N, 3) each."""
        size = np.abs(self.rotation) * self.half[:, None, :]
        centre, reach = self.centre(), size[..., 0] + size[..., 1] + size[..., 2]
        return centre - reach, centre + reach


def boxes_of(parts: tuple[Part, ...]) -> Boxes:
    """The boxes of what keeps others out."""
    return Boxes(
        np.array([hard_half(one) for one in parts]),
        np.array([one.solid.centre for one in parts]),
        np.array([one.pose.rotation for one in parts]),
        np.array([one.pose.shift for one in parts]),
    )


def footprint(boxes: Boxes) -> Columns:
    """Columns of posed boxes, each grown by half a cell so that no corner is missed."""
    lows, highs = boxes.ends()
    corner = lows[:, :2].min(axis=0)
    shape = ((highs[:, :2].max(axis=0) - corner) / CELL_MM).astype(np.int64) + 1
    # a line within a box that is grown by half a cell is never more than a cell beyond the box itself
    rim = 1 if shape[0] * shape[1] <= MOST_CELLS else 0
    if rim and len(lows) * shape[0] * shape[1] <= AT_ONCE:
        xs, ys = (
            np.asarray((np.arange(count) + 0.5) * CELL_MM + start, np.float64)
            for count, start in zip(shape, corner, strict=True)
        )
        bottom, top = vertical(boxes, xs[None], ys[None], CELL_MM)
        return Columns(bottom.min(axis=0), top.max(axis=0), (float(corner[0]), float(corner[1])))
    first = np.maximum(((lows[:, :2] - corner) / CELL_MM).astype(np.int64) - rim, 0)
    last = np.minimum(((highs[:, :2] - corner) / CELL_MM).astype(np.int64) + 1 + rim, shape)
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    starts, sizes = first.tolist(), (last - first).tolist()
    for chosen in alike(sizes):
        wide, deep = (np.arange(max(sizes[one][axis] for one in chosen)) for axis in (0, 1))
        xs, ys = (
            (first[chosen, axis, None] + line + 0.5) * CELL_MM + corner[axis] for axis, line in ((0, wide), (1, deep))
        )
        for one, bottom, top in zip(chosen, *vertical(boxes.some(chosen), xs, ys, CELL_MM), strict=True):
            (i, j), (nx, ny) = starts[one], sizes[one]
            below, above = low[i : i + nx, j : j + ny], high[i : i + nx, j : j + ny]
            np.minimum(below, bottom[:nx, :ny], out=below)
            np.maximum(above, top[:nx, :ny], out=above)
    return Columns(low, high, (float(corner[0]), float(corner[1])))


def upright(boxes: Boxes, grid_mm: float) -> list[tuple[tuple[int, int], Floats, Floats]]:
    """Vertical lines at multiples of `grid_mm` through boxes grown by half of that, for each: the first line's number in x and
    y, and where the lines enter and leave, (nx, ny) each, inf and -inf where they miss it."""
    lows, highs = boxes.ends()
    first = np.floor(lows[:, :2] / grid_mm).astype(np.int64)
    sizes = (np.ceil(highs[:, :2] / grid_mm).astype(np.int64) + 1 - first).tolist()
    found: dict[int, tuple[tuple[int, int], Floats, Floats]] = {}
    for chosen in alike(sizes):
        xs, ys = (
            np.float64(grid_mm) * (first[chosen, axis, None] + np.arange(max(sizes[one][axis] for one in chosen)))
            for axis in (0, 1)
        )
        for one, bottom, top in zip(chosen, *vertical(boxes.some(chosen), xs, ys, grid_mm), strict=True):
            (i, j), (nx, ny) = first[one].tolist(), sizes[one]
            found[one] = (i, j), bottom[:nx, :ny], top[:nx, :ny]
    return [found[one] for one in range(len(sizes))]


def alike(sizes: list[list[int]]) -> list[list[int]]:
    """Windows of similar size, by number: looked at together, padded to the largest, they cost the fewest calls."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number, (nx, ny) in enumerate(sizes):
        groups[((nx | ny) | 7).bit_length()].append(number)
    return list(groups.values())


def hard_half(one: Part) -> Vector:
    """Half sizes of what keeps others out."""
    x, y, z = one.solid.half
    return (x * SOFTNESS, y * SOFTNESS, z * SOFTNESS) if isinstance(one.solid, Soft) else (x, y, z)


def vertical(boxes: Boxes, xs: Floats, ys: Floats, cell_mm: float) -> tuple[Floats, Floats]:
    """Where vertical lines enter and leave each box, grown by half a cell in x and y: (N, nx, ny) each, inf and -inf where they
    miss it. `xs` (N, nx) and `ys` (N, ny) say where the lines are, or (1, nx) and (1, ny) when all boxes share them."""
    centre, (lows, highs) = boxes.centre(), boxes.ends()
    away_x, away_y = xs - centre[:, :1], ys - centre[:, 1:2]
    shape = len(lows), xs.shape[1], ys.shape[1]
    bottom, top = np.empty(shape), np.empty(shape)
    bottom[:], top[:] = lows[:, 2, None, None], highs[:, 2, None, None]
    for axis in range(3):
        normal, half = boxes.rotation[:, :, axis], boxes.half[:, axis]
        half = half + (np.abs(normal[:, 0]) + np.abs(normal[:, 1])) * (cell_mm / 2)
        offset = (normal[:, :1] * away_x)[:, :, None] + (normal[:, 1:2] * away_y)[:, None, :]
        _cut(bottom, top, centre[:, 2], normal[:, 2], half, offset)
    hit = bottom < top
    return np.where(hit, bottom, np.inf), np.where(hit, top, -np.inf)


def _cut(bottom: Floats, top: Floats, middle: Floats, slope: Floats, half: Floats, offset: Floats) -> None:
    """Shortens lines, in place, to where they are between two faces; those parallel to both are all inside or all outside."""
    flat = np.abs(slope) < _UPRIGHT
    if flat.any():
        outside = np.abs(offset[flat]) > half[flat, None, None]
        bottom[flat] = np.where(outside, np.inf, bottom[flat])
        if flat.all():
            return
    inverse = 1 / np.where(flat, 1.0, slope)
    reach = np.where(flat, np.inf, half * np.abs(inverse))[:, None, None]
    offset *= -inverse[:, None, None]
    offset += middle[:, None, None]
    np.maximum(bottom, offset - reach, out=bottom)
    offset += reach
    np.minimum(top, offset, out=top)
