"""Occluded area, and contact or occlusion (Dual 3.2.1): in which view and where two items overlap, and whether they touch.

Overlap is told from masks: items overlap in a view where they share a tenth of the smaller mask, and are clear of each other
where some pixels lie between them; nothing in between is asked. Boxes without masks count as overlapping from the corpus's own
bound on (intersection over the smaller box above 0.3, Dual 3.1.1). Contact needs the phantom's exact truth, and is asked only
where the oriented boxes of the row say the same: apart by 10 mm or more, or together within 1 mm.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from beltline.exam.dual_bag import Bag, Thing, Wordings, the
from beltline.exam.space import gap_mm, shared, within
from beltline.exam.tasks import Question
from beltline.image.phantom.truth import APART_MM, TOUCH_MM

OVERLAP_FROM, BOXES_FROM = 0.1, 0.3
"""Share of the smaller mask, or box, from which two items overlap in a view."""
CLEAR_PX = 4
"""Pixels between items that do not."""
ASIDE, MAINLY, PART_BELOW = 0.2, 1.6, 0.7
"""How far the common pixels lie from the middle of the box, as a share of it; by how much more along one axis than along the
other; and the share of the item's mask below which they are a part of it."""
WHERE: Final = ("in the top view only", "in the side view only", "in both views", "in neither view")
PARTS: Final = ("its left part", "its right part", "its upper part", "its lower part")
CONTACT: Final = (
    "they touch",
    "they do not touch, but overlap in a view",
    "they neither touch nor overlap in any view",
)
AREA: Final[Wordings] = {
    "views": (
        "In which view does the {item} overlap the {other}?",
        "Where do the images of the {item} and the {other} cover each other?",
        "Compare both views: where would the {item} hide a part of the {other}, or be hidden by it?",
    ),
    "part": (
        "In the {view} view, which part of the {item} is overlapped by the {other}?",
        "Which part of the {item} lies over or under the {other} in the image of the {view} view?",
        "Looking at the {view} view, where on the {item} does the {other} cross it?",
    ),
}
TOUCHING: Final[Wordings] = {
    "contact": (
        "Are the {item} and the {other} in contact, or does one only hide the other?",
        "Judging by both views, how do the {item} and the {other} stand to each other: touching, overlapping or apart?",
        "What holds of the {item} and the {other} in space?",
    )
}


def areas(bag: Bag) -> Iterator[Question]:
    """In which view two items overlap, and which part of one."""
    for pair in combinations(bag.named, 2):
        item, other = bag.turned(pair, "OA")
        found = {view: overlap(bag, bag.named[item], bag.named[other], view) for view in bag.sizes}
        if None not in found.values():
            yield bag.put(
                "OA",
                "views",
                AREA,
                words={"item": item, "other": other},
                said={"item": the(item)[4:], "other": the(other)[4:]},
                options=WHERE,
                answer=_where(bool(found["top"]), bool(found["side"])),
                things=(bag.named[item], bag.named[other]),
                details={"overlap_from": OVERLAP_FROM, "clear_px": CLEAR_PX},
            )
        yield from _parts(bag, item, other, [view for view, overlaps in found.items() if overlaps])


def contacts(bag: Bag) -> Iterator[Question]:
    """Whether two items touch, only overlap, or neither; nothing where the bag comes without truth."""
    if bag.truth is None:
        return
    touching = {(pair.a, pair.b): pair.touching for pair in bag.truth.pairs}
    for pair in combinations(bag.named, 2):
        item, other = bag.turned(pair, "CO")
        numbers = sorted((bag.named[item].item.item, bag.named[other].item.item))
        answer = _contact(bag, bag.named[item], bag.named[other], touching[numbers[0], numbers[1]])
        if answer is not None:
            yield bag.put(
                "CO",
                "contact",
                TOUCHING,
                words={"item": item, "other": other},
                said={"item": the(item)[4:], "other": the(other)[4:]},
                options=CONTACT,
                answer=answer,
                things=(bag.named[item], bag.named[other]),
                details={"touch_mm": TOUCH_MM, "apart_mm": APART_MM, "overlap_from": OVERLAP_FROM},
            )


def overlap(bag: Bag, a: Thing, b: Thing, view: str) -> bool | None:
    """Whether two items overlap in a view; None where it is too close to call."""
    mine, theirs = a.shadows[view], b.shadows[view]
    share = shared(mine, theirs).share
    if share >= (OVERLAP_FROM if mine.traced and theirs.traced else BOXES_FROM):
        return True
    return None if share > 0 or within(mine, theirs, CLEAR_PX) else False


def _where(top: bool, side: bool) -> str:
    return {(True, False): WHERE[0], (False, True): WHERE[1], (True, True): WHERE[2], (False, False): WHERE[3]}[
        top, side
    ]


def _parts(bag: Bag, item: str, other: str, views: list[str]) -> Iterator[Question]:
    for view in views:
        part = _part(bag.named[item], bag.named[other], view)
        if part is not None:
            yield bag.put(
                "OA",
                "part",
                AREA,
                words={"item": item, "other": other, "view": view},
                said={"item": the(item)[4:], "other": the(other)[4:], "view": view},
                options=PARTS,
                answer=part,
                things=(bag.named[item], bag.named[other]),
                details={"aside": ASIDE, "mainly": MAINLY, "part_below": PART_BELOW},
            )


def _part(a: Thing, b: Thing, view: str) -> str | None:
    """On which part of a's box the common pixels lie; None where they lie in the middle, or between two parts."""
    mine, common = a.shadows[view], shared(a.shadows[view], b.shadows[view])
    if common.middle_xy is None or not mine.traced or common.pixels > PART_BELOW * mine.pixels:
        return None
    height, width = mine.mask.shape
    u = (common.middle_xy[0] - mine.at_xy[0]) / width - 0.5
    v = (common.middle_xy[1] - mine.at_xy[1]) / height - 0.5
    if abs(u) >= max(ASIDE, MAINLY * abs(v)):
        return PARTS[u > 0]
    return PARTS[2 + (v > 0)] if abs(v) >= max(ASIDE, MAINLY * abs(u)) else None


def _contact(bag: Bag, a: Thing, b: Thing, touching: bool | None) -> str | None:
    """The answer, where truth and the oriented boxes agree and overlap is clear-cut."""
    if a.solid is None or b.solid is None or touching is None:
        return None
    gap = gap_mm(a.solid, b.solid)
    if touching:
        return CONTACT[0] if gap <= TOUCH_MM else None
    overlaps = [overlap(bag, a, b, view) for view in bag.sizes]
    if gap < APART_MM or (True not in overlaps and None in overlaps):
        return None
    return CONTACT[1] if True in overlaps else CONTACT[2]
