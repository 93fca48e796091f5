"""Views with what lies in each of their cells: what the tower of a model that starts from nothing is first taught by (learning/sight.py).

    eyes = Eyes(store, scans, processor)
    pixels, targets = eyes.batch([3, 17, 40])
    open_eyes(taught, eyes, recipe)

Only scans with masks can be used, virtual bags and composites; of other scans the views are left out. A view and its mirror image are two to
learn from; some views are never learnt, and say at the end how well the tower sees.
"""

import io
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from beltline import masks
from beltline.learning.encode import looked
from beltline.learning.recipe import Recipe
from beltline.learning.shades import RAW, Shades
from beltline.learning.sight import Sight, cells, edges
from beltline.learning.taught import Taught
from beltline.scan import VIEWS, Row, Scan
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import read_files

MOST_VIEWS = 16_000
HELD_BACK = 128
"""Views that are never learnt: at most so many, and a twentieth of all."""
TELL_EVERY = 100
log = logging.getLogger("beltline")


class Eyes:
    """Views by number, with the categories of their cells; numbers from `len` on are the mirror images of the same views.

    Args:
        scans: row files of the versions of scans.
        names: of the views that are looked at.
    """

    def __init__(
        self,
        store: Store,
        scans: Sequence[str],
        processor: Any,
        names: Sequence[str] = VIEWS,
        most: int = MOST_VIEWS,
        device: str = "cpu",
    ):
        self._process, self._shades, self._device = processor.image_processor, Shades.of(processor), device
        self._views: list[tuple[bytes, Row]] = []
        for image, found in _views(store, scans, names):
            self._views.append((image, found))
            if len(self._views) == most:
                break
        self.categories = sorted({category for _, found in self._views for category in found})

    def __len__(self) -> int:
        return len(self._views)

    def batch(self, chosen: Sequence[int]) -> tuple[dict[str, Tensor], Tensor]:
        """What the tower takes of some views, and (cells of all of them, categories + 4): shares, then edges."""
        found = [self._view(at) for at in chosen]
        views = {name: torch.cat([one[name] for one, _ in found]).to(self._device) for name in found[0][0]}
        return looked(views, self._shades), torch.cat([there for _, there in found]).to(self._device)

    def _view(self, at: int) -> tuple[dict[str, Tensor], Tensor]:
        """One view, as bytes where that says all, and its cells. Not kept: opening takes a tenth of a step, and all of them gigabytes."""
        image = Image.open(io.BytesIO(self._views[at % len(self)][0])).convert("RGB")
        if at >= len(self):
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        given = self._process(images=[image], return_tensors="pt", **(RAW if self._shades else {}))
        views = {name: given[name] for name in ("pixel_values", "image_grid_thw")}
        if self._shades:
            views["pixel_values"] = self._shades.pack(views["pixel_values"])
        down, across = (int(side) // self._process.merge_size for side in views["image_grid_thw"][0, 1:])
        return views, self._cells(at, (across, down))

    def _cells(self, at: int, grid_wh: tuple[int, int]) -> Tensor:
        told, turn = self._views[at % len(self)][1], -1 if at >= len(self) else 1
        found = [(category, masks.decode(*mask)[:, ::turn]) for category, all_ in told.items() for mask in all_]
        shares, places = cells(found, self.categories, grid_wh), edges([mask for _, mask in found], grid_wh)
        return torch.cat([shares, places], dim=1)


def open_eyes(taught: Taught, eyes: Eyes, recipe: Recipe) -> list[float]:
    """Teach the tower what lies where, `recipe.sight_steps` steps; the losses.

    Raises:
        ValueError: no view has masks.
    """
    if not len(eyes):
        raise ValueError(f"{recipe.name}: expected scans with masks for the tower's first lesson, found none")
    rates = recipe.sight_rate, recipe.sight_matrix_rate
    sight = Sight(taught, len(eyes.categories), rates, recipe.sight_steps, recipe.seed)
    losses, num = [], len(eyes) - min(HELD_BACK, len(eyes) // 20)
    for number, chosen in enumerate(_lots([*range(num), *range(len(eyes), len(eyes) + num)], recipe)):
        losses.append(sight.step(*eyes.batch(chosen)))
        if (number + 1) % TELL_EVERY == 0:
            recent = sum(losses[-TELL_EVERY:]) / TELL_EVERY
            log.info("train: first sight, step %d of %d, loss %.4f", number + 1, recipe.sight_steps, recent)
    if num < len(eyes):
        said = sight.recall(*eyes.batch(range(num, len(eyes))))
        log.info("train: first sight of views not learnt: recall %.2f, precision %.2f, edges off by %.3f", *said)
    return losses


def _lots(numbers: Sequence[int], recipe: Recipe) -> Iterator[list[int]]:
    """Views of each step: all of them in a new order, again and again."""
    rng, queue = np.random.default_rng([recipe.seed, 1]), list[int]()
    for _ in range(recipe.sight_steps):
        while len(queue) < recipe.sight_batch:
            queue += rng.permutation(numbers).tolist()
        chosen, queue = queue[: recipe.sight_batch], queue[recipe.sight_batch :]
        yield chosen


def _views(store: Store, paths: Sequence[str], names: Sequence[str]) -> Iterator[tuple[bytes, Row]]:
    """Encoded view, and category to (run lengths, size) of its items' masks."""
    for path in paths:
        kept = (row for row in read_files(store, [path]).to_pylist() if row["status"] == KEPT)
        for scan in map(Scan.of, kept):
            for name in names:
                shot = getattr(scan, name)
                found = [(item.category, getattr(item, f"{name}_mask")) for item in scan.items]
                if shot is None or any(counts is None for _, counts in found):
                    continue
                by_category: Row = {}
                for category, counts in found:
                    by_category.setdefault(category, []).append((counts, (shot.width, shot.height)))
                yield shot.bytes, by_category
