"""The working behind an answer: the measures that a question compares, read off the boxes of its evidence (Dual 4.1, `<conclusion>`).

    worked(question, {"top": (320, 256), "side": (320, 256)})
    # "laptop 41 23, umbrella 63 54: left and front"

A small model that is to say the answer at once has to see, measure, compare and choose in a single step; written out, each is a small one.
Middles are in hundredths of the view: along the belt and across it as the top view shows them, heights from the side view's lower edge.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from beltline import boxes
from beltline.exam.tasks import Question
from beltline.language.lexicon import noun
from beltline.scan import VIEWS, Box

AXES: Final = ("belt", "across", "height")
Sizes = Mapping[str, tuple[int, int]]
"""View to width and height in pixels."""


def worked(question: Question, sizes: Sizes) -> str:
    """What follows from the boxes, ending with the words of the right option. One of a task unknown here has no working."""
    things = _things(question)
    working = _WORKINGS.get(question.task, _named)(question, things, sizes)
    return f"{working}: {question.answer_text}"


Things = Mapping[tuple[int, str], Mapping[str, Box]]
"""(item, category) to its box in each view that shows it, in the order of the evidence."""


def _things(question: Question) -> Things:
    found = dict[tuple[int, str], dict[str, Box]]()
    for one in question.evidence:
        found.setdefault((one.item, one.category), {})[one.view] = one.xyxy
    return found


def _named(question: Question, things: Things, sizes: Sizes) -> str:
    """What is there, one by one."""
    return ", ".join(_name(thing) for thing in things) or "nothing of it"


def _placed(question: Question, things: Things, sizes: Sizes) -> str:
    """Where the middle of each thing is."""
    axes = str(question.words["form"]).split("+") if question.task == "SR" else AXES
    return ", ".join(_row(_name(thing), _middle(shown, sizes, axes)) for thing, shown in things.items())


def _apart(question: Question, things: Things, sizes: Sizes) -> str:
    """Where the middles are, and how far each is from the first, in hundredths of the view's width."""
    axis = str(question.words["axis"])
    axes = AXES if axis == "space" else (axis,)
    (first, *others), (name, *names) = things.values(), things
    far = [f"{_row(_name(one), _middle(shown, sizes, axes))} off {_off(first, shown, sizes, axes)}" for one, shown in zip(names, others, strict=True)]  # fmt: skip
    return ", ".join([_row(_name(name), _middle(first, sizes, axes)), *far])


def _sized(question: Question, things: Things, sizes: Sizes) -> str:
    """How wide and how high each thing is in each view."""
    said = []
    for thing, shown in things.items():
        spans = [f"{view} {_percent(box[2] - box[0], sizes[view][0])} by {_percent(box[3] - box[1], sizes[view][1])}" for view, box in _in_order(shown)]  # fmt: skip
        said.append(_row(_name(thing), spans))
    return ", ".join(said)


def _crossing(question: Question, things: Things, sizes: Sizes) -> str:
    """How much of the smaller box two things share in each view, or where on the first the other crosses it."""
    (item, other) = things.values()
    view = question.words.get("view")
    if view is not None:
        return f"crossed at {' '.join(_where(item[view], other[view]))}"
    return ", ".join(f"{name} {_percent(float(boxes.iom([item[name]], [other[name]])[0, 0]), 1)}" for name in VIEWS)


_WORKINGS: Final = {"SR": _placed, "SA": _placed, "SD": _apart, "PA": _sized, "OA": _crossing, "CO": _crossing}


def _where(item: Box, other: Box) -> list[str]:
    """The middle of what two boxes share, in hundredths of the first."""
    found = []
    for low in (0, 1):
        middle = (max(item[low], other[low]) + min(item[low + 2], other[low + 2])) / 2
        found.append(str(_percent(middle - item[low], item[low + 2] - item[low])))
    return found


def _middle(shown: Mapping[str, Box], sizes: Sizes, axes: Iterable[str]) -> list[str]:
    return [str(_percent(*_along(shown, sizes, axis))) for axis in axes]


def _along(shown: Mapping[str, Box], sizes: Sizes, axis: str) -> tuple[float, float]:
    """Pixels from the axis's beginning to the middle, and the axis's length."""
    view = "side" if axis == "height" else "top"
    low = 0 if axis == "belt" else 1
    box, length = shown[view], sizes[view][low]
    middle = (box[low] + box[low + 2]) / 2
    return (length - middle if axis == "height" else middle), length


def _off(first: Mapping[str, Box], shown: Mapping[str, Box], sizes: Sizes, axes: Sequence[str]) -> int:
    between = [_along(first, sizes, axis)[0] - _along(shown, sizes, axis)[0] for axis in axes]
    return _percent(sum(each * each for each in between) ** 0.5, sizes["top"][0])


def _percent(part: float, whole: float) -> int:
    return round(100 * part / whole) if whole else 0


def _in_order(shown: Mapping[str, Box]) -> list[tuple[str, Box]]:
    return [(view, shown[view]) for view in VIEWS if view in shown]


def _name(thing: tuple[int, str]) -> str:
    return noun(thing[1]).one


def _row(name: str, numbers: Iterable[str]) -> str:
    return " ".join([name, *numbers])
