"""A detector's COCO results: which views it was shown, what its numbers mean, and what it scores."""

import json
from typing import Any

import pytest

from beltline.exam.detections import Found, read_results, score, view_row
from beltline.scan import Row, Scan
from tests.made import GUN, KNIFE, scan

TRUTH = {
    "images": [{"id": 1, "file_name": "views/a_top.png"}, {"id": 2, "file_name": "b_top.png"}],
    "categories": [{"id": 5, "name": "gun"}, {"id": 6, "name": "straight knife"}],
}
ONE = {"image_id": 1, "category_id": 5, "bbox": [30, 30, 60, 40], "score": 0.9}


def rows(scans: list[Scan]) -> list[Row]:
    return [one.row() for one in scans]


def perfect(one: Scan, view: str) -> Row:
    boxes = [(item.category, getattr(item, f"{view}_xyxy")) for item in one.items]
    return view_row(one.id, view, "m", [Found(category, xyxy, 0.5) for category, xyxy in boxes if xyxy])


def test_images_without_a_result_were_shown_too() -> None:
    found = read_results(json.dumps([ONE]), json.dumps(TRUTH))
    assert found == {"a_top.png": [Found("gun", (30.0, 30.0, 90.0, 70.0), 0.9)], "b_top.png": []}
    assert read_results("[]", json.dumps({"images": [], "categories": []})) == {}


@pytest.mark.parametrize(
    ("results", "truth", "says"),
    [
        ("{", TRUTH, "no JSON"),
        ("{}", TRUTH, "expected a list"),
        ([ONE | {"image_id": 9}], TRUTH, "result 0: expected an image and a category"),
        ([ONE, ONE | {"category_id": 9}], TRUTH, "result 1"),
        ([ONE | {"bbox": [1, 2, 3]}], TRUTH, "bbox of 4"),
        ([ONE | {"score": "sure"}], TRUTH, "score"),
        ([7], TRUTH, "result 0"),
        ([], {"images": [{"id": 1}], "categories": []}, "images with id and file_name"),
        ([], TRUTH | {"images": [*TRUTH["images"], {"id": 3, "file_name": "x/b_top.png"}]}, "1 doubled"),
    ],
)
def test_files_that_are_not_cocos(results: Any, truth: Any, says: str) -> None:
    text = results if isinstance(results, str) else json.dumps(results)
    with pytest.raises(ValueError, match=says):
        read_results(text, json.dumps(truth))


def test_a_perfect_detector_is_perfect_and_a_silent_one_is_not() -> None:
    scans = [scan(k) for k in range(4)]
    said = [perfect(one, view) for one in scans for view in ("top", "side")]
    found = score(rows(scans), said, rounds=10)
    assert (found.whole.ap50, found.whole.map, found.num_views) == (1, 1, 8)
    silent = [view_row(one.id, "top", "m", []) for one in scans]
    assert score(rows(scans), silent, rounds=10).whole.ap50 == 0


def test_only_views_that_were_shown_count() -> None:
    """Two scans, the detector was shown one top view: recall is measured on its two items alone."""
    scans = [scan(0), scan(1)]
    found = score(rows(scans), [perfect(scans[0], "top")], rounds=10)
    assert found.whole.num_gold == 2 and found.whole.ap50 == 1
    half = view_row(scans[0].id, "top", "m", [Found(GUN.category, GUN.top_xyxy or (0, 0, 0, 0), 1.0)])
    assert score(rows(scans), [half], rounds=10).whole.ap50 == 0.5


def test_views_are_not_mixed_up() -> None:
    """A box of the side view, found in the top view, is wrong."""
    one = scan(0, (KNIFE,))
    wrong = view_row(one.id, "top", "m", [Found(KNIFE.category, KNIFE.side_xyxy or (0, 0, 0, 0), 1.0)])
    assert score(rows([one]), [wrong], rounds=10).whole.ap50 == 0


def test_a_scan_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="1 missing, the first 7"):
        score(rows([scan(0)]), [view_row(7, "top", "m", [])], rounds=10)
