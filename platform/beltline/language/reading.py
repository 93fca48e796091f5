"""A caption read against its facts: every mention of its sentences, and which entry means which item.

All three screens work on this one reading, so that they cannot disagree about what the caption says.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from beltline.labels import CATEGORIES, canonical
from beltline.language import lexicon, statements
from beltline.language.assign import assign
from beltline.language.captions import Caption, ItemWords
from beltline.language.facts import Facts, ItemFacts
from beltline.language.mentions import Mention
from beltline.language.places import agrees
from beltline.scan import VIEWS
from beltline.verdict import BadRow

MIN_IOU = 0.5
"""A stated box stands for an item's box from here on."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The facts, the caption, and what the sentences and entries of the one mean for the other."""

    facts: Facts
    caption: Caption
    mentions: tuple[Mention, ...]
    item_of: dict[int, ItemFacts]
    """Index of a caption's entry -> the item that it means; entries without one are left out."""

    @cached_property
    def entry_of(self) -> dict[int, ItemWords]:
        """Number of an item -> the entry that means it."""
        return {item.item: self.caption.items[index] for index, item in self.item_of.items()}

    def candidates(self, mention: Mention) -> list[ItemFacts]:
        """The items that a mention may speak of, by class."""
        alone = mention.needed == 1 and not mention.part and not mention.other
        if mention.where.startswith("items/") and alone:
            own = self.item_of.get(int(mention.where[6:]))
            if own is not None and own.category in mention.categories:
                return [own]
        return [item for item in self.facts.items if item.category in mention.categories]

    def there(self, mention: Mention) -> list[ItemFacts]:
        """The candidates that the view shows of which the mention speaks."""
        return [item for item in self.candidates(mention) if mention.view is None or item.seen(mention.view)]

    def placed(self, mention: Mention) -> list[ItemFacts]:
        """The candidates that lie where the mention says."""
        key = id(mention)  # mentions live as long as the reading, and are asked about for every fact
        if key not in self._placed:
            self._placed[key] = [item for item in self.there(mention) if self.lies(item, mention)]
        return self._placed[key]

    @cached_property
    def _placed(self) -> dict[int, list[ItemFacts]]:
        return {}

    def lies(self, item: ItemFacts, mention: Mention) -> bool:
        """Whether an item lies at a mention's places, in its view, or in either where it names none."""
        if not mention.places:
            return True
        views = [mention.view] if mention.view else VIEWS
        seen = [(view, item.seen(view)) for view in views]
        return any(
            s is not None and all(agrees(place, s.box, self.facts.frame(view)) for place in mention.places)
            for view, s in seen
        )


def read(facts: Facts, caption: Caption) -> Reading:
    """Reads a caption's sentences and pairs its entries with the items, exactly, class by class."""
    further = frozenset(item.category for item in facts.items).difference(CATEGORIES)
    further |= frozenset(entry.category.lower() for entry in caption.items if not _known(entry.category))
    return Reading(
        facts=facts, caption=caption, mentions=_mentions(facts, caption, further), item_of=_pairing(facts, caption)
    )


@lru_cache(maxsize=4096)
def category_of(words: str) -> str:
    """The canonical category of an entry's own word for it; the word itself where labels.py knows none."""
    if words in CATEGORIES:
        return words
    try:
        return canonical(words)
    except BadRow:
        return _from_lexicon(words.lower()) or words.lower()


def _from_lexicon(words: str) -> str | None:
    """The one category that a word of the captions says outright."""
    match = lexicon.finder(frozenset()).fullmatch(words)
    outright = lexicon.named(words, frozenset()) if match else frozenset()
    return next(iter(outright)) if len(outright) == 1 else None


def stated_total(mentions: list[Mention]) -> tuple[Mention, int] | None:
    """How many of a class one text says that there are, and the mention that says so.

    A total, else new ones added up: 'a gun ... another gun', or 'a gun on the left ... a gun on the right'; one 'a gun' alone is one.
    """
    for mention in mentions:
        if mention.asserts and mention.total is not None:
            return mention, mention.total
    fresh = [m for m in mentions if m.fresh and not m.inexact and (m.single or m.count is not None)]
    if not fresh:
        return None
    number = sum(m.count or 1 for m in fresh)
    apart = len(fresh) > 1 and len({m.places for m in fresh}) == len(fresh) and all(m.places for m in fresh)
    loose = any((m.count or 1) > 1 and not m.places and not m.other for m in fresh[1:])
    told = (
        apart
        or (any(m.other for m in fresh) and not loose and fresh[0].count in (None, 1))
        or (len(fresh) == 1 and fresh[0].single)
    )
    return (fresh[0], number) if told else None


def iou(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Intersection over union of two boxes on [0, 1000]."""
    common = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    both = _area(a) + _area(b) - common
    return common / both if both > 0 else float(tuple(a) == tuple(b))


def _known(words: str) -> bool:
    return category_of(words) in CATEGORIES


def _area(box: tuple[int, ...]) -> int:
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def _mentions(facts: Facts, caption: Caption, further: frozenset[str]) -> tuple[Mention, ...]:
    alone = "top" if len(facts.views) == 1 else None
    texts: list[tuple[str, str, str | None]] = [("top", caption.top, "top"), ("side", caption.side or "", "side")]
    texts += [(f"items/{index}", entry.text, alone) for index, entry in enumerate(caption.items)]
    texts += [("whole", caption.whole, alone)]
    parts = _material_parts(facts, further)
    return tuple(
        mention
        for where, text, view in texts
        for mention in statements.read_scene(where, parts.sub(_blank, text) if parts else text, further, view)
    )


def _material_parts(facts: Facts, further: frozenset[str]) -> re.Pattern[str] | None:
    """Materials that hold a class's name ('steel blade'): no item is meant where they are said."""
    materials = {item.material for item in facts.items if item.material is not None}
    parts = sorted(name for name in materials if lexicon.finder(further).search(name.lower()))
    return re.compile("|".join(rf"\b{re.escape(name)}\b" for name in parts), re.IGNORECASE) if parts else None


def _blank(match: re.Match[str]) -> str:
    return "#" * len(match[0])


def _pairing(facts: Facts, caption: Caption) -> dict[int, ItemFacts]:
    """Which entry means which item: the exact assignment of the largest likeness, within each category."""
    said = [category_of(entry.category) for entry in caption.items]
    pairs: dict[int, ItemFacts] = {}
    for category in dict.fromkeys(said):
        entries = [index for index, name in enumerate(said) if name == category]
        items = [item for item in facts.items if item.category == category]
        scores = [[_likeness(caption.items[index], item) for item in items] for index in entries]
        found = zip(entries, assign(scores), strict=True)
        pairs |= {index: items[column] for index, column in found if column is not None}
    return pairs


def _likeness(entry: ItemWords, item: ItemFacts) -> float:
    """Boxes decide, then places, then the number."""
    score = 0.01 + 0.05 * (entry.item == item.item)
    for view in VIEWS:
        box, place, seen = entry.box(view), entry.place(view), item.seen(view)
        if seen is not None:
            score += (iou(box, seen.box) if box is not None else 0.0) + 0.1 * (
                place is not None and place == seen.place
            )
    return score
