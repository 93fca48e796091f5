"""The answers of DualXrayBench once more, from the phantom's solids: neither Scan rows nor the builder's code have a part in it.

Every labelled solid is filled with points by its own inequalities (holes count as filled); from the points follow middles and
sizes, shadows by the tunnel's two fans, and distances by a k-d tree.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.convex import Capsule, Convex, Frustum
from beltline.image.phantom.cuts import Slab
from beltline.image.phantom.filling import Placed
from beltline.image.phantom.prism import Prism
from beltline.image.phantom.recipes import BagRecipe
from beltline.image.phantom.solids import Difference, Soft
from beltline.image.phantom.torus import Torus
from beltline.image.phantom.tunnel import Geometry

STEP_MM, CELL_PX, TOGETHER_MM = 2.5, 2, 6.0
"""Distance of points; size of a shadow's cells; two things whose points come closer than this touch, as no question is asked
of gaps from 1 to 10 mm."""
_MANY = 1_000_000
SIDES = {"left": (0, -1), "right": (0, 1), "front": (1, -1), "behind": (1, 1), "below": (2, -1), "above": (2, 1)}


@dataclass
class Body:
    """One labelled thing as points."""

    kind: str
    own: Any
    """(N, 3), in its own axes."""
    rotation: Any
    shift: Any
    seen: dict[int, Any] = field(default_factory=dict)

    @cached_property
    def points(self) -> Any:
        return self.own @ self.rotation.T + self.shift

    @cached_property
    def ends(self) -> Any:
        return np.stack([self.own.min(axis=0), self.own.max(axis=0)])

    @cached_property
    def middle(self) -> Any:
        return self.rotation @ self.ends.mean(axis=0) + self.shift

    def near(self, other: "Body") -> Any:
        """Its points that come near the bounding box of the other."""
        low, high = other.points.min(axis=0) - TOGETHER_MM, other.points.max(axis=0) + TOGETHER_MM
        return self.points[((self.points >= low) & (self.points <= high)).all(axis=1)]

    def cells(self, geometry: Geometry) -> Any:
        """The cells of a view that its points fall into, (N, 2) of column and row, each once."""
        if geometry.across not in self.seen:
            self.seen[geometry.across] = self._cells(geometry)
        return self.seen[geometry.across]

    def _cells(self, geometry: Geometry) -> Any:
        source_across, source_along = geometry.source_mm
        across, along = self.points[:, geometry.across], self.points[:, geometry.along]
        grown = source_across + (across - source_across) * (geometry.plane_mm - source_along) / (along - source_along)
        rows = geometry.zero_row + (-grown if geometry.upward else grown) / geometry.mm_per_px
        columns = self.points[:, 0] / geometry.mm_per_px + geometry.size_wh[0] / 2
        numbers = np.unique((columns // CELL_PX).astype(int) * _MANY + (rows // CELL_PX).astype(int))
        return np.stack([numbers // _MANY, numbers % _MANY], axis=1)


def bodies(recipe: BagRecipe, row: int) -> list[Body]:
    """The labelled things of a bag."""
    return [_body(one) for one in make_bag(recipe, row)[0].contents if one.labelled]


def _body(one: Placed) -> Body:
    clouds = []
    for part in one.model.parts:
        solid = part.solid.whole if isinstance(part.solid, Difference) else part.solid
        middle, half = np.array(solid.centre), np.array(solid.half)
        ticks = [np.linspace(-h, h, max(3, int(np.ceil(2 * h / STEP_MM)) + 1)) for h in half]
        grid = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3) + middle
        inside = grid[_inside(solid, grid)]
        clouds.append(inside @ np.array(part.pose.rotation).T + np.array(part.pose.shift))
    return Body(one.model.kind, np.concatenate(clouds), np.array(one.pose.rotation), np.array(one.pose.shift))


def _inside(solid: Any, p: Any) -> Any:
    """Which points a solid holds, with a hair's breadth to spare."""
    x, y, z = p.T
    hair = 1e-6
    if isinstance(solid, Convex):
        return np.all([_cut(cut, p) <= hair for cut in solid.cuts], axis=0)
    if isinstance(solid, Frustum):
        radius = solid.bottom + (solid.top - solid.bottom) * (z / solid.height + 0.5)
        return (np.abs(z) <= solid.height / 2 + hair) & (np.hypot(x, y) <= radius + hair)
    if isinstance(solid, Capsule):
        beyond = np.maximum(np.abs(z) - solid.height / 2, 0)
        return x * x + y * y + beyond * beyond <= solid.radius**2 + hair
    if isinstance(solid, Prism):
        return (np.abs(z) <= solid.half_height + hair) & _in_polygon(solid.polygon, x, y)
    if isinstance(solid, Torus):
        ring = np.hypot(x, y / solid.squeeze) - solid.ring
        return ring * ring + z * z <= solid.wire**2 + hair
    assert isinstance(solid, Soft), solid
    return ((p / np.array(solid.half)) ** 2).sum(axis=1) <= 1 + hair


def _cut(cut: Any, p: Any) -> Any:
    """At most zero inside."""
    if isinstance(cut, Slab):
        return np.abs(p @ np.array(cut.normal) - cut.offset) - cut.half
    return (p * p) @ np.array(cut.square) + p @ np.array(cut.linear) + cut.constant


