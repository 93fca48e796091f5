"""The three other exams: right answers score full marks, and the guessers' figures are those worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from beltline import pixels
from beltline.exam.mm_tasks import (
    Entry,
    best_guess,
    blind,
    boxes_score,
    commonest_caption,
    entry,
    gold,
    labels_score,
    mean_boxes,
    placed,
    prevalence,
    words_score,
)
from beltline.exam.quantities import read_boxes
from beltline.scan import Item, Scan, View

RGB = np.full((200, 400, 3), 255, np.uint8)
RGB[20:180, 40:360] = (240, 200, 140)
VIEW = View(bytes=pixels.encode_png(RGB), path="a.png", width=400, height=200, sha256="", phash=0)
ITEMS = (
    Item(item=0, category="gun", top_xyxy=(40, 20, 120, 60), side_xyxy=(40, 20, 120, 60)),
    Item(item=1, category="3d printed gun", top_xyxy=(200, 100, 280, 140)),
    Item(item=2, category="umbrella", top_xyxy=(100, 100, 160, 120)),
)
SCAN = Scan(id=5, group="b", source="mmxray", source_id="5", licence="CC0", top=VIEW, side=VIEW, items=ITEMS)


def made(number: int, *boxes: tuple[str, tuple[int, int, int, int]], caption: str = "A bag.") -> Entry:
    return Entry(scan=number, group=f"b{number}", boxes=boxes, caption=caption, categories=("axe", "gun", "laptop"))


EXAM = [made(1, ("gun", (0, 0, 100, 100))), made(2, ("gun", (0, 0, 100, 60)), ("axe", (500, 500, 700, 600))), made(3)]


def test_an_entry_has_what_the_top_view_shows_of_what_is_asked_for() -> None:
    found = entry(SCAN)
    assert found.boxes == (("gun", (100, 100, 300, 300)), ("gun", (500, 500, 700, 700)))
    assert found.present == {"gun"}
    assert "side" not in found.caption and "gun" in found.caption.lower()
    assert entry(replace(SCAN, items=())).boxes == ()


def test_what_a_model_is_asked_can_be_read_back() -> None:
    found = entry(SCAN)
    assert all(name in found.ask_labels() for name in found.categories)
    assert found.read_labels("There is a gun and a power bank.").value == {"gun", "power bank"}
    assert found.read_labels("None of them.").value == frozenset()
    assert found.read_labels("lovely weather").value is None
    assert "all guns" in found.ask_boxes("gun")
    assert read_boxes("[100, 100, 300, 300]", "thousandths", (400, 200)).value == ((40, 20, 120, 60),)


def test_right_answers_have_full_marks() -> None:
    assert labels_score(EXAM, [one.present for one in EXAM]).micro_f1 == 1
    assert boxes_score(EXAM, gold(EXAM)).ap50 == 1
    assert words_score(EXAM, [one.caption for one in EXAM]).rouge_l == 100


def test_the_guessers_get_what_arithmetic_says() -> None:
    found = blind(EXAM, EXAM)
    assert found.labels.macro_f1 == pytest.approx((2 / 4 + 4 / 5) / 3)  # axe in 1 of 3, gun in 2 of 3, laptop never
    assert found.labels.map == found.labels.map_prevalence == pytest.approx((1 / 3 + 2 / 3) / 2)
    # gun's mean box is (0, 0, 100, 80): IoU 0.8 and 0.75 with its two; axe's is its own
    assert found.boxes.ap50 == 1
    assert found.boxes.by_category["gun"][2] < 1
    assert found.words.rouge_l == 100


def test_a_guesser_falls_back_where_the_lesson_lacks_a_category() -> None:
    lesson = [made(7, ("laptop", (0, 0, 10, 10)))]
    assert mean_boxes(lesson) == {"": (0, 0, 10, 10), "laptop": (0, 0, 10, 10)}
    assert mean_boxes([made(7)]) == {"": (0, 0, 1000, 1000)}
    assert blind(EXAM, lesson).boxes.ap25 == 0
    assert best_guess(lesson) == {"laptop"}
    assert prevalence(EXAM) == {"gun": 2 / 3, "axe": 1 / 3}


def test_the_commonest_caption_is_the_most_central() -> None:
    assert commonest_caption(["one gun", "a bag with one gun", "a bag with one axe", "snow"]) == "a bag with one gun"
    assert commonest_caption(["", ""]) == ""


def test_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="expected scans on both sides"):
        blind([], EXAM)
    with pytest.raises(ValueError, match="expected scans on both sides"):
        blind(EXAM, [])


def test_an_entry_of_columns_is_that_of_the_scan_without_a_caption() -> None:
    row = {name: value for name, value in SCAN.row().items() if name in ("id", "group", "top_width", "top_height")}
    items = [{"category": item.category, "top_xyxy": item.top_xyxy} for item in SCAN.items]
    assert placed({**row, "items": items}) == replace(entry(SCAN), caption="")
    assert placed({**row, "items": None}).boxes == ()
