"""The screens: thresholds, empty denominators, and single errors that must be named."""

from dataclasses import replace

import pyarrow as pa
import pytest

from beltline.language import screening
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.grammar import describe
from beltline.language.screening import Screening, Share, screen
from beltline.verdict import KEEP, Keep, Reject

LEFT, RIGHT = (50, 450, 150, 550), (850, 450, 950, 550)
GUN = ItemFacts(
    item=1,
    category="gun",
    top=Seen(box=LEFT, place="left", sight="clear"),
    side=Seen(box=LEFT, place="left", sight="partly hidden"),
    colour="blue",
)
KNIFE = ItemFacts(
    item=2, category="folding knife", top=Seen(box=RIGHT, place="right"), side=Seen(box=RIGHT, place="right")
)
TWO = Facts(views=("top", "side"), container="suitcase", items=(GUN, KNIFE))
NOTHING = Facts(views=("top", "side"))
CAPTION = describe(TWO, (1, 1))


def share(part: int, whole: int, applies: bool = True) -> Share:
    return Share(part=part, whole=whole, applies=applies)


def verdict(coverage: Share, alignment: Share, contradiction: Share) -> str | None:
    return Screening(coverage=coverage, alignment=alignment, contradiction=contradiction).verdict().columns()["reason"]


FINE, AGREES = share(1, 1), share(0, 1)


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ((share(0, 0), FINE, AGREES), "screen/undefined"),
        ((FINE, share(0, 0), AGREES), "screen/undefined"),
        ((FINE, FINE, share(0, 0)), "screen/undefined"),
        ((FINE, share(0, 0, False), share(0, 0, False)), None),  # a bag without items
        ((share(80, 100), share(50, 100), share(50, 100)), None),
        ((share(79, 100), FINE, AGREES), "screen/coverage"),
        ((FINE, share(49, 100), AGREES), "screen/alignment"),
        ((FINE, FINE, share(51, 100)), "screen/contradiction"),
        ((share(4, 5), share(1, 2), share(1, 2)), None),
        ((share(3, 5), share(0, 2), share(2, 2)), "screen/coverage"),  # the first objection counts
    ],
)
def test_thresholds(shares, reason):
    assert verdict(*shares) == reason


def test_a_bag_without_items_and_a_caption_that_names_none():
    result = screen(NOTHING, describe(NOTHING, (1, 1)))
    assert (result.coverage.part, result.coverage.whole) == (3, 3)
    assert (result.alignment.whole, result.alignment.applies) == (0, False)
    assert result.verdict() is KEEP


def test_an_invented_gun_in_a_bag_without_items():
    result = screen(NOTHING, CAPTION)
    assert result.alignment.part == 0 < result.alignment.whole
    assert result.coverage.found.keys() == {"items/none"}
    assert isinstance(result.verdict(), Reject)


def test_columns_fit_the_fields():
    columns = screen(TWO, CAPTION).columns()
    table = pa.Table.from_pylist([columns], schema=pa.schema(screening.FIELDS))
    assert table.to_pylist() == [columns]
    assert columns["coverage_asserted"] == columns["coverage_facts"] == len(TWO.keys())
    assert columns["screen_found"] == "{}"


def test_an_entry_that_is_left_out_is_named():
    caption = describe(replace(TWO, items=(KNIFE,)), (1, 1))
    found = screen(TWO, caption).coverage.found
    assert {"count/gun", "item/1/category", "item/1/colour", "item/1/top/box", "item/1/side/place"} <= found.keys()
    assert not any(key.startswith("item/2/") for key in found)


def test_a_wrong_class_is_an_entity_without_a_match():
    wrong = replace(GUN, category="hammer")
    result = screen(TWO, describe(replace(TWO, items=(wrong, KNIFE)), (1, 1)))
    assert "items/0" in result.alignment.found and "items/1" not in result.alignment.found
    assert "item/1/category" in result.coverage.found


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({"top_place": "right"}, "top place 'right'"),
        ({"side_place": "top"}, "side place 'top'"),
        ({"top_box": (500, 450, 600, 550)}, "IoU 0.00"),
        ({"top_box": (51, 450, 151, 550)}, None),
        ({"top_place": None, "top_box": None}, None),  # not stating is no error of alignment
        ({"category": "pistol"}, None),
        ({"category": "axe"}, "'axe'"),
    ],
)
def test_entries_are_held_against_their_items(changes, objection):
    entry = CAPTION.items[0].model_copy(update=changes)
    found = screen(TWO, CAPTION.model_copy(update={"items": (entry, CAPTION.items[1])})).alignment.found
    assert (objection is None) == ("items/0" not in found)
    assert objection is None or objection in found["items/0"]


