"""Which samples make which step, on which worker, in which pack: a pure function of lengths, seed and number of workers.

    plan = Plan(lengths, batch=256, epochs=2, seed=1, world=8, max_tokens=8192)
    plan.num_steps
    plan.step(17)              # [worker][pack][sample]: as many packs for every worker, a worker's last ones may be empty

A step has the same samples on any number of workers, and exactly `batch` of them (the last may have fewer), so its loss, the mean over
all supervised tokens, is the same too. Since every step follows from its number, a run that was stopped goes on in the middle of
an epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

import numpy as np

Packs = list[list[int]]
"""Samples of each pack, by index."""


@dataclass(frozen=True)
class Plan:
    """The whole course of a run."""

    lengths: Sequence[int]
    """Tokens of each sample; none is longer than `max_tokens`."""
    batch: int
    epochs: float
    seed: int
    world: int = 1
    max_tokens: int = 8192

    def __post_init__(self) -> None:
        if not self.lengths:
            raise ValueError("plan: expected samples to teach, found none")
        if max(self.lengths) > self.max_tokens:
            raise ValueError(f"plan: expected samples of at most {self.max_tokens} tokens, found {max(self.lengths)}")

    @cached_property
    def total(self) -> int:
        """Samples seen, over all epochs."""
        return max(1, round(len(self.lengths) * self.epochs))

    @property
    def num_steps(self) -> int:
        return ceil(self.total / self.batch)

    def samples(self, step: int) -> list[int]:
        """The samples of a step, whatever the number of workers."""
        stop = min(self.total, (step + 1) * self.batch)
        return [self._at(place) for place in range(step * self.batch, stop)]

    def step(self, step: int) -> list[Packs]:
        """Packs of each worker; all have as many, and about as many tokens."""
        chosen = sorted(self.samples(step), key=lambda index: (-self.lengths[index], index))
        tokens = sum(self.lengths[index] for index in chosen)
        num = max(1, ceil(tokens / (self.world * self.max_tokens)))
        while (packs := self._packed(chosen, num * self.world)) is None:
            num += 1
        return [packs[worker :: self.world] for worker in range(self.world)]

    def epoch(self, step: int) -> int:
        """The epoch in which a step begins, from 0."""
        return step * self.batch // len(self.lengths)

    def _at(self, place: int) -> int:
        epoch, offset = divmod(place, len(self.lengths))
        return int(_shuffled(self.seed, epoch, len(self.lengths))[offset])

    def _packed(self, chosen: list[int], num: int) -> Packs | None:
        """Longest first, each into the emptiest of `num` packs; None where one overflows."""
        packs: Packs = [[] for _ in range(num)]
        filled = [0] * num
        for index in chosen:
            place = min(range(num), key=lambda pack: (filled[pack], pack))
            filled[place] += self.lengths[index]
            packs[place].append(index)
            if filled[place] > self.max_tokens:
                return None
        return packs


@lru_cache(maxsize=4)
def _shuffled(seed: int, epoch: int, num: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(num)
