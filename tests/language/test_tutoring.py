"""Lessons by a model: what the facts settle is taken as it stands, and everything else is refused with what was found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from beltline.language import gsxray, questions, reasoning
from beltline.language.asking import Reply, request_of
from beltline.language.conversations import Conversation
from beltline.language.facts import Facts, facts_of
from beltline.language.families import QWEN3_VL, QWEN25_VL
from beltline.language.lessonforms import FORMS
from beltline.language.lessons import About
from beltline.language.models import Model
from beltline.language.tutoring import LessonRequest, read, request_for
from beltline.scan import Scan
from beltline.verdict import BadRow
from tests.made import scan

ABOUT = About(scan=7, scan_content="c0", group="bag 7")
MODELS = [Model(name="m", revision="1", family=family) for family in (QWEN3_VL, QWEN25_VL)]


@pytest.fixture(scope="module")
def bag() -> Scan:
    return scan(0)


@pytest.fixture(scope="module")
def facts(bag: Scan) -> Facts:
    return facts_of(bag)


def as_told(text: str, conversation: Conversation, turn: int, request: LessonRequest) -> str:
    """The text with its boxes as the model counts them."""
    sizes = {picture.view: picture.size_wh for picture in request.pictures}
    for box in conversation.boxes:
        if box.turn == turn:
            counted = request.model.family.told(box.xyxy, sizes[box.view])
            text = text.replace(reasoning.box(box.xyxy), f"<box>{list(counted)}</box>")
    return text


def dialogue_by(conversation: Conversation, request: LessonRequest) -> dict[str, Any]:
    """What a model that knows the facts would write: the grammar's own dialogue."""
    turns = []
    for number, exchange in enumerate(conversation.exchanges):
        asked, said = (
            as_told(conversation.turns[k].content, conversation, k, request) for k in (2 * number, 2 * number + 1)
        )
        closed = bool(exchange.options)
        turns.append(
            {
                "dimension": exchange.topic,
                "question": asked.split("\n")[0],
                "options": list(exchange.options) if closed else None,
                "reasoning": None if closed else said,
                "answer": exchange.answer if closed else "Done.",
            }
        )
    return {"turns": turns}


def replied(words: dict[str, Any]) -> Reply:
    return Reply(text=f"Here it is: {json.dumps(words)}", finish_reason="stop")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.family.name)
def test_a_true_dialogue_is_taken_with_its_boxes_in_thousandths(model: Model, bag: Scan, facts: Facts) -> None:
    request = request_for("dialogue", model, bag, facts, ABOUT)
    boxes = 0
    for index in range(30):
        mine = questions.compose(facts, 1, ABOUT, index)
        found = read(replied(dialogue_by(mine, request)), request, facts, ABOUT, index)
        assert [e.topic for e in found.exchanges] == [e.topic for e in mine.exchanges]
        assert [(b.turn, b.item, b.xyxy) for b in found.boxes] == [(b.turn, b.item, b.xyxy) for b in mine.boxes]
        for number, turn in enumerate(found.turns):
            assert reasoning.boxes_in(turn.content) == tuple(b.xyxy for b in found.boxes if b.turn == number)
        assert (found.describer, found.prompt) == ("m@1", "hybrid-dialogue@2026-11-23")
        assert Conversation.of(found.row()) == found
        boxes += len(found.boxes)
    assert boxes > 10


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.family.name)
def test_a_true_chain_is_taken_with_the_question_that_it_was_asked(model: Model, bag: Scan, facts: Facts) -> None:
    for index in range(12):
        request = request_for("gsxray", model, bag, facts, ABOUT, seed=1, index=index)
        draft = gsxray.compose(facts, 1, ABOUT, index)
        assert draft.turns[0].content in request.text
        chain = reasoning.read(draft.turns[1].content)
        words = {name: as_told(getattr(chain, name), draft, 1, request) for name in ("top", "side", "conclusion")}
        found = read(replied(words | {"answer": chain.answer}), request, facts, ABOUT, index)
        assert found.turns == draft.turns and found.boxes == draft.boxes and found.exchanges == draft.exchanges


OPEN = {
    "dimension": "counting",
    "question": "How many guns?",
    "options": None,
    "reasoning": "There is a gun.",
    "answer": "1",
}
CLOSED = {
    "dimension": "basic",
    "question": "What is white?",
    "options": ["air", "lead"],
    "reasoning": None,
    "answer": "A",
}


