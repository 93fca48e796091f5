"""The first screen: which facts of the metadata the caption leaves out.

A fact counts as asserted when the entry of its item states it, or when a sentence does that can mean no other item.
"""

import re
from typing import Final

from beltline.language import attributes, lexicon
from beltline.language.captions import ItemWords
from beltline.language.clauses import sentences, view_of
from beltline.language.facts import ItemFacts
from beltline.language.lexicon import number_word
from beltline.language.mentions import Mention
from beltline.language.reading import MIN_IOU, Reading, category_of, iou, stated_total

_OVERLAP: Final = re.compile(
    r"(?<!not )(?<!n't )\b(?:overlap|cover(?!age)|hid(?:e|es|den|ing)\b|obscur|occlud|on top of\b|cross(?:es|ing)?\b|in front of\b|behind\b|beneath\b)"
)
_COARSE: Final = ("many", "multiple")
_MANY_FROM: Final = 11


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
    said = attributes.asserts(kind, wanted, lexicon.plain(reading.caption.text()))
    if kind == "container":
        entries = [lexicon.plain(entry.container or "") for entry in reading.caption.items]
        said = said or any(attributes.asserts(kind, wanted, entry) for entry in entries)
    return None if said else f"the {kind} {wanted!r}"


def _count_want(reading: Reading, category: str) -> str | None:
    wanted = reading.facts.counts()[category]
    if _stated_in_entries(reading, category, wanted) or _stated_in_text(reading, category, wanted):
        return None
    return f"{number_word(wanted)} of {category!r}"


def _stated_in_entries(reading: Reading, category: str, wanted: int) -> bool:
    entries = [entry for entry in reading.caption.items if category_of(entry.category) == category]
    coarse = wanted >= _MANY_FROM or _hidden(reading, category)
    return any(entry.quantity == wanted or (coarse and entry.quantity in _COARSE) for entry in entries)


def _hidden(reading: Reading, category: str) -> bool:
    """Whether occlusion may hide how many there are (One App. B allows 'many' and 'multiple' then)."""
    alike = [item for item in reading.facts.items if item.category == category]
    seen = [item.seen(view) for item in alike for view in reading.facts.views]
    return len(alike) > 1 and any(s is not None and s.sight == "heavily occluded" for s in seen)


def _stated_in_text(reading: Reading, category: str, wanted: int) -> bool:
    """A total in one of the texts; 'many' where occlusion hides the number; 'a gun' says one where no other is told of."""
    mine = [m for m in reading.mentions if category in m.named and m.asserts]
    if wanted >= _MANY_FROM or _hidden(reading, category):
        if any(m.coarse for m in mine):
            return True
    groups = [[m for m in mine if m.where == where] for where in dict.fromkeys(m.where for m in mine)]
    totals = [found[1] for group in groups if (found := stated_total(group))]
    alone = not totals and any(m.single and not m.places and not m.other for m in mine)
    return wanted in totals or (wanted == 1 and alone)


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
    texts = [_unnamed(reading, entry.text) if name == "colour" else lexicon.plain(entry.text)] if entry else []
    texts += [m.segment for m in _about(reading, item, None)]
    said = said or any(attributes.asserts(name, wanted, text) for text in texts)
    return None if said else f"{name} {wanted!r} of item {item.item}"


def _unnamed(reading: Reading, text: str) -> str:
    """A text without the names of classes: the orange of 'orange liquid' is no colour that anybody has looked at."""
    further = frozenset(item.category for item in reading.facts.items)
    return lexicon.finder(further).sub("#", lexicon.plain(text))


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
        said = any(attributes.asserts("sight", wanted, mention.segment) for mention in _about(reading, item, view))
    return None if said else f"{name} {wanted!r} of item {item.item} in the {view} view"


def _about(reading: Reading, item: ItemFacts, view: str | None) -> list[Mention]:
    """The mentions that speak of this item (in this view) and can mean no other."""
    mine = [m for m in reading.mentions if item.category in m.named and m.asserts and _only(reading, m, item)]
    return [m for m in mine if view is None or m.view == view or (m.view is None and _either(m))]


def _either(mention: Mention) -> bool:
    """Whether a mention that names no one view speaks of both: 'in both views it lies on the left'."""
    return "both views" in mention.clause or "either view" in mention.clause or "each view" in mention.clause


def _only(reading: Reading, mention: Mention, item: ItemFacts) -> bool:
    candidates = reading.placed(mention)
    if item not in candidates:
        return False
    return len(candidates) <= (1 if mention.count is None else mention.count)


def _overlap_want(reading: Reading, view: str, pair: str) -> str | None:
    numbers = {int(number) for number in pair.split("-")}
    categories = [item.category for item in reading.facts.items if item.item in numbers]
    texts = [(view, getattr(reading.caption, view) or ""), (None, reading.caption.whole)]
    texts += [(None, entry.text) for entry in reading.caption.items]
    for where, text in texts:
        for sentence in sentences(lexicon.plain(text)):
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
