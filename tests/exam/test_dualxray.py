"""The questions of a bag: well-formed, the same every time, silent about what they may not tell."""

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from beltline import masks
from beltline.exam.drawing import draw
from beltline.exam.dual_bag import Bag
from beltline.exam.dualxray import MAKERS, MOST, WORDINGS, candidates, needs_truth
from beltline.exam.tasks import DUALXRAY, Question
from beltline.image.phantom.truth import Truth
from beltline.scan import Item, Scan
from tests.exam.made_dual import made
from tests.exam.oracle_dual import reply


@pytest.fixture(scope="module")
def some() -> list[tuple[Scan, Truth]]:
    return list(made("dual-exam", range(12)).values())


@pytest.fixture(scope="module")
def questions(some: list[tuple[Scan, Truth]]) -> list[Question]:
    return [one for scan, facts in some for one in candidates(scan, facts, seed=1, content="digest")]


def test_an_empty_bag_and_one_view_are_asked_nothing(some: list[tuple[Scan, Truth]]) -> None:
    scan, _ = some[0]
    assert candidates(replace(scan, items=()), None, seed=1, content="") == []
    assert candidates(replace(scan, side=None), None, seed=1, content="") == []


def test_every_task_is_asked_with_both_views_and_its_boxes(questions: list[Question]) -> None:
    assert {one.task for one in questions} == set(DUALXRAY) == set(MAKERS) == set(WORDINGS)
    assert len({one.id for one in questions}) == len(questions)
    for one in questions:
        assert (one.exam, one.views, one.scan_content) == ("dualxray", ("top", "side"), "digest")
        assert {e.view for e in one.evidence} == {"top", "side"}
        assert Question.of(one.row()) == one


def test_a_bag_without_truth_is_asked_all_but_what_needs_it(some: list[tuple[Scan, Truth]]) -> None:
    for scan, facts in some:
        with_truth = candidates(scan, facts, seed=1, content="")
        without = candidates(scan, None, seed=1, content="")
        assert without == [one for one in with_truth if one.task not in needs_truth]


def test_a_bag_gives_no_more_of_a_task_than_its_share(questions: list[Question]) -> None:
    shares = Counter((one.group, one.task) for one in questions)
    assert max(shares.values()) <= MOST


def test_words_hold_every_kind_that_the_text_names(questions: list[Question]) -> None:
    """What fills a wording's blanks is in `words`: two texts of one stratum differ by their wording alone."""
    ways: dict[str, set[str]] = {}
    for one in questions:
        ways.setdefault(one.stratum, set()).add(one.question)
    for stratum, texts in ways.items():
        _, task, words, _ = json.loads(stratum)
        assert len(texts) <= len(WORDINGS[task][words["form"]])


def test_names_mean_one_item(some: list[tuple[Scan, Truth]]) -> None:
    scan, _ = some[0]
    twice = replace(scan, items=tuple(replace(item, category="laptop") for item in scan.items))
    assert Bag(twice, None, seed=1, content="").named == {}
    kinds = ("orange liquid", "columnar orange liquid", "tablet")
    mixed = replace(scan, items=tuple(replace(i, category=kind) for i, kind in zip(scan.items, kinds, strict=False)))
    assert "orange liquid" not in Bag(mixed, None, seed=1, content="").named
    assert "columnar orange liquid" in Bag(mixed, None, seed=1, content="").named


def test_swapping_what_lies_where_swaps_the_answer_and_nothing_else(some: list[tuple[Scan, Truth]]) -> None:
    """Wording, direction and options of a relation come from names and numbers: mirrored geometry gives the mirrored answer."""
    opposite = {
        "front": "behind",
        "behind": "front",
        "above": "below",
        "below": "above",
        "left": "right",
        "right": "left",
    }
    num = 0
    for scan, facts in some:
        items = [replace(item, centre_mm=tuple(-value for value in item.centre_mm or ())) for item in scan.items]
        mirrored = replace(scan, items=tuple(items))
        before = [one for one in candidates(scan, facts, seed=1, content="") if one.task == "SR"]
        after = [one for one in candidates(mirrored, facts, seed=1, content="") if one.task == "SR"]
        for one, other in zip(before, after, strict=True):
            assert (one.question, one.options, one.id) == (other.question, other.options, other.id)
            assert re.sub(r"\w+", lambda word: opposite.get(word[0], word[0]), one.answer_text) == other.answer_text
            num += 1
    assert num > 5


def test_a_draw_is_balanced_given_the_words(questions: list[Question]) -> None:
    for task in DUALXRAY:
        chosen = draw([one for one in questions if one.task == task], num=10_000, seed=3)
        counts = Counter((one.stratum, one.answer_text) for one in chosen)
        for one in chosen:
            assert len({counts[one.stratum, option] for option in one.options}) == 1


