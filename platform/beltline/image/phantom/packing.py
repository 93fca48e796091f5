"""Packing: every item is let down until it rests on the floor or on another item, and never into one.

The bag is a grid of columns. A posed item covers some of them from its underside to its top (conservatively, per part); it
comes to rest where the first of its columns meets what is already there, and leans when one end alone is held. So nothing
solid intersects and nothing floats; textiles give way a little.

    pile = Pile((420.0, 300.0, 180.0))
    pose = pile.drop(model, draw, tries=12)      # None when it does not fit
"""

from dataclasses import dataclass

import numpy as np

from beltline.image.phantom.model import Draw, Model, Part, extent, moved
from beltline.image.phantom.rotations import (
    IDENTITY,
    Pose,
    Rotation,
    Vector,
    about_x,
    about_y,
    about_z,
    product,
    transpose,
    unit,
)
from beltline.image.phantom.solids import Soft
from beltline.image.phantom.tunnel import Floats

CELL_MM = 4.0
HELD_MM = 1.5
"""An item is held where less than this is between it and what is below."""
STEEPEST = 0.6
"""Tangent of the steepest lean."""
FLATTEST = 2.5
"""Width over thickness above which an item hardly ever rests on its edge."""
SOFTNESS = 0.7
"""Textiles give way: of a soft solid only this share of its half sizes keeps others out."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A posed item over the grid: lowest and highest z per cell (inf and -inf where it is not), cell of its corner."""

    low: Floats
    high: Floats
    corner_mm: tuple[float, float]


class Pile:
    """What lies on a floor of `inside_mm[0]` by `inside_mm[1]` so far; the floor is z = 0, x and y are 0 in its middle."""

    def __init__(self, inside_mm: Vector):
        self.inside_mm = inside_mm
        self.shape = max(1, int(inside_mm[0] / CELL_MM)), max(1, int(inside_mm[1] / CELL_MM))
        self.height = np.zeros(self.shape)

    def drop(self, model: Model, draw: Draw, tries: int = 12, apart: bool = False) -> Pose | None:
        """The pose in which the item comes to rest, lowest of the tries; None when it fits nowhere.

        An item that would be held at one end only tips over until its other end is held as well. `apart` asks for a place
        where nothing lies yet.
        """
        for _ in range(3):
            rotation = resting_rotation(model, draw)
            columns = footprint(moved(model.parts, Pose(rotation)))
            found = self._lowest(columns, draw, tries, apart)
            if found is None:
                continue
            tipped = self._tip(model, rotation, columns, *found)
            if tipped is not None:
                return self._settle(*tipped)
        return None

    def _lowest(self, columns: Columns, draw: Draw, tries: int, apart: bool) -> tuple[int, int, float] | None:
        nx, ny = columns.low.shape
        if nx > self.shape[0] or ny > self.shape[1]:
            return None
        best = None
        tallest = float(columns.high.max())
        for _ in range(tries):
            i, j = draw.count(0, self.shape[0] - nx), draw.count(0, self.shape[1] - ny)
            under = self.height[i : i + nx, j : j + ny]
            lift = float((under - columns.low).max())
            if lift + tallest > self.inside_mm[2]:
                continue
            if apart and (under[columns.low < np.inf] > 0).any():
                continue
            if best is None or lift < best[2]:
                best = (i, j, lift)
        return best

    def _tip(
        self, model: Model, rotation: Rotation, columns: Columns, i: int, j: int, lift: float
    ) -> tuple[Rotation, Columns, int, int, float] | None:
        """The item as it is when it is held on both sides of its middle, else tipped; None when it would slide off."""
        nx, ny = columns.low.shape
        gap = lift + columns.low - self.height[i : i + nx, j : j + ny]
        slope = _slope(rotation, columns, gap)
        if slope == 0.0:
            return rotation, columns, i, j, lift
        if abs(slope) > STEEPEST:
            return None
        turned = product(_tilt(rotation, slope), rotation)
        again = footprint(moved(model.parts, Pose(turned)))
        mx, my = again.low.shape
        i, j = i + (nx - mx) // 2, j + (ny - my) // 2
        if not (0 <= i <= self.shape[0] - mx and 0 <= j <= self.shape[1] - my):
            return None
        lift = float((self.height[i : i + mx, j : j + my] - again.low).max())
        if lift + float(again.high.max()) > self.inside_mm[2]:
            return None
        return turned, again, i, j, lift

    def _settle(self, rotation: Rotation, columns: Columns, i: int, j: int, lift: float) -> Pose:
        nx, ny = columns.low.shape
        place = slice(i, i + nx), slice(j, j + ny)
        self.height[place] = np.maximum(self.height[place], columns.high + lift)
        x = i * CELL_MM - self.inside_mm[0] / 2 - columns.corner_mm[0]
        y = j * CELL_MM - self.inside_mm[1] / 2 - columns.corner_mm[1]
        return Pose(rotation, (x, y, lift))


def resting_rotation(model: Model, draw: Draw) -> Rotation:
    """Lying flat or on a side in any direction; things that may stand do so now and then."""
    heading = about_z(draw.turns())
    kind = draw.rng.random()
    if model.stands and kind < 0.2:
        return product(heading, about_y(draw.pick((0.75, 0.75, 0.25))))
    if kind < 0.35:
        _, (y0, y1), (z0, z1) = extent(model)
        flat = y1 - y0 > FLATTEST * (z1 - z0) and not draw.chance(0.1)  # a tablet on its edge would fall over
        return product(heading, about_x(0.5 if flat else draw.pick((0.25, 0.5, 0.75))))
    return product(heading, IDENTITY)