def test_two_entries_for_one_item():
    result = screen(TWO, CAPTION.model_copy(update={"items": (*CAPTION.items, CAPTION.items[0])}))
    assert [key for key in result.alignment.found if key.count("/") == 1] == ["items/2"]


@pytest.mark.parametrize(
    ("top", "side", "contradicting", "pairs"),
    [
        ("A gun lies on the left.", "A gun lies on the left.", 0, 3),
        ("A gun lies on the left.", "A gun lies on the right.", 1, 3),
        ("A gun lies at the top.", "A gun lies at the bottom.", 0, 2),  # above in one view is across in the other
        ("There is one gun.", "There are two guns.", 1, 2),
        ("There is a gun.", "No gun is visible.", 1, 1),
        ("No gun can be seen.", "There is a gun.", 1, 1),
        ("No gun can be seen.", "There is no gun.", 0, 1),
        ("A gun lies on the left.", "A hammer lies on the left.", 1, 1),
        ("The bag is full.", "A gun lies on the left.", 0, 0),
    ],
)
def test_contradictions(top, side, contradicting, pairs):
    result = screen(TWO, CAPTION.model_copy(update={"top": top, "side": side})).contradiction
    assert (result.part, result.whole) == (contradicting, pairs)
    assert len(result.found) == contradicting


def test_what_only_one_view_shows_cannot_contradict():
    hidden = replace(TWO, items=(replace(GUN, side=None),))
    caption = CAPTION.model_copy(update={"top": "There is a gun.", "side": "There is no gun."})
    result = screen(hidden, caption)
    assert (result.contradiction.whole, result.contradiction.applies) == (0, False)


def test_one_view_needs_no_agreement():
    facts = Facts(views=("top",), items=(replace(GUN, side=None),))
    result = screen(facts, describe(facts, (1, 1)))
    assert isinstance(result.verdict(), Keep) and not result.contradiction.applies


def test_a_scene_that_says_nothing_goes_to_review():
    silent = CAPTION.model_copy(update={"side": "It is hard to say anything here."})
    reject = screen(TWO, silent).verdict()
    assert isinstance(reject, Reject) and reject.reason == "screen/undefined" and "review" in reject.detail


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Two knives lie in the bag.", True),
        ("Two folding knives lie on the left.", True),
        ("There are two folding knives in the bag.", False),
    ],
)
def test_counts_in_free_text(text, missing):
    facts = Facts(views=("top",), items=(replace(KNIFE, side=None), replace(KNIFE, item=3, side=None)))
    caption = describe(facts, (1, 1))
    entries = tuple(entry.model_copy(update={"quantity": 1}) for entry in caption.items)
    changed = caption.model_copy(update={"top": "A bag.", "whole": text, "items": entries})
    assert ("count/folding knife" in screen(facts, changed).coverage.found) == missing


@pytest.mark.parametrize(
    ("name", "key"), [("top_place", "top/place"), ("side_place", "side/place"), ("colour", "colour")]
)
def test_what_neither_entry_nor_sentence_says_is_missing(name, key):
    silent = {"top": "A view.", "side": "A view.", "whole": "A bag."}
    entries = tuple(entry.model_copy(update={"text": f"A {entry.category}."}) for entry in CAPTION.items)
    said = CAPTION.model_copy(update={**silent, "items": entries})
    unsaid = said.model_copy(update={"items": (entries[0].model_copy(update={name: None}), entries[1])})
    assert f"item/1/{key}" not in screen(TWO, said).coverage.found
    assert f"item/1/{key}" in screen(TWO, unsaid).coverage.found


def test_of_the_bag_does_not_make_a_number_a_part():
    top, side = "The top view of the bag shows a gun.", "The side view of the bag reveals two guns."
    found = screen(TWO, CAPTION.model_copy(update={"top": top, "side": side})).contradiction.found
    assert list(found) == ["number/top/0/gun/side/0/guns"]
