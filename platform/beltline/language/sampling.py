"""Which items of a version are reviewed, and in which order: all of them, the doubtful first, or a sample balanced over categories.

`onepipe-annotate`, `onepipe-verify-1` and `onepipe-verify-2` are One 3.2's: 20,000 scans annotated in six attributes, balanced over the
28 categories; 10,000 captions of the first captioner verified; then captions of the second, of scans that no earlier queue held.

    chosen = arrange(entries, RECIPES["onepipe-annotate"], earlier=())
"""

import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from beltline.labels import MMXRAY
from beltline.language.rounds import Rules
from beltline.language.worklist import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRecipe:
    """A queue as it is set up."""

    name: str
    num: int | None = None
    """At most so many items; None takes all."""
    order: Literal["version", "doubtful", "balanced"] = "version"
    """As the version has them; lowest screening score first; balanced over MMXray's categories."""
    batch: int = 0
    """Items of a batch; 0: one batch."""
    rounds: int = 1
    earlier: tuple[str, ...] = ()
    """Recipes whose items are left out."""
    seed: int = 1

    @property
    def rules(self) -> Rules:
        return Rules(rounds=self.rounds)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        ReviewRecipe(name="check"),
        ReviewRecipe(name="doubtful", order="doubtful"),
        ReviewRecipe(name="twice", rounds=2),
        ReviewRecipe(name="onepipe-annotate", num=20_000, order="balanced", batch=500),
        ReviewRecipe(name="onepipe-verify-1", num=10_000, order="balanced", batch=500, earlier=("onepipe-annotate",)),
        ReviewRecipe(
            name="onepipe-verify-2", order="doubtful", batch=500, earlier=("onepipe-annotate", "onepipe-verify-1")
        ),
    )
}


def arrange(entries: Sequence[Entry], recipe: ReviewRecipe, earlier: Collection[int] = ()) -> list[Entry]:
    """The queue's items in order, with their batches.

    Args:
        earlier: items of the queues that `recipe.earlier` names.
    """
    left = [entry for entry in entries if entry.item not in earlier]
    num = len(left) if recipe.num is None else min(recipe.num, len(left))
    if recipe.order == "balanced":
        chosen = balanced(left, num, recipe.seed)
    elif recipe.order == "doubtful":
        chosen = sorted(left, key=lambda entry: (entry.score is None, entry.score or 0.0))[:num]
    else:
        chosen = left[:num]
    if not recipe.batch:
        return chosen
    return [replace(entry, batch=number // recipe.batch) for number, entry in enumerate(chosen)]


def balanced(entries: Sequence[Entry], num: int, seed: int, categories: Collection[str] = MMXRAY) -> list[Entry]:
    """`num` entries so that the categories are as even as they can be: the rarest so far is served next, by lot.

    An entry with several categories counts for each of them. Entries of none of the categories come last.
    """
    order = sorted(entries, key=lambda entry: _lot(seed, entry.item))
    waiting: dict[str, list[Entry]] = defaultdict(list)
    for entry in reversed(order):
        for name in set(entry.categories) & set(categories):
            waiting[name].append(entry)
    taken: dict[int, Entry] = {}
    counts: Counter[str] = Counter()
    heap = [(0, name) for name in sorted(waiting)]
    while heap and len(taken) < num:
        count, name = heapq.heappop(heap)
        if count < counts[name]:  # it has been served through another category since
            heapq.heappush(heap, (counts[name], name))
            continue
        while waiting[name] and waiting[name][-1].item in taken:
            waiting[name].pop()
        if waiting[name]:
            entry = waiting[name].pop()
            taken[entry.item] = entry
            counts.update(set(entry.categories) & waiting.keys())
            heapq.heappush(heap, (counts[name], name))
    rest = (entry for entry in order if not set(entry.categories) & waiting.keys())
    for entry in rest:
        if len(taken) < num:
            taken[entry.item] = entry
    return list(taken.values())


def _lot(seed: int, item: int) -> bytes:
    return hashlib.sha256(f"review\0{seed}\0{item}".encode()).digest()
