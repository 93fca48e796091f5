"""The second screen: which things the caption speaks of that are not there, or not where it says.

Entities are the entries and the mentions in sentences. An entry matches when the assignment gave it an item of its class, and
every box and place that it states fits that item. A mention matches when items of its class, as many as it counts, lie where
it says. New mentions of one class in one text ('a knife ..., another knife ...') must be matched by different items.
"""

import re

from beltline.language.assign import assign
from beltline.language.captions import ItemWords
from beltline.language.facts import ItemFacts
from beltline.language.mentions import Mention, Relation
from beltline.language.places import Box1000, agrees
from beltline.language.reading import MIN_IOU, Reading, category_of, iou
from beltline.scan import VIEWS


def judge(reading: Reading) -> tuple[int, dict[str, str]]:
    """The number of entities, and key -> objection of those without a match."""
    unmatched: dict[str, str] = {}
    for index, entry in enumerate(reading.caption.items):
        objection = _entry(reading, entry, reading.item_of.get(index))
        if objection:
            unmatched[f"items/{index}"] = objection
    entities, objections = _mentions(reading)
    return len(reading.caption.items) + entities, unmatched | objections


def _entry(reading: Reading, entry: ItemWords, item: ItemFacts | None) -> str | None:
    if item is None:
        return f"no item of the class {category_of(entry.category)!r} is left to match it"
    for view in VIEWS:
        objection = _entry_in_view(reading, entry, item, view)
        if objection:
            return objection
    return None


def _entry_in_view(reading: Reading, entry: ItemWords, item: ItemFacts, view: str) -> str | None:
    box, place, seen = entry.box(view), entry.place(view), item.seen(view)
    if seen is None:
        return f"states a {view} box or place of an item that the {view} view does not show" if box or place else None
    if box is not None and iou(box, seen.box) < MIN_IOU:
        return f"{view} box {list(box)} fits {list(seen.box)} with IoU {iou(box, seen.box):.2f} only"
    if place is not None and not agrees(place, seen.box, reading.facts.frame(view)):
        return f"{view} place {place!r} does not fit {list(seen.box)}"
    return None


def _mentions(reading: Reading) -> tuple[int, dict[str, str]]:
    """Entities in sentences; mentions of one phrase in one sentence are one entity if they say the same."""
    judged: dict[str, str | None] = {}
    for mention in reading.mentions:
        objection = _mention(reading, mention)
        if objection is not None or not mention.negated:
            key = mention.key
            judged[key] = judged.get(key) or objection
    for key, objection in _doubles(reading).items():
        judged[key] = judged[key] or objection
    return len(judged), {key: objection for key, objection in judged.items() if objection}


def _mention(reading: Reading, mention: Mention) -> str | None:
    if mention.negated:
        return _denial(reading, mention)
    there = reading.there(mention)
    where = f"the {mention.view} view" if mention.view else "the bag"
    if len(there) < mention.needed or (mention.exact and mention.count not in (None, len(there))):
        only = "exactly " if mention.exact else ""
        return _quoted(mention, f"{only}{mention.needed} {mention.phrase!r} stated, {where} has {len(there)}")
    placed = (mention.count or 1) if mention.part else mention.needed
    if len(reading.placed(mention)) < placed:
        places, boxes = " ".join(mention.places), [list(box) for box in _boxes(there, mention)]
        return _quoted(mention, f"{mention.phrase!r} is not at {places!r} in {where}: its boxes are {boxes}")
    return next((why for relation in mention.relations if (why := _relation(reading, mention, relation))), None)


def _denial(reading: Reading, mention: Mention) -> str | None:
    seen = reading.placed(mention)
    if not seen:
        return None
    items = ", ".join(f"item {item.item}, a {item.category!r}" for item in seen)
    return _quoted(mention, f"denies {mention.phrase!r}, which is there: {items}")


def _relation(reading: Reading, mention: Mention, relation: Relation) -> str | None:
    """The objection to 'left of', when no pair of such items lies in that order in any view that it may speak of."""
    ones = reading.placed(mention)
    others = [item for item in reading.facts.items if item.category in relation.categories]
    views = [view for view in ([mention.view] if mention.view else VIEWS) if relation.direction in _ORDERS[view]]
    found = [_ordered(a, b, view, relation.direction) for a in ones for b in others if a is not b for view in views]
    judged = [answer for answer in found if answer is not None]
    if not judged or any(judged):
        return None
    return _quoted(mention, f"no {mention.phrase!r} lies {relation.direction} of a {relation.phrase!r}")


_ORDERS = {"top": ("left", "right"), "side": ("left", "right", "above", "below")}


def _ordered(a: ItemFacts, b: ItemFacts, view: str, direction: str) -> bool | None:
    """Whether the middles lie in that order in a view; None where it does not show both."""
    one, two = a.seen(view), b.seen(view)
    if one is None or two is None:
        return None
    axis = 0 if direction in ("left", "right") else 1
    step = (two.box[axis] + two.box[axis + 2]) - (one.box[axis] + one.box[axis + 2])
    sign = 1 if direction in ("left", "above") else -1
    return step * sign > 0


def _boxes(items: list[ItemFacts], mention: Mention) -> list[Box1000]:
    views = [mention.view] if mention.view else VIEWS
    return [seen.box for item in items for view in views if (seen := item.seen(view))]


def _quoted(mention: Mention, objection: str) -> str:
    said = re.sub(r"#+", "…", mention.clause.strip())  # materials, which the reader has blanked
    return f"{objection}; said: {said[:120]!r}"


def _doubles(reading: Reading) -> dict[str, str]:
    """New mentions of one class in one text that no different items are left for."""
    groups: dict[tuple[str, frozenset[str]], list[Mention]] = {}
    for mention in reading.mentions:
        if mention.asserts and mention.count in (None, 1) and mention.needed == 1 and not mention.part:
            groups.setdefault((mention.where, mention.categories), []).append(mention)
    found: dict[str, str] = {}
    for group in groups.values():
        mentions = _different(group)
        items = reading.candidates(mentions[0]) if len(mentions) > 1 else []
        matched = assign([[float(item in reading.placed(m)) for item in items] for m in mentions])
        for mention, column in zip(mentions, matched, strict=True):
            if column is None and items:
                found[mention.key] = _quoted(mention, f"another {mention.phrase!r} than there are at that place")
    return found


def _different(group: list[Mention]) -> list[Mention]:
    """Those that must be different items: 'a knife' with a place each, 'another knife', and what that is other than."""
    new = [m for m in group if m.fresh and not m.inexact and (m.places or m.other)]
    if not any(m.other for m in new):
        return new
    plain = [m for m in group[: group.index(next(m for m in new if m.other))] if m not in new]
    return new if any(not m.other for m in new) else [*plain[:1], *new]
