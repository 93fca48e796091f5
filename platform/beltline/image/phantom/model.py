"""What an item is: parts, each a solid of one material in its place. And how its dimensions are drawn.

Own axes of an item: x along its length, y along its width, z along its thickness, origin near the middle.

    draw = Draw(np.random.default_rng([recipe.seed, row_id]))
    battery = Part(cylinder(18, 65), "li-ion cell", Pose(shift=(0.0, 10.0, 0.0)))
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from beltline.image.phantom.rotations import IDENTITY, Pose, Rotation, Vector, towards, unit
from beltline.image.phantom.solids import Convex, Quadric, Slab, Solid

T = TypeVar("T")
STILL = Pose()
LEAST_LENGTH_MM = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """One solid of one material; `fill` is its share of the material's density."""

    solid: Solid
    material: str
    pose: Pose = STILL
    fill: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An item with its dimensions drawn."""

    kind: str
    """The category for labelled items; a plain word for clutter."""
    parts: tuple[Part, ...]
    attributes: dict[str, str] = field(default_factory=dict)
    stands: bool = False
    """It may also rest on its end."""
    bounds: list[tuple[float, float]] = field(init=False, repr=False, compare=False)
    """Of the item in its own axes, mm."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", bounds_of(self.parts))


class Draw:
    """Random dimensions: everything comes from one generator, in order."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def between(self, low: float, high: float) -> float:
        """Uniform in [low, high), on a grid of 1/64 so that printed values are exact."""
        return round(float(self.rng.uniform(low, high)) * 64) / 64

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def count(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def turns(self) -> float:
        """An angle on the full circle, in turns."""
        return float(self.rng.random())


class Unseen(Draw):
    """Lengths that the same item never has otherwise: outside the range that is asked for, by up to half of its width."""

    def between(self, low: float, high: float) -> float:
        """Uniform in the half width above [low, high) or, as often, in that below it, never under half of `low`.

        What begins below 2 is no length in mm but a share or a part of a turn, and stays as it is.
        """
        if low < LEAST_LENGTH_MM:
            return super().between(low, high)
        if self.chance(0.5):
            return super().between(high, high + (high - low) / 2)
        return super().between(max(low - (high - low) / 2, low / 2), low)


def part(
    solid: Solid,
    material: str,
    at: Vector = (0.0, 0.0, 0.0),
    turn: Rotation = IDENTITY,
    fill: float = 1.0,
) -> Part:
    """A part at a place, turned."""
    return Part(solid, material, Pose(turn, at), fill)


def moved(parts: Sequence[Part], pose: Pose) -> tuple[Part, ...]:
    """Parts carried along by a pose."""
    return tuple(Part(one.solid, one.material, pose.of(one.pose), one.fill) for one in parts)


def extent(model: Model) -> list[tuple[float, float]]:
    """Bounds of the item in its own axes: (least, most) of x, y and z."""
    return model.bounds


def bounds_of(parts: Sequence[Part]) -> list[tuple[float, float]]:
    """Least and most x, y and z of the bounding boxes of placed parts, at least one of them."""
    lows: list[Vector] = []
    highs: list[Vector] = []
    for one in parts:
        (x, y, z), (hx, hy, hz) = one.pose.apply(one.solid.centre), one.solid.half
        (a, b, c), (d, e, f), (g, h, i) = one.pose.rotation
        rx, ry = abs(a) * hx + abs(b) * hy + abs(c) * hz, abs(d) * hx + abs(e) * hy + abs(f) * hz
        rz = abs(g) * hx + abs(h) * hy + abs(i) * hz
        lows.append((x - rx, y - ry, z - rz))
        highs.append((x + rx, y + ry, z + rz))
    return [(min(low), max(high)) for low, high in zip(zip(*lows, strict=True), zip(*highs, strict=True), strict=True)]


def cable(
    points: Sequence[Vector], diameter: float, material: str, fill: float = 1.0, closed: bool = False
) -> list[Part]:
    """A round cable along a path: cylinders that meet in mitre planes, so no place is counted twice."""
    count = len(points)
    ends = range(count if closed else count - 1)
    steps = [_between(points[i], points[(i + 1) % count]) for i in ends]
    directions = [unit(step) for step in steps]
    parts = []
    for i in ends:
        before = directions[i - 1] if closed or i else directions[i]
        after = directions[(i + 1) % len(directions)] if closed or i + 1 < len(directions) else directions[i]
        parts.append(_segment(points[i], points[(i + 1) % count], before, after, diameter, material, fill))
    return parts


def _segment(
    start: Vector, end: Vector, before: Vector, after: Vector, diameter: float, material: str, fill: float
) -> Part:
    step = _between(start, end)
    size = (step[0] * step[0] + step[1] * step[1] + step[2] * step[2]) ** 0.5
    pose = Pose(towards(step), ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, (start[2] + end[2]) / 2))
    own = pose.rotation
    mine = unit(step)
    cuts: list[Slab | Quadric] = [Quadric((4 / diameter / diameter, 4 / diameter / diameter, 0.0), -1.0)]
    for normal_out, place in ((_sum(mine, after), size / 2), (_sum(mine, before), -size / 2)):
        normal = _inverse(own, unit(normal_out))
        sign = 1.0 if place > 0 else -1.0
        far = 4 * (size + diameter)
        # a half-space as a slab that is far too thick on the inner side
        cuts.append(Slab(normal, far, normal[2] * place - sign * far))
    radius = diameter / 2
    return Part(Convex(tuple(cuts), (radius, radius, size / 2 + radius)), material, pose, fill)


def _inverse(rotation: Rotation, vector: Vector) -> Vector:
    return Pose(rotation).inverse_apply(vector)


def _between(a: Vector, b: Vector) -> Vector:
    return b[0] - a[0], b[1] - a[1], b[2] - a[2]


def _sum(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]
