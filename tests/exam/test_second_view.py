"""What one view leaves open: by hand for each form, and within bounds for whatever the builder asks."""

from typing import Any

import pytest

from beltline.exam.answers import LETTERS
from beltline.exam.dualxray import candidates
from beltline.exam.second_view import left, needs, needs_both
from beltline.exam.tasks import DUALXRAY, Question
from tests.exam.made_dual import made

FOUR = ("front and above", "front and below", "behind and above", "behind and below")
EIGHT = tuple(f"{a}, {b} and {c}" for a in ("left", "right") for b in ("front", "behind") for c in ("above", "below"))
OCTANTS = tuple(
    f"{a} half, {b} half of the top view, {c} 70 mm"
    for a in ("left", "right")
    for b in ("upper", "lower")
    for c in ("above", "below")
)
VIEWS = ("in neither view", "in the top view only", "in the side view only", "in both views")


def question(task: str, options: tuple[str, ...], **words: Any) -> Question:
    texts = {"question": "?", "options": options, "answer": LETTERS[len(options) - 1]}
    return Question(exam="dualxray", task=task, group="bag", views=("top", "side"), words=words, **texts)


def test_no_question_needs_nothing() -> None:
    assert needs([]) == []


@pytest.mark.parametrize(
    ("asked", "top", "side"),
    [
        (question("SR", FOUR, form="across+height"), 2, 2),
        (question("SR", EIGHT, form="belt+across+height"), 2, 2),
        (question("SR", ("left and above", "right and below"), form="belt+height"), 1, 1),
        (question("SA", OCTANTS, form="octant"), 2, 2),
        (question("SA", ("low", "half-way", "high"), form="height"), 3, 1),
        (question("SD", ("the gun", "the axe", "the baton"), form="nearest", axis="space"), 3, 3),
        (question("SD", ("near", "far"), form="apart", axis="across"), 1, 2),
        (question("SD", ("near", "far"), form="apart", axis="height"), 2, 1),
        (question("OA", VIEWS, form="views"), 2, 2),
        (question("OA", FOUR, form="part", view="side"), 4, 1),
        (question("CO", ("touch", "overlap", "apart"), form="contact"), 2, 2),
        (question("OR", ("the gun", "the axe"), form="present"), 1, 1),
    ],
)
def test_what_a_view_leaves_open(asked: Question, top: int, side: int) -> None:
    assert (left(asked, "top"), left(asked, "side")) == (top, side)
    assert needs_both(asked) == (top > 1 and side > 1)
    assert needs([asked]) == [(asked.task, 1, 1 / top, 1 / side, float(needs_both(asked)))]


def test_a_view_that_is_none_is_refused_and_one_view_is_left_out() -> None:
    asked = question("SR", FOUR, form="across+height")
    with pytest.raises(ValueError, match="expected top or side"):
        left(asked, "front")
    alone = {name: getattr(asked, name) for name in asked.__dataclass_fields__} | {"views": ("top",)}
    assert needs([Question(**alone)]) == []


def test_every_form_of_the_builder_is_known_and_an_answer_always_stays_open() -> None:
    asked = [
        one
        for scan, facts in made("dual-exam", range(6)).values()
        for one in candidates(scan, facts, seed=5, content="d")
    ]
    lines = {line[0]: line for line in needs(asked)}
    assert set(lines) == set(DUALXRAY)
    assert all(1 <= left(one, view) <= len(one.options) for one in asked for view in ("top", "side"))
    assert lines["CO"][4] == 1 and lines["SR"][4] > 0.5 and lines["CT"][4] == 0
