"""Rotations, the world of noes, and the second view: each figure by hand, and on models whose habit is known."""

from random import Random

import pytest

from beltline.exam.answers import LETTERS
from beltline.exam.circular import Polar, Views, all_no, circular, rotations, views_needed
from beltline.exam.tasks import Question

PLACES = ("above", "below", "left", "right")


def question(number: int, right: str = "above", options: tuple[str, ...] = PLACES, task: str = "SR") -> Question:
    return Question(
        exam="made",
        task=task,
        question=f"Where, {number}?",
        options=options,
        answer=LETTERS[options.index(right)],
        group=f"bag/{number // 2}",
        scan=number,
    )


def told(turn: Question, option: str) -> str:
    return LETTERS[turn.options.index(option)]


def test_nothing_asked() -> None:
    assert circular([], {}) == {} and all_no([], {}) == []
    assert views_needed([], {"top": {}, "side": {}, "both": {}}) == []


def test_rotations_put_every_option_at_every_letter_and_ask_the_same() -> None:
    turns = rotations(question(1, "left"))
    assert turns[0] == question(1, "left") and [turn.answer for turn in turns] == ["C", "B", "A", "D"]
    assert [turn.options[0] for turn in turns] == list(PLACES) and {turn.id for turn in turns} == {question(1).id}
    assert all(turn.answer_text == "left" for turn in turns)
    for option in PLACES:
        assert {turn.options.index(option) for turn in turns} == {0, 1, 2, 3}


def test_a_letter_a_guess_a_wrong_conviction_and_an_eye() -> None:
    asked = [question(n, PLACES[n % 4]) for n in range(400)]
    rng = Random(1)
    habits = {
        "letter": {one.id: ["B"] * 4 for one in asked},
        "guess": {one.id: [rng.choice("ABCD") for _ in range(4)] for one in asked},
        "wrong": {one.id: [told(turn, "above") for turn in rotations(one)] for one in asked},
        "eye": {one.id: [told(turn, one.answer_text) for turn in rotations(one)] for one in asked},
    }
    found = {name: circular(asked, replies, rounds=50)["SR"] for name, replies in habits.items()}
    figures = {
        name: (one.all_right.estimate, one.mean.estimate, one.consistency.estimate) for name, one in found.items()
    }
    assert figures["letter"] == (0, 0.25, 0) and figures["wrong"] == (0.25, 0.25, 1) and figures["eye"] == (1, 1, 1)
    assert (
        figures["guess"][0] < 0.02
        and figures["guess"][1] == pytest.approx(0.25, abs=0.03)
        and figures["guess"][2] < 0.05
    )
    assert found["wrong"].num == 400 and found["wrong"].all_right.num_clusters == 200


def test_an_unread_answer_is_neither_right_nor_consistent() -> None:
    one = question(1)
    replies = [told(turn, "above") for turn in rotations(one)]
    found = circular([one], {one.id: [*replies[:3], "I cannot tell."]}, rounds=20)["SR"]
    assert (found.all_right.estimate, found.mean.estimate, found.consistency.estimate) == (0, 0.75, 0)
    silent = circular([one], {one.id: [None] * 4}, rounds=20)["SR"]
    assert (silent.mean.estimate, silent.consistency.estimate) == (0, 0)


def test_tasks_are_told_apart_and_missing_rotations_are_named() -> None:
    asked = [question(1), question(2, "No", ("Yes", "No"), "ML")]
    replies = {asked[0].id: ["A", "D", "C", "B"], asked[1].id: ["B", "B"]}
    found = circular(asked, replies, rounds=20)
    assert (found["SR"].all_right.estimate, found["ML"].all_right.estimate, found["ML"].mean.estimate) == (1, 0, 0.5)
    with pytest.raises(ValueError, match=r"expected 4 replies to question \d+, one for each of its rotations, found 0"):
        circular(asked, {})


def test_no_to_everything_by_hand() -> None:
    """Five yes/no questions, two of them no; a model that says no four times and nothing once."""
    options = ("Yes", "No, there is none")
    asked = [question(n, options[n < 2], options, "misleading") for n in range(5)] + [question(9)]
    replies: dict[int, str | None] = {one.id: "No." for one in asked[:4]} | {asked[4].id: "hm", asked[5].id: "A"}
    (line,) = all_no(asked, replies)
    assert line == Polar(task="misleading", num=5, right=0.4, gold_no=0.4, said_no=0.8, said_yes=0.0)
    assert line.lean == pytest.approx(0.4)
    lines = all_no([*asked, question(20, "Yes", ("No", "Yes"), "basic")], replies)
    assert [(each.task, each.num) for each in lines] == [("misleading", 5), ("basic", 1), ("all", 6)]
    assert lines[1].said_no == lines[1].said_yes == lines[1].right == 0


def test_only_a_yes_and_a_no_are_polar() -> None:
    others = [("Yes", "No", "Perhaps"), ("No", "None"), ("above", "No"), ("Yes, above", "Yes, below")]
    assert all_no([question(n, options[0], options) for n, options in enumerate(others)], {}) == []


def test_who_needs_the_second_view_by_hand() -> None:
    """Of six: one by the top view alone, one by the side alone, one by either, two by both together, one by nothing."""
    asked = [question(n) for n in range(6)]
    knows = {"top": "100100", "side": "010100", "both": "111110"}
    oracle = {
        seen: {one.id: "A" if flag == "1" else None for one, flag in zip(asked, flags, strict=True)}
        for seen, flags in knows.items()
    }
    (line,) = views_needed(asked, oracle)
    assert line == Views(task="SR", num=6, top=2 / 6, side=2 / 6, both=5 / 6, needs_both=2 / 6, needs_side=3 / 6)


def test_an_oracle_that_was_not_asked() -> None:
    with pytest.raises(ValueError, match=r"expected replies for \('top', 'side', 'both'\), found \('top',\)"):
        views_needed([question(1)], {"top": {}})
    with pytest.raises(ValueError, match=r"expected a reply of side to question \d+, found none"):
        views_needed([question(1)], {"top": {question(1).id: "A"}, "side": {}, "both": {}})
