"""How sure a condition is that was taught with several seeds: bags and seeds are drawn, both with replacement.

    held = over_seeds([right_of_seed_1, right_of_seed_2], bags)          # (questions,) each, 0 or 1
    gap = over_seeds(ours, bags, minus=theirs)                           # on the same questions

Seeds of each condition are drawn by themselves, bags for both conditions at once: a bag that is easy is easy for both.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from beltline.exam.metrics.intervals import Floats, Interval, cluster_sums, divide, percentile, resampled


def over_seeds(
    right: Sequence[ArrayLike],
    bags: ArrayLike,
    minus: Sequence[ArrayLike] = (),
    *,
    rounds: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Mean over seeds and questions, or the difference of two conditions on the same questions.

    Args:
        right: for each seed, what each question scored, shape (N,).
        bags: of each question, shape (N,).
        minus: the other condition's; it may have another number of seeds.

    Raises:
        ValueError: no seed, or no question.
    """
    if not len(right) or not len(np.asarray(bags)):
        raise ValueError("over_seeds: expected at least one seed and one question, found none")
    rng = np.random.default_rng([seed, 0x5EED])
    whole = np.column_stack([*right, *minus, np.ones(len(np.asarray(bags)))])
    sums = cluster_sums(whole, bags)
    drawn = resampled(sums, _shares, rounds, seed)
    sides = [part for part in np.split(drawn, [len(right)], axis=1) if part.size]
    means = [_seeds_drawn(side, rng) for side in sides]
    true = _shares(sums.sum(0, keepdims=True))[0]
    estimate = true[: len(right)].mean() - (true[len(right) :].mean() if len(minus) else 0.0)
    return percentile(float(estimate), means[0] - (means[1] if len(means) > 1 else 0.0), level, len(sums))


def _shares(totals: Floats) -> Floats:
    """(R, seeds + 1) sums to (R, seeds) shares."""
    return divide(totals[:, :-1], totals[:, -1:])


def _seeds_drawn(shares: Floats, rng: np.random.Generator) -> Floats:
    """The mean over as many seeds as there are, drawn anew in each round, shape (R,)."""
    drawn = rng.integers(0, shares.shape[1], shares.shape)
    mean: Floats = np.take_along_axis(shares, drawn, axis=1).mean(axis=1)
    return mean
