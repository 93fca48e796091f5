"""Slabs and quadrics: where the rays of a `Beam` are inside of one, as an interval of each ray.

In a solid's own axes a ray point is linear in the column, and everything else depends on the row alone, so each cut costs a
handful of operations on the window. The numbers of a cut may also be columns, one value for each row of a stack of rays
(alike.py): then many solids of one make are cut at once, with the same operations on each.

    entry, exit_ = Slab((0.0, 0.0, 1.0), 5.0).cut(beam)        # (H, W) each; (H, 1) where the column does not matter
"""

from dataclasses import dataclass

import numpy as np

from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.tunnel import Beam, Floats

Interval = tuple[Floats, Floats]
"""Where the rays of a window are inside: entry and exit t, (H, W) or (H, 1) each; empty where exit <= entry."""

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
        (nx, ny, nz), (dx, dy, dz), (bx, by, bz), (px, py, pz) = self.normal, beam.direction, beam.base, beam.per_x
        inverse = 1 / away_from_zero(nx * dx + ny * dy + nz * dz)
        base = nx * bx + ny * by + nz * bz - self.offset
        per_x = nx * px + ny * py + nz * pz
        shift, reach = base * inverse, np.abs(inverse) * self.half
        first, last = -(shift + reach)[:, None], (reach - shift)[:, None]
        if not np.any(per_x):  # a plane along the belt, as of whatever lies flat: all columns alike
            return first, last
        middle = (inverse * -per_x)[:, None] * beam.x_mm
        return middle + first, middle + last


@dataclass(frozen=True, slots=True)
class Quadric:
    """sum(square_i p_i^2 + linear_i p_i) + constant <= 0."""

    square: Vector
    constant: float
    linear: Vector = (0.0, 0.0, 0.0)

    def roots(self, beam: Beam) -> tuple[Floats, Floats, Floats, Floats]:
        """Leading coefficient (H, 1), discriminant over its square, and the two roots, (H, W).

        With a t^2 + 2 b t + c, b linear and c quadratic in the column, the discriminant is quadratic in it.
        """
        zero = np.zeros(len(beam.stretch))
        a, b_x, b_0, c_xx, c_x, c_0 = zero, zero, zero, zero, zero, zero + self.constant
        for axis in range(3):
            k, l = self.square[axis], self.linear[axis]  # noqa: E741
            if isinstance(k, float) and k == 0.0 and l == 0.0:
                continue
            d, p, q = beam.direction[axis], beam.per_x[axis], beam.base[axis]
            kd, kq = k * d, k * q
            a = a + kd * d
            b_x, b_0 = b_x + kd * p, b_0 + (kq + l / 2) * d
            c_xx, c_x, c_0 = c_xx + k * p * p, c_x + (2 * kq + l) * p, c_0 + (kq + l) * q
        a = away_from_zero(a)
        over = 1 / a
        square, linear, constant = b_x * b_x - a * c_xx, 2 * b_x * b_0 - a * c_x, b_0 * b_0 - a * c_0
        b_x, b_0, over_square = b_x * -over, b_0 * -over, over * over
        x = beam.x_mm
        discriminant = (square * over_square)[:, None] * x
        discriminant += (linear * over_square)[:, None]
        discriminant *= x
        discriminant += (constant * over_square)[:, None]
        root = np.maximum(discriminant, 0.0)
        np.sqrt(root, out=root)
        middle = b_x[:, None] * x
        middle += b_0[:, None]
        return np.asarray(a[:, None]), discriminant, middle - root, np.add(middle, root, out=middle)

    def cut(self, beam: Beam) -> Interval:
        """Interval of the rays inside a closed quadric (every leading coefficient positive)."""
        _, _, entry, exit_ = self.roots(beam)
        return entry, exit_


def both(a: Interval, b: Interval) -> Interval:
    """Where rays are in one and in the other."""
    return np.maximum(a[0], b[0]), np.minimum(a[1], b[1])


def away_from_zero(values: Floats) -> Floats:
    """A ray parallel to a plane is taken as very nearly parallel: the interval is then far out, or endless."""
    return np.where(np.abs(values) < _TINY, _TINY, values)
