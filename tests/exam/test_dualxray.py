"""The questions of a bag: well-formed, the same every time, silent about what they may not tell."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from beltline.exam.drawing import draw
from beltline.exam.dual_bag import Bag
from beltline.exam.dualxray import MAKERS, MOST, WORDINGS, candidates, needs_truth
from beltline.exam.tasks import DUALXRAY, Question
from beltline.image.phantom.truth import Truth
from beltline.scan import Scan
from tests.exam.made_dual import made


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
