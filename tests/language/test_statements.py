"""What the reader makes of sentences that it did not write itself."""

import pytest

from beltline.language.clauses import sentences
from beltline.language.statements import read_scene

NONE = frozenset()


def said(text: str, view: str | None = "top") -> list[tuple]:
    return [(m.phrase, m.count, m.negated, m.places, m.view) for m in read_scene("top", text, NONE, view)]


def test_nothing():
    assert read_scene("top", "", NONE) == []
    assert sentences("") == []
    assert said("The bag is full. It lies on the left.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A gun lies on the left side.", [("gun", None, False, ("left",), "top")]),
        ("On the left lie a gun and a laptop, and on the right a power bank.",
         [("gun", None, False, ("left",), "top"), ("laptop", None, False, ("left",), "top"), ("power bank", None, False, ("right",), "top")]),
        ("A pistol in the upper right corner, two knives at the bottom.",
         [("pistol", None, False, ("top", "right"), "top"), ("knives", 2, False, ("bottom",), "top")]),
        ("There are 3 pairs of scissors.", [("pairs of scissors", 3, False, (), "top")]),
        ("The bag contains no gun, but two bottles of orange liquid.",
         [("gun", None, True, (), "top"), ("bottles of orange liquid", 2, False, (), "top")]),
        ("A knife is not visible in the side view.", [("knife", None, True, (), "side")]),
        ("The gun is not hidden.", [("gun", None, False, (), "top")]),
        ("The gun is to the left of the laptop.", [("gun", None, False, (), "top"), ("laptop", None, False, (), "top")]),
        ("The gun is on the left of the bag.", [("gun", None, False, ("left",), "top")]),
        ("The gun lies right next to a tablet.", [("gun", None, False, (), "top"), ("tablet", None, False, (), "top")]),
        ("In the top view the gun is left of centre.", [("gun", None, False, (), "top")]),
        ("The phone lies in the middle in the top view, while in the side view it is near the bottom.",
         [("phone", None, False, ("centre",), "top"), ("phone", None, False, ("bottom",), "side")]),
        ("A gun is visible. It sits in the lower part.", [("gun", None, False, (), "top"), ("gun", None, False, ("bottom",), "top")]),
        ("One can see a can.", [("can", None, False, (), "top")]),
        ("The knife can be seen; its blade is black.", [("knife", None, False, (), "top")]),
        ("A gun is near the left edge in both views.", [("gun", None, False, ("left",), None)]),
        ("A metal-handled knife.", [("metal-handled knife", None, False, (), "top")]),
    ],
)  # fmt: skip
def test_sentences(text, expected):
    assert said(text) == expected


def test_a_word_may_mean_more_than_it_says():
    (mention,) = read_scene("top", "A knife.", NONE)
    assert mention.named == {"knife"}
    assert {"folding knife", "utility knife", "knife"} <= mention.categories
    (mention,) = read_scene("top", "A folding knife.", NONE)
    assert mention.categories == {"folding knife"}


def test_categories_that_no_table_knows():
    assert [m.phrase for m in read_scene("top", "Two teddy bears and a gun.", frozenset({"teddy bear"}))] == [
        "teddy bears",
        "gun",
    ]


def test_totals_are_told_from_parts():
    text = "There are two knives. One of the knives is hidden. Two knives overlap. One knife is partly visible."
    assert [m.total for m in read_scene("top", text, NONE)] == [2, None, None, None]


def denied(text: str) -> set[str]:
    return {m.phrase for m in read_scene("top", text, NONE, "top") if m.negated}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bag does not contain a gun, but a knife.", {"gun"}),
        ("It doesn\u2019t show any knives.", {"knives"}),
        ("There is neither a gun nor the knife here.", {"gun", "knife"}),
        ("No gun, knife or hammer is visible, only a tablet.", {"gun", "knife", "hammer"}),
        ("No gun near the laptop.", {"gun"}),
        ("No weapons other than a gun are visible.", set()),
        ("There are no more than two bullets and no fewer than one gun.", set()),
        ("Not only a gun but also a knife.", set()),
        ("A gun is visible and a knife is not visible.", {"knife"}),
        ("The gun is not clearly visible.", set()),
        ("The tray is empty.", {"empty"}),
        ("Apart from a gun, the bag is empty.", set()),
        ("The bag isn't empty.", set()),
        ("A hammer rather than a gun.", {"gun"}),
        ("There is no doubt that a gun is there.", set()),
    ],
)
def test_denials(text, expected):
    assert denied(text) == expected


@pytest.mark.parametrize(
    ("text", "count", "needed", "total"),
    [
        ("There are eleven bullets.", 11, 11, 11),
        ("Two of the three bullets are hidden.", 2, 3, 3),
        ("One of the bullets lies on the left.", 1, 1, None),
        ("At least two bullets are visible.", None, 2, None),
        ("More than two bullets are visible.", None, 3, None),
        ("No more than two bullets are visible.", None, 1, None),
        ("Nearly a dozen bullets.", None, 2, None),
        ("Half a dozen bullets.", 6, 6, 6),
        ("A couple of bullets.", 2, 2, 2),
        ("Several bullets are visible.", None, 2, None),
        ("The bullets overlap.", None, 2, None),
        ("Two other bullets lie there.", 2, 2, None),
        ("One can see three bullets.", 3, 3, 3),
    ],
)
def test_numbers(text, count, needed, total):
    (mention,) = read_scene("top", text, NONE, "top")
    assert (mention.count, mention.needed, mention.total) == (count, needed, total)


def test_hedges():
    text = "Possibly a gun lies here. A knife may be present. A hammer could be seen. What appears to be an axe. A bat appears on the left."
    assert [m.hedged for m in read_scene("top", text, NONE, "top")] == [True, True, False, True, False]


def test_relations():
    text = "The gun is to the left of the laptop. To the right of the tablet lies a knife. The axe is on the left of the bag."
    found = [(m.phrase, [(r.direction, r.phrase) for r in m.relations]) for m in read_scene("side", text, NONE, "side")]
    assert [one for one in found if one[1]] == [("gun", [("left", "laptop")]), ("knife", [("right", "tablet")])]


def test_shares_of_a_number_have_places_of_their_own():
    text = "Two knives, one on the left and one on the right."
    found = [(m.count, m.total, m.places) for m in read_scene("top", text, NONE, "top")]
    assert found == [(2, 2, ()), (1, None, ("left",)), (1, None, ("right",))]
