"""How much the second view is needed: what an observer who reads one view without a fault would still have to guess.

    left(question, "top")             # options that the top view alone leaves open, 1 where it decides
    needs([question, ...])            # a line a task: mean accuracy from one view at best, share of questions that need both

A rule of the forms of DualXrayBench's questions, not of their answers: the top view shows places along and across the belt, the side
view along the belt and in height; whether two things touch no single projection can tell. Where a view may decide in some bags and not
in others (a pose, a hidden item) it is taken to decide: the need for both is never overstated.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from beltline.exam.tasks import Question

BOTH: Final = ("top", "side")
HEAD: Final = ("task", "questions", "top view at best", "side view at best", "need both")
_PARTED: Final = {"across+height", "belt+across+height", "belt+height", "octant"}
_BELT: Final = {"left", "right", "left half", "right half"}
_SHOWN: Final = {
    "top": _BELT | {"front", "behind", "upper half of the top view", "lower half of the top view"},
    "side": _BELT | {"above", "below"},
}
_AXES: Final = {"top": {"belt", "across"}, "side": {"belt", "height"}}


def left(question: Question, view: str) -> int:
    """How many options stay open, at best, to whoever sees this view of a DualXrayBench question alone.

    Raises:
        ValueError: the view is neither top nor side.
    """
    if view not in BOTH:
        raise ValueError(f"second view: expected top or side, found {view!r}")
    form, options = question.words.get("form"), question.options
    if form in _PARTED:
        seen = _seen(question.answer_text, view)
        return sum(_seen(option, view) == seen for option in options)
    if form in ("apart", "nearest"):
        return 1 if question.words["axis"] in _AXES[view] else len(options)
    if form in ("views", "contact"):  # what the other view shows; whether what overlaps here also touches
        return 2
    if form == "part":
        return 1 if question.words["view"] == view else len(options)
    return len(options) if (form, view) == ("height", "top") else 1


def needs_both(question: Question) -> bool:
    return all(left(question, view) > 1 for view in BOTH)


def needs(questions: Iterable[Question]) -> list[tuple[str, int, float, float, float]]:
    """Lines under `HEAD`, shares 0 to 1, by task in the order in which they come; questions of one view or none are left out."""
    tasks: dict[str, list[Question]] = defaultdict(list)
    for one in questions:
        if set(one.views) == set(BOTH):
            tasks[one.task].append(one)
    return [_line(task, asked) for task, asked in tasks.items()]


def _line(task: str, asked: Sequence[Question]) -> tuple[str, int, float, float, float]:
    top, side = (sum(1 / left(one, view) for one in asked) / len(asked) for view in BOTH)
    return task, len(asked), top, side, sum(map(needs_both, asked)) / len(asked)


def _seen(option: str, view: str) -> tuple[str, ...]:
    """The parts of an option that a view shows: 'front' of 'front and above' from the top."""
    parts = re.split(r", | and ", option)
    return tuple(part for part in parts if part in _SHOWN[view] or (view == "side" and part.split()[0] in _SHOWN[view]))
