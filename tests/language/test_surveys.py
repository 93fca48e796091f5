"""Surveys: each thing of a bag is found once in each view that shows it, and what is said of it and of two is what their boxes say."""

import re
from typing import Any

import pytest

from beltline.exam.grounded import said_boxes
from beltline.language.facts import Facts, ItemFacts, Seen, facts_of
from beltline.language.lessons import About
from beltline.language.places import MARK_STEP
from beltline.language.reasoning import read
from beltline.language.surveys import compose
from beltline.verdict import BadRow
from tests.made import scan

ABOUT = About(scan=7, scan_content="-", group="g")


def item(number: int, category: str, **boxes: Any) -> ItemFacts:
    return ItemFacts(item=number, category=category, **{view: Seen(box=box) for view, box in boxes.items()})


BAG = Facts(
    views=("top", "side"),
    items=(
        item(1, "laptop", top=(512, 100, 905, 333), side=(512, 700, 905, 780)),
        item(2, "umbrella", top=(40, 40, 500, 160)),
        item(3, "laptop", top=(96, 204, 305, 391), side=(96, 700, 305, 900)),
    ),
)


def test_a_bag_without_things_is_refused() -> None:
    with pytest.raises(BadRow, match="expected things that have a name"):
        compose(Facts(views=("top", "side")), 1, ABOUT)


def test_by_hand() -> None:
    made = compose(BAG, 1, ABOUT)
    said = {tuple(one.asks["categories"]): turn.content for one, turn in zip(made.exchanges, made.turns[1::2], strict=True)}  # fmt: skip
    assert said[("laptop", "laptop")] == (
        "<top>laptop <box>[100,200,300,400]</box> one, laptop <box>[520,100,900,340]</box> two: top two</top>\n"
        "<side>laptop <box>[100,700,300,900]</box> one, laptop <box>[520,700,900,780]</box> two: side two</side>\n"
        "<conclusion>top two, side two: two</conclusion>\n<answer>two</answer>"
    )
    assert said[("umbrella",)] == (
        "<top>umbrella <box>[40,40,500,160]</box> one: top one</top>\n<side>nothing of it</side>\n"
        "<conclusion>top one: one</conclusion>\n<answer>one</answer>"
    )


def pair(laptop: dict[str, Any], umbrella: dict[str, Any]) -> str:
    """The answer about two things in the order of a seed that asks for the laptop first."""
    bag = Facts(views=("top", "side"), items=(item(1, "laptop", **laptop), item(2, "umbrella", **umbrella)))
    made = next(one for seed in range(20) if "Where does the laptop" in (one := compose(bag, seed, ABOUT)).turns[0].content)  # fmt: skip
    assert len(made.turns) == 2 and "as seen from the umbrella?" in made.turns[0].content
    return made.turns[1].content


def test_two_things_are_compared() -> None:
    said = pair(
        {"top": (512, 100, 905, 333), "side": (512, 700, 905, 780)}, {"top": (40, 40, 600, 160), "side": (40, 600, 600, 690)}
    )  # fmt: skip
    assert said == (
        "<top>laptop <box>[520,100,900,340]</box> at 700 220 is 380 by 240, "
        "umbrella <box>[40,40,600,160]</box> at 320 100 is 560 by 120 off 380 120: "
        "700 320 belt right, 220 100 across behind, 520 600 100 160 top share</top>\n"
        "<side>laptop <box>[520,700,900,780]</box> at 700 740 is 380 by 80, "
        "umbrella <box>[40,600,600,680]</box> at 320 640 is 560 by 80 off 100: "
        "740 640 height below, 520 600 700 680 side apart</side>\n"
        "<conclusion>belt right, across behind, top share, height below, side apart: right, behind and below</conclusion>\n"
        "<answer>right, behind and below</answer>"
    )


def test_what_a_view_does_not_show_is_not_compared_in_it() -> None:
    said = pair({"top": (512, 100, 905, 333), "side": (512, 700, 905, 780)}, {"top": (512, 40, 905, 160)})
    chain = read(said)
    assert chain.side == "laptop <box>[520,700,900,780]</box> at 700 740 is 380 by 80"
    assert chain.conclusion == "across behind, top share: behind"
    assert read(pair({"top": (0, 0, 100, 100)}, {"side": (0, 0, 100, 100)})).answer == "nothing of it"


def test_one_view_is_surveyed_alone() -> None:
    only = Facts(views=("top",), items=(item(1, "laptop", top=(0, 0, 100, 100)),))
    assert read(compose(only, 1, ABOUT).turns[1].content).side is None


def test_every_thing_is_found_where_it_is() -> None:
    facts = facts_of(scan(1))
    made = compose(facts, 1, ABOUT)
    true = sorted((view, one.item) for one in facts.items for view in facts.views if one.seen(view))
    assert sorted((one.view, one.item) for one in made.boxes) == true and true
    boxes = {(view, one.item): seen.box for one in facts.items for view in facts.views if (seen := one.seen(view))}
    for one in made.boxes:
        assert all(abs(a - b) <= MARK_STEP / 2 for a, b in zip(one.xyxy, boxes[one.view, one.item], strict=True))
    for number in range(1, len(made.turns), 2):
        written = [(one.view, one.xyxy) for one in made.boxes if one.turn == number]
        assert written == said_boxes(made.turns[number].content)
        for row in re.findall(r"\[([^]]*)\]</box> at (\d+) (\d+) is (\d+) by (\d+)", made.turns[number].content):
            (left, top, right, bottom), (x, y, wide, high) = map(int, row[0].split(",")), map(int, row[1:])
            assert (right - left, bottom - top) == (wide, high)
            assert 0 <= (left + right) / 2 - x < MARK_STEP and 0 <= (top + bottom) / 2 - y < MARK_STEP


def test_the_order_is_drawn() -> None:
    orders = {tuple(tuple(one.asks["categories"]) for one in compose(BAG, seed, ABOUT).exchanges) for seed in range(20)}
    assert orders == {(("laptop", "laptop"), ("umbrella",)), (("umbrella",), ("laptop", "laptop"))}
