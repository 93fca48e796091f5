"""Prisms over any simple polygon, in closed form.

A ray's line passes on one side of a vertex where a number that is linear in the column is above or below one that depends on
the row only; it crosses an edge whose ends lie on different sides. Along a line, entries and exits have opposite signs.

    chord_mm = Prism(((0.0, 0.0), (30.0, 0.0), (0.0, 20.0)), half_height=4.0).length(beam)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.cuts import FAR, Interval, Slab, away_from_zero, both
from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.tunnel import Beam, Floats


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

    def length(self, beam: Beam, within: Interval | None = None) -> Floats:
        """Exits minus entries over the polygon's edges, each held inside the slab (and `within`), (H, W)."""
        interval = Slab((0.0, 0.0, 1.0), self.half_height).cut(beam)
        entry, exit_ = interval if within is None else both(interval, within)
        exit_ = np.maximum(exit_, entry)
        total = np.zeros((len(beam.stretch), beam.x_mm.shape[-1]))
        for at, crossing in self._crossings(beam):
            np.minimum(np.maximum(at, entry, out=at), exit_, out=at)
            at *= crossing
            total += at
        return np.abs(total) * beam.stretch[:, None]

    def span(self, beam: Beam) -> Interval:
        """First entry and last exit, notches filled in."""
        entry, exit_ = Slab((0.0, 0.0, 1.0), self.half_height).cut(beam)
        shape = len(beam.stretch), beam.x_mm.shape[-1]
        first, last = np.full(shape, FAR), np.full(shape, -FAR)
        for at, crossing in self._crossings(beam):
            first = np.where(crossing != 0, np.minimum(first, at), first)
            last = np.where(crossing != 0, np.maximum(last, at), last)
        return np.maximum(entry, first), np.minimum(exit_, last)

    def _crossings(self, beam: Beam) -> Iterator[tuple[Floats, NDArray[np.int8]]]:
        """For each edge: where the rays' lines meet it, and +1 or -1 where they cross it, else 0."""
        (dx, dy, _), (bx, by, _), (px, py, _) = beam.direction, beam.base, beam.per_x
        turn = (dx * py - dy * px)[:, None] * beam.x_mm + (dx * by - dy * bx)[:, None]
        points = self.polygon
        left = [(turn < (dx * y - dy * x)[:, None]).view(np.int8) for x, y in points]
        for index in range(len(points)):
            (x0, y0), (x1, y1) = points[index - 1], points[index]
            nx, ny = y1 - y0, x0 - x1
            inverse = 1 / away_from_zero(nx * dx + ny * dy)
            start, step = inverse * (nx * x0 + ny * y0 - nx * bx - ny * by), inverse * -(nx * px + ny * py)
            at = step[:, None] * beam.x_mm
            at += start[:, None]
            yield at, left[index] - left[index - 1]
