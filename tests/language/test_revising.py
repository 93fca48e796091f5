"""What a reviewed row becomes, and a caption's marks."""

import json
from collections.abc import Callable

import pytest

from beltline.language import captions, grammar
from beltline.language.facts import Facts
from beltline.language.marks import mark
from beltline.language.revising import Ruling, kebab, revised
from beltline.scan import Scan
from tests import made

SIZES = {"top": (160, 120), "side": (160, 120)}


def ruled(outcome: str, after: object = None, **more) -> Ruling:
    return Ruling(outcome=outcome, after=None if after is None else json.dumps(after), reviews=1, **more)


@pytest.mark.parametrize(
    ("ruling", "status", "reason"),
    [
        (ruled("accepted"), "kept", None),
        (ruled("rejected", reason="wrong item"), "rejected", "review/wrong-item"),
        (ruled("rejected", reason="my cat walked over the keyboard and"), "rejected", "review/other"),
        (ruled("open"), "rejected", "review/open"),
        (ruled("disputed"), "rejected", "review/disputed"),
        (ruled("edited", {"boxes": [{"item": 0}]}), "rejected", "review/bad-edit"),
    ],
)
def test_the_status_of_a_row(ruling, status, reason):
    found = revised(made.scan().row(), ruling, SIZES)
    assert (found["status"], found["reason"]) == (status, reason)
    assert json.loads(found["review"]) == {"outcome": ruling.outcome, "reviews": 1}


def test_edited_boxes_of_a_scan():
    """One moved, one left alone, one deleted, one new: what was moved is no longer known in space."""
    third = made.replace(made.KNIFE, item=2, top_mask=(1, 2), top_visible=0.5)
    row = made.scan(
        items=(made.replace(made.GUN, top_mask=(3, 4), attributes={"colour": "blue"}), made.KNIFE, third)
    ).row()
    boxes = [
        {"item": 0, "category": "gun", "top": [31, 30, 90, 70], "side": [30, 20, 90, 50], "colour": "black"},
        {"item": 2, "category": "fork", "top": [60.04, 90, 140, 100], "side": [60, 70, 140, 76]},
        {"item": 3, "category": "wrench", "top": None, "side": [1, 2, 3, 4], "colour": "cyan"},
    ]
    found = Scan.of(row | revised(row, ruled("edited", {"boxes": boxes}), SIZES)).items
    assert [(one.item, one.category) for one in found] == [(0, "gun"), (2, "fork"), (3, "wrench")]
    assert (
        found[0].top_xyxy == (31, 30, 90, 70)
        and found[0].top_mask is None
        and found[0].attributes == {"colour": "black"}
    )
    assert found[1].top_mask == (1, 2) and found[1].top_visible == 0.5
    assert (
        found[2].side_xyxy == (1, 2, 3, 4) and found[2].top_xyxy is None and found[2].attributes == {"colour": "cyan"}
    )


def test_what_a_person_says_of_an_item_is_kept_and_a_guess_is_not():
    """The desk guesses colour and the like from the pixels; a person who leaves that alone has not said it."""
    row = made.scan(items=(made.replace(made.GUN, attributes={"colour": "blue", "maker": None}),)).row()
    shown = {"item": 0, "category": "gun", "top": [30, 30, 90, 70], "side": [30, 20, 90, 50], "colour": "blue"}
    shown |= {"quantity": 1, "container": None, "top_place": "left", "side_place": "top"}
    for said, kept in (
        ({"container": "tray"}, {"colour": "blue", "container": "tray"}),
        ({"quantity": 2, "top_place": None}, {"colour": "blue", "quantity": 2}),
        ({"colour": None}, {}),
        ({"category": "toy gun"}, {"colour": "blue"}),
    ):
        ruling = ruled("edited", {"boxes": [shown | said]}, before=json.dumps({"boxes": [shown]}))
        (found,) = Scan.of(row | revised(row, ruling, SIZES)).items
        assert found.attributes == {"maker": None} | kept and found.top_xyxy == made.GUN.top_xyxy


def test_an_edited_caption(random_facts: Callable[..., Facts]):
    facts = random_facts(3, 2)
    said = grammar.describe(facts, (1, 3))
    box = {"item": 9, "category": "gun", "colour": "black", "quantity": 1, "top": [16, 12, 32, 24], "side": None}
    after = {"caption": {"top": "<b>A gun.</b>", "side": said.side, "whole": said.whole}, "boxes": [box]}
    row = {"caption": captions.write(said)}
    found = captions.read(revised(row, ruled("edited", after), SIZES)["caption"])
    assert found.top == "<b>A gun.</b>" and found.whole == said.whole
    assert [(one.item, one.top_box, one.text) for one in found.items] == [(9, (100, 100, 200, 200), "There is a gun.")]
    worse = revised(row, ruled("edited", after | {"caption": {"top": ""}}), SIZES)
    assert worse["reason"] == "review/bad-edit" and "caption" not in worse


def test_boxes_that_the_desk_could_not_show_stay(random_facts: Callable[..., Facts]):
    """A caption whose scan is not known is shown without boxes; an edit of its words is no edit of them."""
    said = grammar.describe(random_facts(3, 2), (1, 3))
    boxes = [{"item": one.item, "category": one.category, "top": None, "side": None} for one in said.items]
    after = {"caption": {"top": "Other words.", "side": said.side, "whole": said.whole}, "boxes": boxes}
    found = captions.read(revised({"caption": captions.write(said)}, ruled("edited", after), {})["caption"])
    places = [[(one.item, one.top_box, one.side_box) for one in caption.items] for caption in (said, found)]
    assert found.top == "Other words." and places[0] == places[1] and any(top for _, top, _ in places[0])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"question": "Which?", "options": ["a", "b"], "answer": "B"}, None),
        ({"question": "Which?", "options": ["a", "b"], "answer": "C"}, "review/bad-edit"),
        ({"question": "Which?", "options": ["a", "a"], "answer": "A"}, "review/bad-edit"),
        ({"question": "Which?", "options": ["a"], "answer": "A"}, "review/bad-edit"),
    ],
)
def test_an_edited_question(asked, reason):
    found = revised({}, ruled("edited", {"question": asked, "boxes": []}), {})
    assert found["reason"] == reason and (reason is not None or found["answer"] == "B")


def test_reasons_are_few():
    assert [kebab(word) for word in (None, "", "Wrong place", "../../etc", "x" * 90)] == [
        "other",
        "other",
        "wrong-place",
        "etc",
        "other",
    ]


def test_marks_stand_where_the_words_do(random_facts: Callable[..., Facts]):
    facts = next(
        found
        for seed in range(99)
        if "gun" not in (found := random_facts(seed, 2)).counts() and "toy gun" not in found.counts()
    )
    said = grammar.describe(facts, (1, 1))
    wrong = said.model_copy(update={"top": said.top + " \U0001f50d A pistol lies in the bag.", "items": said.items[1:]})
    marked = mark(facts, wrong)
    top = next(part for part in marked.parts if part.name == "top")
    assert "pistol" in [top.text[span.start : span.end] for span in top.spans if span.kind == "unsupported"]
    assert marked.missing and marked.percents["coverage"] < 100
    assert mark(facts, said).missing == {} and not any(part.spans for part in mark(facts, said).parts)
