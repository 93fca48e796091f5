"""What is true of a bag in space: who touches whom, what lies above what, what overlaps in a view; each with its margin.

Recomputed from the recipe and the row, so that a row stays small. A fact that is too close to call says so: two items touch
when they come within 1 mm, are apart from 10 mm on, and in between nothing should be asked.

    facts = truth(RECIPES["everyday"], row_id=7)
    facts.pairs[0].touching, facts.pairs[0].gap_mm
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from beltline.image.phantom import render
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.filling import Placed
from beltline.image.phantom.gaps import Bounds, bounds_mm, free_mm, gap_mm
from beltline.image.phantom.model import Part, moved
from beltline.image.phantom.recipes import BagRecipe
from beltline.image.phantom.tunnel import Geometry

TOUCH_MM = 1.0
APART_MM = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two labelled items, by number, a below b."""

    a: int
    b: int
    gap_mm: tuple[float, float]
    """The distance between their surfaces lies between these."""
    touching: bool | None
    """None: too close to call."""
    margin_mm: tuple[float, float, float]
    """Free distance along the belt, across it, and in height: positive when b starts beyond a's end, negative when a starts
    beyond b's, 0 when they share some of that axis. `height` positive: b lies wholly above a."""
    top_overlap: float
    """Shared mask pixels over those of the smaller mask, 0 to 1."""
    side_overlap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Facts of one bag; items in the order of `Scan.items`."""

    categories: tuple[str, ...]
    bounds_mm: tuple[Bounds, ...]
    pairs: tuple[Pair, ...]


def truth(recipe: BagRecipe, row_id: int, categories: tuple[str, ...] | None = None) -> Truth:
    """The facts of a row's bag.

    Raises:
        BadRow: as make_scan.
    """
    bag, _ = make_bag(recipe, row_id, categories)
    labelled = [one for one in bag.contents if one.labelled]
    bounds = [bounds_mm(_parts(one)) for one in labelled]
    tunnel = recipe.tunnel
    masks = [[_mask(one, geometry) for one in labelled] for geometry in (tunnel.top, tunnel.side)]
    pairs = []
    for a, b in combinations(range(len(labelled)), 2):
        gap = gap_mm(_parts(labelled[a]), _parts(labelled[b]))
        free = tuple(free_mm(bounds[a][axis], bounds[b][axis]) for axis in range(3))
        pairs.append(
            Pair(
                a=a,
                b=b,
                gap_mm=gap,
                touching=True if gap[1] <= TOUCH_MM else False if gap[0] >= APART_MM else None,
                margin_mm=(free[0], free[1], free[2]),
                top_overlap=_share(masks[0][a], masks[0][b]),
                side_overlap=_share(masks[1][a], masks[1][b]),
            )
        )
    return Truth(categories=tuple(one.model.kind for one in labelled), bounds_mm=tuple(bounds), pairs=tuple(pairs))


def _parts(one: Placed) -> tuple[Part, ...]:
    return moved(one.model.parts, one.pose)


def _mask(one: Placed, geometry: Geometry) -> set[int]:
    """Pixels of an item, as numbers."""
    depths = render.trace(_parts(one), geometry)
    assert depths.mask is not None
    rows, columns = np.nonzero(depths.mask)
    return set(((rows + depths.window[1]) * geometry.size_wh[0] + columns + depths.window[0]).tolist())


def _share(a: set[int], b: set[int]) -> float:
    return round(len(a & b) / max(1, min(len(a), len(b))), 4)
