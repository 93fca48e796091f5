"""An inserted item is found again from the difference image alone: same x in both views, wholly inside the bag in both."""

import os
from pathlib import Path

import numpy as np
import pytest

from beltline import pixels
from beltline.image.insertion import filled, insert
from beltline.image.phantom.bags import render_bag
from beltline.image.phantom.items import CATALOGUE
from beltline.image.phantom.model import Draw
from beltline.image.phantom.recipes import RECIPES
from beltline.verdict import BadRow

SMALL = ("folding knife", "bullet", "plastic lighter", "mobile phone", "grenade", "utility knife")


def put(top, side, seed, count):
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        model = CATALOGUE[SMALL[number % len(SMALL)]](Draw(rng))
        try:
            yield insert(top, side, model, rng)
        except BadRow as bad:
            assert bad.verdict.reason == "insertion/no-room"


def check(top, side, done):
    """Knows pictures only: what changed, and where."""
    ranges = []
    for before, after, mask in ((top, done.top, done.top_mask), (side, done.side, done.side_mask)):
        changed = (before != after).any(axis=2)
        assert changed.any()
        assert not (changed & ~filled(before)).any()
        assert not (changed & ~mask).any()
        columns = np.flatnonzero((np.abs(before.astype(int) - after).max(axis=2) >= 2).any(axis=0))
        ranges.append((columns[0], columns[-1]))
    return max(abs(int(a) - int(b)) for a, b in zip(*ranges, strict=True))


def test_an_empty_belt_holds_nothing():
    white = np.full((60, 80, 3), 255, np.uint8)
    with pytest.raises(BadRow, match="empty-view"):
        insert(white, white, CATALOGUE["bullet"](Draw(np.random.default_rng(1))), np.random.default_rng(1))


def test_into_virtual_bags():
    apart = []
    for row in range(2):
        top, side, _, _ = render_bag(RECIPES["everyday"], row)
        for done in put(top, side, row, 4):
            apart.append(check(top, side, done))
            assert 0 <= done.top_visible <= 1 and 0 <= done.side_visible <= 1
    assert len(apart) >= 5
    assert np.mean(np.array(apart) <= 2) >= 0.9


@pytest.mark.scans
def test_into_real_pairs():
    scans = Path(os.environ.get("BELTLINE_SCANS", Path(__file__).parents[3] / "shared" / "scans"))
    tops = sorted(scans.glob("dvxray/*/*_OL.png"))
    if not tops:
        pytest.skip(f"no DvXray pairs under {scans}")
    apart = []
    for number, path in enumerate(tops):
        top = pixels.decode(path.read_bytes())
        side = pixels.decode(path.with_name(path.name.replace("_OL", "_SD")).read_bytes())
        apart += [check(top, side, done) for done in put(top, side, number, 3)]
    assert len(apart) >= 30
    assert np.mean(np.array(apart) <= 2) >= 0.9
