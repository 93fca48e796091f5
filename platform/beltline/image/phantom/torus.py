"""Rings of round wire: the quartic of a ray and a torus, solved between brackets.

Measured from where the ray is nearest to the ring's middle, the quartic has no cubic term. Its second derivative has two roots in
closed form; between them and the ends, each extremum is alone in its bracket, and between the extrema each root is. So nothing
depends on telling near roots apart, and only +, -, *, / and square roots are used: the same result on every processor.

    chord_mm = Torus(ring=12.0, wire=1.3).length(beam)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.cuts import FAR, Interval
from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.tunnel import Beam, Floats

Curve = tuple[Floats | float, ...]
"""Coefficients of a polynomial, the highest power first."""
ROUNDS = 30
"""Newton's steps to a root, halving where one would leave the bracket: rays that graze, the slowest, are then exact to 1e-5 mm."""


@dataclass(frozen=True, slots=True)
class Torus:
    """All points within `wire` of a circle of radius `ring` in the own x-y plane, then squeezed along y (wire and all)."""

    ring: float
    wire: float
    squeeze: float = 1.0

    @property
    def half(self) -> Vector:
        reach = self.ring + self.wire
        return reach, reach * self.squeeze, self.wire

    @property
    def centre(self) -> Vector:
        return 0.0, 0.0, 0.0

    def length(self, beam: Beam) -> Floats:
        """Chord length in mm of every ray, (H, W)."""
        chord = np.zeros((len(beam.stretch), beam.x_mm.shape[-1]))
        near, _, start, end = self._stays(beam)
        chord[near] = np.maximum(end - start, 0.0).sum(axis=0)
        return chord * beam.stretch[:, None]

    def span(self, beam: Beam) -> Interval:
        """First entry and last exit, (H, W) each."""
        shape = len(beam.stretch), beam.x_mm.shape[-1]
        entry, exit_ = np.full(shape, FAR), np.full(shape, -FAR)
        near, middle, start, end = self._stays(beam)
        stays = end > start
        entry[near] = middle + np.where(stays, start, FAR).min(axis=0)
        exit_[near] = middle + np.where(stays, end, -FAR).max(axis=0)
        return entry, exit_

    def _stays(self, beam: Beam) -> tuple[NDArray[np.bool_], Floats, Floats, Floats]:
        """Which rays (H, W) come near; where each (n,) is nearest; and from there, where its stays begin and end, (4, n)."""
        near, middle, end, quartic = self._quartics(beam)
        a, _, b, c, _ = quartic
        cubic, parabola = (4 * a, 0.0, 2 * b, c), (12 * a, 0.0, 2 * b)
        bend = np.minimum(np.sqrt(np.maximum(-b / (6 * a), 0.0)), end)
        ends = np.stack([-end, -bend, bend, end])
        extrema = _zero(cubic, parabola, ends[:-1], ends[1:])
        points = np.concatenate([ends[:1], extrema, ends[-1:]])
        inside = _value(quartic, points) <= 0
        roots = _zero(quartic, cubic, points[:-1], points[1:])
        start = np.where(inside[:-1], points[:-1], roots)
        stop = np.where(inside[1:], points[1:], roots)
        return near, middle, start, np.where(inside[:-1] | inside[1:], stop, start)

    def _quartics(self, beam: Beam) -> tuple[NDArray[np.bool_], Floats, Floats, Curve]:
        """Rays that meet the sphere around the ring, and in what lies inside of it: a s^4 + b s^2 + c s + e <= 0, |s| <= end."""
        scale = (1.0, 1 / self.squeeze, 1.0)
        direction = [beam.direction[axis] * scale[axis] for axis in range(3)]
        speed = direction[0] * direction[0] + direction[1] * direction[1] + direction[2] * direction[2]
        origin = []
        for axis in range(3):
            at = (direction[axis] * 0 + beam.per_x[axis] * scale[axis])[:, None] * beam.x_mm
            at += (beam.base[axis] * scale[axis])[:, None]
            origin.append(at)
        middle = -(
            origin[0] * direction[0][:, None] + origin[1] * direction[1][:, None] + origin[2] * direction[2][:, None]
        )
        middle /= speed[:, None]
        x, y, z = (origin[axis] + middle * direction[axis][:, None] for axis in range(3))
        away = x * x + y * y + z * z
        reach = np.zeros(len(beam.stretch)) + (self.ring + self.wire)
        near = away < (reach * reach)[:, None]
        rows = np.nonzero(near)[0]
        ring, wire = ((np.zeros(len(beam.stretch)) + size)[rows] for size in (self.ring, self.wire))
        (dx, dy, _), speed = (each[rows] for each in direction), speed[rows]
        x, y, away, four = x[near], y[near], away[near], 4 * ring * ring
        known = away + ring * ring - wire * wire
        square = 2 * speed * known - four * (dx * dx + dy * dy)
        quartic = speed * speed, 0.0, square, -2 * four * (x * dx + y * dy), known * known - four * (x * x + y * y)
        reach = ring + wire
        return near, middle[near], np.sqrt((reach * reach - away) / speed), quartic


def _zero(curve: Curve, slope: Curve, low: Floats, high: Floats) -> Floats:
    """Where a curve that is monotone between `low` and `high` is zero; one of the ends where it is not."""
    from_above = _value(curve, low) > 0
    at = (low + high) * 0.5
    for _ in range(ROUNDS):
        value, steep = _value(curve, at), _value(slope, at)
        before = (value > 0) == from_above
        low, high = np.where(before, at, low), np.where(before, high, at)
        step = at - value / np.where(steep == 0, 1.0, steep)
        at = np.where((step > low) & (step < high), step, (low + high) * 0.5)
    return at


def _value(curve: Curve, at: Floats) -> Floats:
    total = curve[0]
    for coefficient in curve[1:]:
        total = total * at + coefficient
    return np.asarray(total)
