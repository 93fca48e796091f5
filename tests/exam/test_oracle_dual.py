"""Whoever sees the row answers every question; and the answers follow from the phantom's geometry as well."""

import random
from dataclasses import replace

import pytest

from beltline.exam.answers import LETTERS
from beltline.exam.dualxray import candidates
from beltline.exam.tasks import DUALXRAY, Question, score
from beltline.image.phantom import RECIPES
from beltline.scan import Row, Scan
from tests.exam.geometry_dual import Judge
from tests.exam.made_dual import made
from tests.exam.oracle_dual import KINDS, reply

Asked = tuple[Row, list[Question]]


def asked(recipe: str, rows: range) -> dict[int, Asked]:
    """Row number to a scan's row, as a version would hold it, and its questions."""
    return {
        number: (scan.row(), candidates(scan, facts, seed=5, content="digest"))
        for number, (scan, facts) in made(recipe, rows).items()
    }


def wrong(bags: dict[int, Asked]) -> list[tuple[int, str, str, str]]:
    """Row number, text, the oracle's answer and the declared one, where they differ."""
    replies = [
        (n, one.question, reply(row, one.question, one.options), one) for n, (row, some) in bags.items() for one in some
    ]
    return [(number, text, said, one.answer_text) for number, text, said, one in replies if said != one.answer_text]


@pytest.fixture(scope="module")
def piled() -> dict[int, Asked]:
    return asked("dual-exam", range(12))


def test_an_oracle_that_sees_only_the_row_is_always_right(piled: dict[int, Asked]) -> None:
    assert wrong(piled) == []
    assert {one.task for _, some in piled.values() for one in some} == set(DUALXRAY)


def test_a_fifth_of_random_answers_scores_what_arithmetic_says(piled: dict[int, Asked]) -> None:
    """0.8 + 0.2 / options on average: four standard deviations of that many tosses are allowed."""
    rng = random.Random(11)
    told = []
    for row, some in piled.values():
        for one in some:
            said = LETTERS[one.options.index(reply(row, one.question, one.options))]
            told.append((one, rng.choice(LETTERS[: len(one.options)]) if rng.random() < 0.2 else said))
    hoped = [0.8 + 0.2 / len(one.options) for one, _ in told]
    right = sum(score(one, f"Answer: {letter}").correct for one, letter in told)
    assert abs(right - sum(hoped)) < 4 * sum(p * (1 - p) for p in hoped) ** 0.5
    assert right < len(told)


def test_the_same_holds_for_other_bags() -> None:
    assert wrong(asked("severe", range(3))) == []
    assert wrong(asked("dual", range(3))) == []


def test_boxes_alone_are_enough_for_what_is_asked_of_a_real_pair(piled: dict[int, Asked]) -> None:
    """A real pair has neither millimetres nor masks: fewer questions, and all of them answerable from boxes."""
    bare = {}
    for number, (row, _) in piled.items():
        scan = Scan.of(row)
        none = {"top_mask": None, "side_mask": None, "centre_mm": None, "size_mm": None, "pose": None}
        seen = {"top_visible": None, "side_visible": None}
        scan = replace(scan, items=tuple(replace(item, **none, **seen) for item in scan.items), mm_per_px=None)
        bare[number] = scan.row(), candidates(scan, None, seed=5, content="digest")
    assert wrong(bare) == []
    assert {one.task for _, some in bare.values() for one in some} == {"CT", "OR", "SR", "OA", "SA"}


def differing(recipe: str, bags: dict[int, Asked]) -> list[tuple[int, str, str, str]]:
    """Row number, text, the geometry's answer and the declared one, where they differ."""
    found = []
    for number, (_, some) in bags.items():
        judge = Judge(RECIPES[recipe], number)
        for one in some:
            kinds = {option: KINDS[option] for option in one.options if option in KINDS}
            said = judge.reply(dict(one.words), one.options, kinds)
            if said != one.answer_text:
                found.append((number, one.question, said, one.answer_text))
    return found


def test_the_phantoms_geometry_gives_the_same_answers(piled: dict[int, Asked]) -> None:
    assert differing("dual-exam", {number: piled[number] for number in sorted(piled)[:6]}) == []


@pytest.mark.exhaustive
def test_two_thousand_answers_follow_from_the_geometry() -> None:
    bags = asked("dual-exam", range(100, 160))
    assert sum(len(some) for _, some in bags.values()) >= 2000
    assert differing("dual-exam", bags) == []
    assert wrong(bags) == []
