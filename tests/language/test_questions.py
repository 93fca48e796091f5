"""Dialogues, captioning and grounding turns: the form is MMXray's, boxes are the items', every answer follows from the facts."""

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from beltline.labels import CATEGORIES, broader
from beltline.language import captions, grammar, questions, reasoning, turns
from beltline.language.basics import BASICS
from beltline.language.captions import Caption
from beltline.language.conversations import Conversation, Exchange
from beltline.language.facts import Facts, ItemFacts
from beltline.language.lessons import About
from beltline.language.lexicon import NUMBERS, noun
from beltline.language.screening import screen

ABOUT = About(scan=7, scan_content="c0", group="bag 7")
MADE = 300
WHERE = {
    "on the left": "left",
    "on the right": "right",
    "at the top": "top",
    "at the bottom": "bottom",
    "in the centre": "centre",
}
DIMENSIONS = {"location", "counting", "identity", "feature", "misleading", "basic"}
Made = list[tuple[Facts, Conversation]]


@pytest.fixture(scope="module")
def bags(random_facts: Callable[..., Facts]) -> list[Facts]:
    """An empty bag first, then random ones of one view and of two."""
    return [random_facts(0, 0), *(random_facts(seed) for seed in range(MADE))]


@pytest.fixture(scope="module")
def dialogues(bags: list[Facts]) -> Made:
    return [(facts, questions.compose(facts, seed, ABOUT)) for seed, facts in enumerate(bags)]


@pytest.fixture(scope="module")
def grounded(bags: list[Facts]) -> Made:
    return [(facts, turns.compose_localisation(facts, seed, ABOUT)) for seed, facts in enumerate(bags)]


def by_number(facts: Facts) -> dict[int, ItemFacts]:
    return {item.item: item for item in facts.items}


def number_of(facts: Facts, category: str) -> int:
    return len([item for item in facts.items if category in broader(item.category)])


def answer_of(exchange: Exchange) -> str:
    return exchange.options["ABCDE".index(exchange.answer)] if exchange.options else exchange.answer


def test_the_form_is_that_of_the_paper(dialogues: Made) -> None:
    """Two to four questions, two to five options, open and closed in one dialogue, six dimensions."""
    lengths: Counter[int] = Counter()
    asked: Counter[str] = Counter()
    for facts, conversation in dialogues:
        assert Conversation.of(conversation.row()) == conversation
        assert conversation.views == facts.views
        assert len(conversation.turns) == 2 * len(conversation.exchanges)
        kinds = {bool(exchange.options) for exchange in conversation.exchanges}
        assert kinds == {True, False}
        assert len({exchange.topic for exchange in conversation.exchanges}) == len(conversation.exchanges)
        lengths[len(conversation.exchanges)] += 1
        asked.update(exchange.topic for exchange in conversation.exchanges)
    assert set(lengths) == {2, 3, 4} and min(lengths.values()) > MADE / 6
    assert set(asked) == DIMENSIONS and min(asked.values()) > MADE / 8


def test_closed_answers_are_one_letter_and_open_ones_end_in_the_answer(dialogues: Made) -> None:
    sizes: Counter[int] = Counter()
    for _, conversation in dialogues:
        for number, exchange in enumerate(conversation.exchanges):
            asked, said = (turn.content for turn in conversation.turns[2 * number : 2 * number + 2])
            if exchange.options:
                assert said == exchange.answer and len(set(exchange.options)) == len(exchange.options)
                assert re.search(rf"^[\[(]?{said}[\]):]+ {re.escape(answer_of(exchange))}$", asked, re.MULTILINE)
                sizes[len(exchange.options)] += 1
            elif exchange.topic in ("location", "feature") and exchange.asks["form"] in ("box", "all"):
                assert exchange.answer in said and len(said) > len(exchange.answer) - 1
            else:
                assert said.endswith(exchange.answer) and len(said) > len(exchange.answer) + 20
    assert set(sizes) == {2, 3, 4, 5}


def test_boxes_in_the_text_are_the_boxes_on_record_and_the_items_own(dialogues: Made, grounded: Made) -> None:
    boxes = 0
    for facts, conversation in dialogues + grounded:
        for number, turn in enumerate(conversation.turns):
            assert reasoning.boxes_in(turn.content) == tuple(b.xyxy for b in conversation.boxes if b.turn == number)
        for box in conversation.boxes:
            item = by_number(facts)[box.item]
            assert item.seen(box.view).box == box.xyxy and item.category == box.category
            boxes += 1
    assert boxes > MADE


def location(facts: Facts, asks: dict, exchange: Exchange) -> None:
    seen = by_number(facts)[asks["item"]].seen(asks["view"])
    said = answer_of(exchange)
    if asks["form"] == "place":
        assert WHERE[said] == seen.place
    else:
        assert [int(edge) for edge in re.findall(r"\d+", said)] == list(seen.box)
        for option in set(exchange.options) - {said}:
            wrong = tuple(int(edge) for edge in re.findall(r"\d+", option))
            assert 0.25 <= drawn_iou(wrong, seen.box) <= 0.75


