"""How far two things in a bag are from each other: rays through both, on a grid that all parts share.

lower, upper = gap_mm(parts_of_a, parts_of_b)
"""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.alike import Make, make_of, stacked
from beltline.image.phantom.model import Part, bounds_of
from beltline.image.phantom.solids import FAR, Difference, Interval, Prism, Slab, Solid, span
from beltline.image.phantom.tunnel import Beam, Floats

Cubes = NDArray[np.int64]
GRID_MM = 2.0
VOXEL_MM = 3.0
SLACK_MM = 2 * GRID_MM + 2 * 0.87 * VOXEL_MM
"""By how much the distance of thinned surface points may overstate a distance."""
CLOSE_MM = 4.0
"""Below this the points could not say more than the bounding boxes do."""
REACH_MM = 24.0
"""Distances beyond this are only bounded from below."""
UPRIGHT = 1e-12
"""Square of the sine of the angle between a line and a prism's axis below which they are parallel."""
_ACROSS = ((1, 2), (0, 2), (0, 1))
_ROWS = 64
"""Of the product of two clouds that are made at a time: they fit a processor's cache."""
_TOGETHER = 4096
"""Lines through a part up to which it is looked at together with others of its make."""
Bounds = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


def bounds_mm(parts: tuple[Part, ...]) -> Bounds:
    """Bounds of placed parts along the belt, across it, and in height, from the bounding boxes of their solids (so a
    free distance between two of them is never overstated)."""
    x, y, z = ((round(low, 3), round(high, 3)) for low, high in bounds_of(parts))
    return x, y, z


def gap_mm(a: tuple[Part, ...], b: tuple[Part, ...]) -> tuple[float, float]:
    """Between which two lengths the distance of two things lies.

    Above: the shortest way between them along one of the three axes, on lines of a common grid. Below: the distance of the
    surface points found on those lines, less what may lie between the lines; or of the bounding boxes.
    """
    boxes = bounds_mm(a), bounds_mm(b)
    free = [abs(free_mm(boxes[0][axis], boxes[1][axis])) for axis in range(3)]
    apart = (free[0] * free[0] + free[1] * free[1] + free[2] * free[2]) ** 0.5
    if apart >= REACH_MM:
        return round(apart, 3), FAR
    upper = FAR
    clouds: tuple[list[Floats], list[Floats]] = ([], [])
    for axis in range(3):
        mine, theirs = lines_of(a, axis), lines_of(b, axis)
        clouds[0].extend(one[3] for one in mine)
        clouds[1].extend(one[3] for one in theirs)
        upper = min([upper, *(along(one, other)[0] for one in mine for other in theirs)])
    if upper <= CLOSE_MM:
        return round(apart, 3), round(max(upper, apart), 3)
    nearest = _nearest(_thinned(clouds[0], boxes[1]), _thinned(clouds[1], boxes[0]))
    lower = max(apart, nearest - SLACK_MM)
    return round(lower, 3), round(max(upper, lower), 3)


Lines = tuple[tuple[int, int], Floats, Floats, Floats]
"""Corner of a part's window on the grid, entry and exit along the axis (FAR apart where missed), surface points (N, 3)."""


Spans = tuple[tuple[int, int], Floats, Floats]
"""The first three of `Lines`."""


def lines(one: Part, axis: int) -> Lines:
    """Parallel rays along an axis through one part, on the grid that all parts share."""
    return lines_of((one,), axis)[0]


def lines_of(parts: tuple[Part, ...], axis: int) -> list[Lines]:
    """The same for each of several parts."""
    return [(*one, _surface(one, axis)) for one in spans(parts, axis)]


def _surface(one: Spans, axis: int) -> Floats:
    """Where lines enter and leave, as points (N, 3)."""
    (i0, j0), low, high = one
    u, v = _ACROSS[axis]
    hit = low < FAR
    rows, columns = np.nonzero(hit)
    points = np.empty((2 * len(rows), 3))
    points[:, u], points[:, v] = np.tile((columns + i0) * GRID_MM, 2), np.tile((rows + j0) * GRID_MM, 2)
    points[:, axis] = np.concatenate([low[hit], high[hit]])
    return points


def spans(parts: tuple[Part, ...], axis: int) -> list[Spans]:
    """Corner, entry and exit of `lines` for each part: rows are the second, columns the first of the two other axes."""
    found: dict[int, Spans] = {}
    together: dict[tuple[Make, int], list[int]] = defaultdict(list)
    windows = [_grid_window(one, axis) for one in parts]
    for number, (one, (_, (width, height))) in enumerate(zip(parts, windows, strict=True)):
        make = make_of(_filled(one.solid)) if width * height <= _TOGETHER else None
        if make is None:
            found[number] = _spans_of([one], [windows[number]], axis, one.solid)[0]
        else:
            together[make, max(3, width.bit_length())].append(number)
    for numbers in together.values():
        some = [parts[i] for i in numbers]
        found.update(zip(numbers, _spans_of(some, [windows[i] for i in numbers], axis), strict=True))
    return [found[number] for number in range(len(parts))]


def _filled(solid: Solid) -> Solid:
    """Without its holes, which a span leaves out of account."""
    return solid.whole if isinstance(solid, Difference) else solid


