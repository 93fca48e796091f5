"""The working behind an answer: what a question compares, read off the boxes of its evidence where they stand (Dual 4.1).

    seen = [(evidence, (100, 60, 860, 940)), (other, (360, 280, 640, 760))]
    section(question, "top", seen)     # "laptop <box>[100,60,860,940]</box> at 480 500, … at 500 520: behind"
    concluded(question)                # "behind and below"

A small model that is to say the answer at once has to see, measure, compare and choose in a single step; written out, each is a small one,
and each is taken where its numbers have just been said: a box's middle right after the box, what two middles make of each other at the end
of the view that shows both. So a conclusion puts words together and looks up no number; one that did was learnt last and worst (docs/log.md).
All numbers are thousandths of the view at the marks of the boxes, rightwards and downwards: one set of numbers to learn.
"""

import re
from collections.abc import Sequence
from typing import Final

from beltline.exam.tasks import Evidence, Question
from beltline.language.lexicon import noun
from beltline.language.places import Box1000, middle
from beltline.language.reasoning import UNSEEN
from beltline.language.reasoning import box as write_box

AXES: Final = {"top": ("belt", "across"), "side": ("belt", "height")}
"""What a view shows, rightwards and downwards. The belt is read off the top view, as in the questions."""
ORDER: Final = ("belt", "across", "height")
Seen = Sequence[tuple[Evidence, Box1000]]
"""What a view shows of a question's evidence, at marks."""


def section(question: Question, view: str, seen: Seen) -> str:
    """A view's part of the reasoning: where each thing lies, what is measured of it, and what follows in this view."""
    if not seen:
        return UNSEEN
    said = [f"{noun(one.category).one} {write_box(box)}{_beside(question, view, box, seen)}" for one, box in seen]
    follows = _follows(question, view, [box for _, box in seen])
    return ", ".join(said) + (f": {follows}" if follows else "")


def concluded(question: Question) -> str:
    """What follows from both views: the right option's words, and before them, one by one, what is counted."""
    if question.task != "CT":
        return question.answer_text
    things = dict.fromkeys((one.item, one.category) for one in question.evidence)
    return f"{', '.join(noun(category).one for _, category in things) or UNSEEN}: {question.answer_text}"


def _beside(question: Question, view: str, box: Box1000, seen: Seen) -> str:
    """What is measured of one box, with the space before it."""
    if question.task == "PA":
        return f" is {box[2] - box[0]} by {box[3] - box[1]}"
    middles = question.task in ("SR", "SA", "SD") or question.words.get("form") == "part"
    return f" at {_at(box)}{_off(question, view, box, seen)}" if middles else ""


def _off(question: Question, view: str, box: Box1000, seen: Seen) -> str:
    """How far a middle is from the first thing's, where distances are asked for."""
    first, axes = seen[0][1], _axes(question, view)
    if question.task != "SD" or box is first or not axes:
        return ""
    return " off " + " ".join(str(abs(middle(box, low) - middle(first, low))) for low in axes)


def _follows(question: Question, view: str, boxes: Sequence[Box1000]) -> str:
    """What the measures of one view say, in the words of the right option as far as it has words for a view."""
    if question.task in ("SR", "SA"):
        words = dict(zip(_asked(question), re.split(", | and ", question.answer_text), strict=False))
        return ", ".join(words[AXES[view][low]] for low in _axes(question, view))
    if question.task not in ("OA", "CO") or len(boxes) < 2 or question.words.get("view", view) != view:
        return ""
    left, top, right, bottom = _shared(boxes[0], boxes[1])
    if question.words.get("form") == "part":
        return f"crossed at {_at((left, top, right, bottom))}"
    return f"share {left} {top} {right} {bottom}" if left < right and top < bottom else "apart"


def _asked(question: Question) -> Sequence[str]:
    """The axes that a question is about, in the order of its options' words."""
    form, axis = str(question.words["form"]), str(question.words.get("axis"))
    if question.task == "SR":
        return form.split("+")
    return (axis,) if axis in ORDER else ("height",) if form == "height" else ORDER


def _axes(question: Question, view: str) -> list[int]:
    """Those of them that are read off a view: 0 rightwards, 1 downwards."""
    return [
        low for low, axis in enumerate(AXES[view]) if axis in _asked(question) and (view == "top" or axis != "belt")
    ]


def _shared(one: Box1000, other: Box1000) -> Box1000:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _at(box: Box1000) -> str:
    return f"{middle(box, 0)} {middle(box, 1)}"
