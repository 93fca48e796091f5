"""An inspection says what the model said, in pixels, and nothing that it did not say; whatever is broken is named, and clears no bag."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.image.phantom import RECIPES, make_scan
from beltline.language import gsxray, reasoning
from beltline.language.facts import facts_of
from beltline.language.inspection import UNNAMED, Inspection, inspect
from beltline.language.lessons import About

SIZES = {"top": (640, 480), "side": (320, 500)}
TOP = "A gun <box>[100,200,300,400]</box> lies beside a laptop <box>[500,0,1000,1000]</box>."
SIDE = "The laptop <box>[510,600,1000,700]</box>, and the gun <box>[100,500,300,600]</box>."
WHOLE = (
    f"<top>{TOP}</top>\n<side>{SIDE}</side>\n<conclusion>The gun is by the laptop.</conclusion>\n<answer>gun</answer>"
)
SAFE = WHOLE.replace("gun", "tablet")


def heard(text: str, sizes: dict[str, tuple[int, int]] = SIZES, **more: object) -> Inspection:
    return inspect(text, sizes, id="i", model="m", **more)  # type: ignore[arg-type]


def test_items_stand_in_pixels_of_each_view_linked_in_the_order_of_the_top_view() -> None:
    found = heard(WHOLE)
    assert (found.state, found.verdict, found.answer, found.problems) == ("whole", "threat", "gun", [])
    gun, laptop = found.items
    assert (gun.category, gun.prohibited, gun.top_xyxy, gun.side_xyxy) == (
        "gun",
        True,
        [64, 96, 192, 192],
        [32, 250, 96, 300],
    )
    assert (laptop.category, laptop.prohibited, laptop.top_xyxy) == ("laptop", False, [320, 0, 640, 480])
    assert laptop.side_xyxy == [163.2, 300, 320, 350]
    assert found.reasoning.top == "A gun [1] lies beside a laptop [2]."
    assert found.reasoning.side == "The laptop [2], and the gun [1]."


@pytest.mark.parametrize("index", range(12))
def test_what_our_own_lessons_say_is_heard_whole(index: int) -> None:
    """The other way round: chains composed from exact facts, whose boxes and names are known."""
    facts = facts_of(make_scan(RECIPES["everyday"], index))
    talk = gsxray.compose(facts, index, About(scan=index, scan_content=None, group="g"))
    text = talk.turns[1].content
    found = heard(text, {"top": (1000, 1000), "side": (1000, 1000)})
    assert found.state == ("repaired" if UNNAMED in {one.category for one in found.items} else "whole")
    chain = reasoning.read(text)
    for view in ("top", "side"):
        said = {getattr(item, f"{view}_xyxy") and tuple(getattr(item, f"{view}_xyxy")) for item in found.items}
        assert said - {None} == set(chain.boxes(view))


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ("", "unreadable", "none of them"),
        ("I see a gun at [1,2,3,4].", "unreadable", "none of them"),
        ('{"bbox_2d": [1,2,3,4], "label": "gun"}', "unreadable", "none of them"),
        (SAFE.replace("</top>\n", "</top>"), "repaired", "one a line"),
        (SAFE[: SAFE.index("</side>")], "repaired", "<side> does not end"),
        (SAFE.replace("100,200,300,400", "300,200,100,400"), "repaired", "with some area"),
        (SAFE.replace("100,200,300,400", "100,200,300,1400"), "repaired", "within 0 to 1000"),
        (SAFE.replace("[100,200,300,400]", "somewhere"), "repaired", "expected [left,top,right,bottom]"),
        (SAFE.replace(f"<side>{SIDE.replace('gun', 'tablet')}</side>\n", ""), "repaired", "none on the side view"),
        (SAFE.replace("<conclusion>", "<answer>a</answer><conclusion>"), "repaired", "more than once"),
        (
            SAFE.replace("A tablet", "Something").replace("<answer>tablet", "<answer>2"),
            "repaired",
            "a box is not named",
        ),
    ],
)
def test_what_is_broken_is_named_and_clears_no_bag(text: str, state: str, words: str) -> None:
    found = heard(text)
    assert (found.state, found.verdict) == (state, "unknown")
    assert words in " ".join(found.problems)
    assert state == "repaired" or (found.items, found.reasoning.top, found.answer) == ([], None, None)


def test_a_broken_answer_that_names_a_gun_is_still_a_threat() -> None:
    assert heard(WHOLE[:60]).verdict == "threat"
    assert heard(SAFE).verdict == "clear"


@pytest.mark.parametrize(
    ("conclusion", "answer", "verdict"),
    [
        ("There is no gun.", "0", "clear"),
        ("A knife lies below.", "1", "threat"),
        ("It may be a gun.", "unclear", "unknown"),
        ("All is well.", "grenade", "threat"),
    ],
)
def test_the_answer_counts_beside_the_items(conclusion: str, answer: str, verdict: str) -> None:
    said = f"<top>A tablet.</top>\n<side>A tablet.</side>\n<conclusion>{conclusion}</conclusion>\n<answer>{answer}</answer>"
    assert heard(said).verdict == verdict


def test_a_box_without_a_name_has_that_of_the_answer_if_it_names_one_thing() -> None:
    said = "<top>The item at <box>[1,2,3,4]</box>.</top>\n<side>What <box>[1,6,3,9]</box> holds.</side>\n<conclusion>{}</conclusion>\n<answer>{}</answer>"
    assert [one.category for one in heard(said.format("So it is.", "scissors")).items] == ["scissors"]
    assert [one.category for one in heard(said.format("A gun or a knife.", "B")).items] == [UNNAMED]


def test_two_of_a_kind_are_linked_along_the_belt() -> None:
    top = "Two guns: a gun <box>[0,0,200,100]</box> and a gun <box>[700,0,900,100]</box>."
    side = "A gun <box>[710,0,900,100]</box> and a gun <box>[0,50,190,90]</box>."
    both = heard(f"<top>{top}</top>\n<side>{side}</side>\n<conclusion>Two guns.</conclusion>\n<answer>2</answer>")
    assert [(one.top_xyxy, one.side_xyxy) for one in both.items] == [
        ([0, 0, 128, 48], [0, 25, 60.8, 45]),
        ([448, 0, 576, 48], [227.2, 0, 288, 50]),
    ]


def test_one_view_asks_for_no_words_on_the_other() -> None:
    alone = WHOLE.replace(f"<side>{SIDE}</side>\n", "")
    found = heard(alone, {"top": (640, 480)})
    assert found.state == "whole" and all(one.side_xyxy is None for one in found.items) and found.views.side is None
    assert heard(WHOLE, {"top": (640, 480)}).state == "repaired"


def test_confidence_is_that_of_the_words_and_the_box_of_the_less_sure_view() -> None:
    cuts = sorted({0, len(WHOLE), *(at for at, sign in enumerate(WHOLE) if sign in " <>[],")})
    parts = [WHOLE[a:b] for a, b in pairwise(cuts)]
    at, tokens = 0, []
    inside = [WHOLE.index("gun <box>[100,500"), WHOLE.index("[100,500,300,600]</box>") + len("[100,500,300,600]</box>")]
    for part in parts:
        doubtful = at < inside[1] and at + len(part) > inside[0]
        tokens.append((part, math.log(0.5 if doubtful else 0.9)))
        at += len(part)
    gun, laptop = heard(WHOLE, tokens=tokens).items
    assert (gun.confidence, laptop.confidence, gun.confidence_source) == (0.5, 0.9, "token probability")
    ended = heard(WHOLE, tokens=[*tokens, ("<|im_end|>", 0.0)]).items  # as vLLM counts it
    assert [one.confidence for one in ended] == [0.5, 0.9]
    without = heard(WHOLE, tokens=tokens[1:]).items[0]
    assert (without.confidence, without.confidence_source) == (None, "none")


@given(cut=st.integers(0, len(SAFE) - 1))
def test_no_beginning_of_an_answer_clears_a_bag(cut: int) -> None:
    found = heard(SAFE[:cut])
    assert found.state != "whole" and found.verdict == "unknown" and found.problems


@given(
    st.lists(
        st.sampled_from(["<top>", "</top>", "<side>", "</side>", "<conclusion>", "</conclusion>", "<answer>", "</answer>", "\n", "gun",
                         "<box>", "</box>", "[1,2,3,4]", "[9,9,9,9]", " no ", "é", "<", "[[", "knives", "."]),
        max_size=40,
    )
)  # fmt: skip
def test_any_words_become_an_inspection(parts: list[str]) -> None:
    found = heard("".join(parts))
    assert Inspection.model_validate_json(found.model_dump_json()) == found
    for one in found.items:
        for view, (width, height) in SIZES.items():
            left, top, right, bottom = getattr(one, f"{view}_xyxy") or (0, 0, 1, 1)
            assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert found.state != "unreadable" or not found.items
