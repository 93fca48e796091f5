"""Drills: every question of a virtual bag answered by where its things are, what follows and the right option's words; no thing twice."""

import json
from typing import Any

import numpy as np
import pytest

from actors.driller import compose
from actors.examiner import truth_of
from beltline.boxes import to_thousandths
from beltline.exam import dualxray, mmxray
from beltline.exam.grounded import said_boxes
from beltline.exam.tasks import Question, score
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.language.places import MARK_STEP
from beltline.language.reasoning import read
from beltline.scan import Scan
from beltline.verdict import BadRow
from jobs.drills import apart

WHOSE: Any = {"group": "g", "scan_content": "-"}


def bags() -> list[tuple[Scan, list[Question]]]:
    found = []
    for row in range(40):
        try:
            scan = make_scan(RECIPES["dual-first"], row)
        except BadRow:
            continue
        found.append((scan, list(dualxray.candidates(scan, truth_of(scan), seed=1, content="-"))))
    return found


def test_answers_are_right_readable_and_grounded() -> None:
    tasks = set[str]()
    for scan, asked in bags():
        assert scan.side is not None
        sizes = {"top": (scan.top.width, scan.top.height), "side": (scan.side.width, scan.side.height)}
        made = compose(scan, WHOSE, asked, 0)
        replies = [turn.content for turn in made.turns[1::2]]
        for number, (question, reply) in enumerate(zip(asked, replies, strict=True)):
            tasks.add(question.task)
            read(reply)  # raises where it is no chain
            assert score(question, reply).correct
            said = said_boxes(reply)
            true = [(one.view, to_thousandths(one.xyxy, sizes[one.view])) for one in question.evidence]
            assert sorted(view for view, _ in said) == sorted(view for view, _ in true)
            for view, box in true:
                assert any(
                    view == one and np.abs(np.subtract(box, edges)).max() <= MARK_STEP / 2 for one, edges in said
                )
            written = [(one.view, one.xyxy) for one in made.boxes if one.turn == 2 * number + 1]
            assert written == said
    assert {"CT", "SR", "SD", "OA", "CO", "PA", "SA"} <= tasks


def test_questions_about_one_view_are_answered_by_that_view() -> None:
    """MMXray's: the side view is neither shown nor spoken of."""
    tasks = set[str]()
    for scan, _ in bags():
        asked = mmxray.candidates(scan, seed=1, content="-")
        made = compose(scan, WHOSE, asked, 0)
        assert made.views == ("top",) and {one.view for one in made.boxes} <= {"top"}
        for question, turn in zip(asked, made.turns[1::2], strict=True):
            tasks.add(question.task)
            assert read(turn.content).side is None and score(question, turn.content).correct
            assert len(said_boxes(turn.content)) == len(question.evidence)
    assert tasks == {
        "location",
        "counting",
        "feature",
        "misleading",
    }  # six categories hold no kinds that are taken for one another


def test_what_is_counted_is_named_from_left_to_right() -> None:
    counted = [(scan, one) for scan, asked in bags() for one in asked if one.task == "CT" and len(one.evidence) > 4]
    for scan, question in counted:
        lefts = [
            box[0] for view, box in said_boxes(compose(scan, WHOSE, [question], 0).turns[1].content) if view == "top"
        ]
        assert lefts == sorted(lefts)
    assert counted


@pytest.mark.parametrize("items", [[], [[]], [[0], [1], [0, 1], [2], [1], []]])
def test_no_list_asks_about_a_thing_twice(items: list[list[int]]) -> None:
    rows = [{"id": key, "evidence": json.dumps([{"item": one} for one in some * 2])} for key, some in enumerate(items)]
    lists = apart(rows[::-1])
    assert sorted(key for some in lists for key in some) == list(range(len(items)))
    for some in lists:
        things = [one for key in some for one in items[key]]
        assert len(things) == len(set(things))
    assert len(lists) <= 3  # no more than the thing that is asked about most often