def _in_polygon(polygon: Any, x: Any, y: Any) -> Any:
    """Even and odd crossings of a ray to the right."""
    inside = np.zeros(len(x), bool)
    corners = np.array(polygon)
    for (x0, y0), (x1, y1) in zip(np.roll(corners, 1, axis=0), corners, strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


class Judge:
    """Answers by task, form and words, which say what is asked; options are read for what they say."""

    def __init__(self, recipe: BagRecipe, row: int):
        self.bodies = bodies(recipe, row)
        self.views = {"top": recipe.tunnel.top, "side": recipe.tunnel.side}

    def reply(self, words: dict[str, Any], options: tuple[str, ...], kinds: dict[str, str]) -> str:
        """The right option; `kinds` leads from an option to the kind that it names."""
        form = "relation" if "+" in words["form"] else words["form"]
        right = getattr(self, f"_{form}")(words, kinds)
        (found,) = [option for option in options if right(option)]
        return found

    def _one(self, kind: str) -> Body:
        (found,) = [one for one in self.bodies if one.kind == kind]
        return found

    def _two(self, words: dict[str, Any]) -> tuple[Body, Body]:
        return self._one(words["item"]), self._one(words["other"])

    def _alone(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        number = sum(one.kind in words["kinds"] for one in self.bodies)
        return lambda option: ("zero", "one", "two", "three", "four or more")[min(number, 4)] == option

    _together = _alone

    def _present(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        return lambda option: any(one.kind == kinds[option] for one in self.bodies)

    def _absent(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        return lambda option: all(one.kind != kinds[option] for one in self.bodies)

    def _relation(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        a, b = self._two(words)
        offset = a.middle - b.middle
        true = {word for word, (axis, sign) in SIDES.items() if offset[axis] * sign > 0}
        return lambda option: set(option.replace(",", "").replace(" and ", " ").split()) <= true

    def _length(self, a: Body, b: Body, axis: str) -> float:
        offset = a.middle - b.middle
        return float(np.linalg.norm(offset if axis == "space" else offset["belt across height".split().index(axis)]))

    def _nearest(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        item = self._one(words["item"])
        lengths = {option: self._length(item, self._one(kind), words["axis"]) for option, kind in kinds.items()}
        return lambda option: option == min(lengths, key=lambda one: lengths[one])

    def _apart(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        return _holds(self._length(*self._two(words), words["axis"]))

    def _height(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        return _holds(float(self._one(words["item"]).middle[2]))

    def _common(self, a: Body, b: Body, view: str) -> tuple[Any, Any]:
        """Cells of a, and those that b has too."""
        mine, theirs = a.cells(self.views[view]), b.cells(self.views[view])
        return mine, mine[np.isin(mine @ (_MANY, 1), theirs @ (_MANY, 1))]

    def _overlap(self, a: Body, b: Body, view: str) -> bool:
        least = min(len(one.cells(self.views[view])) for one in (a, b))
        return len(self._common(a, b, view)[1]) > 0.02 * least

    def _views(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        top, side = (self._overlap(*self._two(words), view) for view in ("top", "side"))
        said = "both" if top and side else "top view only" if top else "side view only" if side else "neither"
        return lambda option: said in option

    def _part(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        mine, common = self._common(*self._two(words), words["view"])
        low, high = mine.min(axis=0), mine.max(axis=0) + 1
        u, v = (common.mean(axis=0) + 0.5 - (low + high) / 2) / (high - low)
        return lambda option: (
            (("right" if u > 0 else "left") if abs(u) > abs(v) else "lower" if v > 0 else "upper") in option
        )

    def _contact(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        a, b = self._two(words)
        mine, theirs = a.near(b), b.near(a)
        if len(mine) and len(theirs) and cKDTree(mine).query(theirs)[0].min() < TOGETHER_MM:
            return lambda option: option == "they touch"
        said = "they do not touch, but" if any(self._overlap(a, b, view) for view in self.views) else "they neither"
        return lambda option: option.startswith(said)

    def _steep(self, words: dict[str, Any]) -> Any:
        """Cosines of the shortest, middle and longest own axis to the vertical."""
        one = self._one(words["item"])
        return np.abs(one.rotation[2])[np.argsort(one.ends[1] - one.ends[0])]

    def _pose(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        steepest = int(np.argmax(self._steep(words)))
        said = (("side", "face"), ("side", "edge"), ("end", "end"))[steepest]
        return lambda option: option.endswith(said)

    def _tilt(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        steep = self._steep(words)
        round_ = ("columnar", "blue liquid", "umbrella", "bottle liquid", "compressed gas")
        long = np.degrees(np.arcsin(min(1, steep[2])))
        least = np.degrees(np.arccos(min(1, steep.max())))
        lean = min(long, 90 - long) if any(word in words["item"] for word in round_) else least
        return lambda option: option.endswith("tilted") == bool(lean > 5)

    def _octant(self, words: dict[str, Any], kinds: dict[str, str]) -> Any:
        x, y, z = self._one(words["item"]).middle
        said = ("left half" if x < 0 else "right half", "upper" if y < 0 else "lower")
        return lambda option: all(word in option for word in said) and _holds(z)(option.split(", ")[-1])


def _holds(length: float) -> Any:
    """Whether an option's words hold a length."""

    def holds(option: str) -> bool:
        first, *rest = [word for word in option.split() if word not in ("mm", "to", "than")]
        if first in ("less", "more", "below", "above"):
            return (length < float(rest[0])) == (first in ("less", "below"))
        return float(first) <= length < float(rest[0])

    return holds
