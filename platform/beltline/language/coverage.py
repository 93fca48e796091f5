"""The first screen: which facts of the metadata the caption leaves out.

A fact counts as asserted when the entry of its item states it, or when a sentence does that can mean no other item.
"""

import re
from typing import Final

from beltline.language import wording
from beltline.language.captions import ItemWords
from beltline.language.facts import ItemFacts
from beltline.language.lexicon import number_word
from beltline.language.reading import MIN_IOU, Reading, category_of, iou
from beltline.language.statements import Mention, sentences, view_of

_DENSITIES: Final = {
    "sparse": re.compile(
        r"\bspars|\blight(?:ly)? (?:packed|filled|loaded)|\bfew (?:items|objects|things)|\buncluttered"
    ),
    "medium": re.compile(r"\bmoderate|\bmedium[- ]density|\bmedium(?:ly)? (?:packed|filled)|\bhalf[- ]full"),
    "dense": re.compile(r"\bdense|\btight(?:ly)? packed|\bcrowded|(?<!un)\bcluttered|\bcrammed|\bhigh[- ]density"),
}
_SIGHTS: Final = {
    "clear": re.compile(
        r"\b(?:clear(?:ly)?|fully visible|unobstructed|unoccluded|stands out|entirely visible|not (?:hidden|occluded))\b"
    ),
    "partly hidden": re.compile(r"\bpart(?:ly|ially)\b"),
    "heavily occluded": re.compile(
        r"\b(?:heav(?:y|ily)|largely|mostly|severely|almost (?:entirely|fully|completely)|for the most part|barely visible)\b"
    ),
}
_OVERLAP: Final = re.compile(
    r"\boverlap|\bcover(?!age)|\bhid(?:e|es|den|ing)\b|\bobscur|\bocclud|\bon top of\b|\bcross(?:es|ing)?\b|\bin front of\b|\bbehind\b|\bbeneath\b"
)
_COARSE: Final = ("many", "multiple")


def missing(reading: Reading) -> dict[str, str]:
    """Key of each fact that the caption does not assert -> what would have asserted it."""
    keys = reading.facts.keys()
    found = {key: _want(reading, key.split("/")) for key in keys}
    return {key: want for key, want in found.items() if want is not None}


def _want(reading: Reading, parts: list[str]) -> str | None:
    """None when the fact is asserted, else what was wanted."""
    kind = parts[0]
    if kind == "item":
        item = next(item for item in reading.facts.items if item.item == int(parts[1]))
        return _item_want(reading, item, parts[2:])
    if kind == "view":
        return None if getattr(reading.caption, parts[1]) else f"a description of the {parts[1]} view"
    if kind == "count":
        return _count_want(reading, "/".join(parts[1:]))
    if kind == "overlap":
        return _overlap_want(reading, parts[1], parts[2])
    if kind == "items":
        named = bool(reading.caption.items) or any(not mention.negated for mention in reading.mentions)
        return "no item at all" if named else None
    return _bag_want(reading, kind)


def _bag_want(reading: Reading, kind: str) -> str | None:
    wanted = str(getattr(reading.facts, kind))
    text = reading.caption.text().lower()
    if kind == "container":
        said = any((entry.container or "").lower() == wanted.lower() for entry in reading.caption.items)
        said = said or re.search(rf"\b{re.escape(wanted.lower())}", text) is not None
    else:
        pattern = _DENSITIES.get(wanted)
        said = pattern.search(text) is not None if pattern else wanted.lower() in text
    return None if said else f"the {kind} {wanted!r}"


def _count_want(reading: Reading, category: str) -> str | None:
    wanted = reading.facts.counts()[category]
    if _stated_in_entries(reading, category, wanted) or _stated_in_text(reading, category, wanted):
        return None
    return f"{number_word(wanted)} of {category!r}"


def _stated_in_entries(reading: Reading, category: str, wanted: int) -> bool:
    entries = [entry for entry in reading.caption.items if category_of(entry.category) == category]
    coarse = wanted > 10 or _hidden(reading, category)
    return any(entry.quantity == wanted or (coarse and entry.quantity in _COARSE) for entry in entries)


