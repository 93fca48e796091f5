"""What a frozen tower saw, kept: from the second epoch on nobody looks at a view again.

    features = Features.of(taught, recipe)
    taught(pack, features.of_pack(pack))

Only where tower and aligner are both frozen and the family gives one tensor a view (both Qwen families); elsewhere nothing is kept and
the model looks for itself. Kept by a view's sha256, in memory up to a bound; beyond it views are looked at again. Images of kept views are not
opened again either (actors/syllabus.py asks `has`), so a pack may bring the pixels of some of its views only.
"""

from collections import ChainMap
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor

from beltline.learning.packing import Pack
from beltline.learning.recipe import Recipe
from beltline.learning.taught import Taught

MOST_BYTES: Final = 4 << 30
Levels = tuple[Tensor, ...]
"""What the aligner gives, and what each deepstack level gives."""


@dataclass
class Features:
    """Features by view."""

    taught: Taught
    kept: bool
    """Whether anything is kept at all."""
    most_bytes: int = MOST_BYTES
    _by_view: dict[str, Levels] = field(default_factory=dict)
    _bytes: int = 0

    @classmethod
    def of(cls, taught: Taught, recipe: Recipe, most_bytes: int = MOST_BYTES) -> "Features":
        frozen = recipe.tower == recipe.aligner == "frozen"
        return cls(taught, frozen and recipe.family.startswith("qwen"), most_bytes)

    def has(self, views: tuple[str, ...]) -> bool:
        """Whether all of them need not be opened again."""
        return self.kept and all(view in self._by_view for view in views)

    def of_pack(self, pack: Pack) -> Any:
        """Features of a pack's views; None where the model is to look for itself."""
        if not self.kept or not pack.images:
            return None
        found = ChainMap(self._looked(pack), self._by_view)
        levels = list(zip(*(found[view] for view in pack.images), strict=True))
        return _Seen(pooler_output=levels[0], deepstack_features=[tuple(level) for level in levels[1:]])

    def _looked(self, pack: Pack) -> dict[str, Levels]:
        """Features of the views that the pack brings, if any of them is new; kept as far as there is room."""
        if self.has(pack.opened):
            return {}
        with torch.no_grad():
            seen = self.taught.look(pack.pixels)
        deep = getattr(seen, "deepstack_features", None) or []
        found = {
            view: (seen.pooler_output[number], *(level[number] for level in deep))
            for number, view in enumerate(pack.opened)
        }
        for view, levels in found.items():
            self._keep(view, levels)
        return found

    def _keep(self, view: str, levels: Levels) -> None:
        size = sum(one.numel() * one.element_size() for one in levels)
        if view not in self._by_view and self._bytes + size <= self.most_bytes:
            self._by_view[view] = tuple(one.clone() for one in levels)  # a part of a tensor would hold all of it
            self._bytes += size


@dataclass(frozen=True, slots=True)
class _Seen:
    """In the form in which the tower gives them."""

    pooler_output: Levels
    deepstack_features: list[Levels]
