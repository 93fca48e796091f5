"""The second screen: which things the caption speaks of that are not there, or not where it says.

Entities are the entries and the mentions in sentences. An entry matches when the assignment gave it an item of its class, and
every box and place that it states fits that item. A mention matches when items of its class, as many as it counts, lie where
it says. New mentions of one class in one text ('a knife ..., another knife ...') must be matched by different items.
"""

from beltline.language.assign import assign
from beltline.language.captions import ItemWords
from beltline.language.facts import ItemFacts
from beltline.language.places import agrees
from beltline.language.reading import MIN_IOU, Reading, category_of, iou
from beltline.language.statements import Mention
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
    candidates = reading.candidates(mention)
    if mention.negated:
        seen = [item for item in candidates if mention.view is None or item.seen(mention.view)]
        return f"denies {mention.phrase!r}, which is there" if seen and not mention.places else None
    wanted = mention.count or 1
    if len(candidates) < wanted:
        return f"{wanted} {mention.phrase!r} stated, {len(candidates)} there"
    if len(reading.placed(mention)) < wanted:
        return f"{mention.phrase!r} is not at {' '.join(mention.places)!r}" + (
            f" in the {mention.view} view" if mention.view else ""
        )
    return None


def _doubles(reading: Reading) -> dict[str, str]:
    """New mentions of one class in one text that no different items are left for."""
    groups: dict[tuple[str, frozenset[str]], list[Mention]] = {}
    for mention in reading.mentions:
        if mention.places and not mention.definite and not mention.negated and mention.count in (None, 1):
            groups.setdefault((mention.where, mention.categories), []).append(mention)
    found: dict[str, str] = {}
    for mentions in (group for group in groups.values() if len(group) > 1):
        items = reading.candidates(mentions[0])
        matched = assign([[float(reading.lies(item, m)) for item in items] for m in mentions])
        for mention, column in zip(mentions, matched, strict=True):
            if column is None:
                found[mention.key] = f"another {mention.phrase!r} than there are at that place"
    return found