@pytest.mark.parametrize(
    ("turns", "reason", "found"),
    [
        ([OPEN], "lesson/schema", "turns"),
        ([OPEN, OPEN | {"dimension": "identity"}], "lesson/form", "counting"),
        ([OPEN, CLOSED | {"dimension": "counting"}], "lesson/form", "counting"),
        ([OPEN, CLOSED | {"answer": "C"}], "lesson/form", "'C'"),
        ([OPEN, CLOSED | {"answer": "air"}], "lesson/form", "air"),
        ([OPEN, CLOSED | {"options": ["air", "Air "]}], "lesson/form", "Air"),
        ([OPEN, CLOSED | {"options": ["air"]}], "lesson/schema", "options"),
        ([OPEN, CLOSED | {"reasoning": "since"}], "lesson/form", "since"),
        ([OPEN | {"reasoning": None}, CLOSED], "lesson/form", "expected reasons"),
        ([OPEN | {"reasoning": "A grenade lies beside the gun."}, CLOSED], "lesson/unfounded", "grenade"),
        ([OPEN | {"reasoning": "There are three guns."}, CLOSED], "lesson/unfounded", "3"),
        ([OPEN | {"reasoning": "The gun <box>[1,2,3,4]</box>."}, CLOSED], "lesson/box", "[1, 2, 3, 4]"),
        ([OPEN | {"reasoning": "The gun <box>[1,2,3]</box>."}, CLOSED], "lesson/box", "<box>[1,2,3]"),
        ([OPEN | {"reasoning": "No, <answer>B</answer>"}, CLOSED], "lesson/box", "<answer>"),
        ([OPEN | {"mood": "good"}, CLOSED], "lesson/schema", "mood"),
    ],
)
def test_what_is_no_dialogue_is_refused_with_what_was_found(
    turns: list[dict[str, Any]], reason: str, found: str, bag: Scan, facts: Facts
) -> None:
    request = request_for("dialogue", MODELS[0], bag, facts, ABOUT)
    read(Reply(text=json.dumps({"turns": [OPEN, CLOSED]})), request, facts, ABOUT)  # the untouched one is taken
    with pytest.raises(BadRow) as caught:
        read(Reply(text=json.dumps({"turns": turns})), request, facts, ABOUT)
    assert caught.value.verdict.reason == reason
    assert found in caught.value.verdict.detail


def test_a_chain_must_keep_its_answer_and_each_view_its_own_boxes(bag: Scan, facts: Facts) -> None:
    request = request_for("gsxray", MODELS[0], bag, facts, ABOUT, seed=1)
    gun = facts.items[0]
    good = {"top": "A gun shows.", "side": "A gun shows.", "conclusion": "There is a gun."}
    right = request.draft.exchanges[0].answer
    assert read(Reply(text=json.dumps(good | {"answer": right})), request, facts, ABOUT)
    with pytest.raises(BadRow, match="lesson/answer"):
        read(Reply(text=json.dumps(good | {"answer": "77"})), request, facts, ABOUT)
    assert gun.top.box != gun.side.box
    swapped = good | {"answer": right, "top": f"The gun {reasoning.box(gun.side.box)} shows."}
    with pytest.raises(BadRow, match="lesson/box: expected a box of the facts in the top view"):
        read(Reply(text=json.dumps(swapped)), request, facts, ABOUT)


def test_a_cut_or_empty_answer_is_no_lesson(bag: Scan, facts: Facts) -> None:
    request = request_for("dialogue", MODELS[0], bag, facts, ABOUT)
    with pytest.raises(BadRow, match="lesson/cut-off"):
        read(Reply(text='{"turns": [', finish_reason="length"), request, facts, ABOUT)
    with pytest.raises(BadRow, match="not-json"):
        read(Reply(text=""), request, facts, ABOUT)


def test_the_question_names_facts_schema_and_how_boxes_count(bag: Scan, facts: Facts) -> None:
    plain = request_for("dialogue", MODELS[0], bag, facts, ABOUT)
    assert "{" not in plain.text.split("Facts and description")[0] and str(list(facts.items[0].top.box)) in plain.text
    assert plain.body(0)["response_format"]["json_schema"]["schema"] == FORMS["dialogue"].model_json_schema()
    captioned = request_of(MODELS[0], bag, facts)
    assert plain.name(0) != captioned.name(0) and plain.name(0) != plain.name(1)
    pixels = request_for("dialogue", MODELS[1], bag, facts, ABOUT)
    assert "pixels of the view" in pixels.text and pixels.text != plain.text


def test_one_view_has_dialogues_and_no_chains(random_facts: Callable[..., Facts]) -> None:
    single = scan(1, sides=False)
    with pytest.raises(BadRow, match="conversation/one-view"):
        request_for("gsxray", MODELS[0], single, facts_of(single), ABOUT)
    assert request_for("dialogue", MODELS[0], single, facts_of(single), ABOUT).pictures[0].view == "top"
