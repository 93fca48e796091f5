"""The shifted recipes: lengths that no other recipe has, and everything else drawn as before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.image.phantom import RECIPES, plan
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.items import CATALOGUE
from beltline.image.phantom.model import LEAST_LENGTH_MM, Draw, Unseen, extent
from beltline.verdict import BadRow


@given(st.floats(-1, 500), st.floats(0.1, 300), st.integers(0, 9))
def test_lengths_lie_outside_the_range_and_shares_inside(low: float, width: float, seed: int) -> None:
    value = Unseen(np.random.default_rng(seed)).between(low, low + width)
    grid = 1 / 64  # values lie on it
    if low < LEAST_LENGTH_MM:
        assert low - grid <= value <= low + width + grid
    else:
        assert not low + grid < value < low + width - grid
        assert max(low / 2, low - width / 2) - grid <= value <= low + 1.5 * width + grid


def test_every_category_can_be_made_and_most_have_sizes_of_their_own() -> None:
    strange = 0
    for make in CATALOGUE.values():
        usual = np.array([_sizes(make(Draw(np.random.default_rng(k)))) for k in range(40)])
        unseen = np.array([_sizes(make(Unseen(np.random.default_rng(k)))) for k in range(40)])
        assert (unseen > 0).all()
        strange += bool(((unseen < usual.min(0)) | (unseen > usual.max(0))).any())
    assert strange >= len(CATALOGUE) - 3, "some come in fixed sizes only, such as round cells"


def _sizes(model: object) -> list[float]:
    return [high - low for low, high in extent(model)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["dual-shifted", "mmxray-shifted"])
def test_shifted_bags_hold_the_planned_things(name: str) -> None:
    recipe = RECIPES[name]
    base = RECIPES[{"dual-shifted": "dual-exam", "mmxray-shifted": "mmxray"}[name]]
    assert recipe.detector.palette != base.detector.palette and recipe.categories == base.categories
    made = 0
    for row in range(6):
        try:
            bag, _ = make_bag(recipe, row)
        except BadRow as error:
            assert error.verdict.reason == "phantom/no-room"
        else:
            made += 1
            assert sorted(one.model.kind for one in bag.contents if one.labelled) == sorted(plan(recipe, row))
    assert made >= 4
