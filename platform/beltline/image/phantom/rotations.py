"""Rotations and poses in plain floats: +, -, *, / and square roots only.

These operations are correctly rounded on every processor, while sin and cos of a C library, or a BLAS product, may differ in
the last bit between processors. So the same bag has the same geometry everywhere, to the last bit.

    turn = about_z(0.25)            # a quarter turn
    pose = Pose(turn, (10.0, 0.0, 5.0))
    pose.apply((1.0, 0.0, 0.0))     # (10.0, 1.0, 5.0)
"""

import math
from dataclasses import dataclass

Vector = tuple[float, float, float]
Rotation = tuple[Vector, Vector, Vector]
"""Rows of a rotation matrix: own axes to outer axes."""
Quaternion = tuple[float, float, float, float]

IDENTITY: Rotation = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

_HALF_PI = 1.5707963267948966
_SIN = (-1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800, -1 / 1307674368000)
_COS = (-1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600, -1 / 87178291200, 1 / 20922789888000)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a body is: `rotation` from its own axes to the outer ones, `shift` of its origin in mm."""

    rotation: Rotation = IDENTITY
    shift: Vector = (0.0, 0.0, 0.0)

    def apply(self, point: Vector) -> Vector:
        """The outer coordinates of a point of the body."""
        (x, y, z), (dx, dy, dz), ((a, b, c), (d, e, f), (g, h, i)) = point, self.shift, self.rotation
        return a * x + b * y + c * z + dx, d * x + e * y + f * z + dy, g * x + h * y + i * z + dz

    def inverse_apply(self, point: Vector) -> Vector:
        """The body's own coordinates of an outer point."""
        offset = (point[0] - self.shift[0], point[1] - self.shift[1], point[2] - self.shift[2])
        return turn_vector(transpose(self.rotation), offset)

    def of(self, inner: "Pose") -> "Pose":
        """The pose of a part: `inner` is given in this body's axes."""
        return Pose(product(self.rotation, inner.rotation), self.apply(inner.shift))


def sin_cos(turns: float) -> tuple[float, float]:
    """Sine and cosine of an angle in turns (1 is a full circle), by their series, within 1e-15."""
    quarter = turns * 4
    nearest = math.floor(quarter + 0.5)
    angle = (quarter - nearest) * _HALF_PI
    square = angle * angle
    sine, cosine = angle * (1 + _series(_SIN, square)), 1 + _series(_COS, square)
    return ((sine, cosine), (cosine, -sine), (-sine, -cosine), (-cosine, sine))[nearest % 4]


def about_x(turns: float) -> Rotation:
    """Rotation about the x axis, angle in turns."""
    sine, cosine = sin_cos(turns)
    return (1.0, 0.0, 0.0), (0.0, cosine, -sine), (0.0, sine, cosine)


def about_y(turns: float) -> Rotation:
    """Rotation about the y axis, angle in turns."""
    sine, cosine = sin_cos(turns)
    return (cosine, 0.0, sine), (0.0, 1.0, 0.0), (-sine, 0.0, cosine)


def about_z(turns: float) -> Rotation:
    """Rotation about the z axis, angle in turns."""
    sine, cosine = sin_cos(turns)
    return (cosine, -sine, 0.0), (sine, cosine, 0.0), (0.0, 0.0, 1.0)


def product(outer: Rotation, inner: Rotation) -> Rotation:
    """First `inner`, then `outer`."""
    (a, b, c), (d, e, f), (g, h, i) = inner
    (r, s, t), (u, v, w), (x, y, z) = outer
    return (
        (r * a + s * d + t * g, r * b + s * e + t * h, r * c + s * f + t * i),
        (u * a + v * d + w * g, u * b + v * e + w * h, u * c + v * f + w * i),
        (x * a + y * d + z * g, x * b + y * e + z * h, x * c + y * f + z * i),
    )


def transpose(rotation: Rotation) -> Rotation:
    """The inverse rotation."""
    (a, b, c), (d, e, f), (g, h, i) = rotation
    return (a, d, g), (b, e, h), (c, f, i)


def turn_vector(rotation: Rotation, vector: Vector) -> Vector:
    """A vector of the own axes, in the outer ones."""
    x, y, z = vector
    (a, b, c), (d, e, f), (g, h, i) = rotation
    return a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z


def towards(direction: Vector) -> Rotation:
    """A rotation that takes the own z axis to `direction` (any length above zero)."""
    z = unit(direction)
    helper = (1.0, 0.0, 0.0) if abs(z[0]) < 0.8 else (0.0, 1.0, 0.0)
    x = unit(cross(helper, z))
    return transpose((x, cross(z, x), z))


def cross(a: Vector, b: Vector) -> Vector:
    """The vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def unit(vector: Vector) -> Vector:
    """The vector at length 1.

    Raises:
        ValueError: it has no length.
    """
    length = math.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])
    if length == 0:
        raise ValueError("unit: expected a vector with a length, found (0, 0, 0)")
    return vector[0] / length, vector[1] / length, vector[2] / length


def quaternion(rotation: Rotation) -> Quaternion:
    """The unit quaternion (w, x, y, z), w at least 0, of a rotation."""
    (a, b, c), (d, e, f), (g, h, i) = rotation
    squares = (1 + a + e + i, 1 + a - e - i, 1 - a + e - i, 1 - a - e + i)
    largest = max(range(4), key=squares.__getitem__)
    rows = (
        (squares[0], h - f, c - g, d - b),
        (h - f, squares[1], b + d, c + g),
        (c - g, b + d, squares[2], f + h),
        (d - b, c + g, f + h, squares[3]),
    )
    scale = 0.5 / math.sqrt(squares[largest])
    w, x, y, z = (value * scale for value in rows[largest])
    return (-w, -x, -y, -z) if w < 0 else (w, x, y, z)


def _series(coefficients: tuple[float, ...], square: float) -> float:
    total = 0.0
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * square
    return total
