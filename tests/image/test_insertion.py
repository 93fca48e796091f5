"""An inserted item is found again from the difference image alone: same x in both views, wholly inside the bag in both."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from beltline import labels, pixels
from beltline.image.bagmask import bag_mask_by_flood
from beltline.image.insertion import RIM_PX, insert
from beltline.image.phantom.bags import render_bag
from beltline.image.phantom.items import CATALOGUE
from beltline.image.phantom.model import Draw
from beltline.image.phantom.recipes import RECIPES
from beltline.verdict import BadRow

SEEN_LEVELS = 12


def put(top, side, seed, count):
    """`count` items one at a time, of the categories in turn; one that is too large gives way to the next category."""
    for number in range(count):
        for step in range(len(labels.MMXRAY)):
            rng = np.random.default_rng([seed, number, step])
            name = labels.MMXRAY[(seed * count + number + step) % len(labels.MMXRAY)]
            try:
                yield insert(top, side, CATALOGUE[name](Draw(rng)), rng)
                break
            except BadRow as bad:
                assert bad.verdict.reason == "insertion/no-room"


def found(before, after):
    """Knows pictures only: where they differ."""
    return np.abs(before.astype(int) - after).max(axis=2) >= SEEN_LEVELS


def check(top, side, done):
    """The item lies in the bag in both views; how many px its ends lie apart between them."""
    ranges = []
    for before, after, mask in ((top, done.top, done.top_mask), (side, done.side, done.side_mask)):
        seen, rows = found(before, after), np.flatnonzero(mask.any(axis=1))
        assert seen.any()
        assert bag_mask_by_flood(before)[seen].all()
        assert bag_mask_by_flood(before)[mask].all()
        touched = np.argwhere((before != after).any(axis=2))
        assert touched[:, 0].min() >= rows[0] - RIM_PX and touched[:, 0].max() <= rows[-1] + RIM_PX
        columns = np.flatnonzero(seen.any(axis=0))
        ranges.append((columns[0], columns[-1]))
    return max(abs(int(a) - int(b)) for a, b in zip(*ranges, strict=True))


def real_pairs():
    scans = Path(os.environ.get("BELTLINE_SCANS", Path(__file__).parents[3] / "shared" / "scans"))
    tops = sorted(scans.glob("dvxray/*/*_OL.png"))
    if not tops:
        pytest.skip(f"no DvXray pairs under {scans}")
    for path in tops:
        yield [pixels.decode(p.read_bytes()) for p in (path, path.with_name(path.name.replace("_OL", "_SD")))]


def test_an_empty_belt_holds_nothing():
    white = np.full((60, 80, 3), 255, np.uint8)
    with pytest.raises(BadRow, match="empty-view"):
        insert(white, white, CATALOGUE["bullet"](Draw(np.random.default_rng(1))), np.random.default_rng(1))


def test_what_is_larger_than_the_bag_is_a_reason():
    belt = np.full((342, 456, 3), 255, np.uint8)
    belt[200:250, 100:150] = (200, 150, 100)
    with pytest.raises(BadRow, match="no-room"):
        insert(belt, belt, CATALOGUE["laptop"](Draw(np.random.default_rng(1))), np.random.default_rng(1))


def test_items_rest_on_the_floor_of_an_empty_box():
    """A box with vertical walls: whatever goes in lies within a few millimetres of its floor."""
    belt = np.full((342, 456, 3), 255, np.uint8)
    belt[100:280, 80:380] = (224, 201, 170)
    heights = []
    for done in put(belt, belt, 5, 6):
        rows = np.flatnonzero(done.side_mask.any(axis=1))
        heights.append(280 - rows[-1])
    assert max(heights) <= 3 + 1 + 2  # the mask's inset, the last row, perspective


def test_into_virtual_bags():
    apart = []
    for row in range(2):
        top, side, _, _ = render_bag(RECIPES["everyday"], row)
        for done in put(top, side, row, 4):
            apart.append(check(top, side, done))
            assert 0 <= done.top_visible <= 1 and 0 <= done.side_visible <= 1
    assert len(apart) == 8
    assert np.mean(np.array(apart) <= 2) >= 0.8


@pytest.mark.scans
@pytest.mark.parametrize("each", [3, pytest.param(20, marks=pytest.mark.exhaustive)])
def test_into_real_pairs(each):
    """Where both views show the item almost whole its ends agree; few items have an end that darkness hides."""
    apart, clear = [], []
    for number, (top, side) in enumerate(real_pairs()):
        for done in put(top, side, number, each):
            apart.append(check(top, side, done))
            clear.append(min(done.top_visible, done.side_visible) > 0.98)
    assert len(apart) == 14 * each
    assert sum(clear) > len(clear) / 3
    assert max(np.array(apart)[clear]) <= 2, Counter(apart)
    assert np.mean(np.array(apart) <= 2) >= 0.95, Counter(apart)