def drawn_iou(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """By drawing the boxes."""
    one, two = (np.zeros((1000, 1000), bool) for _ in range(2))
    for drawn, (left, top, right, bottom) in ((one, a), (two, b)):
        drawn[top:bottom, left:right] = True
    return float((one & two).sum() / (one | two).sum())


def counting(facts: Facts, asks: dict, exchange: Exchange) -> None:
    assert int(answer_of(exchange)) == number_of(facts, asks["category"])


def identity(facts: Facts, asks: dict, exchange: Exchange) -> None:
    if asks["form"] == "one":
        there = {noun(name).one for item in facts.items for name in broader(item.category)}
        assert there & set(exchange.options) == {answer_of(exchange)}
    else:
        for category, number in facts.counts().items():
            name = noun(category)
            assert (name.one if number == 1 else f"{name.counted(number)}") in exchange.answer
        assert facts.items or exchange.answer == "nothing of interest"


def feature(facts: Facts, asks: dict, exchange: Exchange) -> None:
    item = by_number(facts)[asks["item"]]
    if asks["form"] == "colour":
        assert answer_of(exchange) == item.colour
    else:
        for known in (item.colour, item.material):
            assert known is None or known in exchange.answer


def misleading(facts: Facts, asks: dict, exchange: Exchange) -> None:
    true = {
        "presence": lambda: number_of(facts, asks["category"]) > 0,
        "number": lambda: number_of(facts, asks["category"]) == asks["claimed"],
        "colour": lambda: by_number(facts)[asks["item"]].colour == asks["claimed"],
        "place": lambda: by_number(facts)[asks["item"]].seen(asks["view"]).place == asks["claimed"],
    }[asks["form"]]()
    assert answer_of(exchange) == ("Yes" if true else "No")


def basic(facts: Facts, asks: dict, exchange: Exchange) -> None:
    assert {fact.key: fact.answer for fact in BASICS}[asks["fact"]] == answer_of(exchange)


ORACLE = {oracle.__name__: oracle for oracle in (location, counting, identity, feature, misleading, basic)}


def test_every_answer_follows_from_the_facts(dialogues: Made) -> None:
    claims: Counter[str] = Counter()
    for facts, conversation in dialogues:
        for exchange in conversation.exchanges:
            ORACLE[exchange.topic](facts, dict(exchange.asks), exchange)
            if exchange.topic == "misleading" and facts.items:
                claims[answer_of(exchange)] += 1
    assert 0.4 < claims["Yes"] / claims.total() < 0.6


def test_the_claim_in_the_question_is_the_claim_on_record(dialogues: Made) -> None:
    for facts, conversation in dialogues:
        for number, exchange in enumerate(conversation.exchanges):
            asked, asks = conversation.turns[2 * number].content, exchange.asks
            if exchange.topic == "misleading" and asks["form"] == "number":
                words = [NUMBERS.get(word, 1 if word in ("a", "an") else None) for word in re.findall(r"\w+", asked)]
                assert asks["claimed"] in [*words, *map(int, re.findall(r"\d+", asked))]
            elif exchange.topic == "misleading" and asks["form"] == "place":
                assert [place for words, place in WHERE.items() if words in asked] == [asks["claimed"]]
            elif exchange.topic == "misleading" and asks["form"] == "presence":
                assert noun(asks["category"]).one in asked
            elif exchange.topic == "misleading":
                assert re.search(rf"\bin {asks['claimed']}\b", asked)
                assert noun(by_number(facts)[asks["item"]].category).one in asked


def test_reasons_stand_the_screens_of_captions(dialogues: Made) -> None:
    """The screens read each open answer as the words of a caption and find nothing in it that is not there."""
    read = 0
    for facts, conversation in dialogues:
        for number, exchange in enumerate(conversation.exchanges):
            if exchange.options or exchange.topic == "basic":
                continue
            said = reasoning.BOX.sub("", conversation.turns[2 * number + 1].content)
            found = screen(facts, Caption(top="A scan.", side=None, items=(), whole=said)).alignment.found
            assert not found, (said, found)
            read += 1
    assert read > MADE / 2


def test_grounding_turns_name_every_box_that_is_asked_for(grounded: Made) -> None:
    nothing = 0
    for facts, conversation in grounded:
        assert [exchange.asks["view"] for exchange in conversation.exchanges] == list(facts.views)
        for number, exchange in enumerate(conversation.exchanges):
            category, view = exchange.asks["category"], exchange.asks["view"]
            wanted = [i for i in facts.items if i.seen(view) and (category is None or category in broader(i.category))]
            told = Counter(
                (name, reasoning.boxes_in(line)[0])
                for line in conversation.turns[2 * number + 1].content.split("\n")
                if (name := line.partition(": ")[0]) != line
            )
            assert told == Counter((noun(item.category).one, item.seen(view).box) for item in wanted)
            nothing += not wanted
    assert nothing > MADE / 20


def test_captioning_turns_say_what_the_caption_says(bags: list[Facts]) -> None:
    by_view = 0
    for seed, facts in enumerate(bags[:100]):
        caption = grammar.describe(facts, (3, seed))
        given = About(
            scan=seed, scan_content="c", group="g", caption=captions.write(caption), describer="grammar@grammar-1"
        )
        conversation = turns.compose_caption(facts, 1, given)
        said = [turn.content for turn in conversation.turns[1::2]]
        parts = [caption.top, *([caption.side] if caption.side else []), caption.whole]
        assert said in ([caption.text()], parts)
        assert conversation.describer == "grammar@grammar-1"
        by_view += said == parts
        own = turns.compose_caption(facts, 1, ABOUT)
        assert own.describer != conversation.describer
    assert 10 < by_view < 60


def test_basics_are_sound_and_told_apart_by_key() -> None:
    assert len({fact.key for fact in BASICS}) == len(BASICS) >= 20
    for fact in BASICS:
        options = (fact.answer, *fact.wrong)
        assert 2 <= len(options) <= 5 and len(set(options)) == len(options)
        assert fact.question.endswith("?") and fact.because.endswith(".")


def test_every_category_can_be_put_into_a_question() -> None:
    assert all(noun(name).one and noun(name).many and noun(name).bare for name in CATEGORIES)
