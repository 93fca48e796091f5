"""Spatial relation and spatial distance (Dual 3.2.1): between the middles of items, along the three axes of the tunnel.

The middle of an item is that of the box along its own axes (`centre_mm`). Heights are seen in the side view and places across
the belt in the top view, so a relation in both, and a distance through space, need both views.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Final

from beltline.exam.dual_bag import Bag, Thing, Wordings, the
from beltline.exam.tasks import Question

AXES: Final = ("belt", "across", "height")
SIDES: Final = {"belt": ("left", "right"), "across": ("front", "behind"), "height": ("below", "above")}
"""What the smaller and the larger value of an axis is called."""
CLEAR_MM: Final = {"belt": 15.0, "across": 15.0, "height": 8.0}
"""Middles that are closer on an axis are on neither side of each other."""
CLEAR_PX = 0.04
"""The same for boxes without millimetres, as a share of the view's width or height."""
NEARER_MM: Final = {"space": 20.0, "belt": 15.0, "across": 15.0, "height": 8.0}
"""By how much the nearest must be nearer than the next."""
BINS_MM: Final = {"across": (40.0, 80.0), "height": (15.0, 40.0)}
"""Borders between short, middling and long distances."""
BIN_CLEAR_MM: Final = {"across": 6.0, "height": 4.0}
"""A distance this close to a border is not asked for."""

_RULE = (
    " (Left and right run along the belt, as in both views; front is towards the upper edge of the top view; above is upwards"
    " in the side view.)"
)
RELATION: Final[Wordings] = {
    form: tuple(
        way + _RULE
        for way in (
            "Using both views, where does the {item} lie as seen from the {other}, middle to middle?",
            "Take the middle of the {other} as the origin: on which side of it is the middle of the {item}?",
            "How is the {item} placed in space with respect to the {other}, comparing their middles?",
        )
    )
    for form in ("across+height", "belt+across+height", "belt+height")
}
DISTANCE: Final[Wordings] = {
    "nearest": (
        "Which of these has its middle nearest to the middle of the {item}, {axis}?",
        "Starting from the middle of the {item}, the middle of which of these is reached first, {axis}?",
        "Compare distances from middle to middle: what is closest to the {item}, {axis}?",
    ),
    "apart": (
        "How far apart are the middles of the {item} and the {other}, {axis}? Each view shows {span} mm of the belt.",
        "Each view shows {span} mm of the belt. What is the distance between the middle of the {item} and that of the {other},"
        " {axis}?",
        "Judge by a belt length of {span} mm in each view: how much lies between the middles of the {item} and the {other},"
        " {axis}?",
    ),
}
MEASURED: Final = {
    "space": "in a straight line through space",
    "belt": "measured along the belt only",
    "across": "measured across the belt only, which the top view shows",
    "height": "measured in height only, which the side view shows",
}


def relations(bag: Bag) -> Iterator[Question]:
    """Pairs of items, one direction each, on which side one lies of the other."""
    for pair in combinations(bag.named, 2):
        item, other = bag.turned(pair, "SR")
        for form in _forms(bag, pair):
            axes = form.split("+")
            found = [side(bag, bag.named[item], bag.named[other], axis) for axis in axes]
            if None not in found:
                yield bag.put(
                    "SR",
                    form,
                    RELATION,
                    words={"item": item, "other": other},
                    said={"item": the(item)[4:], "other": the(other)[4:]},
                    options=tuple(_joined(sides) for sides in product(*(SIDES[axis] for axis in axes))),
                    answer=_joined([one for one in found if one]),
                    things=(bag.named[item], bag.named[other]),
                    details={"axes": axes, "clear_mm": [CLEAR_MM[axis] for axis in axes]},
                )


def distances(bag: Bag) -> Iterator[Question]:
    """What is nearest to an item, and how far apart two items are."""
    yield from _nearest(bag)
    yield from _apart(bag)


def side(bag: Bag, item: Thing, other: Thing, axis: str) -> str | None:
    """On which side of `other` the item lies on an axis; None where that is too close to call, or the row does not say."""
    if item.solid is not None and other.solid is not None:
        number = AXES.index(axis)
        offset = float(item.solid.centre[number] - other.solid.centre[number])
        return None if abs(offset) < CLEAR_MM[axis] else SIDES[axis][offset > 0]
    found = {_box_side(bag, item, other, axis, view) for view in _showing(axis)}
    return found.pop() if len(found) == 1 else None


