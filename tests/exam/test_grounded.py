"""Boxes in a reply's sections against the evidence of that view: worked by hand, and by the metric's own rules."""

from typing import Any

import pytest

from beltline.exam.grounded import grounded, said_boxes
from beltline.exam.tasks import Evidence, Question

SIZES = {(7, "top"): (200, 100), (7, "side"): (100, 100)}
BAG = Question(
    exam="dualxray",
    task="SR",
    question="Where is the knife?",
    options=("above", "below"),
    answer="A",
    group="bag/7",
    scan=7,
    views=("top", "side"),
    words={},
    evidence=(
        Evidence(view="top", category="knife", item=0, xyxy=(20.0, 10.0, 60.0, 50.0)),  # [100,100,300,500]
        Evidence(view="side", category="knife", item=0, xyxy=(70.0, 80.0, 90.0, 100.0)),  # [700,800,900,1000]
    ),
)
TOP, SIDE = "knife <box>[100,100,300,500]</box>", "knife <box>[700,800,900,1000]</box>"
END = "<conclusion>above</conclusion>\n<answer>A</answer>"


def replies(*texts: str | None) -> list[dict[str, Any]]:
    return [{"question_id": BAG.id, "seed": seed, "reply": text} for seed, text in enumerate(texts)]


def miou(*texts: str | None) -> float:
    found = grounded([BAG], replies(*texts), SIZES)
    assert found is not None
    return found.means.miou


def test_without_boxes_nothing_is_said() -> None:
    assert grounded([], [], SIZES) is None
    assert grounded([BAG], replies("A", None), SIZES) is None


def test_both_views_right_is_one_whatever_the_spaces() -> None:
    whole = f"<top>{TOP}</top>\n<side>{SIDE}</side>\n{END}"
    assert miou(whole) == 1
    assert miou(whole.replace(",", ", ")) == 1


def test_a_box_of_the_other_view_matches_nothing() -> None:
    assert miou(f"<top>{SIDE}</top>\n<side>{TOP}</side>\n{END}") == 0


def test_a_missing_box_costs_and_so_does_one_too_many() -> None:
    assert miou(f"<top>{TOP}</top>\n{END}") == pytest.approx(1 / 2)
    assert miou(f"<top>{TOP}, {TOP}</top>\n<side>{SIDE}</side>\n{END}") == pytest.approx(2 / 3)


def test_half_a_box_is_half() -> None:
    half = "knife <box>[100,100,200,500]</box>"
    assert miou(f"<top>{half}</top>\n<side>{SIDE}</side>\n{END}") == pytest.approx((0.5 + 1) / 2)


def test_the_silent_count_as_nothing_found() -> None:
    found = grounded([BAG], replies(f"<top>{TOP}</top>\n<side>{SIDE}</side>\n{END}", "A", None), SIZES)
    assert found is not None
    assert (found.means.num_questions, found.means.num_silent) == (3, 2)
    assert [(one.key, one.value) for one in found.each] == [(BAG.id, 1), (BAG.id, 0), (BAG.id, 0)]
    assert found.means.miou == pytest.approx(1 / 3) and found.figures()["overall/mIoU"] == pytest.approx(100 / 3)


def test_a_section_that_was_cut_off_is_read_to_its_end() -> None:
    assert said_boxes(f"<top>{TOP}</top>\n<side>{SIDE}, laptop <box>[1,2") == [
        ("top", (100, 100, 300, 500)),
        ("side", (700, 800, 900, 1000)),
    ]
    assert said_boxes(f"{TOP}, and no section") == []
    assert said_boxes(f"<top>{TOP}\n<side>{SIDE}</side>") == said_boxes(f"<top>{TOP}</top>\n<side>{SIDE}</side>")


def test_scans_that_are_not_there_are_left_out() -> None:
    assert grounded([BAG], replies(f"<top>{TOP}</top>\n{END}"), {}) is None
