"""Pose and occlusion: what the facts settle is not asked, what is asked is asked whole, and only strict answers count."""

import json

import pytest

from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.grammar import describe
from beltline.language.judging import Question, Ruling, messages, read, schema
from beltline.language.screening import screen
from beltline.verdict import BadRow

BOX = (50, 450, 150, 550)
PLAIN = Seen(box=BOX, place="left")


def bag(top: Seen = PLAIN, side: Seen = PLAIN, pose: str | None = None, number: int = 1) -> Facts:
    gun = ItemFacts(item=1, category="gun", top=top, side=side, pose=pose)
    more = [ItemFacts(item=k, category="gun", top=PLAIN, side=PLAIN) for k in range(2, number + 1)]
    return Facts(views=("top", "side"), items=(gun, *more))


def asked(
    facts: Facts, top: str, side: str, verdict: str = "contradicts"
) -> tuple[list[Question], dict[str, str], int]:
    """The questions, and the contradictions and pairs of a caption with these scenes."""
    questions: list[Question] = []

    def judge(question: Question) -> Ruling:
        questions.append(question)
        return Ruling(verdict=verdict, why="so it is")

    caption = describe(facts, (1, 1)).model_copy(update={"top": top, "side": side})
    share = screen(facts, caption, judge).contradiction
    return questions, share.found, share.whole


@pytest.mark.parametrize(
    ("facts", "top", "side", "kinds"),
    [
        (bag(), "A gun.", "A gun.", []),
        (bag(), "The gun lies flat.", "The gun lies flat.", []),
        (bag(), "The gun lies flat.", "The gun stands upright.", ["pose"]),
        (bag(), "The gun is not standing upright.", "The gun stands upright.", []),  # a denied pose is none
        (bag(), "The gun may be standing upright.", "The gun lies flat.", []),  # supposed
        (bag(), "The gun is clearly visible.", "The gun is mostly covered.", ["occlusion"]),
        (bag(Seen(box=BOX, sight="clear"), Seen(box=BOX, sight="heavily occluded")),
         "The gun is clearly visible.", "The gun is mostly covered.", []),
        (bag(Seen(box=BOX, sight="clear"), Seen(box=BOX, sight="clear")),
         "The gun is clearly visible.", "The gun is mostly covered.", ["occlusion"]),
        (bag(number=2), "A gun lies flat.", "A gun stands upright.", []),  # which of them?
        (Facts(views=("top", "side"), items=(ItemFacts(item=1, category="gun", top=PLAIN),)),
         "The gun lies flat.", "The gun stands upright.", []),  # one view alone shows it
    ],
)  # fmt: skip
def test_what_is_asked(facts, top, side, kinds):
    questions, found, _ = asked(facts, top, side)
    assert [question.kind for question in questions] == kinds
    assert [key.split("/")[0] for key in found if key.split("/")[0] in ("pose", "occlusion")] == kinds


def test_a_ruling_counts_as_it_says():
    flat, upright = "The gun lies flat.", "The gun stands upright."
    pairs = {verdict: asked(bag(), flat, upright, verdict) for verdict in ("contradicts", "agrees", "unsure")}
    assert [len(found) for _, found, _ in pairs.values()] == [1, 0, 0]
    assert pairs["contradicts"][2] == pairs["agrees"][2] == pairs["unsure"][2] + 1
    (why,) = pairs["contradicts"][1].values()
    assert "so it is" in why and "flat" in why and "upright" in why


def test_a_question_tells_both_statements_and_the_facts():
    (question,), _, _ = asked(bag(pose="tilted"), "The gun lies flat.", "The gun stands upright.")
    system, user = messages(question)
    told = json.loads(user["content"].split("Statements:\n")[1].split("\n\nAnswer")[0])
    assert (told["top"], told["side"], told["category"]) == ("the gun lies flat.", "the gun stands upright.", "gun")
    assert told["facts"]["pose"] == "tilted" and told["facts"]["top box"] == list(BOX)
    assert json.dumps(schema(), sort_keys=True) in user["content"] and system["role"] == "system"


@pytest.mark.parametrize(
    "text",
    [
        '{"verdict":"agrees","why":"x"}',
        '<think>{"verdict":"contradicts"}</think>\n{"verdict":"agrees","why":"x"}',
        '```json\n{"verdict":"agrees","why":"x"}\n```',
    ],
)
def test_rulings_are_read(text):
    assert read(text) == Ruling(verdict="agrees", why="x")


@pytest.mark.parametrize(
    "text",
    ["", "agrees", '{"verdict":"maybe","why":"x"}', '{"verdict":"agrees"}', '{"verdict":"agrees","why":"x","sure":1}', "[]",
     '{"verdict":"agrees","why":"x"} {"verdict":"contradicts","why":"y"}', '{"verdict":"agrees","why":""}'],
)  # fmt: skip
def test_what_is_no_ruling(text):
    with pytest.raises(BadRow, match="judge/schema"):
        read(text)
