"""The last millimetres of a fall: a fine map of how high the pile is, and how far a posed item comes down onto it.

Packing chooses a place on coarse columns, which say only that there is room. Here vertical lines, 2 mm apart, run through the
solids themselves: an item comes to rest where the first of its lines meets what lies below. Lines may miss something narrower
than they are apart, so thin parts count with their bounding box, and at a step or an edge an item counts a line wider than it
is: nothing goes into anything, what lies flat lies close, and what leans on a slope has less than a millimetre of air.

    ground = Ground((420.0, 300.0))
    skin = skin_of(moved(model.parts, pose))
    z = ground.rest(skin)           # how far the item must be lifted (negative: lowered) to touch
    ground.add(skin, z)
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.columns import boxes_of, hard_half, upright
from beltline.image.phantom.gaps import GRID_MM, spans
from beltline.image.phantom.model import Part
from beltline.image.phantom.rotations import Pose
from beltline.image.phantom.solids import FAR, Convex, Difference, Slab, Soft, Solid, ellipsoid
from beltline.image.phantom.tunnel import Floats

GUARD_MM = 0.2
"""Air between two things that touch."""
STEP_MM = 2.0
"""A fall of this much from one line to the next is a step."""
THIN_MM = 4.0
"""A part as thin as this may slip between two lines."""
MOST_HULLS = 3
"""Parts of an item that are asked whether others lie in them."""
_MARGIN = 8
_SIGNS = np.array([(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])


@dataclass(frozen=True, slots=True)
class Skin:
    """Underside and upper side of a posed item on the lines x = i * GRID_MM, y = j * GRID_MM from `corner` on: (nx, ny),
    inf and -inf where no line meets it. `low` is wider by a line at edges and steps."""

    low: Floats
    high: Floats
    corner: tuple[int, int]


class Ground:
    """How high it is piled over a floor of `size_mm`, x and y being 0 in its middle."""

    def __init__(self, size_mm: tuple[float, float]):
        self._first = tuple(-int(side / 2 / GRID_MM) - _MARGIN for side in size_mm)
        self._height = np.zeros((1 - 2 * self._first[0], 1 - 2 * self._first[1]))

    def rest(self, skin: Skin) -> float:
        """The shift in z at which the item touches the floor or the pile, with GUARD_MM of air."""
        under, inner = self._under(skin)
        return float((under - skin.low[inner]).max()) + GUARD_MM

    def gap(self, skin: Skin, lift: float) -> Floats:
        """Air below each line of an item shifted by `lift`, (nx, ny)."""
        under, inner = self._under(skin)
        gap = np.full(skin.low.shape, np.inf)
        gap[inner] = skin.low[inner] + lift - under
        return gap

    def add(self, skin: Skin, lift: float) -> None:
        """The item now lies there, shifted by `lift`."""
        under, inner = self._under(skin)
        np.maximum(under, skin.high[inner] + lift, out=under)

    def _under(self, skin: Skin) -> tuple[Floats, tuple[slice, slice]]:
        """The part of the map below an item, and the part of the item above the map."""
        places, inner = [], []
        for axis in range(2):
            start = skin.corner[axis] - self._first[axis]
            cut = max(0, -start)
            stop = min(self._height.shape[axis], start + skin.low.shape[axis])
            places.append(slice(start + cut, stop))
            inner.append(slice(cut, stop - start))
        return self._height[places[0], places[1]], (inner[0], inner[1])


def skin_of(parts: tuple[Part, ...]) -> Skin:
    """The sides of placed parts, as lines meet them."""
    pieces = _pieces(parts)
    i0, j0 = (min(corner[axis] for corner, _, _ in pieces) - 1 for axis in range(2))
    i1, j1 = (max(corner[axis] + low.shape[axis] for corner, low, _ in pieces) + 1 for axis in range(2))
    low, high = np.full((i1 - i0, j1 - j0), np.inf), np.full((i1 - i0, j1 - j0), -np.inf)
    for (i, j), bottom, top in pieces:
        place = slice(i - i0, i - i0 + bottom.shape[0]), slice(j - j0, j - j0 + bottom.shape[1])
        low[place], high[place] = np.minimum(low[place], bottom), np.maximum(high[place], top)
    around = _lowest_around(low)
    return Skin(np.where(around < low - STEP_MM, around, low), high, (i0, j0))


def outer_parts(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts that can touch anything: without those whose box lies wholly inside one of the larger convex ones."""
    volumes = [_volume(one) for one in parts]
    convex = [number for number, one in enumerate(parts) if isinstance(_hull(one), Convex)]
    corners = _corners(parts)
    hidden = np.zeros(len(parts), bool)
    for large in sorted(convex, key=lambda number: -volumes[number])[:MOST_HULLS]:
        smaller = np.array([volume < volumes[large] for volume in volumes])
        hidden |= smaller & _inside(_hull(parts[large]), parts[large].pose, corners)
    return tuple(one for one, out in zip(parts, hidden, strict=True) if not out)


