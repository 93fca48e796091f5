"""The tower's first lesson, for models that start from nothing: which categories lie in each cell of a view.

    school = Sight(taught, categories, rate=1e-3, num_steps=500)
    loss = school.step([(pixels, targets), ...])

A cell is what one visual token stands for. Its targets are the shares of it that the masks of each category cover, so every view gives
hundreds of small lessons; a linear head over the aligner's tokens learns them and is thrown away. The papers' models have had their
eyes opened by other people's billions of pictures; this is what takes that place here, and only virtual bags have the masks for it.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from beltline.learning.adapt import part_of
from beltline.learning.taught import Taught

COVERED = 0.1
"""Share of a cell from which on a category lies in it."""


def cells(
    masks: Sequence[tuple[str, NDArray[np.bool_]]], categories: Sequence[str], grid_wh: tuple[int, int]
) -> Tensor:
    """(cells, categories) in 0..1: how much of each cell each category covers, row by row.

    Args:
        masks: category and (H, W) mask of each item of a view; other categories are left out.
        grid_wh: cells across and down.
    """
    found = np.zeros((len(categories), grid_wh[1], grid_wh[0]), np.float32)
    for category, mask in masks:
        if category in categories:
            share = cv2.resize(mask.astype(np.float32), grid_wh, interpolation=cv2.INTER_AREA)
            place = categories.index(category)
            found[place] = np.maximum(found[place], share)
    return torch.from_numpy(found).flatten(1).T.contiguous()


class Sight:
    """Teaches tower and aligner alone."""

    def __init__(self, taught: Taught, num_categories: int, rate: float, num_steps: int, seed: int = 0):
        self.taught = taught
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = nn.Linear(taught.inner.config.text_config.hidden_size, num_categories)
        self.head = head.to(next(taught.parameters()).device)
        eyes = [p for name, p in taught.inner.named_parameters() if part_of(name) != "llm"]
        self.optimizer = torch.optim.AdamW([*eyes, *self.head.parameters()], rate, betas=(0.9, 0.98), weight_decay=0.01)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, rate, num_steps, pct_start=0.1)
        self._eyes = eyes

    def step(self, pixels: dict[str, Tensor], targets: Tensor) -> float:
        """One step over some views.

        Args:
            targets: (cells of all views, categories), as `cells` gives them.
        """
        loss = self.loss(pixels, targets)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._eyes, 1.0)
        self.optimizer.step()
        self.schedule.step()
        return float(loss.detach())

    def loss(self, pixels: dict[str, Tensor], targets: Tensor) -> Tensor:
        seen: Any = self.taught.look(pixels)
        logits = self.head(torch.cat(list(seen.pooler_output)).float())
        return F.binary_cross_entropy_with_logits(logits, (targets >= COVERED).float())

    def recall(self, pixels: dict[str, Tensor], targets: Tensor) -> tuple[float, float]:
        """Recall and precision of (cell, category) pairs at one half."""
        with torch.no_grad():
            logits = self.head(torch.cat(list(self.taught.look(pixels).pooler_output)).float())
        said, true = logits > 0, targets >= COVERED
        both = float((said & true).sum())
        return both / max(1.0, float(true.sum())), both / max(1.0, float(said.sum()))
