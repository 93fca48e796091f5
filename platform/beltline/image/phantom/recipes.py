"""What a bag may be: frozen values that a command line only names.

recipe = RECIPES["everyday"]
categories = plan(recipe, row_id=7)
"""

from bisect import bisect
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import numpy as np

from beltline import labels
from beltline.image.energy import DVXRAY, PALETTES
from beltline.image.phantom.items import CLUTTER, COVERS
from beltline.image.phantom.model import Draw
from beltline.image.phantom.render import Detector
from beltline.image.phantom.tunnel import Tunnel
from beltline.image.spectrum import Spectrum, calibrated

DUAL_TABLE_2 = (59003, 18684, 9998, 17274, 13453, 11482, 6796, 1677, 513, 487, 298, 296)
"""Instances of each of labels.DUAL in Dual, Table 2."""
_DAILY = ("mobile phone", "power bank", "plastic bottle liquid", "metal bottle liquid", "tablet", "umbrella", "laptop")


@dataclass(frozen=True, slots=True, kw_only=True)
class BagRecipe:
    """Everything that decides a bag besides its row number."""

    name: str
    seed: int
    categories: tuple[str, ...]
    weights: tuple[int, ...] = ()
    """How often each category is asked for, relatively; equally often when empty."""
    size_wh: tuple[int, int] = (640, 480)
    """Of both views."""
    num_items: tuple[int, int] = (1, 4)
    """Labelled items, least and most."""
    num_clutter: tuple[int, int] = (4, 9)
    containers: tuple[str, ...] = ("suitcase", "backpack", "handbag", "parcel", "plastic box", "metal basket")
    fabrics: tuple[tuple[str, float], ...] = ()
    """(material, share of its density) of which soft containers are made; of their own when empty."""
    fullness: tuple[float, float] = (0.45, 0.8)
    """Share of the floor that the contents would cover, laid side by side; above 1 they pile up."""
    clutter: tuple[str, ...] = tuple(CLUTTER)
    yaw_turns: tuple[float, float] = (0.0, 0.06)
    """How far the bag lies from straight, either way."""
    ceiling_mm: float = 300.0
    """Nothing is piled higher."""
    tries: int = 12
    """Places tried for a piece of clutter, of which the lowest is taken: few pile things up."""
    apart: bool = False
    """Labelled items get places of their own on the floor."""
    covers: tuple[str, ...] = tuple(COVERS)
    num_covers: tuple[int, int] = (0, 0)
    """Dense things that hide others, least and most."""
    hiding: float = 0.0
    """Share of the labelled items that are put over or under a cover, when there is one."""
    stacking: float = 0.0
    """Share of the others that are put on a labelled item."""
    unseen: bool = False
    """Labelled items have dimensions outside the ranges of all other recipes."""
    belt_row: float = 0.895
    """Belt line of the side view, as a share of its height."""
    belt_mm: float = 960.0
    """Belt that the image shows."""
    detector: Detector = field(default_factory=Detector)

    @property
    def tunnel(self) -> Tunnel:
        """The machine: the same belt in the image, whatever its number of pixels."""
        return Tunnel(size_wh=self.size_wh, mm_per_px=self.belt_mm / self.size_wh[0], belt_row=self.belt_row)


TUBE = Spectrum()
_SHAPES = ("suitcase", "backpack", "handbag")
_GADGETS = (*["cable"] * 10, *["glasses"] * 4, "pens", "pens", "wallet", "shoe", "cosmetics", "keys")
_COATED = (("pvc", 0.1), ("pvc", 0.2), ("nylon", 0.3))

_HEAVY = ("tin", "tin", "book", "book", "shoe", "shoe", "charger", "cosmetics", "carton", "fruit", "clothes", "keys", "coins", "cable", "wallet")  # fmt: skip

