"""Fusion against the equations, white levels, exact resizing."""

from fractions import Fraction
from math import floor

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.image.physics import (
    fuse,
    fuse_reference,
    normalise_white,
    optical_depth,
    scale_table,
    white_level,
)
from beltline.image.resample import area_sums, resize


def every_pair():
    """Two (256, 256, 3) scans that hold all 65,536 pairs of grey levels in every channel."""
    levels = np.arange(256, dtype=np.uint8)
    first, second = np.meshgrid(levels, levels, indexing="ij")
    return np.repeat(first[..., None], 3, axis=2), np.repeat(second[..., None], 3, axis=2)


def test_an_empty_item_leaves_the_bag_as_it_is():
    bag = np.full((4, 5, 3), 77, np.uint8)
    assert (fuse(bag, np.zeros((0, 0, 3), np.uint8), (2, 2)) == bag).all()


def test_fuse_is_within_one_level_of_the_equations_for_all_65536_pairs():
    bag, item = every_pair()
    difference = np.abs(fuse(bag, item, (0, 0)).astype(int) - fuse_reference(bag, item).astype(int))
    assert difference.max() <= 1


def test_fuse_is_the_exact_product_rounded_to_nearest():
    bag, item = every_pair()
    product = bag.astype(np.int64) * item
    assert (fuse(bag, item, (0, 0)) == (2 * product + 255) // 510).all()


def test_no_product_is_near_a_rounding_edge():
    """The reason why no processor can round otherwise: |product / 255 - (k + 1/2)| >= 1/510."""
    bag, item = every_pair()
    twice = 2 * bag.astype(np.int64) * item
    assert (np.abs(twice % 510 - 255) >= 1).all()


@pytest.mark.parametrize(("intensity", "depth"), [(255, 0), (300, 0), (0, np.inf), (255 / np.e, 1), (255 / np.e**3, 3)])
def test_optical_depth(intensity, depth):
    assert optical_depth(intensity) == pytest.approx(depth)


def test_black_stays_black_whatever_lies_over_it():
    black, any_level = np.zeros((1, 256, 3), np.uint8), np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, 2)
    assert fuse_reference(black, any_level).max() == fuse_reference(any_level, black).max() == 0
    assert fuse(any_level, black, (0, 0)).max() == 0


def test_only_the_rectangle_of_the_item_changes_and_the_bag_is_not_written_to():
    bag = np.random.default_rng(0).integers(1, 256, (40, 60, 3), dtype=np.uint8)
    before = bag.copy()
    fused = fuse(bag, np.full((7, 9, 3), 128, np.uint8), (50, 3))
    changed = (fused != bag).any(axis=2)
    assert changed[3:10, 50:59].all() and changed.sum() == 7 * 9
    assert (bag == before).all()


def test_fuse_equals_the_white_canvas_of_equation_9():
    rng = np.random.default_rng(1)
    bag, item = (rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((30, 50), (11, 13)))
    canvas = np.full_like(bag, 255)
    canvas[4:15, 20:33] = item
    assert (fuse(bag, item, (20, 4)) == fuse(bag, canvas, (0, 0))).all()


def test_fuse_into_out():
    rng = np.random.default_rng(2)
    bag, item = (rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((30, 50), (11, 13)))
    expected, apart = fuse(bag, item, (5, 6)), np.zeros_like(bag)
    assert fuse(bag, item, (5, 6), out=apart) is apart and (apart == expected).all()
    assert fuse(bag, item, (5, 6), out=bag) is bag and (bag == expected).all()


@pytest.mark.parametrize("at_xy", [(-1, 0), (0, -1), (2, 0), (0, 3)])
def test_fuse_refuses_an_item_that_sticks_out(at_xy):
    with pytest.raises(ValueError, match="expected a 4x3 item inside 5x5"):
        fuse(np.zeros((5, 5, 3), np.uint8), np.zeros((3, 4, 3), np.uint8), at_xy)


def tinted(level, vignette=0):
    """A scan with a tinted, slightly noisy empty beam around a dark bag."""
    rng = np.random.default_rng(3)
    scan = np.array(level, np.int64) - rng.integers(0, 2, (80, 100, 1)) * rng.integers(0, 2, (80, 100, 1)) - vignette
    scan[20:60, 30:70] = 40
    return scan.astype(np.uint8)