def _box_side(bag: Bag, item: Thing, other: Thing, axis: str, view: str) -> str | None:
    """By the boxes of one view, whose rows fall as height rises."""
    low = 0 if axis == "belt" else 1
    a, b = (one.item.top_xyxy if view == "top" else one.item.side_xyxy for one in (item, other))
    if a is None or b is None:
        return None
    offset = (a[low] + a[low + 2] - b[low] - b[low + 2]) / 2 / bag.sizes[view][low]
    return None if abs(offset) < CLEAR_PX else SIDES[axis][(offset > 0) != (axis == "height")]


def _showing(axis: str) -> tuple[str, ...]:
    """The views that show an axis."""
    return {"belt": ("top", "side"), "across": ("top",), "height": ("side",)}[axis]


def _forms(bag: Bag, pair: Sequence[str]) -> tuple[str, ...]:
    """All three axes, with their eight options, for one pair in eight; where boxes are all there is, the two axes that every
    set's views share."""
    if any(bag.named[name].solid is None for name in pair):
        return ("belt+height",)
    return ("belt+across+height",) if bag.coin(8, "SR/form", *sorted(pair)) == 0 else ("across+height",)


def _joined(sides: Sequence[str]) -> str:
    return f"{', '.join(sides[:-1])} and {sides[-1]}"


def _nearest(bag: Bag) -> Iterator[Question]:
    """For each item, two or three others at a time."""
    known = [name for name, one in bag.named.items() if one.solid is not None]
    for item in known:
        others = [name for name in known if name != item]
        for some in (*combinations(others, 2), *combinations(others, 3)):
            axis = ("space", "space", "across", "height")[bag.coin(4, "SD/axis", item, *some)]
            lengths = sorted((_length(bag.named[item], bag.named[name], axis), name) for name in some)
            if lengths[1][0] - lengths[0][0] >= NEARER_MM[axis]:
                yield bag.put(
                    "SD",
                    "nearest",
                    DISTANCE,
                    words={"item": item, "axis": axis},
                    said={"item": the(item)[4:], "axis": MEASURED[axis]},
                    options=tuple(the(name) for name in some),
                    answer=the(lengths[0][1]),
                    things=tuple(bag.named[name] for name in (item, *some)),
                    details={"lengths_mm": {name: round(length, 1) for length, name in lengths}},
                )


def _apart(bag: Bag) -> Iterator[Question]:
    """For each pair, across the belt or in height."""
    if bag.scan.mm_per_px is None:
        return
    known = [name for name, one in bag.named.items() if one.solid is not None]
    span = round(bag.scan.mm_per_px * bag.scan.top.width)
    for pair in combinations(known, 2):
        item, other = bag.turned(pair, "SD")
        axis = ("across", "height")[bag.coin(2, "SD/apart", *sorted(pair))]
        length = _length(bag.named[item], bag.named[other], axis)
        if min(abs(length - border) for border in BINS_MM[axis]) >= BIN_CLEAR_MM[axis]:
            yield bag.put(
                "SD",
                "apart",
                DISTANCE,
                words={"item": item, "other": other, "axis": axis, "span_mm": span},
                said={"item": the(item)[4:], "other": the(other)[4:], "axis": MEASURED[axis], "span": str(span)},
                options=bins(axis),
                answer=bins(axis)[sum(length > border for border in BINS_MM[axis])],
                things=(bag.named[item], bag.named[other]),
                details={"length_mm": round(length, 1), "clear_mm": BIN_CLEAR_MM[axis]},
            )


def bins(axis: str) -> tuple[str, ...]:
    """The lengths to choose from."""
    short, long = BINS_MM[axis]
    return f"less than {short:.0f} mm", f"{short:.0f} to {long:.0f} mm", f"more than {long:.0f} mm"


def _length(a: Thing, b: Thing, axis: str) -> float:
    assert a.solid is not None and b.solid is not None
    offset = a.solid.centre - b.solid.centre
    return float((offset @ offset) ** 0.5) if axis == "space" else abs(float(offset[AXES.index(axis)]))
