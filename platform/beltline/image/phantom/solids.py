"""Solids with analytic chord lengths.

The rays of a window are a `Beam`: in a solid's own axes a ray point is linear in the column, and everything else depends on
the row alone, so each slab or quadric costs a handful of operations on the window. Convex solids answer with the interval in
which the ray is inside; differences, shells and prisms follow from intervals exactly.

    chord_mm = length(Cylinder(radius=4.0, half_length=30.0), beam)      # (H, W)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.tunnel import Beam, Floats

Interval = tuple[Floats, Floats]
"""Where the rays of a window are inside: entry and exit t, (H, W) each; empty where exit <= entry."""

FAR = 1e6
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Slab:
    """|normal . p - offset| <= half."""

    normal: Vector
    half: float
    offset: float = 0.0

    def cut(self, beam: Beam) -> Interval:
        """Interval of the rays between the two planes."""
        nx, ny, nz = self.normal
        inverse = 1 / _away_from_zero(nx * beam.direction[0] + ny * beam.direction[1] + nz * beam.direction[2])
        base = nx * beam.base[0] + ny * beam.base[1] + nz * beam.base[2] - self.offset
        per_x = nx * beam.per_x[0] + ny * beam.per_x[1] + nz * beam.per_x[2]
        middle = (inverse * -per_x)[:, None] * beam.x_mm
        shift, reach = base * inverse, np.abs(inverse) * self.half
        return middle - (shift + reach)[:, None], middle - (shift - reach)[:, None]


@dataclass(frozen=True, slots=True)
class Quadric:
    """sum(square_i p_i^2 + linear_i p_i) + constant <= 0."""

    square: Vector
    constant: float
    linear: Vector = (0.0, 0.0, 0.0)

    def roots(self, beam: Beam) -> tuple[Floats, Floats, Floats, Floats]:
        """Leading coefficient (H, 1), discriminant, and the two roots -B -+ sqrt(disc) over it, (H, W)."""
        zero = np.zeros(len(beam.stretch))
        a, b_x, b_0, c_xx, c_x, c_0 = zero, zero, zero, 0.0, zero, zero + self.constant
        for axis in range(3):
            k, l = self.square[axis], self.linear[axis]  # noqa: E741
            if k == 0.0 and l == 0.0:
                continue
            d, p, q = beam.direction[axis], beam.per_x[axis], beam.base[axis]
            a = a + k * d * d
            b_x, b_0 = b_x + k * p * d, b_0 + (k * q + l / 2) * d
            c_xx, c_x, c_0 = c_xx + k * p * p, c_x + (2 * k * p) * q + l * p, c_0 + (k * q + l) * q
        x = beam.x_mm
        a = np.asarray(_away_from_zero(a)[:, None])
        b = b_x[:, None] * x + b_0[:, None]
        c = (c_x[:, None] + c_xx * x) * x + c_0[:, None]
        discriminant = b * b - a * c
        root = np.sqrt(np.maximum(discriminant, 0.0)) / np.abs(a)
        middle = b / -a
        return a, discriminant, middle - root, middle + root

    def cut(self, beam: Beam) -> Interval:
        """Interval of the rays inside a closed quadric (every leading coefficient positive)."""
        _, _, entry, exit_ = self.roots(beam)
        return entry, exit_


@dataclass(frozen=True, slots=True)
class Convex:
    """What lies in all `cuts`; `half` and `centre` give a bounding box in the own axes."""

    cuts: tuple[Slab | Quadric, ...]
    half: Vector
    centre: Vector = (0.0, 0.0, 0.0)

    def interval(self, beam: Beam) -> Interval:
        """Where the rays are inside all cuts."""
        entry, exit_ = self.cuts[0].cut(beam)
        for cut in self.cuts[1:]:
            other_entry, other_exit = cut.cut(beam)
            entry, exit_ = np.maximum(entry, other_entry), np.minimum(exit_, other_exit)
        return entry, exit_


@dataclass(frozen=True, slots=True)
class Frustum:
    """A cone along z, cut off: radius `bottom` at z = -height/2, `top` (may be 0) at +height/2."""

    bottom: float
    top: float
    height: float

    @property
    def half(self) -> Vector:
        widest = max(self.bottom, self.top)
        return widest, widest, self.height / 2

    @property
    def centre(self) -> Vector:
        return 0.0, 0.0, 0.0

    def interval(self, beam: Beam) -> Interval:
        """Where the rays are inside; a steep ray (negative leading coefficient) leaves out what is between the roots."""
        radius, slope = (self.bottom + self.top) / 2, (self.top - self.bottom) / self.height
        wall = Quadric((1.0, 1.0, -slope * slope), -radius * radius, (0.0, 0.0, -2 * radius * slope))
        entry, exit_ = Slab((0.0, 0.0, 1.0), self.height / 2).cut(beam)
        a, discriminant, first, second = wall.roots(beam)
        steep = a < 0
        free = steep & (discriminant < 0)
        before = first > entry  # a steep ray is in one nappe only: ahead of the first root, or behind the second
        low = np.where(steep, np.where(before, entry, np.maximum(entry, second)), np.maximum(entry, first))
        high = np.where(steep, np.where(before, np.minimum(exit_, first), exit_), np.minimum(exit_, second))
        return np.where(free, entry, low), np.where(free, exit_, high)


@dataclass(frozen=True, slots=True)
class Capsule:
    """All points within `radius` of a stretch of the z axis, `height` long."""

    radius: float
    height: float

    @property
    def half(self) -> Vector:
        return self.radius, self.radius, self.height / 2 + self.radius

    @property
    def centre(self) -> Vector:
        return 0.0, 0.0, 0.0

    def interval(self, beam: Beam) -> Interval:
        """Convex, so the ray is inside from the first entry to the last exit of its three pieces."""
        square, end = self.radius * self.radius, self.height / 2
        pieces = [cylinder(2 * self.radius, self.height).interval(beam)]
        for sign in (-1.0, 1.0):
            ball = Quadric((1.0, 1.0, 1.0), end * end - square, (0.0, 0.0, -2 * sign * end))
            pieces.append(ball.cut(beam))
        low, high = np.full_like(pieces[0][0], FAR), np.full_like(pieces[0][0], -FAR)
        for entry, exit_ in pieces:
            hit = entry < exit_
            low = np.where(hit, np.minimum(low, entry), low)
            high = np.where(hit, np.maximum(high, exit_), high)
        return low, high


@dataclass(frozen=True, slots=True)
class Difference:
    """`whole` without `hole`; the hole may stick out."""

    whole: "Convex | Frustum | Capsule | Prism"
    hole: Convex | Frustum | Capsule

    @property
    def half(self) -> Vector:
        return self.whole.half

    @property
    def centre(self) -> Vector:
        return self.whole.centre


@dataclass(frozen=True, slots=True)
class Prism:
    """A simple polygon (counter-clockwise or not, convex or not) in the own x-y plane, |z| <= half_height."""

    polygon: tuple[tuple[float, float], ...]
    half_height: float

    @property
    def half(self) -> Vector:
        xs, ys = [p[0] for p in self.polygon], [p[1] for p in self.polygon]
        return (max(xs) - min(xs)) / 2, (max(ys) - min(ys)) / 2, self.half_height

    @property
    def centre(self) -> Vector:
        xs, ys = [p[0] for p in self.polygon], [p[1] for p in self.polygon]
        return (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2, 0.0


@dataclass(frozen=True, slots=True)
class Soft:
    """A density that falls from 1 at the centre to 0 at the surface of an ellipsoid, as 1 - r^2: textiles."""

    half: Vector

    @property
    def centre(self) -> Vector:
        return 0.0, 0.0, 0.0


Solid = Convex | Frustum | Capsule | Difference | Prism | Soft


def length(solid: Solid, beam: Beam, within: Interval | None = None) -> Floats:
    """Chord length in mm along every ray of the window, (H, W); for `Soft` the integral of the density."""
    if isinstance(solid, Difference):
        hole = solid.hole.interval(beam)
        if within is not None:
            hole = _both(hole, within)
        return length(solid.whole, beam, within) - length(solid.whole, beam, hole)
    if isinstance(solid, Prism):
        return _prism_length(solid, beam, within)
    if isinstance(solid, Soft):
        return _soft_length(solid, beam)
    interval = solid.interval(beam)
    entry, exit_ = interval if within is None else _both(interval, within)
    return np.maximum(exit_ - entry, 0.0) * beam.stretch[:, None]


def span(solid: Solid, beam: Beam) -> Interval:
    """First entry and last exit of every ray, holes filled in, (H, W) each; empty where exit <= entry."""
    if isinstance(solid, Difference):
        return span(solid.whole, beam)
    if isinstance(solid, Soft):
        return ellipsoid(2 * solid.half[0], 2 * solid.half[1], 2 * solid.half[2]).interval(beam)
    if isinstance(solid, Prism):
        entry, exit_ = Slab((0.0, 0.0, 1.0), solid.half_height).cut(beam)
        first, last = np.full_like(entry, FAR), np.full_like(entry, -FAR)
        for at, crossing in _crossings(solid, beam):
            first = np.where(crossing != 0, np.minimum(first, at), first)
            last = np.where(crossing != 0, np.maximum(last, at), last)
        return np.maximum(entry, first), np.minimum(exit_, last)
    return solid.interval(beam)


def box(x: float, y: float, z: float) -> Convex:
    """A box of full sizes x, y, z in mm."""
    half = (x / 2, y / 2, z / 2)
    normals: tuple[Vector, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Convex(tuple(Slab(normal, size) for normal, size in zip(normals, half, strict=True)), half)


def ellipsoid(x: float, y: float, z: float) -> Convex:
    """An ellipsoid of full sizes x, y, z."""
    half = (x / 2, y / 2, z / 2)
    square = (1 / (half[0] * half[0]), 1 / (half[1] * half[1]), 1 / (half[2] * half[2]))
    return Convex((Quadric(square, -1.0),), half)


def cylinder(
    diameter: float, height: float, across: float | None = None, at: tuple[float, float] = (0.0, 0.0)
) -> Convex:
    """A cylinder along z; `across` is the y diameter of an elliptic one, `at` where its axis passes (for holes)."""
    rx, ry = diameter / 2, (across or diameter) / 2
    kx, ky, (x, y) = 1 / (rx * rx), 1 / (ry * ry), at
    wall = Quadric((kx, ky, 0.0), kx * x * x + ky * y * y - 1.0, (-2 * kx * x, -2 * ky * y, 0.0))
    return Convex((wall, Slab((0.0, 0.0, 1.0), height / 2)), (rx, ry, height / 2), (x, y, 0.0))


def tube(diameter: float, height: float, wall: float) -> Difference:
    """A pipe along z, open at both ends."""
    return Difference(cylinder(diameter, height), cylinder(diameter - 2 * wall, height + 2))


def shell(x: float, y: float, z: float, wall: float) -> Difference:
    """A hollow closed box."""
    return Difference(box(x, y, z), box(x - 2 * wall, y - 2 * wall, z - 2 * wall))


def pillow(x: float, y: float, z: float, roundness: float = 1.25) -> Convex:
    """A box with bulging faces' edges rounded off by three elliptic cylinders; at sqrt(2) it is the box, at 1 the roundest."""
    body = box(x, y, z)
    squares = [1 / (roundness * roundness * side * side) for side in body.half]
    rounds = tuple(
        Quadric((0.0 if i == 0 else squares[0], 0.0 if i == 1 else squares[1], 0.0 if i == 2 else squares[2]), -1.0)
        for i in range(3)
    )
    return Convex((*body.cuts, *rounds), body.half)


