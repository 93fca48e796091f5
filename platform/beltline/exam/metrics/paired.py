"""Is one model better than another? Both answered the same questions, so differences are taken question by question.

Three tests, since each can mislead: a bootstrap of the difference over bags (how large), a permutation that swaps the two models
within whole bags (how likely by chance), and McNemar's exact test (the field's custom; it takes questions for independent, and is
too sure of itself where bags carry several). What could have been seen at all is said by the least detectable difference.

    result = compare(ours, theirs, bags)
    result.difference.low > 0, result.permutation_p, result.detectable
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from beltline.exam.metrics import intervals
from beltline.exam.metrics.intervals import Floats, Interval

EXACT = 12
"""Up to so many bags on which the models differ, all 2^12 swaps are tried; above, swaps are drawn."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """First model minus second."""

    difference: Interval
    """Of the means, bags drawn with replacement."""
    permutation_p: float
    """Two-sided, models swapped within bags."""
    mcnemar_p: float | None
    """Two-sided and exact, bags ignored; None where scores are not 0 or 1."""
    num_questions: int
    num_only_first: int
    """Questions on which the first scored higher."""
    num_only_second: int
    detectable: float
    """Least true difference that a test on these questions would find with the power asked for, from their clustered error."""


def compare(
    first: ArrayLike,
    second: ArrayLike,
    clusters: ArrayLike,
    *,
    rounds: int = 1000,
    level: float = 0.95,
    power: float = 0.8,
    seed: int = 0,
) -> Comparison:
    """Two models' scores of the same questions in the same order, shape (N,) each; any score that is averaged over questions.

    Raises:
        ValueError: not the same number of questions; none; a score that is not finite.
    """
    a, b = _scores(first), _scores(second)
    if len(a) != len(b):
        raise ValueError(
            f"compare: expected scores of the same questions, found {len(a)} and {len(b)}; join the two models by question id"
        )
    gap = a - b
    rows = np.stack([gap, np.ones(len(gap))], axis=1)
    only_first, only_second = int((gap > 0).sum()), int((gap < 0).sum())
    return Comparison(
        difference=intervals.bootstrap(rows, clusters, rounds=rounds, level=level, seed=seed),
        permutation_p=permutation(gap, clusters, rounds=rounds, seed=seed),
        mcnemar_p=mcnemar(only_first, only_second) if np.isin([a, b], (0, 1)).all() else None,
        num_questions=len(gap),
        num_only_first=only_first,
        num_only_second=only_second,
        detectable=quantiles(1 - level, power) * intervals.standard_error(gap, clusters),
    )


def permutation(gap: ArrayLike, clusters: ArrayLike, *, rounds: int = 1000, seed: int = 0) -> float:
    """Two-sided p that the mean difference is chance, if within each bag the two models could as well be swapped.

    Bags of no difference stay as they are under any swap and are left out. All swaps are tried for up to 12 bags; above, `rounds`
    are drawn and the observed one is counted among them, so that p is never 0.
    """
    sums = intervals.cluster_sums(gap, clusters)[:, 0]
    sums = sums[sums != 0]
    # sums of 0/1 scores are whole numbers and compare exactly; the margin is for means over seeds
    beyond = abs(sums.sum()) * (1 - 1e-12) - 1e-12
    if len(sums) <= EXACT:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(sums)))).reshape(2 ** len(sums), len(sums))
        return float((abs(signs @ sums) >= beyond).mean())
    drawn = _swapped(sums, rounds, np.random.default_rng([seed, 0x5A9]))
    return float((1 + (abs(drawn) >= beyond).sum()) / (1 + rounds))


def _swapped(sums: Floats, rounds: int, rng: np.random.Generator) -> Floats:
    step = max(1, intervals.BLOCK // len(sums))
    sizes = [min(step, rounds - start) for start in range(0, rounds, step)]
    return np.concatenate([(rng.integers(0, 2, (size, len(sums))) * 2.0 - 1) @ sums for size in sizes])


def mcnemar(num_only_first: int, num_only_second: int) -> float:
    """Exact two-sided p of McNemar's test: of the questions that only one model got right, is half the first's? 1 with none."""
    num = num_only_first + num_only_second
    return float(stats.binomtest(num_only_first, num).pvalue) if num else 1.0


def quantiles(alpha: float = 0.05, power: float = 0.8) -> float:
    """Standard errors between no difference and one that a two-sided test at `alpha` finds with `power`: 2.80 by default."""
    return float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))


def detectable(
    num_questions: int,
    *,
    accuracy: float = 0.65,
    correlation: float = 0.5,
    alpha: float = 0.05,
    power: float = 0.8,
    design_effect: float = 1.0,
) -> float:
    """Least difference in accuracy that a paired test on so many questions finds, 0 to 1 (normal approximation).

    Args:
        num_questions: asked of both models.
        accuracy: about what both reach.
        correlation: between the two models' being right, question by question.
        alpha: chance of seeing a difference where there is none.
        power: chance of seeing one of this size.
        design_effect: variance with bags over variance without; `1 + (questions a bag - 1) * correlation within a bag`.

    Raises:
        ValueError: no question, or an accuracy or correlation outside its range.
    """
    if num_questions < 1 or not 0 <= accuracy <= 1 or not -1 <= correlation <= 1:
        raise ValueError(
            "detectable: expected at least one question, an accuracy in 0 to 1 and a correlation in -1 to 1, "
            f"found {num_questions}, {accuracy}, {correlation}"
        )
    variance = 2 * accuracy * (1 - accuracy) * (1 - correlation) * design_effect
    return quantiles(alpha, power) * float(np.sqrt(variance / num_questions))


def _scores(values: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(values, float)
    if not np.isfinite(scores).all():
        raise ValueError(
            f"compare: expected a score for every question, found {int((~np.isfinite(scores)).sum())} that are not "
            "finite; an invalid or refused answer scores 0"
        )
    return scores