def test_the_truth_of_another_bag_is_refused(some: list[tuple[Scan, Truth]]) -> None:
    (scan, _), (_, other) = some[:2]
    with pytest.raises(ValueError, match="expected the truth of its items"):
        candidates(scan, other, seed=1, content="")


def placed(
    scan: Scan, *centres: tuple[float, float, float], kinds: tuple[str, ...] = ("laptop", "tablet", "umbrella")
) -> Scan:
    """A scan of items of these kinds with their middles at these points, lying straight."""
    some = [replace(scan.items[n % len(scan.items)], item=n) for n in range(len(centres))]
    return replace(
        scan,
        items=tuple(
            replace(item, category=kind, centre_mm=centre, pose=(1.0, 0.0, 0.0, 0.0), top_visible=1.0)
            for item, kind, centre in zip(some, kinds, centres, strict=False)
        ),
    )


def of_task(scan: Scan, task: str, form: str = "") -> list[Question]:
    found = [one for seed in range(6) for one in candidates(scan, None, seed=seed, content="") if one.task == task]
    return [one for one in found if form in one.words["form"]]


@pytest.mark.parametrize(
    "task, form, near, far",
    [
        ("SR", "across+height", ((0, 0, 50), (0, 60, 57)), ((0, 0, 50), (0, 60, 59))),
        ("SR", "across+height", ((0, 0, 50), (0, 14, 90)), ((0, 0, 50), (0, 16, 90))),
        ("SD", "apart", ((0, 0, 50), (0, 43, 88)), ((0, 0, 50), (0, 48, 95))),
        ("SD", "nearest", ((0, 0, 50), (40, 0, 50), (-55, 0, 50)), ((0, 0, 50), (40, 0, 50), (-65, 0, 50))),
        ("SA", "octant", ((100, 100, 74), (100, 100, 66)), ((100, 100, 77), (100, 100, 63))),
        ("SA", "height", ((0, 0, 43), (0, 0, 87)), ((0, 0, 45), (0, 0, 85))),
    ],
)  # fmt: skip
def test_what_is_too_close_to_call_is_never_asked(
    some: list[tuple[Scan, Truth]], task: str, form: str, near, far
) -> None:
    """Middles just inside a margin are not asked about, just outside they are, and rightly."""
    scan = some[0][0]
    ends = [one for one in of_task(placed(scan, *near), task, form) if one.words["item"] == "laptop" or len(near) == 2]
    assert ends == []
    asked = of_task(placed(scan, *far), task, form)
    assert asked
    assert all(reply(placed(scan, *far).row(), one.question, one.options) == one.answer_text for one in asked)


def test_a_kind_that_could_be_meant_in_a_wider_sense_is_not_counted(some: list[tuple[Scan, Truth]]) -> None:
    kinds = ("orange liquid", "columnar orange liquid", "columnar orange liquid")
    scan = placed(some[0][0], (0, 0, 30), (0, 0, 30), (0, 0, 30), kinds=kinds)
    counted = {tuple(one.words["kinds"]): one.answer_text for one in of_task(scan, "CT")}
    assert ("orange liquid",) not in counted
    assert counted["columnar orange liquid",] == "two"
    assert counted["orange liquid", "columnar orange liquid"] == "three"


@pytest.mark.parametrize("view", ["top", "side"])
@pytest.mark.parametrize(
    "x, y, part", [(0, 20, "left"), (70, 20, "right"), (35, 0, "upper"), (35, 40, "lower"), (35, 20, "")]
)
def test_the_part_that_is_overlapped(some: list[tuple[Scan, Truth]], view: str, x: int, y: int, part: str) -> None:
    """A patch of 30 by 20 pixels on an item of 100 by 60, at each of its sides and in its middle."""
    scan = some[0][0]

    def item(number: int, kind: str, box: tuple[int, int, int, int]) -> Item:
        mask = np.zeros((scan.top.height, scan.top.width), bool)
        mask[box[1] : box[3], box[0] : box[2]] = True
        runs, xyxy = masks.encode(mask), tuple(map(float, box))
        return Item(item=number, category=kind, top_xyxy=xyxy, side_xyxy=xyxy, top_mask=runs, side_mask=runs)

    patch = (200 + x, 100 + y, 230 + x, 120 + y)
    bag = replace(scan, items=(item(0, "laptop", (200, 100, 300, 160)), item(1, "tablet", patch)))
    asked = [one for one in of_task(bag, "OA", "part") if one.words["view"] == view and one.words["item"] == "laptop"]
    assert {one.answer_text for one in asked} == ({f"its {part} part"} if part else set())
