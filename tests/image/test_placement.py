"""Placement against brute force, and the fairness of the draw."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from scipy.stats import chisquare

from beltline.image.placement import place_all, sample_offset, valid_offsets, without


def masks_up_to(height, width):
    return st.tuples(st.integers(1, height), st.integers(1, width)).flatmap(lambda shape: arrays(bool, shape))


def brute_force(background, item):
    (height, width), (item_height, item_width) = background.shape, item.shape
    valid = np.zeros((max(height - item_height + 1, 0), max(width - item_width + 1, 0)), bool)
    for y, x in np.ndindex(valid.shape):
        valid[y, x] = (background[y : y + item_height, x : x + item_width] | ~item).all()
    return valid


def disc(size, share=1.0):
    place = np.linspace(-1, 1, size)
    return place[:, None] ** 2 + place[None] ** 2 < share


@pytest.mark.parametrize(
    ("background", "item", "expected"),
    [
        (np.zeros((3, 4), bool), np.ones((1, 1), bool), np.zeros((3, 4), bool)),
        (np.zeros((3, 4), bool), np.zeros((2, 2), bool), np.ones((2, 3), bool)),  # nothing fits everywhere
        (np.ones((3, 4), bool), np.ones((3, 4), bool), np.ones((1, 1), bool)),
        (np.ones((3, 4), bool), np.ones((4, 1), bool), np.zeros((0, 4), bool)),  # higher than the bag
        (np.ones((3, 4), bool), np.zeros((1, 5), bool), np.zeros((3, 0), bool)),
    ],
)
def test_smallest_cases(background, item, expected):
    valid = valid_offsets(background, item)
    assert valid.shape == expected.shape and (valid == expected).all()


@given(masks_up_to(14, 20), masks_up_to(6, 6))
def test_every_position_is_found_and_no_other(background, item):
    valid = valid_offsets(background, item)
    assert valid.shape == brute_force(background, item).shape
    assert (valid == brute_force(background, item)).all()


@given(masks_up_to(5, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_nearly_full_bags(item, seed):
    background = np.random.default_rng(seed).random((25, 31)) < 0.97
    assert (valid_offsets(background, item) == brute_force(background, item)).all()


@pytest.mark.parametrize(("item_size", "share"), [(25, 1.0), (61, 0.7), (120, 1.0)])
def test_a_whole_scan_agrees_with_scipy(item_size, share):
    background = disc(400)[20:360] & ~np.roll(disc(400, 0.01), 60, axis=1)[20:360]  # a hole beside the middle
    item = disc(item_size, share) & ~disc(item_size, 0.1)  # a ring: its own hole may lie over the bag's
    corner = [-(side // 2) for side in item.shape]
    eroded = ndimage.binary_erosion(background, item, origin=corner)[: 341 - item_size, : 401 - item_size]
    valid = valid_offsets(background, item)
    assert valid.any() and not valid.all()
    assert (valid == eroded).all()


def test_sampling_is_uniform_over_the_valid_positions():
    valid = np.zeros((6, 9), bool)
    valid[1, 2:5] = valid[4] = valid[5, 0] = True
    rng, counts = np.random.default_rng(2024), np.zeros(valid.shape, int)
    for _ in range(13_000):
        x, y = sample_offset(valid, rng)
        counts[y, x] += 1
    assert counts[~valid].sum() == 0
    assert chisquare(counts[valid]).pvalue > 0.01


def test_nowhere_to_go():
    assert sample_offset(np.zeros((3, 3), bool), np.random.default_rng(0)) is None
    assert sample_offset(np.zeros((0, 3), bool), np.random.default_rng(0)) is None


def test_same_generator_same_place():
    valid = np.ones((50, 50), bool)
    places = [sample_offset(valid, np.random.default_rng([7, 8])) for _ in range(2)]
    assert places[0] == places[1]


def test_items_that_may_not_overlap_share_no_pixel():
    bag, items = np.ones((40, 40), bool), [disc(15), disc(13), disc(15), disc(9)]
    for seed in range(20):
        taken = np.zeros_like(bag, int)
        for item, place in zip(
            items, place_all(bag, items, np.random.default_rng(seed), may_overlap=False), strict=True
        ):
            if place is not None:
                taken[place[1] : place[1] + item.shape[0], place[0] : place[0] + item.shape[1]] += item
        assert taken.max() == 1


def test_items_that_may_overlap_sometimes_do():
    bag, items = np.ones((20, 20), bool), [disc(15), disc(15)]
    (first, second) = place_all(bag, items, np.random.default_rng(0))
    assert first is not None and second is not None  # two such discs have no room apart
    assert place_all(bag, items, np.random.default_rng(0), may_overlap=False)[1] is None


def test_without_takes_out_the_items_pixels_only():
    bag = np.ones((10, 12), bool)
    free = without(bag, disc(5), (6, 2))
    assert bag.all() and (~free).sum() == disc(5).sum() and (~free[2:7, 6:11] == disc(5)).all()
