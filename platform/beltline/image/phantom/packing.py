"""Packing: every item is let down until it rests on the floor or on another item, and never into one.

The bag is a grid of columns. A posed item covers some of them from its underside to its top (conservatively, per part); among
a few places the lowest is taken. An item that is not held on all sides of its middle tips over until something else holds it,
or looks for another place. The last millimetres are settle.py's: so nothing solid intersects and nothing floats.

    pile = Pile((420.0, 300.0, 180.0))
    pose = pile.drop(model, draw, tries=12)      # None when it does not fit
"""

import numpy as np

from beltline.image.phantom.columns import CELL_MM, Boxes, Columns, boxes_of, footprint
from beltline.image.phantom.gaps import GRID_MM
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
from beltline.image.phantom.settle import Ground, outer_parts, skin_of
from beltline.image.phantom.tunnel import Floats

HELD_MM = 1.5
"""An item is held where less than this is between it and what is below."""
FOOTING = 0.15
"""It is held on a side of its middle when something holds it this share of the way out or further."""
SLACK_MM = 3.0
"""The same once it has come down, where tipping in steps leaves some air on one side."""
STEEPEST = 0.6
"""Tangent of the steepest lean."""
FLATTEST = 2.5
"""Width over thickness above which an item hardly ever rests on its edge."""
TIPS, TURNS = 1, 4
"""How often an item may tip before it looks for another place, and in how many ways of lying it does so."""
_R = 0.7071067811865476
_SIDES = np.array([(1.0, 0.0), (_R, _R), (0.0, 1.0), (-_R, _R), (-1.0, 0.0), (-_R, -_R), (0.0, -1.0), (_R, -_R)])
"""The second four are opposite to the first."""


class Pile:
    """What lies on a floor of `inside_mm[0]` by `inside_mm[1]` so far; the floor is z = 0, x and y are 0 in its middle."""

    def __init__(self, inside_mm: Vector):
        self.inside_mm = inside_mm
        self.shape = max(1, int(inside_mm[0] / CELL_MM)), max(1, int(inside_mm[1] / CELL_MM))
        self.height = np.zeros(self.shape)
        self.ground = Ground((inside_mm[0], inside_mm[1]))

    def drop(
        self,
        model: Model,
        draw: Draw,
        tries: int = 12,
        apart: bool = False,
        near: tuple[float, float] | None = None,
        steady: bool = True,
    ) -> Pose | None:
        """The pose in which the item comes to rest, lowest of the tries; None when it fits nowhere.

        `apart` asks for a place where nothing lies yet, `near` for one over (or under) a point of the floor. Without `steady`
        an item that is held on one side only stays as it is: wedged in between others.
        """
        outside = outer_parts(model.parts)
        boxes = boxes_of(outside)
        for _ in range(TURNS):
            rotation = resting_rotation(model, draw)
            columns = footprint(boxes.turned(rotation))
            found = self._lowest(columns, draw, tries, apart, near)
            if found is None:
                continue
            tipped = self._tip(boxes, rotation, columns, *found)
            if tipped is None and not steady:
                tipped = (rotation, columns, *found)
            pose = tipped and self._settle(outside, steady, *tipped)
            if pose is not None:
                return pose
        return None

    def _lowest(
        self, columns: Columns, draw: Draw, tries: int, apart: bool, near: tuple[float, float] | None
    ) -> tuple[int, int, float] | None:
        nx, ny = columns.low.shape
        if nx > self.shape[0] or ny > self.shape[1]:
            return None
        best = None
        tallest = float(columns.high.max())
        for _ in range(tries):
            i, j = self._corner(draw, (nx, ny), near)
            under = self.height[i : i + nx, j : j + ny]
            lift = float((under - columns.low).max())
            if lift + tallest > self.inside_mm[2]:
                continue
            if apart and (under[columns.low < np.inf] > 0).any():
                continue
            if best is None or lift < best[2]:
                best = (i, j, lift)
        return best

    def _corner(self, draw: Draw, size: tuple[int, int], near: tuple[float, float] | None) -> tuple[int, int]:
        """First column of a footprint: anywhere, or so that its middle half lies over a point."""
        if near is None:
            return draw.count(0, self.shape[0] - size[0]), draw.count(0, self.shape[1] - size[1])
        middle = [
            (near[axis] + self.inside_mm[axis] / 2) / CELL_MM - size[axis] * draw.between(0.3, 0.7) for axis in (0, 1)
        ]
        i, j = (max(0, min(self.shape[axis] - size[axis], int(middle[axis]))) for axis in (0, 1))
        return i, j

    def _tip(
        self, boxes: Boxes, rotation: Rotation, columns: Columns, i: int, j: int, lift: float
    ) -> tuple[Rotation, Columns, int, int, float] | None:
        """The item as it is when it is held on all sides of its middle, else tipped; None when it would fall over."""
        for tips in range(TIPS + 1):
            nx, ny = columns.low.shape
            lean = _lean(columns.low, lift + columns.low - self.height[i : i + nx, j : j + ny])
            if lean is None:
                return rotation, columns, i, j, lift
            if lean[1] > STEEPEST or tips == TIPS:
                return None
            rotation = product(_tilt(*lean), rotation)
            columns = footprint(boxes.turned(rotation))
            mx, my = columns.low.shape
            i, j = i + (nx - mx) // 2, j + (ny - my) // 2
            if not (0 <= i <= self.shape[0] - mx and 0 <= j <= self.shape[1] - my):
                return None
            lift = float((self.height[i : i + mx, j : j + my] - columns.low).max())
            if lift + float(columns.high.max()) > self.inside_mm[2]:
                return None
        return None

    def _settle(
        self, parts: tuple[Part, ...], steady: bool, rotation: Rotation, columns: Columns, i: int, j: int, lift: float
    ) -> Pose | None:
        """Down the last millimetres; None when it turns out to be held on one side only, as columns overstate round things."""
        x = i * CELL_MM - self.inside_mm[0] / 2 - columns.corner_mm[0]
        y = j * CELL_MM - self.inside_mm[1] / 2 - columns.corner_mm[1]
        skin = skin_of(moved(parts, Pose(rotation, (x, y, 0.0))))
        z = round(self.ground.rest(skin), 3)
        if steady and _lean(skin.low, self.ground.gap(skin, z), GRID_MM, SLACK_MM, 0.0) is not None:
            return None
        self.ground.add(skin, z)
        place = slice(i, i + columns.low.shape[0]), slice(j, j + columns.low.shape[1])
        self.height[place] = np.maximum(self.height[place], columns.high + z)
        return Pose(rotation, (x, y, z))


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


