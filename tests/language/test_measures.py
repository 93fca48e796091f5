"""What is measured of boxes at marks: what lies on neither side is on none, what only touches shares nothing."""

import numpy as np
import pytest

from beltline.language.measures import beside, meeting, shared, together, written
from beltline.language.places import MARK_STEP, Box1000

ONE: Box1000 = (100, 100, 300, 300)


def test_nothing_found_says_the_answer_alone() -> None:
    assert written([]) == "" and together([], "none") == "none"


def test_a_finding_stands_with_its_numbers_and_is_taken_without() -> None:
    found = [("300 540", "belt left"), ("", "top two")]
    assert written(found) == ": 300 540 belt left, top two"
    assert together(found, "so") == "belt left, top two: so"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ONE, []),
        ((120, 120, 300, 300), []),  # the same mark in the middle
        ((140, 100, 300, 300), [("200 220", "belt left")]),
        ((100, 60, 300, 300), [("200 180", "across behind")]),
    ],
)
def test_what_lies_at_one_mark_is_on_no_side(other: Box1000, expected: list[tuple[str, str]]) -> None:
    assert beside(ONE, other, "top") == expected


def test_the_belt_is_read_off_the_top_view_and_height_falls() -> None:
    assert beside(ONE, (500, 500, 700, 700), "side") == [("200 600", "height above")]


@pytest.mark.parametrize(
    ("other", "said"),
    [((300, 100, 400, 300), "apart"), ((280, 100, 400, 300), "share"), ((280, 300, 400, 400), "apart"), (ONE, "share")],
)
def test_what_only_touches_shares_nothing(other: Box1000, said: str) -> None:
    assert meeting(ONE, other, "side")[1] == f"side {said}"


def test_shared_is_what_a_painter_finds() -> None:
    """Two boxes painted on a raster of marks, against the box of the cells that both cover."""
    rng, side = np.random.default_rng(4), 1000 // MARK_STEP
    met = 0
    for _ in range(200):
        boxes = np.sort(rng.integers(0, side + 1, (2, 2, 2)), axis=1)  # box, low or high, axis
        painted = np.zeros((2, side, side), bool)
        for paint, ((left, top), (right, bottom)) in zip(painted, boxes, strict=True):
            paint[top:bottom, left:right] = True
        one, other = (tuple(int(MARK_STEP * edge) for edge in box.flatten()) for box in boxes)
        rows, columns = np.nonzero(painted.all(axis=0))
        _, said = meeting(one, other, "top")  # type: ignore[arg-type]
        assert said == ("top share" if len(rows) else "top apart")
        if len(rows):
            met += 1
            found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert shared(one, other) == tuple(MARK_STEP * edge for edge in found)  # type: ignore[arg-type]
    assert 10 < met < 190
