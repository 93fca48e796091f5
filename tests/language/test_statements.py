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
