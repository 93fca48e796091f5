"""Numbers and boxes in free text.

Boxes are read in one declared space and in no other: pixels, thousandths of the view, or parts of one. Trying several and keeping the
one that fits the truth best would be looking up the answer. A reply with one impossible box (outside the view, inside out) is invalid as
a whole, so that nobody gains by drawing many.
"""

import math
import re
from typing import Literal

from beltline.exam.matching import NUMBERS, bounded, denied
from beltline.exam.replies import Found, Reading, first

Space = Literal["pixels", "thousandths", "unit"]
Box = tuple[float, float, float, float]

_DIGITS = re.compile(r"(?<![\w.])-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?![\w%]|\.[0-9])")
_WORDS = re.compile(rf"\b(?:{'|'.join(NUMBERS)})\b", re.I)
_NONE = re.compile(r"\W*(?:no\b|none\b|there\s+(?:is|are)\s+(?:no|none)\b)", re.I)
_TOTAL = re.compile(
    r"\b(?:total|altogether|in all)\b\W*(?:(?:number|count)\b\W*)?(?:there\s+)?(?:of\b|is\b|:|=|are\b)?\W*", re.I
)
_NUMBER = r"-?(?:[0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})"
_SEP = r"\s*,\s*"
_LIST_BOX = re.compile(rf"[\[(]\s*({_NUMBER}){_SEP}({_NUMBER}){_SEP}({_NUMBER}){_SEP}({_NUMBER})\s*[\])]")
_PAIR_BOX = re.compile(rf"\(\s*({_NUMBER}){_SEP}({_NUMBER})\s*\)\s*,?\s*\(\s*({_NUMBER}){_SEP}({_NUMBER})\s*\)")
_TAG_BOX = re.compile(rf"<({_NUMBER})>\s*<({_NUMBER})>\s*<({_NUMBER})>\s*<({_NUMBER})>")
_NAMED_BOX = re.compile(
    rf"x_?(?:1|min)\W{{1,4}}({_NUMBER})\W{{1,4}}y_?(?:1|min)\W{{1,4}}({_NUMBER})\W{{1,4}}"
    rf"x_?(?:2|max)\W{{1,4}}({_NUMBER})\W{{1,4}}y_?(?:2|max)\W{{1,4}}({_NUMBER})",
    re.I,
)
_EMPTY_LIST = re.compile(r"\W*\[\s*\]\W*")


def read_number(reply: str | None) -> Reading[float]:
    """The one number that a reply states, in digits or as a word up to twelve; 'none' and 'no knives' are 0."""
    return first(reply, number_in)


def read_boxes(reply: str | None, space: Space, size_wh: tuple[int, int]) -> Reading[tuple[Box, ...]]:
    """All boxes that a reply states, as corners x1, y1, x2, y2 in pixels of the view; '[]' is a reading without boxes.

    Args:
        space: what the model's coordinates are, declared once for the model: "pixels" of the view as `size_wh` gives it, "thousandths" of
            each side (0 to 1000), or "unit" (0 to 1).
        size_wh: width and height of the view, px.

    Raises:
        ValueError: a side below 1 px.
    """
    if min(size_wh) < 1:
        raise ValueError(f"expected a view of at least 1 x 1 px, found {size_wh}")
    return first(reply, lambda text: _boxes(text, space, size_wh))


def number_in(text: str) -> Found[float] | None:
    """The number of a part; (None) when it states several and no total."""
    stated = _stated(text)
    if not stated:
        none = _NONE.match(text)
        return Found(0.0, "none", none.span()) if none else None
    if any(bounded(text, *span) for _, span in stated):
        return Found(None, "a bound, no number", stated[-1][1])
    if len({value for value, _ in stated}) == 1:
        return Found(stated[-1][0], "number", stated[-1][1])
    totals = [found.end() for found in _TOTAL.finditer(text)]
    after = [(value, span) for value, span in stated if span[0] in totals]
    return Found(after[-1][0], "total", after[-1][1]) if after else Found(None, "ambiguous", stated[-1][1])


def _stated(text: str) -> list[tuple[float, tuple[int, int]]]:
    found = [(float(match[0]), match.span()) for match in _DIGITS.finditer(text)]
    found += [(float(NUMBERS[match[0].lower()]), match.span()) for match in _WORDS.finditer(text)]
    return sorted(((value, span) for value, span in found if not denied(text, span[0])), key=lambda each: each[1])


def _boxes(text: str, space: Space, size_wh: tuple[int, int]) -> Found[tuple[Box, ...]] | None:
    found = sorted(
        (match for form in (_LIST_BOX, _PAIR_BOX, _TAG_BOX, _NAMED_BOX) for match in form.finditer(text)),
        key=lambda match: match.start(),
    )
    if not found:
        return Found((), "no boxes", (0, len(text))) if _EMPTY_LIST.fullmatch(text) else None
    boxes = [_in_pixels([float(word) for word in match.groups()], space, size_wh) for match in found]
    span = (found[0].start(), found[-1].end())
    whole = tuple(box for box in boxes if box is not None)
    return Found(whole, "boxes", span) if len(whole) == len(boxes) else Found(None, "impossible box", span)


def _in_pixels(corners: list[float], space: Space, size_wh: tuple[int, int]) -> Box | None:
    """In pixels; None when it is turned inside out, empty or leaves the view."""
    unit = {"pixels": (1.0, 1.0), "thousandths": (size_wh[0] / 1000, size_wh[1] / 1000), "unit": size_wh}[space]
    x1, y1, x2, y2 = (value * unit[place % 2] for place, value in enumerate(corners))
    slack = 1e-6 * max(size_wh)
    inside = -slack <= x1 < x2 <= size_wh[0] + slack and -slack <= y1 < y2 <= size_wh[1] + slack
    return (x1, y1, x2, y2) if inside and math.isfinite(x2 + y2) else None
