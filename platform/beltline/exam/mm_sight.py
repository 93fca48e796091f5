"""What one view of a scan shows, as far as the one-view exam may ask for it; and the one place where its questions are put together.

    sight = look(scan, content=content, seed=7, rule="balanced")
    sight.alone("gun")                  # the only gun, with its box, place, colour, shape; None unless there is just one
    sight.absent()                      # categories that are certainly not in the picture, in an order of this scan's own
    sight.put("counting", words, COUNTING, options, right, things=...)

A question is asked only where the rows leave no doubt: a place counts where the bag and the whole image agree on it, a category is
absent only where the source labels it and nothing related to it is there, a hidden item is not asked for.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal, TypeVar

import numpy as np

from beltline import labels
from beltline.exam.answers import LETTERS
from beltline.exam.mm_shape import Shape, shape_of
from beltline.exam.tasks import MMXRAY, Evidence, Question, arranged
from beltline.image.phantom.recipes import RECIPES
from beltline.language.facts import facts_of
from beltline.language.lexicon import article, noun
from beltline.language.places import Box1000, Place, agrees, place_of
from beltline.scan import Box, Item, Scan, canonical_json

Rule = Literal["balanced", "paper"]
Some = TypeVar("Some")
EXAM: Final = "mmxray"
SEEN_FROM: Final = 0.3
"""An item of which less is visible in the view is not asked for."""
COLOUR_LEAD_PERCENT: Final = 10
"""Of an item's pixels: by so many the commonest colour must lead."""
_WHOLE: Final[Box1000] = (0, 0, 1000, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An item as the top view shows it."""

    item: int
    category: str
    xyxy: Box
    box: Box1000
    place: Place | None
    """Where bag and image agree on it."""
    near: frozenset[str]
    """Every place that could be said of it."""
    colour: str | None
    shape: Shape
    attributes: Mapping[str, str]

    @property
    def evidence(self) -> Evidence:
        return Evidence(view="top", category=self.category, item=self.item, xyxy=self.xyxy)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A scan's top view, and the questions put about it."""

    scan: Scan
    content: str
    seed: int
    rule: Rule
    things: tuple[Thing, ...]
    vocabulary: tuple[str, ...]
    """What the source labels: only of these can it be said that they are absent."""
    frame: Box1000
    """What the bag fills of the view."""

    @cached_property
    def counts(self) -> dict[str, int]:
        """Items of each category that may be asked for; a category of which one is hidden is left out."""
        present = {item.category for item in self.scan.items}
        shown = {name: [t for t in self.things if t.category == name] for name in sorted(present)}
        whole = {name: len([i for i in self.scan.items if i.category == name]) for name in present}
        return {name: len(things) for name, things in shown.items() if len(things) == whole[name] and self.clear(name)}

    def clear(self, category: str) -> bool:
        """Whether no other item is a kind of it, or it a kind of another item."""
        line = labels.broader(category)
        others = {item.category for item in self.scan.items} - {category}
        return not any(other in line or category in labels.broader(other) for other in others)

    def alone(self, category: str) -> Thing | None:
        """The only item of a category."""
        return next(t for t in self.things if t.category == category) if self.counts.get(category) == 1 else None

    def absent(self) -> list[str]:
        """Categories that are certainly not there, in an order by hash."""
        there = {item.category for item in self.scan.items}
        names = [name for name in self.vocabulary if name not in there and self.clear(name)]
        return self.shuffled(names, "absent")

    def shuffled(self, values: Iterable[Some], *key: object) -> list[Some]:
        """The values in an order by hash of the scan, the seed and the key, never of an answer."""
        return sorted(values, key=lambda value: self.number(*key, value))

    def number(self, *key: object) -> int:
        """64 bits by hash of the scan, the seed and the key."""
        said = canonical_json([self.seed, self.scan.id, *key])
        return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")

    def rng(self, *key: object) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.scan.id, self.number(*key)])

    def put(
        self,
        task: str,
        words: Mapping[str, Any],
        wordings: Sequence[str],
        options: Sequence[str],
        right: str,
        *,
        say: Mapping[str, str] | None = None,
        things: Sequence[Thing] = (),
        details: Mapping[str, Any] | None = None,
    ) -> Question:
        """One question, its wording drawn by hash from `wordings` (fields in braces are filled from `say`)."""
        template = wordings[self.number(task, words, "wording") % len(wordings)]
        free = {"role": "any", "roles": ["any"]} if self.rule == "paper" else {}
        made = Question(
            exam=EXAM,
            task=task,
            question=template.format(**(say or {})),
            options=tuple(options),
            answer=LETTERS[list(options).index(right)],
            group=self.scan.group,
            scan=self.scan.id,
            scan_content=self.content,
            views=MMXRAY[task].views,
            words=words,
            evidence=tuple(thing.evidence for thing in things),
            details={"rule": self.rule, **(details or {}), **free},
        )
        return arranged(made, self.seed)


def look(scan: Scan, *, content: str, seed: int, rule: Rule) -> Sight:
    """The sight of a scan's top view. Decodes it, to see where the bag lies and what colour its items have.

    Raises:
        BadRow: the view's bytes are no image, or an item's box lies outside it.
    """
    facts = facts_of(one_view(scan), colour_lead_percent=COLOUR_LEAD_PERCENT)
    told = {item.item: item for item in facts.items}
    things = []
    for item in scan.items:
        seen = told[item.item].top
        if seen is None or item.top_xyxy is None or not _shown(item):
            continue
        sure = seen.place if seen.place and place_of(seen.box, _WHOLE) in (None, seen.place) else None
        near = frozenset(p for p in labels.PLACES if any(agrees(p, seen.box, f) for f in (facts.top_frame, _WHOLE)))
        things.append(
            Thing(
                item=item.item,
                category=item.category,
                xyxy=item.top_xyxy,
                box=seen.box,
                place=sure,
                near=near,
                colour=told[item.item].colour,
                shape=shape_of(item, (scan.top.width, scan.top.height)),
                attributes=item.attributes,
            )
        )
    words, frame = vocabulary(scan.source), facts.top_frame
    return Sight(scan=scan, content=content, seed=seed, rule=rule, things=tuple(things), vocabulary=words, frame=frame)


def one_view(scan: Scan) -> Scan:
    """The scan without its side view, and its items without what only that view tells."""
    items = (replace(item, side_xyxy=None, side_mask=None, side_visible=None) for item in scan.items)
    return replace(scan, side=None, items=tuple(items))


def vocabulary(source: str) -> tuple[str, ...]:
    """The categories that a source labels wherever they are; none for a source that we do not know."""
    maker, _, recipe = source.partition("/")
    if maker == "phantom" and recipe in RECIPES:
        return RECIPES[recipe].categories
    return labels.SETS.get(source, ())


def named(category: str) -> dict[str, str]:
    """The words for a category that the wordings use: `gun`, `a_gun`, `guns`, `bare`."""
    said = noun(category)
    return {"gun": said.one, "a_gun": f"{article(said.one)} {said.one}", "guns": said.many, "bare": said.bare}


def _shown(item: Item) -> bool:
    return item.top_visible is None or item.top_visible >= SEEN_FROM
