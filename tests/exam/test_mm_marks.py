"""Replies to the three other exams: right ones have full marks, missing ones count, and the guesser is taught by other bags."""

import json
from collections.abc import Mapping

import numpy as np
import pytest

from beltline.exam.metrics import labelsets
from beltline.exam.mm_marks import KINDS, Answer, Key, Kind, f1_of_occurring, guessed, mark, questions, read, read_lines
from beltline.exam.mm_tasks import Entry

CAPTION = "One {} lies in a bag, seen from above."


def made(number: int, group: str, *boxes: tuple[str, tuple[int, int, int, int]]) -> Entry:
    return Entry(
        scan=number,
        group=group,
        boxes=boxes,
        caption=CAPTION.format(" and ".join(name for name, _ in boxes) or "nothing"),
        categories=("axe", "gun", "laptop"),
        size_wh=(400, 200),
    )


EXAM = [
    made(1, "a", ("gun", (0, 0, 100, 100))),
    made(2, "b", ("gun", (0, 0, 100, 60)), ("axe", (500, 500, 700, 600))),
    made(3, "a", ("gun", (0, 0, 100, 100)), ("gun", (500, 500, 600, 600))),
    made(4, "b"),
]
RIGHT: Mapping[Kind, dict[Key, str | None]] = {
    "classification": {(1, ""): "A gun.", (2, ""): "<think>laptop?</think>gun, axe", (3, ""): "B", (4, ""): "none"},
    "localisation": {
        (1, "gun"): "[0, 0, 100, 100]",
        (2, "gun"): "The box is [0, 0, 100, 60].",
        (2, "axe"): "[[500, 500, 700, 600]]",
        (3, "gun"): "[0, 0, 100, 100] and [500, 500, 600, 600]",
    },
    "understanding": {(one.scan, ""): one.caption for one in EXAM},
}


@pytest.mark.parametrize("kind", KINDS)
def test_right_replies_have_full_marks(kind: Kind) -> None:
    assert RIGHT[kind].keys() == questions(kind, EXAM).keys()
    said = read(kind, EXAM, RIGHT[kind])
    found = mark(kind, EXAM, said.answer, rounds=20)
    head = [name for name in found.figures if name != "F1 of all classes"]
    assert [found.figures[name] for name in head] == pytest.approx([100] * len(head))
    assert list(found.bounds.values()) == [pytest.approx((100, 100))] * len(found.bounds)
    assert said.counts == {"answered": len(RIGHT[kind])}