def _hull(one: Part) -> Solid:
    """The solid with its holes filled."""
    return one.solid.whole if isinstance(one.solid, Difference) else one.solid


def _volume(one: Part) -> float:
    x, y, z = one.solid.half
    return x * y * z


def _corners(parts: tuple[Part, ...]) -> Floats:
    """Of the parts' bounding boxes, placed: (N, 8, 3)."""
    half, centre = (
        np.array(each)[:, None] for each in zip(*((p.solid.half, p.solid.centre) for p in parts), strict=True)
    )
    own = (centre + _SIGNS * half)[:, :, None]
    rotation = np.array([one.pose.rotation for one in parts])[:, None]
    size = rotation[..., 0] * own[..., 0] + rotation[..., 1] * own[..., 1] + rotation[..., 2] * own[..., 2]
    return np.asarray(size + np.array([one.pose.shift for one in parts])[:, None])


def _inside(hull: Solid, pose: Pose, points: Floats) -> NDArray[np.bool_]:
    """Which of (N, 8, 3) points' groups lie in a convex solid with all their points."""
    assert isinstance(hull, Convex)
    away = [points[..., axis] - pose.shift[axis] for axis in range(3)]
    own = [sum(pose.rotation[axis][k] * away[axis] for axis in range(3)) for k in range(3)]
    within = np.ones(points.shape[:2], bool)
    for cut in hull.cuts:
        if isinstance(cut, Slab):
            height = sum(cut.normal[k] * own[k] for k in range(3)) - cut.offset
            within &= np.abs(height) <= cut.half
        else:
            terms = sum(cut.square[k] * own[k] * own[k] + cut.linear[k] * own[k] for k in range(3))
            within &= terms + cut.constant <= 0
    return np.asarray(within.all(axis=1))


_Piece = tuple[tuple[int, int], Floats, Floats]


def _pieces(parts: tuple[Part, ...]) -> list[_Piece]:
    """Corner, underside and upper side of each part."""
    thin = tuple(one for one in parts if 2 * min(one.solid.half) < THIN_MM)
    thick = tuple(_pressed(one) for one in parts if not 2 * min(one.solid.half) < THIN_MM)
    pieces = upright(boxes_of(thin), GRID_MM) if thin else []
    for corner, entry, exit_ in spans(thick, 2):
        missed = entry >= FAR
        pieces.append((corner, np.where(missed, np.inf, entry).T, np.where(missed, -np.inf, exit_).T))
    return pieces


def _pressed(one: Part) -> Part:
    """A textile as far as it gives way."""
    if not isinstance(one.solid, Soft):
        return one
    x, y, z = hard_half(one)
    return replace(one, solid=ellipsoid(2 * x, 2 * y, 2 * z))


def _lowest_around(low: Floats) -> Floats:
    """The lowest of each cell and its eight neighbours."""
    padded = np.pad(low, 1, constant_values=np.inf)
    rows = np.minimum(np.minimum(padded[:-2], padded[1:-1]), padded[2:])
    return np.asarray(np.minimum(np.minimum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]), np.float64)
