"""One bag as the builder of DualXrayBench sees it: which items a question can name, what chance decides, how a question is put.

bag = Bag(scan, facts, seed=1, content=digest)
bag.named                                # category -> the one item that its name can only mean
bag.put("SR", "space", WORDINGS, words={...}, said={...}, options=(...), answer="front and above", things=(a, b))
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from beltline.exam.answers import LETTERS
from beltline.exam.space import Oriented, Shadow, oriented, shadow
from beltline.exam.tasks import Evidence, Question, arranged
from beltline.image.phantom.truth import Truth
from beltline.labels import broader
from beltline.language.lexicon import noun
from beltline.scan import VIEWS, Item, Scan, canonical_json

EXAM: Final = "dualxray"
PLAIN_FROM = 0.3
"""An item that shows less of itself in both views is not asked about."""
Wordings = Mapping[str, tuple[str, ...]]
"""Form to the ways of putting it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An item and what its row tells in space."""

    item: Item
    solid: Oriented | None
    shadows: Mapping[str, Shadow]
    """Of the views that show it."""

    @property
    def category(self) -> str:
        return self.item.category

    def visible(self, view: str) -> float:
        """Share that shows in a view; 1 where the source does not say, 0 where the view does not show it."""
        if view not in self.shadows:
            return 0.0
        said = self.item.top_visible if view == "top" else self.item.side_visible
        return 1.0 if said is None else said

    @property
    def plain(self) -> bool:
        """Enough of it can be seen somewhere."""
        return max(self.visible(view) for view in VIEWS) >= PLAIN_FROM


class Bag:
    """A scan with two views. Chance is a hash of seed, bag and what is asked: never of an answer."""

    def __init__(self, scan: Scan, truth: Truth | None, *, seed: int, content: str):
        self.scan, self.truth, self.seed, self.content = scan, truth, seed, content
        self.sizes = {view: (shot.width, shot.height) for view in VIEWS if (shot := getattr(scan, view)) is not None}

    @cached_property
    def things(self) -> tuple[Thing, ...]:
        """All items, in the order of the row."""
        return tuple(self._thing(item) for item in self.scan.items)

    @cached_property
    def named(self) -> dict[str, Thing]:
        """Items that their category's name can only mean: nothing else in the bag is of the category, nor a kind of it."""
        meant = Counter(name for one in self.things for name in broader(one.category))
        both = set(self.sizes)
        return {
            one.category: one
            for one in sorted(self.things, key=lambda one: one.category)
            if meant[one.category] == 1 and one.plain and set(one.shadows) == both
        }

    def coin(self, sides: int, *key: Any) -> int:
        """0 to sides - 1, by hash."""
        said = canonical_json([self.seed, self.scan.group, self.scan.id, *key])
        return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big") % sides

    def turned(self, names: Sequence[str], *key: Any) -> tuple[str, ...]:
        """Names, or names backwards: which, a coin says that only knows the names."""
        ordered = tuple(sorted(names))
        return ordered[::-1] if self.coin(2, "turned", *ordered, *key) else ordered

    def put(
        self,
        task: str,
        form: str,
        wordings: Wordings,
        *,
        options: tuple[str, ...],
        answer: str,
        things: Iterable[Thing],
        words: Mapping[str, Any] | None = None,
        said: Mapping[str, str] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Question:
        """The question, worded by hash, its options in a fair order, with the boxes of `things` in every view as evidence.

        Args:
            words: what the text tells besides task and form; balanced answers are balanced given these.
            said: what fills the wording's blanks.
        """
        known = {"form": form, **(words or {})}
        ways = wordings[form]
        text = ways[self.coin(len(ways), "wording", task, known, sorted(options))].format(**(said or {}))
        question = Question(
            exam=EXAM,
            task=task,
            question=text,
            options=options,
            answer=LETTERS[options.index(answer)],
            group=self.scan.group,
            scan=self.scan.id,
            scan_content=self.content,
            views=tuple(self.sizes),
            words=known,
            evidence=tuple(_evidence(things)),
            details=details or {},
        )
        return arranged(question, self.seed)

    def _thing(self, item: Item) -> Thing:
        seen = {view: shade for view, size in self.sizes.items() if (shade := shadow(item, view, size)) is not None}
        return Thing(item=item, solid=oriented(item), shadows=seen)


def the(category: str) -> str:
    """'the bottle of blue liquid'."""
    return f"the {noun(category).one}"


def _evidence(things: Iterable[Thing]) -> Iterable[Evidence]:
    for one in things:
        for view, box in (("top", one.item.top_xyxy), ("side", one.item.side_xyxy)):
            if box is not None:
                yield Evidence(view=view, category=one.category, item=one.item.item, xyxy=box)