def test_a_class_that_never_occurs_costs_nothing_but_in_the_figure_of_all() -> None:
    found = mark("classification", EXAM, read("classification", EXAM, RIGHT["classification"]).answer, rounds=2)
    assert found.figures["F1 of all classes"] == pytest.approx(200 / 3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_or_unreadable_counts_as_wrong_and_is_told_apart(kind: Kind) -> None:
    replies = dict(RIGHT[kind])
    first, second, third = list(replies)[:3]
    del replies[first]
    replies[second], replies[third] = None, "I'm sorry, I can't help with that."
    said = read(kind, EXAM, replies)
    assert said.counts == {"answered": len(replies) - 2, "missing": 1, "no-response": 1, "refused": 1}
    found = mark(kind, EXAM, said.answer, rounds=2)
    assert next(iter(found.figures.values())) < 60
    nothing = mark(kind, EXAM, read(kind, EXAM, {}).answer, rounds=2)
    assert next(iter(nothing.figures.values())) == 0


def test_boxes_are_read_in_the_space_that_is_declared() -> None:
    replies: dict[Key, str | None] = {
        (1, "gun"): "[0, 0, 40, 20]",
        (2, "gun"): "[0, 0, 40, 12]",
        (2, "axe"): "[200, 100, 280, 120]",
        (3, "gun"): "[0, 0, 40, 20], [200, 100, 240, 120]",
    }
    assert mark("localisation", EXAM, read("localisation", EXAM, replies, "pixels").answer).figures[
        "mAP"
    ] == pytest.approx(100)
    assert mark("localisation", EXAM, read("localisation", EXAM, replies).answer).figures["AP25"] == 0
    unit = read("localisation", EXAM, {(1, "gun"): "[0, 0, 0.1, 0.1]"}, "unit")
    assert unit.answer.boxes == [(1, "gun", pytest.approx((0, 0, 100, 100)))]


def test_the_guesser_is_taught_by_the_lesson() -> None:
    lesson = [made(8, "z", ("gun", (0, 0, 100, 100)), ("axe", (500, 500, 700, 600))), made(9, "z")]
    found = mark("classification", EXAM, guessed("classification", EXAM, lesson)).figures
    assert found["F1"] == pytest.approx(100 * (2 * 3 / 7 + 2 * 1 / 5) / 2)  # gun in 3 of 4 scans, axe in 1
    assert found["mAP"] == pytest.approx(100 * (3 / 4 + 1 / 4) / 2)
    assert found["micro F1"] == pytest.approx(100 * 2 * 4 / (8 + 4))
    boxes = mark("localisation", EXAM, guessed("localisation", EXAM, lesson)).figures
    # axe is right; of the 3 guns drawn all are right, and a fourth is not found: 76 of the curve's 101 points
    assert boxes["AP50"] == pytest.approx(100 * (1 + 76 / 101) / 2)
    assert guessed("understanding", EXAM, lesson).captions == [lesson[0].caption] * 4


def test_without_a_lesson_each_half_of_the_bags_teaches_the_other() -> None:
    found = guessed("classification", EXAM)
    one, other = frozenset({"gun"}), frozenset({"gun", "axe"})  # what bags a and b hold
    assert list(found.labels) == [other, one, other, one]
    assert found.shares is not None
    assert found.shares.tolist() == [[0.25, 0.75, 0]] * 4
    assert mark("classification", EXAM, found).figures["mAP"] == pytest.approx(100 * (3 / 4 + 1 / 4) / 2)  # prevalence
    boxes = {(scan, name): box for scan, name, box in guessed("localisation", EXAM).boxes}
    assert boxes[1, "gun"] == boxes[3, "gun"] == (0, 0, 100, 60)
    assert boxes[2, "gun"] == (167, 167, 267, 267)  # the mean of three
    assert guessed("understanding", EXAM).captions[1] in (EXAM[0].caption, EXAM[2].caption)
    with pytest.raises(ValueError, match="two bags at least, found 1"):
        guessed("classification", EXAM[:1])


def test_f1_of_a_draw_is_over_the_classes_in_it() -> None:
    rng = np.random.default_rng(3)
    classes = ["axe", "gun", "laptop"]
    for _ in range(20):
        truth, said = ([{c for c in classes if rng.random() < 0.3} for _ in range(6)] for _ in range(2))
        totals = labelsets.counted(truth, said, classes).sum(0, keepdims=True)
        occur = sorted(set().union(*truth))
        right = f1_of_occurring(totals)[0]
        if occur:
            expected = labelsets.score(truth, [one & set(occur) for one in said], occur).macro_f1
            assert right == pytest.approx(expected)
        else:
            assert np.isnan(right)


def test_a_file_of_replies_is_read_line_by_line() -> None:
    lines = [{"scan": 1, "category": "pistol", "reply": "[]"}, {"scan": 2, "category": "axe"}]
    text = "\n\n".join(map(json.dumps, lines))
    assert read_lines(text, "localisation", EXAM) == {(1, "gun"): "[]", (2, "axe"): None}
    assert read_lines("", "classification", EXAM) == {}
    assert mark("understanding", EXAM, Answer(captions=[""] * 4)).figures["ROUGE-L"] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no", "line 1: expected a JSON object"),
        ('{"scan": "1", "category": "gun"}', "line 1: expected {"),
        ('{"scan": 1, "reply": "[]"}', '"category": NAME'),
        ('{"scan": 1, "category": "gun", "reply": 3}', "the reply as text"),
        ('{"scan": 1, "category": "axe", "reply": "[]"}', "of the exam, found"),
        ('{"scan": 1, "category": "gun"}\n{"scan": 1, "category": "gun"}', "line 2: expected one reply"),
    ],
)
def test_a_wrong_line_is_named(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_lines(line, "localisation", EXAM)
