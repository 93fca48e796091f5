"""What follows from the facts about items together: order along an axis, nearness, overlap, height, how well a view sees.

Every answer is certain or None. Boxes bound what they hold, so where two boxes lie apart the items do, and where they overlap a
little nothing follows; between "yes" and "no" there is always a margin in which a lesson does not ask.

    order(gun, knife, "belt")       # -1: the gun ends before the knife begins, in every view that shows both
"""

from typing import Literal

from beltline.labels import broader
from beltline.language import wording
from beltline.language.facts import Facts, ItemFacts
from beltline.language.places import Box1000, area, offset

Axis = Literal["belt", "height", "across"]
AXES: tuple[Axis, ...] = ("belt", "height", "across")
APART = 15
"""Thousandths of a view that must lie between two boxes before one is said to be on one side of the other."""
NEARER = 80
"""Thousandths by which one middle must be nearer than another."""
LEVEL_BEYOND, LEVEL_WITHIN = 180, 90
"""Thousandths of the bag's height from its middle: an item is high or low from the first, half-way up to the second."""
_EDGES: dict[Axis, dict[str, tuple[int, int]]] = {
    "belt": {"top": (0, 2), "side": (0, 2)},
    "height": {"side": (1, 3)},
    "across": {"top": (1, 3)},
}
"""Which edges of a box bound an item along an axis, in the views that show the axis (scan.py)."""
SIGHTS = ("clear", "partly hidden", "heavily occluded")


def order(a: ItemFacts, b: ItemFacts, axis: Axis) -> int | None:
    """-1 where `a` lies wholly before `b` along the axis (left, higher, towards the top view's upper edge), 1 where after it.

    None where the boxes are not apart, where no view shows both, or where the views disagree.
    """
    views = _views(axis, a, b)
    found = {_side(_box(a, view), _box(b, view), _EDGES[axis][view]) for view in views}
    return found.pop() if len(found) == 1 else None


def nearest(target: ItemFacts, a: ItemFacts, b: ItemFacts, axis: Axis) -> ItemFacts | None:
    """Which of two items has its middle nearer to that of the target along the axis; None where it is not clear-cut."""
    found = {_nearer(target, a, b, view, _EDGES[axis][view]) for view in _views(axis, target, a, b)}
    sign = found.pop() if len(found) == 1 else None
    return None if sign is None else a if sign < 0 else b


def gap(first: ItemFacts, second: ItemFacts, axis: Axis) -> tuple[str, int, int]:
    """Of two items in order: a view that shows both apart, where the first ends and where the second begins, in thousandths."""
    view = _views(axis, first, second)[0]
    low, high = _EDGES[axis][view]
    return view, _box(first, view)[high], _box(second, view)[low]


def distances(target: ItemFacts, a: ItemFacts, b: ItemFacts, axis: Axis) -> tuple[str, int, int]:
    """A view that shows all three, and how far the middles of two lie from that of the target along the axis, in thousandths."""
    view = _views(axis, target, a, b)[0]
    one, two = _doubled(target, a, b, view, _EDGES[axis][view])
    return view, one // 2, two // 2


def overlap(facts: Facts, a: ItemFacts, b: ItemFacts, view: str) -> bool | None:
    """Whether the two overlap in a view: yes above the facts' own bar, no where their boxes have nothing in common."""
    one, two = a.seen(view), b.seen(view)
    if one is None or two is None:
        return None
    if {(view, a.item, b.item), (view, b.item, a.item)} & set(facts.overlaps):
        return True
    return False if _common(one.box, two.box) == 0 else None


def level(facts: Facts, item: ItemFacts) -> str | None:
    """How high in the bag the side view shows the item: 'low', 'half-way up', 'high', or None near a border."""
    if item.side is None:
        return None
    down = offset(item.side.box, facts.frame("side"))[1]
    if abs(down) <= LEVEL_WITHIN:
        return "half-way up"
    return None if abs(down) < LEVEL_BEYOND else "low" if down > 0 else "high"


def clearer(item: ItemFacts) -> str | None:
    """The view that sees more of the item; None where they see it alike, or where one does not show it or say it."""
    if not (item.top and item.side and item.top.sight and item.side.sight) or item.top.sight == item.side.sight:
        return None
    return "top" if SIGHTS.index(item.top.sight) < SIGHTS.index(item.side.sight) else "side"


def of_kind(facts: Facts, category: str) -> list[ItemFacts]:
    """The items of a category, and of what is a kind of it: a folding knife is a knife."""
    return [item for item in facts.items if category in broader(item.category)]


def alone(facts: Facts) -> list[ItemFacts]:
    """The items that their category's name points to: no other item of the bag may be called by it."""
    return [item for item in facts.items if len(of_kind(facts, item.category)) == 1]


def posture(item: ItemFacts) -> str | None:
    """'flat' or 'upright' where both boxes say so and a stated pose does not deny it."""
    fits = wording.FITS.get(item.profile or "", ())
    return item.profile if item.pose is None or item.pose in fits else None


def iou(a: Box1000, b: Box1000) -> float:
    """Intersection over union, 0 to 1; 0 where both are empty."""
    common = _common(a, b)
    return common / max(area(a) + area(b) - common, 1)


def _views(axis: Axis, *items: ItemFacts) -> list[str]:
    """The views that show the axis and all of the items."""
    return [view for view in _EDGES[axis] if all(item.seen(view) for item in items)]


def _box(item: ItemFacts, view: str) -> Box1000:
    seen = item.seen(view)
    assert seen is not None, f"item {item.item} has no box in the {view} view"
    return seen.box


def _side(a: Box1000, b: Box1000, edges: tuple[int, int]) -> int | None:
    low, high = edges
    if a[high] + APART <= b[low]:
        return -1
    return 1 if b[high] + APART <= a[low] else None


def _nearer(target: ItemFacts, a: ItemFacts, b: ItemFacts, view: str, edges: tuple[int, int]) -> int | None:
    one, two = _doubled(target, a, b, view, edges)
    return None if abs(one - two) < 2 * NEARER else -1 if one < two else 1


def _doubled(target: ItemFacts, a: ItemFacts, b: ItemFacts, view: str, edges: tuple[int, int]) -> tuple[int, int]:
    """Twice the distances of two middles from that of the target: whole numbers."""
    middle, one, two = (sum(_box(item, view)[edge] for edge in edges) for item in (target, a, b))
    return abs(one - middle), abs(two - middle)


def _common(a: Box1000, b: Box1000) -> int:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