def _hidden(reading: Reading, category: str) -> bool:
    """Whether occlusion may hide how many there are (One App. B allows 'many' and 'multiple' then)."""
    alike = [item for item in reading.facts.items if item.category == category]
    seen = [item.seen(view) for item in alike for view in reading.facts.views]
    return len(alike) > 1 and any(s is not None and s.sight == "heavily occluded" for s in seen)


def _stated_in_text(reading: Reading, category: str, wanted: int) -> bool:
    """A numeral; 'a gun' says one where it stands in a list of what there is."""
    mine = [m for m in reading.mentions if category in m.named and not m.negated and not m.places]
    return any(m.count == wanted if m.total else wanted == 1 and m.count is None and not m.definite for m in mine)


def _item_want(reading: Reading, item: ItemFacts, parts: list[str]) -> str | None:
    entry = reading.entry_of.get(item.item)
    if parts[0] == "category":
        named = entry is not None or bool(_about(reading, item, None))
        return None if named else f"item {item.item}, a {item.category!r}"
    if len(parts) == 1:
        return _attribute_want(reading, item, entry, parts[0])
    return _seen_want(reading, item, entry, *parts)


def _attribute_want(reading: Reading, item: ItemFacts, entry: ItemWords | None, name: str) -> str | None:
    wanted = str(getattr(item, name))
    said = entry is not None and name == "colour" and entry.colour == wanted
    texts = [entry.text.lower()] if entry is not None else [m.clause for m in _about(reading, item, None)]
    phrases = [wanted.lower(), *([wording.POSES[wanted]] if name == "pose" and wanted in wording.POSES else [])]
    said = said or any(re.search(rf"\b{re.escape(phrase)}\b", text) for text in texts for phrase in phrases)
    return None if said else f"{name} {wanted!r} of item {item.item}"


def _seen_want(reading: Reading, item: ItemFacts, entry: ItemWords | None, view: str, name: str) -> str | None:
    seen = item.seen(view)
    assert seen is not None, f"item {item.item} has no box in the {view} view"
    wanted = getattr(seen, name)
    if name == "box":
        box = entry.box(view) if entry is not None else None
        said = box is not None and iou(box, seen.box) >= MIN_IOU
    elif name == "place":
        said = entry is not None and entry.place(view) == wanted
        said = said or any(wanted in mention.places for mention in _about(reading, item, view))
    else:
        said = any(_SIGHTS[wanted].search(mention.clause) for mention in _about(reading, item, view))
    return None if said else f"{name} {wanted!r} of item {item.item} in the {view} view"


def _about(reading: Reading, item: ItemFacts, view: str | None) -> list[Mention]:
    """The mentions that speak of this item (in this view) and can mean no other."""
    return [
        m
        for m in reading.mentions
        if item.category in m.named
        and not m.negated
        and (view is None or m.view in (view, None))
        and _only(reading, m, item)
    ]


def _only(reading: Reading, mention: Mention, item: ItemFacts) -> bool:
    candidates = reading.placed(mention)
    if item not in candidates:
        return False
    return len(candidates) <= (mention.count or 1)


def _overlap_want(reading: Reading, view: str, pair: str) -> str | None:
    numbers = {int(number) for number in pair.split("-")}
    categories = [item.category for item in reading.facts.items if item.item in numbers]
    texts = [(view, getattr(reading.caption, view) or ""), (None, reading.caption.whole)]
    texts += [(None, entry.text) for entry in reading.caption.items]
    for where, text in texts:
        for sentence in sentences(text.lower()):
            if (
                _OVERLAP.search(sentence)
                and (where or view_of(sentence, "top" if len(reading.facts.views) == 1 else None)) == view
            ):
                if _names(reading, sentence, categories):
                    return None
    return f"that items {pair} overlap in the {view} view"


def _names(reading: Reading, sentence: str, categories: list[str]) -> bool:
    mentions = [m for m in reading.mentions if m.clause and m.clause in sentence]
    return all(any(category in m.categories for m in mentions) for category in categories)
