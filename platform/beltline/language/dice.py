"""Seeded choices for whoever writes sentences."""

from collections.abc import Sequence

import numpy as np


class Dice:
    """Choices from one block of random words: a numpy call for each would cost more than the sentences."""

    def __init__(self, rng_seed: tuple[int, int]):
        self._rng = np.random.default_rng(list(rng_seed))
        self._words: list[int] = []

    def pick(self, options: Sequence[str]) -> str:
        return options[self.below(len(options))]

    def below(self, number: int) -> int:
        if not self._words:
            self._words = self._rng.integers(0, 2**32, 256).tolist()
        return self._words.pop() % number