RECIPES = {
    recipe.name: recipe
    for recipe in (
        BagRecipe(
            name="clear",
            seed=101,
            categories=labels.MMXRAY,
            num_items=(1, 2),
            num_clutter=(1, 3),
            fullness=(0.3, 0.5),
            apart=True,
        ),
        BagRecipe(name="everyday", seed=202, categories=labels.MMXRAY),
        BagRecipe(
            name="severe",
            seed=303,
            categories=labels.MMXRAY,
            num_items=(2, 6),
            num_clutter=(6, 11),
            containers=_SHAPES,
            fullness=(2.0, 3.2),
            tries=4,
            clutter=_HEAVY,
            num_covers=(1, 4),
            hiding=0.6,
            stacking=0.5,
        ),
        BagRecipe(name="mmxray", seed=404, categories=labels.MMXRAY, num_items=(1, 3)),
        BagRecipe(
            name="dual",
            seed=505,
            categories=labels.DUAL,
            weights=DUAL_TABLE_2,
            num_items=(1, 6),
            detector=Detector(palette=PALETTES["ldxray"]),
        ),
        BagRecipe(
            name="dual-exam",
            seed=808,
            categories=labels.DUAL,
            num_items=(3, 6),
            num_clutter=(2, 6),
            fullness=(0.9, 1.8),
            num_covers=(0, 1),
            hiding=0.3,
            stacking=0.4,
            detector=Detector(palette=PALETTES["ldxray"]),
        ),
        BagRecipe(
            name="dvxray",
            seed=606,
            categories=_DAILY,
            num_items=(0, 1),
            num_clutter=(6, 12),
            containers=("backpack", "handbag"),
            fabrics=_COATED,
            fullness=(0.8, 1.4),
            clutter=_GADGETS,
            belt_row=0.79,
            yaw_turns=(0.0, 0.2),
            detector=Detector(sharpen=12),
        ),
        BagRecipe(
            name="hardened",
            seed=707,
            categories=labels.MMXRAY,
            detector=Detector(palette=calibrated(DVXRAY, TUBE), spectrum=TUBE),
        ),
    )
}
_SHIFT: dict[str, Any] = {
    "unseen": True,
    "fullness": (2.0, 3.2),
    "clutter": _HEAVY,
    "num_covers": (1, 4),
    "hiding": 0.6,
    "stacking": 0.5,
}
RECIPES |= {
    "dual-shifted": replace(
        RECIPES["dual-exam"], name="dual-shifted", seed=909, detector=Detector(palette=PALETTES["pidray"]), **_SHIFT
    ),
    "mmxray-shifted": replace(
        RECIPES["mmxray"], name="mmxray-shifted", seed=1010, detector=Detector(palette=PALETTES["sixray"]), **_SHIFT
    ),
}
_SMALL: dict[str, Any] = {"size_wh": (320, 256), "num_clutter": (0, 3), "num_covers": (0, 0)}
_FIRST: dict[str, Any] = {
    "size_wh": (320, 256),
    "belt_mm": 560.0,
    "categories": ("mobile phone", "orange liquid", "columnar green liquid", "blue liquid", "umbrella", "laptop"),
    "num_items": (2, 4),
    "num_clutter": (0, 1),
    "num_covers": (0, 0),
    "hiding": 0.0,
}
_REAL: dict[str, Any] = {"detector": Detector(palette=calibrated(DVXRAY, TUBE), spectrum=TUBE, noise=80, electronic=24)}
_EMPTY: dict[str, Any] = {"num_items": (0, 0), "num_clutter": (1, 3), "fullness": (0.2, 0.45)}
RECIPES |= {
    "dual-nano": replace(RECIPES["dual-exam"], name="dual-nano", seed=1111, **_SMALL),
    "dual-nano-exam": replace(RECIPES["dual-exam"], name="dual-nano-exam", seed=1212, **_SMALL),
    "dual-first": replace(RECIPES["dual-exam"], name="dual-first", seed=1313, **_FIRST),
    "dual-first-exam": replace(RECIPES["dual-exam"], name="dual-first-exam", seed=1414, **_FIRST),
    "dual-first-shifted": replace(RECIPES["dual-shifted"], name="dual-first-shifted", seed=1515, **(_FIRST | _SHIFT)),
    "dual-first-real": replace(RECIPES["dual-exam"], name="dual-first-real", seed=1717, **(_FIRST | _REAL)),
    "dual-first-real-exam": replace(RECIPES["dual-exam"], name="dual-first-real-exam", seed=1818, **(_FIRST | _REAL)),
    "dual-first-real-empty": replace(
        RECIPES["dual-exam"], name="dual-first-real-empty", seed=1919, **(_FIRST | _REAL | _EMPTY)
    ),
    "dual-first-other": replace(
        RECIPES["dual-exam"],
        name="dual-first-other",
        seed=1616,
        detector=Detector(palette=PALETTES["pidray"]),
        **_FIRST,
    ),
}
"""`mmxray` asks for its 28 categories equally often; `dual` for its 12 in the proportions of the paper's Table 2;
`dual-exam` for the same 12 equally often, more of them and in piles, so that answers can be balanced; `hardened` is
`everyday` under the whole spectrum of a 140 kV tube, with bags of its own. The shifted ones are for exams alone: another vendor's
palette, labelled items of dimensions that no other recipe has, severe packing. `dual-nano` is `dual-exam` in small pictures with less
around the items, for models that learn on two processors; `dual-first` has half of its categories, fewer items and a closer look,
for their first hour. The `-exam` ones make other bags of the same kind; `dual-first-other` makes them under another vendor's palette,
for a base that has seen nothing of the palette it will be taught on; `dual-first-real` stands for real scans beside composites made of them
(the whole spectrum, twice the noise), its `-empty` ones are what the items are laid into."""


def generator(recipe: BagRecipe, row_id: int) -> np.random.Generator:
    """The one source of chance of a bag."""
    return np.random.default_rng([recipe.seed, row_id])


def plan(recipe: BagRecipe, row_id: int) -> tuple[str, ...]:
    """The categories that the bag is meant to hold, without making it: a gate over the whole plan may run first."""
    return draw_categories(recipe, Draw(generator(recipe, row_id)))


def draw_categories(recipe: BagRecipe, draw: Draw) -> tuple[str, ...]:
    """First of all draws of a bag."""
    weights = recipe.weights or (1,) * len(recipe.categories)
    ladder = list(accumulate(weights))
    return tuple(
        recipe.categories[bisect(ladder, draw.count(0, ladder[-1] - 1))] for _ in range(draw.count(*recipe.num_items))
    )
