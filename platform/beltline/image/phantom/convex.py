"""Convex solids: every ray is inside on one interval. Boxes, ellipsoids, cylinders, pillows, cones, capsules.

entry, exit_ = cylinder(diameter=8.0, height=60.0).interval(beam)
"""

from dataclasses import dataclass

import numpy as np

from beltline.image.phantom.cuts import FAR, Interval, Quadric, Slab, both
from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.tunnel import Beam


@dataclass(frozen=True, slots=True)
class Convex:
    """What lies in all `cuts`; `half` and `centre` give a bounding box in the own axes."""

    cuts: tuple[Slab | Quadric, ...]
    half: Vector
    centre: Vector = (0.0, 0.0, 0.0)

    def interval(self, beam: Beam) -> Interval:
        """Where the rays are inside all cuts."""
        interval = self.cuts[0].cut(beam)
        for cut in self.cuts[1:]:
            interval = both(interval, cut.cut(beam))
        return interval


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
    rx, ry = diameter / 2, (diameter if across is None else across) / 2
    kx, ky, (x, y) = 1 / (rx * rx), 1 / (ry * ry), at
    wall = Quadric((kx, ky, 0.0), kx * x * x + ky * y * y - 1.0, (-2 * kx * x, -2 * ky * y, 0.0))
    return Convex((wall, Slab((0.0, 0.0, 1.0), height / 2)), (rx, ry, height / 2), (x, y, 0.0))


def pillow(x: float, y: float, z: float, roundness: float = 1.25) -> Convex:
    """A box with bulging faces' edges rounded off by three elliptic cylinders; at sqrt(2) it is the box, at 1 the roundest."""
    body = box(x, y, z)
    squares = [1 / (roundness * roundness * side * side) for side in body.half]
    rounds = tuple(
        Quadric((0.0 if i == 0 else squares[0], 0.0 if i == 1 else squares[1], 0.0 if i == 2 else squares[2]), -1.0)
        for i in range(3)
    )
    return Convex((*body.cuts, *rounds), body.half)
