"""Many small solids of one make, traced at once.

Most solids are small: of a bag's four hundred, three hundred cover fewer pixels than the calls of their chord length have
overhead. Solids of one make (two cylinders, say, or two segments of a cable) differ in their numbers only, so they become one
solid whose numbers are columns, with one value for each row of a stack of their windows. Each ray sees the same operations in
the same order as it would alone, so the result is the same to the last bit.

    beam, owner = geometry.beams([one.pose for one in parts], windows)
    chord_mm = length(stacked([one.solid for one in parts], owner), beam)
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from beltline.image.phantom.solids import Capsule, Convex, Difference, Frustum, Quadric, Slab, Solid, Torus
from beltline.image.phantom.tunnel import Indices

Make = tuple[Any, ...]


def make_of(solid: Solid) -> Make | None:
    """What solids must share to be stacked; None for kinds that are traced one by one."""
    if isinstance(solid, Convex):
        return Convex, *map(type, solid.cuts)
    if isinstance(solid, Difference):
        whole, hole = make_of(solid.whole), make_of(solid.hole)
        return None if whole is None or hole is None else (Difference, whole, hole)
    return (type(solid),) if isinstance(solid, Frustum | Capsule | Torus) else None


def stacked(solids: Sequence[Solid], owner: Indices) -> Solid:
    """Solids of one make as one: row r has the numbers of solids[owner[r]]."""
    make = make_of(solids[0])
    assert make is not None
    numbers = np.array([_numbers(solid) for solid in solids]).T
    return _of(make, iter(numbers[:, owner]))


def _numbers(solid: Solid) -> list[float]:
    """All numbers that a chord depends on, in the order of `_of`."""
    if isinstance(solid, Difference):
        return _numbers(solid.whole) + _numbers(solid.hole)
    if isinstance(solid, Frustum):
        return [solid.bottom, solid.top, solid.height]
    if isinstance(solid, Capsule):
        return [solid.radius, solid.height]
    if isinstance(solid, Torus):
        return [solid.ring, solid.wire, solid.squeeze]
    assert isinstance(solid, Convex)
    found: list[float] = []
    for cut in solid.cuts:
        if isinstance(cut, Slab):
            found += (*cut.normal, cut.half, cut.offset)
        else:
            found += (*cut.square, cut.constant, *cut.linear)
    return found


def _of(make: Make, columns: Iterator[Any]) -> Any:
    """A solid from columns of numbers; its bounding box means nothing."""
    kind = make[0]
    if kind is Difference:
        return Difference(_of(make[1], columns), _of(make[2], columns))
    if kind is Frustum:
        return Frustum(next(columns), next(columns), next(columns))
    if kind is Capsule:
        return Capsule(next(columns), next(columns))
    if kind is Torus:
        return Torus(next(columns), next(columns), next(columns))
    return Convex(tuple(_cut(cut, columns) for cut in make[1:]), (0.0, 0.0, 0.0))


def _cut(kind: type, columns: Iterator[Any]) -> Slab | Quadric:
    triple = next(columns), next(columns), next(columns)
    if kind is Slab:
        return Slab(triple, next(columns), next(columns))
    return Quadric(triple, next(columns), (next(columns), next(columns), next(columns)))