def _slope(rotation: Rotation, columns: Columns, gap: Floats) -> float:
    """How far the item must tip along its length to be held on both sides of its middle: tangent of the angle, or 0."""
    nx, ny = gap.shape
    along_x, along_y = rotation[0][0], rotation[1][0]
    xs = (np.arange(nx, dtype=np.float64) - (nx - 1) / 2) * (CELL_MM * along_x)
    ys = (np.arange(ny, dtype=np.float64) - (ny - 1) / 2) * (CELL_MM * along_y)
    place = xs[:, None] + ys[None, :]
    held = place[gap < HELD_MM]
    first, last = float(held.min()), float(held.max())
    if first <= 0.0 <= last or along_x * along_x + along_y * along_y < 0.5:
        return 0.0
    # it turns about its innermost hold, and the free side comes down until something else meets it
    hinge = first if first > 0 else last
    free = (place < 0.0) if hinge > 0 else (place > 0.0)
    free &= gap < np.inf
    if not free.any():
        return 0.0
    drop = gap[free] / np.abs(place[free] - hinge)
    tangent = float(drop.min())
    return tangent if hinge > 0 else -tangent


def _tilt(rotation: Rotation, tangent: float) -> Rotation:
    """A rotation that lowers the item's back end (positive) or front end by this tangent."""
    x, y, _ = unit((rotation[0][0], rotation[1][0], 0.0))
    cosine = 1 / (1 + tangent * tangent) ** 0.5
    sine = tangent * cosine
    # about the horizontal axis (y, -x, 0), which takes the heading (x, y) upwards
    along: Rotation = ((x, y, 0.0), (-y, x, 0.0), (0.0, 0.0, 1.0))
    pitch: Rotation = ((cosine, 0.0, -sine), (0.0, 1.0, 0.0), (sine, 0.0, cosine))
    return product(transpose(along), product(pitch, along))


def footprint(parts: tuple[Part, ...]) -> Columns:
    """Columns of placed parts: each part's bounding box, grown by half a cell so that no corner is missed."""
    boxes = [_bounds(one) for one in parts]
    x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    nx = int((max(b[2] for b in boxes) - x0) / CELL_MM) + 1
    ny = int((max(b[3] for b in boxes) - y0) / CELL_MM) + 1
    low, high = np.full((nx, ny), np.inf), np.full((nx, ny), -np.inf)
    for one, bound in zip(parts, boxes, strict=True):
        i0, i1 = int((bound[0] - x0) / CELL_MM), min(nx, int((bound[2] - x0) / CELL_MM) + 1)
        j0, j1 = int((bound[1] - y0) / CELL_MM), min(ny, int((bound[3] - y0) / CELL_MM) + 1)
        xs = (np.arange(i0, i1, dtype=np.float64) + 0.5) * CELL_MM + x0
        ys = (np.arange(j0, j1, dtype=np.float64) + 0.5) * CELL_MM + y0
        bottom, top = _vertical(one, xs, ys)
        hit = bottom < top
        place = slice(i0, i1), slice(j0, j1)
        low[place] = np.where(hit, np.minimum(low[place], np.maximum(bottom, bound[4])), low[place])
        high[place] = np.where(hit, np.maximum(high[place], np.minimum(top, bound[5])), high[place])
    return Columns(low, high, (x0, y0))


def _bounds(one: Part) -> tuple[float, float, float, float, float, float]:
    """Axis-parallel bounds of a placed part: x0, y0, x1, y1, z0, z1."""
    middle = one.pose.apply(one.solid.centre)
    half = _hard_half(one)
    reach = [sum(abs(row[i]) * half[i] for i in range(3)) for row in one.pose.rotation]
    (x, y, z), (rx, ry, rz) = middle, reach
    return x - rx, y - ry, x + rx, y + ry, z - rz, z + rz


def _vertical(one: Part, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """Where vertical lines through (xs, ys) run inside the part's bounding box, grown by half a cell."""
    centre = one.pose.apply(one.solid.centre)
    halves = _hard_half(one)
    bottom, top = np.full((len(xs), len(ys)), -1e9), np.full((len(xs), len(ys)), 1e9)
    for axis in range(3):
        nx, ny, nz = (one.pose.rotation[row][axis] for row in range(3))
        half = halves[axis] + (abs(nx) + abs(ny)) * CELL_MM / 2
        offset = (nx * (xs - centre[0]))[:, None] + (ny * (ys - centre[1]))[None, :]
        if abs(nz) < 1e-9:
            outside = np.abs(offset) > half
            bottom = np.where(outside, 1e9, bottom)
            continue
        middle, reach = centre[2] - offset / nz, half / abs(nz)
        bottom, top = np.maximum(bottom, middle - reach), np.minimum(top, middle + reach)
    return bottom, top


def _hard_half(one: Part) -> Vector:
    x, y, z = one.solid.half
    return (x * SOFTNESS, y * SOFTNESS, z * SOFTNESS) if isinstance(one.solid, Soft) else (x, y, z)
