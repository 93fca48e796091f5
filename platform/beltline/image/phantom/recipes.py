"""What a bag may be: frozen values that a command line only names.

recipe = RECIPES["everyday"]
categories = plan(recipe, row_id=7)
"""

from dataclasses import dataclass, field

import numpy as np

from beltline import labels
from beltline.image.phantom.items import CLUTTER
from beltline.image.phantom.model import Draw
from beltline.image.phantom.render import Detector
from beltline.image.phantom.tunnel import Tunnel


@dataclass(frozen=True, slots=True, kw_only=True)
class BagRecipe:
    """Everything that decides a bag besides its row number."""

    name: str
    seed: int
    categories: tuple[str, ...]
    size_wh: tuple[int, int] = (640, 480)
    """Of both views."""
    num_items: tuple[int, int] = (1, 4)
    """Labelled items, least and most."""
    num_clutter: tuple[int, int] = (4, 9)
    containers: tuple[str, ...] = ("suitcase", "backpack", "handbag", "parcel", "plastic box", "metal basket")
    fullness: tuple[float, float] = (0.45, 0.8)
    """Share of the floor that the contents would cover, laid side by side; above 1 they pile up."""
    clutter: tuple[str, ...] = tuple(CLUTTER)
    ceiling_mm: float = 300.0
    """Nothing is piled higher."""
    tries: int = 12
    """Places tried for a piece of clutter, of which the lowest is taken: few pile things up."""
    apart: bool = False
    """Labelled items get places of their own on the floor."""
    detector: Detector = field(default_factory=Detector)

    @property
    def tunnel(self) -> Tunnel:
        """The machine: 960 mm of belt in the image, whatever its number of pixels."""
        return Tunnel(size_wh=self.size_wh, mm_per_px=960 / self.size_wh[0])


RECIPES = {
    recipe.name: recipe
    for recipe in (
        BagRecipe(name="clear", seed=101, categories=labels.MMXRAY, num_items=(1, 2), num_clutter=(1, 3), fullness=(0.3, 0.5), apart=True),
        BagRecipe(name="everyday", seed=202, categories=labels.MMXRAY),
        BagRecipe(name="severe", seed=303, categories=labels.MMXRAY, num_items=(2, 6), num_clutter=(9, 15), containers=("suitcase", "backpack", "handbag"), fullness=(1.2, 2.0),
            tries=3),
    )
}  # fmt: skip


def generator(recipe: BagRecipe, row_id: int) -> np.random.Generator:
    """The one source of chance of a bag."""
    return np.random.default_rng([recipe.seed, row_id])


def plan(recipe: BagRecipe, row_id: int) -> tuple[str, ...]:
    """The categories that the bag is meant to hold, without making it: a gate over the whole plan may run first."""
    return draw_categories(recipe, Draw(generator(recipe, row_id)))


def draw_categories(recipe: BagRecipe, draw: Draw) -> tuple[str, ...]:
    """First of all draws of a bag."""
    return tuple(draw.pick(recipe.categories) for _ in range(draw.count(*recipe.num_items)))
