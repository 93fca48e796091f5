"""Solids with analytic chord lengths: all kinds of them, and how long a ray is inside.

The rays of a window are a `Beam`. Convex solids answer with the interval in which a ray is inside; differences, shells, prisms
and rings follow from intervals exactly.

    chord_mm = length(cylinder(8.0, 60.0), beam)      # (H, W)
"""

from dataclasses import dataclass

import numpy as np

from beltline.image.phantom.convex import Capsule, Convex, Frustum, box, cylinder, ellipsoid, pillow
from beltline.image.phantom.cuts import FAR, Interval, Quadric, Slab, both
from beltline.image.phantom.prism import Prism
from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.torus import Torus
from beltline.image.phantom.tunnel import Beam, Floats

__all__ = [
    "FAR",
    "Capsule",
    "Convex",
    "Difference",
    "Frustum",
    "Interval",
    "Prism",
    "Quadric",
    "Slab",
    "Soft",
    "Solid",
    "Torus",
    "box",
    "cylinder",
    "ellipsoid",
    "length",
    "pillow",
    "shell",
    "span",
    "tube",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """`whole` without `hole`; the hole may stick out."""

    whole: Convex | Frustum | Capsule | Prism
    hole: Convex | Frustum | Capsule

    @property
    def half(self) -> Vector:
        return self.whole.half

    @property
    def centre(self) -> Vector:
        return self.whole.centre


@dataclass(frozen=True, slots=True)
class Soft:
    """A density that falls from 1 at the centre to 0 at the surface of an ellipsoid, as 1 - r^2: textiles."""

    half: Vector

    @property
    def centre(self) -> Vector:
        return 0.0, 0.0, 0.0

    @property
    def surface(self) -> Quadric:
        """Where the density is 0."""
        x, y, z = self.half
        return Quadric((1 / (x * x), 1 / (y * y), 1 / (z * z)), -1.0)


Solid = Convex | Frustum | Capsule | Difference | Prism | Soft | Torus


def length(solid: Solid, beam: Beam) -> Floats:
    """Chord length in mm along every ray of the window, (H, W); for `Soft` the integral of the density."""
    shape = len(beam.stretch), beam.x_mm.shape[-1]
    chord = _length(solid, beam)
    return chord if chord.shape == shape else np.broadcast_to(chord, shape).copy()


def span(solid: Solid, beam: Beam) -> Interval:
    """First entry and last exit of every ray, holes filled in, (H, W) each; empty where exit <= entry."""
    shape = len(beam.stretch), beam.x_mm.shape[-1]
    entry, exit_ = _span(solid, beam)
    return np.broadcast_to(entry, shape), np.broadcast_to(exit_, shape)


def tube(diameter: float, height: float, wall: float) -> Difference:
    """A pipe along z, open at both ends."""
    return Difference(cylinder(diameter, height), cylinder(diameter - 2 * wall, height + 2))


def shell(x: float, y: float, z: float, wall: float) -> Difference:
    """A hollow closed box."""
    return Difference(box(x, y, z), box(x - 2 * wall, y - 2 * wall, z - 2 * wall))


def _length(solid: Solid, beam: Beam) -> Floats:
    if isinstance(solid, Difference):
        if isinstance(solid.whole, Prism):
            hole = solid.hole.interval(beam)
            return solid.whole.length(beam) - solid.whole.length(beam, hole)
        whole = solid.whole.interval(beam)
        hole = both(whole, solid.hole.interval(beam))
        return (_between(whole) - _between(hole)) * beam.stretch[:, None]
    if isinstance(solid, Prism | Torus):
        return solid.length(beam)
    if isinstance(solid, Soft):
        return _soft_length(solid, beam)
    return _between(solid.interval(beam)) * beam.stretch[:, None]


def _between(interval: Interval) -> Floats:
    entry, exit_ = interval
    inside: Floats = np.subtract(exit_, entry)
    return np.maximum(inside, 0.0, out=inside)


def _soft_length(solid: Soft, beam: Beam) -> Floats:
    """Along a chord of half length s, 1 - r^2 = a (s^2 - t^2): the integral is 4/3 a s^3."""
    a, _, entry, exit_ = solid.surface.roots(beam)
    s = (exit_ - entry) * 0.5
    return s * s * s * (a * (4 / 3) * beam.stretch[:, None])


def _span(solid: Solid, beam: Beam) -> Interval:
    if isinstance(solid, Difference):
        return _span(solid.whole, beam)
    if isinstance(solid, Soft):
        return solid.surface.cut(beam)
    if isinstance(solid, Prism | Torus):
        return solid.span(beam)
    return solid.interval(beam)
