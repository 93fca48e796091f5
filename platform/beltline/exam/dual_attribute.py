"""Placement and spatial attribute (Dual 3.2.1): how an item rests, and where in the scanned space it is, height included.

Which ways of resting are offered depends on the kind alone: slabs lie flat, on an edge or stand on their end, round things lie
or stand, and what never stands in the virtual bags is not offered to.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np

from beltline.exam.dual_bag import Bag, Thing, Wordings, the
from beltline.exam.space import resting
from beltline.exam.tasks import Question

FLAT, EDGE, END, SIDE = "flat on its broadest face", "on its long narrow edge", "upright on its end", "on its side"
_STANDING_SLABS = (
    "mobile phone",
    "power bank",
    "portable charger 1",
    "portable charger 2",
    "orange liquid",
    "green liquid",
)
_SLABS = ("tablet", "laptop", "nonmetallic lighter", "plastic lighter")
_ROUND = (
    "blue liquid", "columnar orange liquid", "columnar green liquid", "plastic bottle liquid", "glass bottle liquid",
    "metal bottle liquid", "compressed gas",
)  # fmt: skip
WAYS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_STANDING_SLABS, (FLAT, EDGE, END)),
    **dict.fromkeys(_SLABS, (FLAT, EDGE)),
    **dict.fromkeys(_ROUND, (SIDE, END)),
}
_TUBES = (*_ROUND, "umbrella", "baton", "bullet", "grenade")
"""Their lean is that of their long axis: turning about it changes nothing."""
STRAIGHT_FROM, LEVEL_FROM, LEANING_BELOW = 0.985, 0.9986, 0.9903
"""Cosine between the vertical and the steepest own axis: within 10 degrees it tells how a thing rests; up to 3 degrees is
level or upright and from 8 on tilted, of which the question draws the line at 5."""
BROADER_BY = 1.2
"""Ratio of two sizes from which one is plainly the longer."""
LEVEL: Final = ("it is level or upright", "it is tilted")
MIDDLES_MM: Final = (0.0, 0.0, 70.0)
"""Where the scanned space is divided: half along the belt, half across it, and at this height above the belt."""
CLEAR_MM: Final = (15.0, 15.0, 6.0)
CLEAR_SHARE = 0.04
"""The same for boxes without millimetres, as a share of the view's width or height."""
HEIGHTS_MM: Final = (40.0, 90.0)
HEIGHT_CLEAR_MM = 4.0
PLACEMENT: Final[Wordings] = {
    "pose": (
        "How does the {item} rest in the bag?",
        "Comparing its outlines in both views, how is the {item} placed?",
        "In which posture is the {item}?",
    ),
    "tilt": (
        "Does the {item} lean by more than 5 degrees?",
        "Is the {item} tilted, that is, more than 5 degrees from lying level or standing upright?",
        "Judging by both views, is the {item} at a slant of more than 5 degrees?",
    ),
}
_BELT = "Each view shows {span} mm of the belt."
_HIGH = f"{MIDDLES_MM[2]:.0f} mm"
PLACE: Final[Wordings] = {
    "octant": tuple(
        f"{way} {_BELT}"
        for way in (
            "Divide the scanned space at the middle column of both views, at the middle row of the top view, and"
            f" {_HIGH} above the belt. Where is the middle of the {{item}}?",
            "In which part of the scanned space is the middle of the {item}, when it is halved along the belt, halved across"
            f" the belt, and divided {_HIGH} above the belt?",
            "Locate the middle of the {item}: half of both views, half of the top view, and below or above a height of"
            f" {_HIGH}.",
        )
    ),
    "height": tuple(
        f"{way} {_BELT}"
        for way in (
            "How high above the belt is the middle of the {item}?",
            "At what height does the {item} lie, measured from the belt to its middle?",
            "Judging by the side view, how far is the middle of the {item} from the belt?",
        )
    ),
    "quarter": (
        "Divide both views at their middle column, and the side view at its middle row. Where is the {item}?",
        "In which half of both views, and in which half of the side view, is the middle of the {item}?",
        "Locate the {item}: left or right in both views, and high or low in the side view.",
    ),
}
_PLACES = (
    ("left half", "right half"),
    ("upper half of the top view", "lower half of the top view"),
    (f"below {_HIGH}", f"above {_HIGH}"),
)
_QUARTERS = (("left half", "right half"), ("upper half of the side view", "lower half of the side view"))


