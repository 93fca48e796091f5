"""Masks travel as COCO run lengths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from beltline import masks

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))
MASKS = SHAPES.flatmap(lambda shape: arrays(bool, shape))


def test_empty_mask() -> None:
    assert masks.encode(np.zeros((0, 0), bool)) == ()
    assert masks.bounds(np.zeros((3, 4), bool)) is None


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([[0, 1], [0, 1]], (2, 2)),
        ([[1, 0], [1, 0]], (0, 2, 2)),
        ([[0, 0], [0, 0]], (4,)),
        ([[1, 1], [1, 1]], (0, 4)),
        ([[0, 1, 0], [1, 0, 0]], (1, 2, 3)),  # by hand: columns (0,1) (1,0) (0,0)
    ],
)
def test_runs_go_down_the_columns_zeros_first(rows: list[list[int]], counts: tuple[int, ...]) -> None:
    assert masks.encode(np.array(rows, bool)) == counts


@given(MASKS)
def test_decode_undoes_encode(mask: np.ndarray) -> None:
    height, width = mask.shape
    assert np.array_equal(masks.decode(masks.encode(mask), (width, height)), mask)


@given(MASKS)
def test_bounds_hold_every_pixel_and_no_more(mask: np.ndarray) -> None:
    box = masks.bounds(mask)
    ys, xs = np.nonzero(mask)
    assert box == (None if len(xs) == 0 else (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))


def test_runs_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="expected runs of 3x2 = 6 pixels, found 4"):
        masks.decode((4,), (3, 2))


@given(MASKS, *[st.integers(0, 4)] * 4)
def test_encode_at_is_encode_of_the_whole_view(mask: np.ndarray, left: int, above: int, right: int, below: int) -> None:
    view = np.pad(mask, ((above, below), (left, right)))
    assert masks.encode_at(mask, (left, above), (view.shape[1], view.shape[0])) == masks.encode(view)
