"""Segmentations: packed run lengths against an encoder written from COCO's description, polygons against a point-in-polygon test."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline import masks
from beltline.formats.segmentation import counts_of, filled, polygons, unpacked
from beltline.verdict import BadRow


def packed(counts: list[int]) -> str:
    """COCO's text form of run lengths."""
    text = ""
    for place, count in enumerate(counts):
        value = count - counts[place - 2] if place > 2 else count
        more = True
        while more:
            bits, value = value & 31, value >> 5
            more = value != (-1 if bits & 16 else 0)
            text += chr(48 + bits + (32 if more else 0))
    return text


@settings(deadline=None)
@given(st.lists(st.integers(0, 100_000), max_size=30))
def test_packed_runs_come_back(counts: list[int]) -> None:
    assert unpacked(packed(counts)) == tuple(counts)


def test_a_published_example_of_packed_runs() -> None:
    # A 3x3 image whose middle pixel is set: runs 4, 1, 4 are the characters 48+4, 48+1, 48+4.
    assert unpacked("414") == (4, 1, 4)


@pytest.mark.parametrize("text", ["\x00", "o" * 40, "4\u20ac", "P"])
def test_text_that_is_no_packed_run_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="packed"):
        unpacked(text)


def _inside(points: list[tuple[Fraction, Fraction]], x: Fraction, y: Fraction) -> bool:
    """Ray casting with exact fractions."""
    inside = False
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        if (y1 <= y) != (y2 <= y):
            inside ^= x >= x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return inside


_steps = st.integers(-64 * 4, 64 * 16)


@settings(deadline=None)
@given(st.lists(st.tuples(_steps, _steps), min_size=3, max_size=8))
def test_a_polygon_covers_the_pixels_whose_centre_it_holds(points64: list[tuple[int, int]]) -> None:
    points = [(Fraction(x, 64), Fraction(y, 64)) for x, y in points64]
    half = Fraction(1, 2)
    expected = [[_inside(points, column + half, row + half) for column in range(12)] for row in range(9)]
    np.testing.assert_array_equal(filled(np.array(points64) / 64, (12, 9)), expected)


def test_a_rectangle_has_its_own_area_and_bounds() -> None:
    counts = polygons([[2, 1, 7, 1, 7, 5, 2, 5]], (10, 8), "here")
    mask = masks.decode(counts, (10, 8))
    assert masks.bounds(mask) == (2, 1, 7, 5)
    assert mask.sum() == 20


def test_polygons_of_one_item_are_joined_even_where_they_overlap() -> None:
    one, two = [0, 0, 4, 0, 4, 4, 0, 4], [2, 2, 6, 2, 6, 6, 2, 6]
    mask = masks.decode(counts_of([one, two], (8, 8), "here"), (8, 8))
    assert mask.sum() == 16 + 16 - 4


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ([[1, 2, 3, 4]], "ingest/bad-mask"),
        ([[1, 2, 3, 4, 5, 6, 7]], "ingest/bad-mask"),
        ([["a", 2, 3, 4, 5, 6]], "ingest/bad-box"),
        ("mask", "ingest/bad-annotation"),
        ({"counts": [4], "size": [3, 3]}, "ingest/mask-size"),
        ({"counts": "414", "size": [4, 4]}, "ingest/mask-size"),
        ({"counts": [20, -11], "size": [3, 3]}, "ingest/mask-size"),
        ({"counts": "\x00", "size": [3, 3]}, "ingest/bad-mask"),
        ({"counts": [9], "size": [9, 1]}, "ingest/mask-size"),
        ({"size": [3, 3]}, "ingest/bad-annotation"),
        ({"counts": [9], "size": [3]}, "ingest/bad-annotation"),
    ],
)
def test_bad_segmentations_are_refused(shape: object, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        counts_of(shape, (3, 3), "here")


def test_a_polygon_on_an_image_of_absurd_size_is_refused_before_memory_is_taken() -> None:
    with pytest.raises(BadRow, match="too-large"):
        counts_of([[0, 0, 1, 0, 1, 1]], (10**6, 10**6), "here")


def test_runs_as_a_list_and_as_text_are_the_same() -> None:
    size = [3, 3]
    assert counts_of({"counts": [4, 1, 4], "size": size}, (3, 3), "") == counts_of(
        {"counts": "414", "size": size}, (3, 3), ""
    )