def placements(bag: Bag) -> Iterator[Question]:
    """How each item rests."""
    for name, one in bag.named.items():
        if one.solid is None:
            continue
        cosine = straightness(one)
        way = _way(one) if cosine >= STRAIGHT_FROM else None
        if way is not None and way in WAYS.get(name, ()):
            yield _of_one(bag, "PA", "pose", one, WAYS[name], way)
        if cosine >= LEVEL_FROM or cosine < LEANING_BELOW:
            yield _of_one(bag, "PA", "tilt", one, LEVEL, LEVEL[cosine < LEANING_BELOW])


def straightness(one: Thing) -> float:
    """Cosine of the angle by which a thing leans from lying level or standing upright."""
    assert one.solid is not None
    if one.category not in _TUBES:
        return resting(one.solid)[1]
    along = float(abs(one.solid.axes[2, int(np.argmax(one.solid.half))]))
    return max(along, max(0.0, 1 - along * along) ** 0.5)


def places(bag: Bag) -> Iterator[Question]:
    """Where each item is in the scanned space."""
    for name, one in bag.named.items():
        if one.solid is None or bag.scan.mm_per_px is None:
            quarter = _quarter(bag, one)
            if quarter is not None:
                yield _of_one(bag, "SA", "quarter", one, tuple(map(", ".join, product(*_QUARTERS))), quarter)
        elif bag.coin(3, "SA/form", name):
            octant = _octant(one)
            if octant is not None:
                yield _of_one(bag, "SA", "octant", one, tuple(map(", ".join, product(*_PLACES))), octant)
        else:
            height = float(one.solid.centre[2])
            if min(abs(height - border) for border in HEIGHTS_MM) >= HEIGHT_CLEAR_MM:
                yield _of_one(bag, "SA", "height", one, heights(), heights()[sum(height > b for b in HEIGHTS_MM)])


def heights() -> tuple[str, ...]:
    """The heights to choose from."""
    low, high = HEIGHTS_MM
    return f"less than {low:.0f} mm", f"{low:.0f} to {high:.0f} mm", f"more than {high:.0f} mm"


def _of_one(bag: Bag, task: str, form: str, one: Thing, options: tuple[str, ...], answer: str) -> Question:
    measured = task == "SA" and form != "quarter"
    span = round((bag.scan.mm_per_px or 0) * bag.scan.top.width)
    return bag.put(
        task,
        form,
        PLACEMENT if task == "PA" else PLACE,
        words={"item": one.category, **({"span_mm": span} if measured else {})},
        said={"item": the(one.category)[4:], "span": str(span)},
        options=options,
        answer=answer,
        things=(one,),
    )


def _way(one: Thing) -> str | None:
    """How a thing that is straight rests; None where two of its sizes are too alike to tell."""
    assert one.solid is not None
    rank, _ = resting(one.solid)
    thin, middle, long = sorted(one.solid.half.tolist())
    if long < BROADER_BY * middle:
        return None
    if rank == 2 or one.category in _ROUND:
        return END if rank == 2 else SIDE
    return (FLAT, EDGE)[rank] if middle >= BROADER_BY * thin else None


def _octant(one: Thing) -> str | None:
    assert one.solid is not None
    offsets = one.solid.centre - MIDDLES_MM
    if any(abs(offset) < clear for offset, clear in zip(offsets, CLEAR_MM, strict=True)):
        return None
    return ", ".join(_PLACES[axis][int(offset > 0)] for axis, offset in enumerate(offsets))


def _quarter(bag: Bag, one: Thing) -> str | None:
    """By boxes: both views must agree along the belt."""
    top, side = one.item.top_xyxy, one.item.side_xyxy
    if top is None or side is None:
        return None
    offsets = [(box[0] + box[2]) / 2 / bag.sizes[view][0] - 0.5 for view, box in (("top", top), ("side", side))]
    down = (side[1] + side[3]) / 2 / bag.sizes["side"][1] - 0.5
    if min(abs(offset) for offset in (*offsets, down)) < CLEAR_SHARE or (offsets[0] > 0) != (offsets[1] > 0):
        return None
    return f"{_QUARTERS[0][int(offsets[0] > 0)]}, {_QUARTERS[1][int(down > 0)]}"
