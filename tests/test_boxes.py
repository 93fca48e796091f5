"""Geometry of boxes, against counting pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline import boxes

CORNERS = st.tuples(*[st.integers(0, 20)] * 4)
BOXES = CORNERS.map(lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3])))


def painted(box: tuple[int, int, int, int]) -> np.ndarray:
    canvas = np.zeros((20, 20), bool)
    canvas[box[1] : box[3], box[0] : box[2]] = True
    return canvas


def test_no_boxes() -> None:
    assert boxes.iou([], []).shape == (0, 0)
    assert boxes.iom([[0, 0, 1, 1]], []).shape == (1, 0)


@given(BOXES, BOXES)
def test_overlap_is_that_of_painted_pixels(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> None:
    one, two = painted(a), painted(b)
    common, union, smaller = (one & two).sum(), (one | two).sum(), min(one.sum(), two.sum())
    assert boxes.intersection([a], [b])[0, 0] == common
    assert boxes.iou([a], [b])[0, 0] == pytest.approx(common / union if union else 0)
    assert boxes.iom([a], [b])[0, 0] == pytest.approx(common / smaller if smaller else 0)


@given(BOXES, st.integers(20, 3000), st.integers(20, 3000))
def test_thousandths_come_back_within_half_a_thousandth(
    box: tuple[int, int, int, int], width: int, height: int
) -> None:
    there = boxes.to_thousandths(box, (width, height))
    back = boxes.from_thousandths(there, (width, height))
    assert (0 <= there).all() and (there <= 1000).all()
    assert np.abs(back - box).max() <= max(width, height) / 2000 + 1e-9


def test_clip_cuts_what_is_outside() -> None:
    assert boxes.clip([-3, 2, 50, 9], (10, 5)).tolist() == [0, 2, 10, 5]


@given(st.integers(0, 2**32), st.integers(5, 60), st.integers(5, 60))
def test_perturbed_box_keeps_to_the_band_and_the_view(seed: int, width: int, height: int) -> None:
    box = np.array([20, 20, 20 + width, 20 + height], float)
    found = boxes.perturb(box, (100, 100), np.random.default_rng(seed))
    assert 0.25 <= boxes.iou([found], [box])[0, 0] <= 0.75
    assert (found >= 0).all() and (found <= 100).all()


def test_perturb_gives_up_on_an_empty_box() -> None:
    with pytest.raises(ValueError, match="found none in 1,000 draws"):
        boxes.perturb([5, 5, 5, 5], (10, 10), np.random.default_rng(0))
