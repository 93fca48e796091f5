"""The working behind an answer: what a question compares, read off the boxes of its evidence where they stand (Dual 4.1).

    seen = {"top": [(evidence, (100, 60, 860, 940)), (other, (360, 280, 640, 760))], "side": [...]}
    top, side, conclusion = working(question, seen, {"top": 0.8, "side": 0.8})
    top             # "laptop <box>[100,60,860,940]</box> at 480 500, … at 500 520: 500 520 across front"
    conclusion      # "across front, height below: front and below"

A small model that is to say the answer at once has to see, measure, compare and choose in a single step; written out, each is a small one,
and each is taken where its numbers have just been said (language/measures.py): a box's middle right after the box, what two numbers make of
each other right after both. A conclusion takes words by their names and puts them together; one that was to do so without was learnt last
and worst (docs/log.md). All numbers are thousandths of the view at the marks of the boxes, rightwards and downwards: one set to learn.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from beltline.exam.tasks import Evidence, Question
from beltline.language import measures
from beltline.language.lexicon import noun, number_word
from beltline.language.measures import AXES, ORDER, Finding, apart, compared, lows, together, written
from beltline.language.places import MARK_STEP, Box1000, middle
from beltline.language.reasoning import UNSEEN
from beltline.language.reasoning import box as write_box

COUNTED: Final = ("CT", "counting")
MEASURED: Final = ("PA", "feature")
PLACED: Final = ("SR", "SA", "SD", "location", "identity", "misleading")
"""Tasks of either exam by what their answers are read off: a number, a width and a height, a middle."""
Seen = Sequence[tuple[Evidence, Box1000]]
"""What a view shows of a question's evidence, at marks."""


def working(question: Question, shown: Mapping[str, Seen], shapes: Mapping[str, float]) -> tuple[str, str | None, str]:
    """Top, side and conclusion of the chain; no side where only the top view is shown.

    Args:
        shown: by view.
        shapes: heights of the views over their widths.
    """
    found = {view: _findings(question, view, shown[view]) for view in shown}
    told = {view: _section(question, view, shown[view]) + written(found[view]) for view in shown}
    all_ = [one for some in found.values() for one in some]
    return told["top"], told.get("side"), together(all_ or _distances(question, shown, shapes), question.answer_text)


def _section(question: Question, view: str, seen: Seen) -> str:
    """Where each thing lies, with what is measured of it."""
    said = [
        f"{noun(one.category).one} {write_box(box)}{_beside(question, view, number, seen)}"
        for number, (one, box) in enumerate(seen)
    ]
    return ", ".join(said) or UNSEEN


def _beside(question: Question, view: str, number: int, seen: Seen) -> str:
    """What is measured of one box, with the space before it; what is counted has its number."""
    box = seen[number][1]
    if question.task in COUNTED:
        return f" {number_word(number + 1)}"
    if question.task in MEASURED:
        return f" {measures.extent(box)}"
    middles = question.task in PLACED or question.words.get("form") == "part"
    return f" {measures.at(box)}{_off(question, view, number, seen)}" if middles else ""


def _off(question: Question, view: str, number: int, seen: Seen) -> str:
    """How far a middle is from the first thing's, where distances are asked for."""
    if question.task != "SD" or number == 0 or not (axes := _axes(question, view)):
        return ""
    return " off " + " ".join(str(apart(seen[number][1], seen[0][1], low)) for low in axes)


def _findings(question: Question, view: str, seen: Seen) -> list[Finding]:
    """What follows from one view, in the words of the right option as far as it has words for a view."""
    boxes = [box for _, box in seen]
    if question.task in COUNTED:
        return measures.counted(view, len(seen))
    if question.task in ("SR", "SA") and boxes:
        words = dict(zip(_asked(question), re.split(", | and ", question.answer_text), strict=False))
        measure = {low: compared(boxes[0], boxes[-1], low) if boxes[1:] else str(middle(boxes[0], low)) for low in (0, 1)}  # fmt: skip
        return [(measure[low], f"{AXES[view][low]} {words[AXES[view][low]]}") for low in _axes(question, view)]
    if question.task not in ("OA", "CO") or len(boxes) < 2 or question.words.get("view", view) != view:
        return []
    met = measures.meeting(boxes[0], boxes[1], view)
    return [met, _part(question, boxes)] if question.words.get("form") == "part" else [met]


def _part(question: Question, boxes: Sequence[Box1000]) -> Finding:
    """The middle of a thing beside that of what it shares with the other."""
    common = measures.shared(boxes[0], boxes[1])
    return f"{compared(boxes[0], common, 0)} {compared(boxes[0], common, 1)}", f"part {question.answer_text}"


def _distances(question: Question, shown: Mapping[str, Seen], shapes: Mapping[str, float]) -> list[Finding]:
    """How far each thing is from the first, where distances are asked for: in thousandths of the views' width, or of the one axis."""
    if question.task != "SD":
        return []
    axes = {view: _axes(question, view) for view in shown}
    alone = sum(map(len, axes.values())) == 1
    squares: dict[tuple[int, str], float] = {}
    for view, seen in shown.items():
        for one, box in seen[1:]:
            offs = (apart(box, seen[0][1], low) * (1 if alone or low == 0 else shapes[view]) for low in axes[view])
            squares[one.item, one.category] = squares.get((one.item, one.category), 0) + sum(off * off for off in offs)
    return [("", f"{noun(name).one} {_mark(square**0.5)}") for (_, name), square in squares.items()]


def _mark(length: float) -> int:
    return min(1000, MARK_STEP * round(length / MARK_STEP))


def _asked(question: Question) -> Sequence[str]:
    """The axes that a question is about, in the order of its options' words."""
    form, axis = str(question.words["form"]), str(question.words.get("axis"))
    if question.task == "SR":
        return form.split("+")
    return (axis,) if axis in ORDER else ("height",) if form == "height" else ORDER


def _axes(question: Question, view: str) -> list[int]:
    """Those of them that are read off a view: 0 rightwards, 1 downwards."""
    return [low for low in lows(view) if AXES[view][low] in _asked(question)]
