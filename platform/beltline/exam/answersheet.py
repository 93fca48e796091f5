"""A page of good and bad answers: both views with where the evidence lies and where the model says so, what was asked, said and right.

    page = answer_sheet([Shown(scan=row, question=question, reply="<top>…", correct=False), ...], "gsr-hour on exam")
    some = chosen(graded, each=4)        # as many right as wrong ones, one task after the other

Right answers stand on the left and wrong ones on the right. Evidence is drawn in grey and wide, what was said in colour and thin; a
question's n-th box has the same colour in both views.
"""

import re
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from beltline.exam.grounded import said_boxes
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question
from beltline.image.sheet import COLOURS, MARGIN, font
from beltline.language.reasoning import BOX
from beltline.pixels import decode, encode_png
from beltline.scan import VIEWS, Row

VIEW_W: Final = 380
EVIDENCE: Final = "#9e9e9e"
MARKS: Final = {True: ("right", "#1b7f3b"), False: ("wrong", "#b00020")}
LETTERS_A_LINE: Final = 122


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One answer."""

    scan: Row
    """With the bytes of its views."""
    question: Question
    reply: str
    correct: bool


def chosen(graded: Sequence[Graded], each: int) -> list[Graded]:
    """At most `each` right and wrong answers of the lowest seed, one of each task in turn, the lowest ids first."""
    seed = min((one.seed for one in graded), default=0)
    found: list[Graded] = []
    for correct in (True, False):
        tasks = defaultdict[str, list[Graded]](list)
        for one in sorted(graded, key=lambda one: one.key):
            if one.seed == seed and one.correct == correct and one.question.scan is not None:
                tasks[one.question.task].append(one)
        turns = (one for row in zip_longest(*(tasks[name] for name in sorted(tasks))) for one in row if one)
        found += [one for _, one in zip(range(each), turns, strict=False)]
    return found


def answer_sheet(shown: Sequence[Shown], title: str) -> bytes:
    """PNG bytes; a page that says so where there is no answer."""
    columns = [[_cell(one) for one in shown if one.correct == correct] for correct in (True, False)]
    width = 2 * VIEW_W + MARGIN
    height = max(sum(cell.height + MARGIN for cell in cells) for cells in columns)
    page = Image.new("RGB", (2 * width + 4 * MARGIN, height + 80), "white")
    pen = ImageDraw.Draw(page)
    pen.text((MARGIN, 12), title, fill="black", font=font(20))
    for number, (cells, correct) in enumerate(zip(columns, MARKS, strict=True)):
        x, y = MARGIN + number * (width + 2 * MARGIN), 80
        name, colour = MARKS[correct]
        pen.text((x, 48), name if cells else f"none {name}", fill=colour, font=font(18))
        for cell in cells:
            page.paste(cell, (x, y))
            y += cell.height + MARGIN
    return encode_png(np.asarray(page))


def _cell(one: Shown) -> Image.Image:
    pictures = [_view(one, view) for view in VIEWS if one.scan.get(view) and one.scan[view]["bytes"]]
    text = "\n".join(_lines(one))
    top = max((picture.height for picture in pictures), default=0)
    cell = Image.new("RGB", (2 * VIEW_W + MARGIN, top + 18 * (text.count("\n") + 1) + 8), "white")
    for number, picture in enumerate(pictures):
        cell.paste(picture, (number * (VIEW_W + MARGIN), 0))
    ImageDraw.Draw(cell).multiline_text((0, top + 4), text, fill="#333333", font=font(13), spacing=3)
    return cell


def _view(one: Shown, view: str) -> Image.Image:
    """A view at its cell's width with the evidence and what was said of it."""
    whole = Image.fromarray(decode(one.scan[view]["bytes"]))
    scale = VIEW_W / whole.width
    picture = whole.resize((VIEW_W, round(whole.height * scale)), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(picture)
    for evidence in one.question.evidence:
        if evidence.view == view:
            pen.rectangle([edge * scale for edge in evidence.xyxy], outline=EVIDENCE, width=5)
    boxes = [box for where, box in said_boxes(one.reply) if where == view]
    for number, box in enumerate(boxes):
        x0, y0, x1, y1 = (edge * size / 1000 for edge, size in zip(box, picture.size * 2, strict=True))
        pen.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=COLOURS[number % len(COLOURS)], width=2)
    pen.rectangle((0, 0, picture.width - 1, picture.height - 1), outline="#cccccc")
    return picture


def _lines(one: Shown) -> list[str]:
    """The question, what was said without the boxes, and what is right."""
    asked, right = f"{one.question.task}: {one.question.question}", f"right: {one.question.answer_text}"
    said = " ".join(re.sub(f" ?{BOX.pattern}", "", one.reply).split())
    return [line for text in (asked, f"said: {said}", right) for line in textwrap.wrap(text, LETTERS_A_LINE)]
