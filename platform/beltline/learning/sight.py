"""The tower's first lesson, for models that start from nothing: what lies in each cell of a view, and from where to where.

    school = Sight(taught, num_categories=12, rates=(1e-3, None), num_steps=500)
    loss = school.step([(pixels, targets), ...])

A cell is what one visual token stands for. Its targets are the shares of it that the masks of each category cover and the edges of the
item that covers most of it (as in one-stage detectors, where each place answers for the box it lies in), so every view gives hundreds
of small lessons and a token knows where its item ends; a linear head over the aligner's tokens learns them and is thrown away. An edge is
learnt as one of MARKS along the view and not as a number: what a linear head tells apart, the language part can say as a word, whereas a
number in a vector has to be cut into digits first, which a small one never learnt to do (docs/log.md). The
papers' models have had their eyes opened by other people's billions of pictures; this takes that place here, and only virtual bags have
the masks for it.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from beltline.language.places import MARK_STEP
from beltline.learning.adapt import part_of
from beltline.learning.plain import MUON_DECAY, matrices, optimizers
from beltline.learning.taught import Taught

COVERED = 0.1
"""Share of a cell from which on a category lies in it."""
NUM_EDGES = 4
MARKS = 1000 // MARK_STEP + 1
"""Places along a view that an edge may be said to lie at, from 0 to 1."""
EDGES_WEIGHT = 0.05
"""Of the edges' entropy, in nats, beside the categories'."""


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


def edges(masks: Sequence[NDArray[np.bool_]], grid_wh: tuple[int, int]) -> Tensor:
    """(cells, 4): left, top, right, bottom in 0..1 of the view, of the item that covers most of each cell; nan where none lies."""
    found = np.full((grid_wh[1], grid_wh[0], NUM_EDGES), np.nan, np.float32)
    most = np.full((grid_wh[1], grid_wh[0]), COVERED, np.float32)
    for mask in masks:
        share = cv2.resize(mask.astype(np.float32), grid_wh, interpolation=cv2.INTER_AREA)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        here = share >= most
        if here.any():
            (height, width), (x0, y0, x1, y1) = mask.shape, (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
            found[here], most[here] = (x0 / width, y0 / height, x1 / width, y1 / height), share[here]
    return torch.from_numpy(found).flatten(0, 1)


def marked(places: Tensor) -> Tensor:
    """(..., MARKS) shares of the two marks that each place lies between; their mean is the place.

    Args:
        places: (...) in 0..1.
    """
    at = places.clamp(0, 1) * (MARKS - 1)
    return (1 - (at[..., None] - torch.arange(MARKS, device=places.device)).abs()).clamp_min(0)


class Sight:
    """Teaches tower and aligner alone.

    Args:
        rates: of AdamW, at its highest; of Muon for the matrices of both, None: by AdamW like all else.
    """

    def __init__(
        self, taught: Taught, num_categories: int, rates: tuple[float, float | None], num_steps: int, seed: int = 0
    ):
        self.taught = taught
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = nn.Linear(taught.inner.config.text_config.hidden_size, num_categories + NUM_EDGES * MARKS)
        self.head = head.to(next(taught.parameters()).device)
        self._eyes = [p for name, p in taught.inner.named_parameters() if part_of(name) != "llm"]
        self.optimizers = self._optimizers(*rates)
        self.schedules = [
            torch.optim.lr_scheduler.OneCycleLR(one, one.param_groups[0]["lr"], num_steps, pct_start=0.1)
            for one in self.optimizers
        ]

    def _optimizers(self, rate: float, matrix_rate: float | None) -> list[Any]:
        turned = matrices(self.taught.inner) if matrix_rate is not None else set()
        plain = [p for p in self._eyes if id(p) not in turned]
        some: list[dict[str, Any]] = [
            {"params": [*plain, *self.head.parameters()], "lr": rate, "weight_decay": 0.01, "muon": False},
            {"params": [p for p in self._eyes if id(p) in turned], "lr": matrix_rate, "weight_decay": MUON_DECAY, "muon": True},
        ]  # fmt: skip
        return optimizers([one for one in some if one["params"]], (0.9, 0.98))

    def step(self, pixels: dict[str, Tensor], targets: Tensor) -> float:
        """One step over some views.

        Args:
            targets: (cells of all views, categories + 4), as `cells` and `edges` give them side by side.
        """
        loss = self.loss(pixels, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self._eyes, 1.0)
        for optimizer, rate in zip(self.optimizers, self.schedules, strict=True):
            optimizer.step()
            rate.step()
            optimizer.zero_grad()
        return float(loss.detach())

    def loss(self, pixels: dict[str, Tensor], targets: Tensor) -> Tensor:
        shares, places = targets[:, :-NUM_EDGES], targets[:, -NUM_EDGES:]
        logits, said = self._see(pixels)
        named = F.binary_cross_entropy_with_logits(logits, (shares >= COVERED).float())
        there = ~places.isnan().any(dim=1)
        if not there.any():
            return named
        return named + EDGES_WEIGHT * F.cross_entropy(said[there].flatten(0, 1), marked(places[there]).flatten(0, 1))

    def recall(self, pixels: dict[str, Tensor], targets: Tensor) -> tuple[float, float, float]:
        """Recall and precision of (cell, category) pairs at one half; mean error of the edges, in widths of the view."""
        with torch.no_grad():
            logits, said = self._see(pixels)
        found, true = logits > 0, targets[:, :-NUM_EDGES] >= COVERED
        both = float((found & true).sum())
        middle = said.softmax(-1) @ torch.linspace(0, 1, MARKS, device=said.device)
        off = (middle - targets[:, -NUM_EDGES:]).abs().nanmean()
        return both / max(1.0, float(true.sum())), both / max(1.0, float(found.sum())), float(off)

    def _see(self, pixels: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """What the head says of every cell: (cells, categories), and (cells, 4, MARKS) of its item's edges, as logits."""
        seen: Any = self.taught.look(pixels)
        said = self.head(torch.cat(list(seen.pooler_output)).float())
        num = said.shape[1] - NUM_EDGES * MARKS
        return said[:, :num], said[:, num:].unflatten(1, (NUM_EDGES, MARKS))