def _grid_window(one: Part, axis: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first line that may meet a part, and how many there are, on both other axes."""
    ends = bounds_mm((one,))
    first, last = zip(*((int(low // GRID_MM), int(-(-high // GRID_MM))) for low, high in ends), strict=True)
    u, v = _ACROSS[axis]
    return (first[u], first[v]), (last[u] - first[u] + 1, last[v] - first[v] + 1)


def _spans_of(
    parts: list[Part],
    windows: list[tuple[tuple[int, int], tuple[int, int]]],
    axis: int,
    alone: Solid | None = None,
) -> list[Spans]:
    """Spans of parts of one make, their lines' rows one below the other; of one part `alone` as it is."""
    (u, v), corners, sizes = _ACROSS[axis], *np.array(windows, np.int64).transpose(1, 0, 2)
    rows = sizes[:, 1]
    owner = np.repeat(np.arange(len(parts)), rows)
    first = np.cumsum(rows) - rows
    placed = np.array([(*one.pose.rotation, one.pose.shift) for one in parts]).transpose(1, 2, 0)
    x_mm = (corners[:, :1] + np.arange(sizes[:, 0].max())) * GRID_MM - placed[3, u][:, None]
    vs = ((corners[:, 1] - first)[owner] + np.arange(len(owner))) * GRID_MM - placed[3, v][owner]
    beam = Beam(
        x_mm=x_mm[0] if len(parts) == 1 else x_mm[owner],
        per_x=parts[0].pose.rotation[u] if len(parts) == 1 else tuple(placed[u][:, owner]),
        base=tuple(placed[v][k][owner] * vs for k in range(3)),
        direction=tuple(placed[axis][:, owner]),
        stretch=np.ones(len(owner)),
    )
    entry, exit_ = _span(alone or stacked([_filled(one.solid) for one in parts], owner), beam)
    hit, shift = exit_ > entry, placed[3, axis][owner][:, None]
    entry, exit_ = np.where(hit, entry + shift, FAR), np.where(hit, exit_ + shift, FAR)
    cuts = zip(windows, first.tolist(), strict=True)
    return [(at, entry[k : k + high, :wide], exit_[k : k + high, :wide]) for (at, (wide, high)), k in cuts]


def _span(solid: Solid, beam: Beam) -> Interval:
    """As solids.span, also for a prism whose axis the lines follow exactly: no edge says then what is inside."""
    prism = solid.whole if isinstance(solid, Difference) else solid
    (dx, dy, _), (bx, by, _), (px, py, _) = beam.direction, beam.base, beam.per_x
    if not isinstance(prism, Prism) or float((dx * dx + dy * dy).max()) > UPRIGHT:
        return span(solid, beam)
    x, y = px * beam.x_mm + bx[:, None], py * beam.x_mm + by[:, None]
    inside = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in pairwise((prism.polygon[-1], *prism.polygon)):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    entry, exit_ = Slab((0.0, 0.0, 1.0), prism.half_height).cut(beam)
    return np.where(inside, entry, FAR), np.where(inside, exit_, -FAR)


def along(one: Lines, other: Lines) -> tuple[float, float]:
    """On the lines that both meet: the shortest way between them (0 where one is in the other), and the shortest from the
    top of `other` up to the bottom of `one`, signed; FAR where no line meets both."""
    (i0, j0), low_a, high_a, _ = one
    (k0, m0), low_b, high_b, _ = other
    u0, u1 = max(i0, k0), min(i0 + low_a.shape[1], k0 + low_b.shape[1])
    v0, v1 = max(j0, m0), min(j0 + low_a.shape[0], m0 + low_b.shape[0])
    if u0 >= u1 or v0 >= v1:
        return FAR, FAR
    mine, theirs = (
        (slice(v0 - j0, v1 - j0), slice(u0 - i0, u1 - i0)),
        (slice(v0 - m0, v1 - m0), slice(u0 - k0, u1 - k0)),
    )
    both = (low_a[mine] < FAR) & (low_b[theirs] < FAR)
    if not both.any():
        return FAR, FAR
    over = low_a[mine] - high_b[theirs]
    gap = np.maximum(low_b[theirs] - high_a[mine], over)
    upward = over[both & (low_a[mine] >= low_b[theirs])]
    return max(0.0, float(gap[both].min())), float(upward.min()) if upward.size else FAR


def _thinned(cloud: list[Floats], box: Bounds) -> Cubes:
    """The cubes of VOXEL_MM that hold points within REACH_MM of a box, by number along each axis; each once."""
    points: Floats = np.concatenate(cloud)
    keep = np.ones(len(points), bool)
    for axis in range(3):
        keep &= (points[:, axis] > box[axis][0] - REACH_MM) & (points[:, axis] < box[axis][1] + REACH_MM)
    return np.unique(np.floor(points[keep] / VOXEL_MM).astype(np.int64), axis=0)


def _nearest(a: Cubes, b: Cubes) -> float:
    """Smallest distance between the middles of two sets of cubes, mm; at most REACH_MM.

    One matrix product: |a|^2 - 2 a.b + |b|^2 in whole numbers, counted from a corner so that float32 holds each of them exactly.
    """
    best = (REACH_MM / VOXEL_MM) ** 2
    if not len(a) or not len(b):
        return REACH_MM
    corner = np.minimum(a.min(0), b.min(0))
    mine, theirs = (a - corner).astype(np.float32), (b - corner).astype(np.float32)
    left = np.column_stack([mine, (mine * mine).sum(1), np.ones(len(mine), np.float32)])
    right = np.column_stack([-2 * theirs, np.ones(len(theirs), np.float32), (theirs * theirs).sum(1)]).T
    for start in range(0, len(left), _ROWS):
        best = min(best, float((left[start : start + _ROWS] @ right).min()))
    return float((best * VOXEL_MM * VOXEL_MM) ** 0.5)


def free_mm(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Signed free distance from a to b on one axis, 0 when they share some of it."""
    return round(max(0.0, b[0] - a[1]) - max(0.0, a[0] - b[1]), 3)
