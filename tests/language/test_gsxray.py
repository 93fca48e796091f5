"""GSXray from facts: every box is its item's, every answer and every sentence follows from the facts.

The facts are asked again here in another way than inference.py asks them: edges as sets of whole numbers, middles as fractions.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from beltline.labels import broader
from beltline.language import reasoning
from beltline.language.captions import Caption
from beltline.language.conversations import Conversation, Exchange
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.gsxray import TOPICS, compose
from beltline.language.lessons import About
from beltline.language.lexicon import noun
from beltline.language.screening import screen
from beltline.verdict import BadRow

ABOUT = About(scan=7, scan_content="c0", group="bag 7")
MADE = 350
EDGES = {"belt": (("top", 0, 2), ("side", 0, 2)), "height": (("side", 1, 3),), "across": (("top", 1, 3),)}
SIDES = {
    "belt": ("to the left", "to the right"),
    "height": ("above", "below"),
    "across": ("the upper edge", "the lower edge"),
}


@pytest.fixture(scope="module")
def lessons(random_facts: Callable[..., Facts]) -> list[tuple[Facts, Conversation]]:
    """Conversations about random bags of two views, among them an empty one."""
    drawn = [random_facts(0, 0), *(random_facts(seed) for seed in range(MADE))]
    both = [facts for facts in drawn if facts.views == ("top", "side")]
    return [(facts, compose(facts, seed, ABOUT)) for seed, facts in enumerate(both)]


def answer_of(exchange: Exchange) -> str:
    return exchange.options["ABCDE".index(exchange.answer)] if exchange.options else exchange.answer


def by_number(facts: Facts) -> dict[int, ItemFacts]:
    return {item.item: item for item in facts.items}


def test_a_lesson_reads_back_from_its_row(lessons: list[tuple[Facts, Conversation]]) -> None:
    assert len(lessons) > MADE / 2
    for _, conversation in lessons:
        assert Conversation.of(conversation.row()) == conversation


def test_boxes_in_the_text_are_the_boxes_on_record_and_the_items_own(lessons: list[tuple[Facts, Conversation]]) -> None:
    for facts, conversation in lessons:
        for number, turn in enumerate(conversation.turns):
            on_record = tuple(box.xyxy for box in conversation.boxes if box.turn == number)
            assert reasoning.boxes_in(turn.content) == on_record
        chain = reasoning.read(conversation.turns[1].content)
        for view in ("top", "side"):
            assert chain.boxes(view) == tuple(b.xyxy for b in conversation.boxes if b.turn == 1 and b.view == view)
        assert reasoning.boxes_in(chain.conclusion) == ()
        for box in conversation.boxes:
            item = by_number(facts)[box.item]
            assert item.seen(box.view).box == box.xyxy and item.category == box.category


def test_options_are_different_and_the_letter_is_that_of_the_answer(lessons: list[tuple[Facts, Conversation]]) -> None:
    letters: Counter[str] = Counter()
    for _, conversation in lessons:
        (exchange,) = conversation.exchanges
        assert reasoning.read(conversation.turns[1].content).answer == exchange.answer
        if exchange.options:
            assert 2 <= len(exchange.options) <= 5 and len(set(exchange.options)) == len(exchange.options)
            asked = conversation.turns[0].content
            for letter, option in zip("ABCDE", exchange.options, strict=False):
                assert re.search(rf"^[\[(]?{letter}[\])\.:]+ {re.escape(option)}$", asked, re.MULTILINE)
            letters[exchange.answer] += 1
    open_ones = sum(not conversation.exchanges[0].options for _, conversation in lessons)
    assert 0.35 < open_ones / len(lessons) < 0.65
    assert len(letters) >= 4


def counting(facts: Facts, asks: dict) -> str:
    return str(len([item for item in facts.items if asks["category"] in broader(item.category)]))


def recognition(facts: Facts, asks: dict) -> str:
    return noun(by_number(facts)[asks["item"]].category).one


def relation(facts: Facts, asks: dict) -> str:
    a, b = (by_number(facts)[number] for number in asks["items"])
    said = set()
    for view, low, high in EDGES[asks["axis"]]:
        if a.seen(view) and b.seen(view):
            one, two = (set(range(i.seen(view).box[low], i.seen(view).box[high] + 1)) for i in (a, b))
            assert not one & two, "asked though the boxes are not apart"
            said.add(SIDES[asks["axis"]][max(one) > max(two)])
    (answer,) = said
    return answer


def distance(facts: Facts, asks: dict) -> str:
    target, a, b = (by_number(facts)[number] for number in (asks["target"], *asks["items"]))
    said = set()
    for view, low, high in EDGES[asks["axis"]]:
        if target.seen(view) and a.seen(view) and b.seen(view):
            middle, one, two = (Fraction(i.seen(view).box[low] + i.seen(view).box[high], 2) for i in (target, a, b))
            said.add(f"the {noun((a if abs(one - middle) < abs(two - middle) else b).category).one}")
    (answer,) = said
    return answer


def occlusion(facts: Facts, asks: dict) -> str:
    item, worth = by_number(facts)[asks["item"]], {"clear": 3, "partly hidden": 2, "heavily occluded": 1}
    assert worth[item.top.sight] != worth[item.side.sight]
    return "the top view" if worth[item.top.sight] > worth[item.side.sight] else "the side view"


def overlap(facts: Facts, asks: dict) -> str:
    pairs = {(view, frozenset(pair)) for view, *pair in facts.overlaps}
    top, side = ((view, frozenset(asks["items"])) in pairs for view in ("top", "side"))
    return {(1, 0): "in the top view only", (0, 1): "in the side view only", (1, 1): "in both views"}.get(
        (top, side), "in neither view"
    )


def posture(facts: Facts, asks: dict) -> str:
    return str(by_number(facts)[asks["item"]].profile)


def level(facts: Facts, asks: dict) -> str:
    _, top, _, bottom = by_number(facts)[asks["item"]].side.box
    share = Fraction((top + bottom) / 2 - facts.side_frame[1]) / (facts.side_frame[3] - facts.side_frame[1])
    return "high" if share < 0.35 else "low" if share > 0.65 else "half-way up"


ORACLE = {
    oracle.__name__: oracle
    for oracle in (counting, recognition, relation, distance, occlusion, overlap, posture, level)
}


def test_every_answer_follows_from_the_facts(lessons: list[tuple[Facts, Conversation]]) -> None:
    asked: Counter[str] = Counter()
    for facts, conversation in lessons:
        (exchange,) = conversation.exchanges
        asked[exchange.topic] += 1
        assert ORACLE[exchange.topic](facts, dict(exchange.asks)) == answer_of(exchange), conversation
    assert len(asked) == len(TOPICS) and min(asked.values()) >= 3, asked


def test_every_sentence_stands_the_screens_of_captions(lessons: list[tuple[Facts, Conversation]]) -> None:
    """Alignment and contradiction read the sentences on their own and know nothing of how they were written.

    They take comparisons ("nearer to the upper edge") for places; those conclusions are checked by their numbers below.
    """
    for facts, conversation in lessons:
        chain = reasoning.read(conversation.turns[1].content)
        top, side, whole = (reasoning.BOX.sub("", text or "") for text in (chain.top, chain.side, chain.conclusion))
        if conversation.exchanges[0].topic in ("relation", "distance"):
            whole = "Compared."
        screening = screen(facts, Caption(top=top, side=side, items=(), whole=whole))
        assert not screening.alignment.found, (conversation, screening.alignment.found)
        assert not screening.contradiction.found, (conversation, screening.contradiction.found)


def test_distances_in_a_conclusion_are_those_of_the_middles(lessons: list[tuple[Facts, Conversation]]) -> None:
    checked = 0
    for facts, conversation in lessons:
        (exchange,) = conversation.exchanges
        if exchange.topic == "distance":
            chain, items = reasoning.read(conversation.turns[1].content), by_number(facts)
            named = {digit for i in facts.items for digit in re.findall(r"\d+", noun(i.category).one)}
            told = [int(digits) for digits in re.findall(r"\d+", chain.conclusion) if digits not in named]
            view = "top" if "in the top view" in chain.conclusion.lower() else "side"
            (low, high) = next(edges for name, *edges in EDGES[exchange.asks["axis"]] if name == view)
            middles = [
                Fraction(items[number].seen(view).box[low] + items[number].seen(view).box[high], 2)
                for number in (exchange.asks["target"], *exchange.asks["items"])
            ]
            assert told == [int(abs(middle - middles[0])) for middle in middles[1:]]
            checked += 1
    assert checked


def test_numbers_in_a_conclusion_are_edges_of_the_boxes(lessons: list[tuple[Facts, Conversation]]) -> None:
    checked = 0
    for facts, conversation in lessons:
        (exchange,) = conversation.exchanges
        if exchange.topic == "relation":
            numbers = set(map(int, re.findall(r"\d+", reasoning.read(conversation.turns[1].content).conclusion)))
            edges = {edge for box in conversation.boxes for edge in box.xyxy}
            names = {digit for i in facts.items for digit in map(int, re.findall(r"\d+", noun(i.category).one))}
            assert numbers - names <= edges and len(numbers - names) == 2
            checked += 1
    assert checked


def test_one_view_is_no_lesson_in_two(random_facts: Callable[..., Facts]) -> None:
    one = next(facts for facts in map(random_facts, range(50)) if facts.views == ("top",))
    with pytest.raises(BadRow, match="conversation/one-view"):
        compose(one, 1, ABOUT)


def test_the_same_seed_writes_the_same_and_another_one_does_not(random_facts: Callable[..., Facts]) -> None:
    facts = next(facts for facts in map(random_facts, range(50)) if len(facts.views) == 2 and len(facts.items) > 3)
    assert compose(facts, 1, ABOUT) == compose(facts, 1, ABOUT)
    others = {compose(facts, 1, ABOUT, index).turns for index in range(20)}
    assert len(others) > 15


def test_what_bags_answer_nearly_always_is_asked_seldom() -> None:
    """A pupil must not learn that everything lies flat."""
    box = (400, 400, 600, 600)
    item = ItemFacts(item=1, category="gun", top=Seen(box=box), side=Seen(box=(400, 100, 600, 150)), profile="flat")
    upright = replace(item, profile="upright")
    asked = []
    for one in (item, upright):
        facts = Facts(views=("top", "side"), items=(one,))
        made = (compose(facts, 1, ABOUT, index) for index in range(300))
        asked.append(Counter(conversation.exchanges[0].topic for conversation in made)["posture"])
    assert 0 < asked[0] < asked[1] / 3
