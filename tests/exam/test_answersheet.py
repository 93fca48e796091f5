"""The page of answers: right ones on the left, wrong ones on the right, boxes where they were said."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from beltline.exam.answersheet import MARKS, VIEW_W, Shown, answer_sheet, chosen
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Evidence, Question
from beltline.image.sheet import COLOURS, MARGIN
from tests.made import scan

SCAN = scan(1)
ROW = SCAN.row()
WIDTH, HEIGHT = SCAN.top.width, SCAN.top.height
QUESTION = Question(
    exam="dualxray", task="SR", question="Where?", options=("left", "right"), answer="A", group="g", words={}, scan=ROW["id"],
    evidence=(Evidence(view="top", category="gun", item=0, xyxy=(0.0, 0.0, WIDTH / 2, HEIGHT / 2)),),
)  # fmt: skip
REPLY = "<top>gun <box>[500,500,1000,1000]</box></top>\n<conclusion>left</conclusion>\n<answer>left</answer>"


def page(*shown: Shown) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(answer_sheet(shown, "a model"))).convert("RGB")).astype(int)


def near(rgb: np.ndarray[Any, Any], colour: str) -> np.ndarray[Any, Any]:
    want = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return np.abs(rgb - want).sum(axis=2) < 12


def test_no_answer_is_a_page_all_the_same() -> None:
    assert page().shape[2] == 3


def test_boxes_stand_where_they_were_said() -> None:
    one = Shown(scan=ROW, question=QUESTION, reply=REPLY, correct=True)
    found = near(page(one), COLOURS[0])
    rows, columns = np.nonzero(found)
    height = round(VIEW_W * HEIGHT / WIDTH)
    assert abs(columns.min() - (MARGIN + VIEW_W / 2)) <= 2 and abs(columns.max() - (MARGIN + VIEW_W)) <= 3
    assert abs(rows.min() - (80 + height / 2)) <= 2 and abs(rows.max() - (80 + height)) <= 3


def test_right_ones_stand_left_and_wrong_ones_right() -> None:
    one = Shown(scan=ROW, question=QUESTION, reply=REPLY, correct=True)
    for shown, other in ((one, False), (replace(one, correct=False), True)):
        boxes = np.flatnonzero(near(page(shown), COLOURS[0]).any(axis=0))
        middle = page(shown).shape[1] / 2
        assert (boxes < middle).all() if shown.correct else (boxes > middle).all()
        assert near(page(shown), MARKS[shown.correct][1]).any() and near(page(shown), MARKS[other][1]).any()


def graded(key: int, task: str, correct: bool, seed: int = 0, of: int | None = 1) -> Graded:
    question = replace(QUESTION, task=task, scan=of)
    return Graded(key=key, question=question, seed=seed, letter="A" if correct else "B", status="answered")


def test_tasks_take_turns() -> None:
    assert chosen([], each=3) == []
    all_ = [graded(key, task, correct) for key, (task, correct) in enumerate([("SR", True), ("SR", True), ("SR", True), ("CT", True), ("CT", False), ("CT", False)])]  # fmt: skip
    some = chosen([*all_[::-1], graded(9, "CT", False, seed=1), graded(10, "CT", False, of=None)], each=3)
    assert [one.key for one in some] == [3, 0, 1, 4, 5]
