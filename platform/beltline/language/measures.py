"""What a small model is taught to measure of boxes at marks, and to say of it.

    at(box)                                       # "at 480 500"
    beside(laptop, phone, "top")                  # [("300 540", "belt left"), ("300 600", "across front")]
    meeting(laptop, phone, "top")                 # ("300 500 400 500", "top share")

The numbers that a word follows from stand right before it, so that saying it is a comparison of neighbours and no search; the axis or view
stands between, so that whoever puts words together finds each by its name. Numbers are thousandths of the view, rightwards and downwards.
"""

from typing import Final

from beltline.language.lexicon import number_word
from beltline.language.places import Box1000, middle

AXES: Final = {"top": ("belt", "across"), "side": ("belt", "height")}
"""What a view shows, rightwards and downwards. The belt is read off the top view, as in the questions."""
ORDER: Final = ("belt", "across", "height")
SIDES: Final = {"belt": ("left", "right"), "across": ("front", "behind"), "height": ("above", "below")}
"""What lies at the smaller and the larger number of an axis."""
Finding = tuple[str, str]
"""Numbers, and what follows from them with its name."""


def lows(view: str) -> list[int]:
    """What is read off a view: 0 rightwards, 1 downwards."""
    return [low for low, axis in enumerate(AXES[view]) if view == "top" or axis != "belt"]


def at(box: Box1000) -> str:
    return f"at {middle(box, 0)} {middle(box, 1)}"


def extent(box: Box1000) -> str:
    return f"is {box[2] - box[0]} by {box[3] - box[1]}"


def apart(box: Box1000, other: Box1000, low: int) -> int:
    """From middle to middle."""
    return abs(middle(box, low) - middle(other, low))


def compared(box: Box1000, other: Box1000, low: int) -> str:
    """Both middles on an axis."""
    return f"{middle(box, low)} {middle(other, low)}"


def beside(box: Box1000, other: Box1000, view: str) -> list[Finding]:
    """On which side of the other a box lies, for each axis of the view on which their middles differ."""
    found = [(low, AXES[view][low]) for low in lows(view) if apart(box, other, low)]
    return [
        (compared(box, other, low), f"{axis} {SIDES[axis][middle(box, low) > middle(other, low)]}")
        for low, axis in found
    ]


def meeting(box: Box1000, other: Box1000, view: str) -> Finding:
    """From where to where both boxes reach, rightwards and downwards, and whether they share a part of the view."""
    left, top, right, bottom = shared(box, other)
    return f"{left} {right} {top} {bottom}", f"{view} {'share' if left < right and top < bottom else 'apart'}"


def counted(view: str, num: int) -> list[Finding]:
    """How many things a view shows; nothing where it shows none."""
    return [("", f"{view} {number_word(num)}")] if num else []


def shared(box: Box1000, other: Box1000) -> Box1000:
    """What two boxes have in common; turned inside out where that is nothing."""
    return max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])


def written(findings: list[Finding]) -> str:
    """The findings at the end of what a view shows, with what stands before them."""
    return f": {', '.join(' '.join(one).strip() for one in findings)}" if findings else ""


def together(findings: list[Finding], answer: str) -> str:
    """A conclusion: what was found, without its numbers, and what it makes."""
    return f"{', '.join(name for _, name in findings)}: {answer}" if findings else answer