def _lean(
    low: Floats, gap: Floats, cell_mm: float = CELL_MM, held_mm: float = HELD_MM, footing: float = FOOTING
) -> tuple[tuple[float, float], float] | None:
    """The direction in which an item is not held, and the tangent by which that side must come down until it is; None when
    it is held on all sides of its middle."""
    rows, places = np.nonzero(low < np.inf)
    x, y = (rows - rows.mean()) * cell_mm, (places - places.mean()) * cell_mm
    free_mm = gap[rows, places]
    held = free_mm < held_mm
    halves = _SIDES[:4, :1] * x + _SIDES[:4, 1:] * y
    hinges, ends = _both_ways(halves[:, held]), _both_ways(halves)
    reaches = footing * ends
    worst = int(np.argmax(reaches - hinges))
    hinge, reach = float(hinges[worst]), float(reaches[worst])
    if reach - hinge <= (cell_mm if footing == 0.0 else 0.0):
        return None
    out = halves[worst] if worst < 4 else -halves[worst - 4]
    free = (out > max(0.0, hinge + cell_mm, reach)) & ~held
    if not free.any():
        return None
    # it turns about its outermost hold, and the free side comes down until something else meets it
    side = float(_SIDES[worst, 0]), float(_SIDES[worst, 1])
    return side, float((free_mm[free] / (out[free] - hinge)).min())


def _both_ways(outs: Floats) -> Floats:
    """How far things reach towards each of the eight sides, from the first four."""
    return np.concatenate([outs.max(axis=1), -outs.min(axis=1)])


def _tilt(side: tuple[float, float], tangent: float) -> Rotation:
    """A rotation that lowers what lies towards `side` by this tangent."""
    x, y, _ = unit((side[0], side[1], 0.0))
    cosine = 1 / (1 + tangent * tangent) ** 0.5
    sine = tangent * cosine
    along: Rotation = ((x, y, 0.0), (-y, x, 0.0), (0.0, 0.0, 1.0))
    pitch: Rotation = ((cosine, 0.0, sine), (0.0, 1.0, 0.0), (-sine, 0.0, cosine))
    return product(transpose(along), product(pitch, along))