def _both(a: Interval, b: Interval) -> Interval:
    return np.maximum(a[0], b[0]), np.minimum(a[1], b[1])


def _away_from_zero(values: Floats) -> Floats:
    """A ray parallel to a plane is taken as very nearly parallel: the interval is then far out, or endless."""
    return np.where(np.abs(values) < _TINY, _TINY, values)


def _soft_length(solid: Soft, beam: Beam) -> Floats:
    """Along a chord of half length s, 1 - r^2 = a (s^2 - t^2): the integral is 4/3 a s^3."""
    half = solid.half
    quadric = Quadric((1 / (half[0] * half[0]), 1 / (half[1] * half[1]), 1 / (half[2] * half[2])), -1.0)
    a, _, entry, exit_ = quadric.roots(beam)
    s = (exit_ - entry) * 0.5
    return s * s * s * (a * (4 / 3) * beam.stretch[:, None])


def _prism_length(solid: Prism, beam: Beam, within: Interval | None) -> Floats:
    """Exits minus entries over the polygon's edges, each held inside the slab (and `within`)."""
    interval = Slab((0.0, 0.0, 1.0), solid.half_height).cut(beam)
    entry, exit_ = interval if within is None else _both(interval, within)
    exit_ = np.maximum(exit_, entry)
    total = np.zeros_like(entry)
    for at, crossing in _crossings(solid, beam):
        total += np.minimum(np.maximum(at, entry), exit_) * crossing
    return np.abs(total) * beam.stretch[:, None]


def _crossings(solid: Prism, beam: Beam) -> Iterator[tuple[Floats, NDArray[np.int8]]]:
    """For each edge: where the rays' lines meet it, and +1 or -1 where they cross it, else 0.

    A ray's line passes on one side of a vertex where `turn` is above or below a number that depends on the row only; it
    crosses an edge whose ends lie on different sides. Along a line, entries and exits have opposite signs.
    """
    (dx, dy, _), (bx, by, _), (px, py, _) = beam.direction, beam.base, beam.per_x
    turn = (dx * py - dy * px)[:, None] * beam.x_mm + (dx * by - dy * bx)[:, None]
    points = solid.polygon
    left = [(turn < (dx * y - dy * x)[:, None]).view(np.int8) for x, y in points]
    for index in range(len(points)):
        (x0, y0), (x1, y1) = points[index - 1], points[index]
        nx, ny = y1 - y0, x0 - x1
        inverse = 1 / _away_from_zero(nx * dx + ny * dy)
        start, step = inverse * (nx * x0 + ny * y0 - nx * bx - ny * by), inverse * (nx * px + ny * py)
        yield start[:, None] - step[:, None] * beam.x_mm, left[index] - left[index - 1]