@pytest.mark.parametrize("level", [(255, 255, 255), (250, 250, 250), (226, 225, 223), (232, 232, 232)])
def test_white_level_is_found_and_brought_to_255(level):
    scan = tinted(level)
    assert white_level(scan) == level
    normal = normalise_white(scan)
    assert white_level(normal) == (255, 255, 255)
    assert np.median(normal[:15], axis=(0, 1)).tolist() == [255] * 3
    assert abs(int(normal[40, 50, 0]) - 40 * 255 / level[0]) <= 0.5


def test_a_bag_across_the_border_does_not_hide_the_white_level():
    scan = np.full((60, 60, 3), 60, np.uint8)
    scan[20:40, 20:40] = 247
    assert white_level(scan) == (247, 247, 247)


def test_without_a_bright_background_nothing_is_scaled():
    scan = np.random.default_rng(4).integers(0, 190, (50, 50, 3), dtype=np.uint8)
    assert normalise_white(scan) is scan


def test_normalise_white_writes_to_out_only_when_asked():
    scan = tinted((250, 250, 250))
    before = scan.copy()
    normal = normalise_white(scan)
    assert (scan == before).all()
    assert normalise_white(scan, out=scan) is scan and (scan == normal).all()


@given(st.tuples(*[st.integers(200, 255)] * 3))
def test_scale_table_is_the_ratio_rounded_in_every_channel(level):
    table = scale_table(level)
    for channel, white in enumerate(level):
        exact = [min(Fraction(255 * value, white), Fraction(255)) for value in range(256)]
        assert all(
            abs(int(found) - ratio) <= Fraction(1, 2) for found, ratio in zip(table[:, 0, channel], exact, strict=True)
        )
        assert table[white, 0, channel] == 255


sides = st.integers(1, 23)


@given(sides, sides, sides, sides, st.integers(0, 2**32 - 1))
def test_resize_commutes_with_flips_and_transposes(height, width, new_height, new_width, seed):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    small = resize(image, (new_width, new_height))
    assert small.shape == (new_height, new_width, 3)
    assert (resize(image[:, ::-1], (new_width, new_height)) == small[:, ::-1]).all()
    assert (resize(image.swapaxes(0, 1), (new_height, new_width)) == small.swapaxes(0, 1)).all()
    assert image.min() <= small.min() and small.max() <= image.max()


@given(sides, sides, st.integers(0, 2**32 - 1))
def test_shrinking_is_the_exact_area_mean_rounded_halves_up(length, shorter, seed):
    shorter = min(shorter, length)
    row = np.random.default_rng(seed).integers(0, 256, (1, length), dtype=np.uint8)
    means = [Fraction(int(total), length) for total in area_sums(row[0].astype(np.int64), shorter)]
    assert resize(row, (shorter, 1))[0].tolist() == [floor(mean + Fraction(1, 2)) for mean in means]


@pytest.mark.parametrize("size_wh", [(20, 15), (7, 11), (100, 83), (33, 9)])
def test_resize_agrees_with_opencv(size_wh):
    """Area where both sides shrink, bilinear where both grow; OpenCV rounds in floats or in 1/2048 steps."""
    image = np.random.default_rng(5).integers(0, 256, (40, 33, 3), dtype=np.uint8)
    method = cv2.INTER_AREA if size_wh[0] <= 33 else cv2.INTER_LINEAR
    theirs = cv2.resize(image, size_wh, interpolation=method)
    assert np.abs(resize(image, size_wh).astype(int) - theirs.astype(int)).max() <= 1


def test_resize_refuses_an_empty_side():
    with pytest.raises(ValueError, match="at least 1 px"):
        resize(np.zeros((3, 3), np.uint8), (0, 2))


@given(st.lists(st.integers(0, 255), min_size=1, max_size=30), st.integers(1, 40))
def test_area_sums_are_exact_fractions(values, count):
    sums = area_sums(np.array(values, np.int64), count)
    edges = [Fraction(place * len(values), count) for place in range(count + 1)]
    for found, low, high in zip(sums, edges, edges[1:], strict=False):
        exact = sum(
            value * max(min(high, place + 1) - max(low, place), Fraction(0)) for place, value in enumerate(values)
        )
        assert found == exact * count
