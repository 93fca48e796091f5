"""How sure a figure is: bootstrap over bags, clustered standard errors, means over seeds.

Several questions speak of one bag, so answers are not independent: bags are drawn, never questions. A statistic is written as a
function of sums over questions, so that a round of the bootstrap is one row of a matrix product (bags drawn x sums per bag) and
a thousand rounds of 17,669 answers take a second.

    right = np.array([[1, 1], [0, 1], [1, 1]])           # per question: right, asked
    bootstrap(right, bags, ratio).low                    # accuracy's lower bound
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""Sums, shape (R, K), to figures, one per round: shape (R,), or (R, M) for several at once."""
BLOCK = 1 << 22
"""Counts drawn at a time: 32 MB of rounds x bags."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure, and between what bounds it lies."""

    estimate: float
    low: float
    high: float
    level: float
    """Of confidence, 0 to 1."""
    num_clusters: int
    num_rounds: int
    """Rounds in which the figure was defined; 0 where the bounds are analytic."""
    method: str


def ratio(totals: Floats) -> Floats:
    """First sum over second, shape (R,); NaN where the second is 0. Accuracy, mIoU and every other mean over questions."""
    return divide(totals[:, 0], totals[:, 1])


def divide(part: ArrayLike, whole: ArrayLike) -> Floats:
    """`part / whole`, NaN where the whole is 0: nothing was asked, and nothing is not 0 %."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)


def cluster_sums(values: ArrayLike, clusters: ArrayLike) -> Floats:
    """Values per question, shape (N,) or (N, K), to sums per bag, shape (B, K), bags in sorted order.

    Raises:
        ValueError: not one cluster per question.
    """
    rows = np.asarray(values, float)
    rows = rows.reshape(len(rows), -1) if rows.size else np.zeros((0, rows.shape[1] if rows.ndim > 1 else 1))
    names, place = np.unique(np.asarray(clusters), return_inverse=True)
    if len(place) != len(rows):
        raise ValueError(f"cluster_sums: expected one cluster for each of {len(rows)} questions, found {len(place)}")
    columns = [np.bincount(place, column, len(names)) for column in rows.T]
    return np.stack(columns, axis=1) if columns else np.zeros((len(names), 0))


def resampled(sums: Floats, statistic: Statistic, rounds: int, seed: int) -> Floats:
    """The statistic in each of `rounds` draws of as many bags as there are, with replacement, shape (rounds,).

    The draws depend on the seed, the rounds and the number of bags alone: two statistics of one exam see the same bags.
    """
    rng, num = np.random.default_rng([seed, 0xBA6]), len(sums)
    found = []
    for start in range(0, rounds, step := max(1, BLOCK // max(num, 1))):
        drawn = rng.integers(0, num, (min(step, rounds - start), num))
        shifted = drawn + np.arange(len(drawn))[:, None] * num
        times = np.bincount(shifted.ravel(), minlength=drawn.size).reshape(drawn.shape)
        found.append(statistic(times.astype(float) @ sums))
    return np.concatenate(found) if found else np.zeros(0)


def bootstrap(
    values: ArrayLike,
    clusters: ArrayLike,
    statistic: Statistic = ratio,
    *,
    rounds: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval of a statistic of sums, bags drawn with replacement (cluster bootstrap).

    Args:
        values: per question what is summed, shape (N, K); `ratio` wants (value, 1).
        clusters: bag of each question, shape (N,).
        statistic: sums (R, K) to figures (R,).
        rounds: draws; 1,000 puts the bounds of a 95 % interval within about a tenth of a standard error.
        level: of confidence.
        seed: of the draws.

    Percentile bounds are narrow below about 30 bags: compare `clustered`, which has t quantiles.

    Raises:
        ValueError: no question; a level outside (0, 1).
    """
    _check(level, len(np.asarray(values)))
    sums = cluster_sums(values, clusters)
    drawn = resampled(sums, statistic, rounds, seed)
    return percentile(statistic(sums.sum(0, keepdims=True))[0], drawn, level, len(sums))


def percentile(estimate: float, drawn: Floats, level: float, num_clusters: int) -> Interval:
    """The interval between the outer quantiles of what was drawn; undefined rounds (NaN) are left out and not counted."""
    drawn = drawn[~np.isnan(drawn)]
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(drawn, tails) if len(drawn) else (np.nan, np.nan)
    return Interval(
        estimate=float(estimate),
        low=float(low),
        high=float(high),
        level=level,
        num_clusters=num_clusters,
        num_rounds=len(drawn),
        method="cluster bootstrap, percentile",
    )


def standard_error(values: ArrayLike, clusters: ArrayLike) -> float:
    """Standard error of a mean over questions that share bags, NaN with fewer than two bags.

    `sqrt(C / (C - 1) * sum_c (sum_i (x_ic - mean))^2) / n`: the clustered error of arXiv 2411.00640, with the correction for a
    finite number C of clusters; with one question a bag it is the ordinary standard error of the mean.
    """
    values = np.asarray(values, float)
    sums = cluster_sums(values - values.mean() if len(values) else values, clusters)[:, 0]
    if len(sums) < 2:
        return float("nan")
    return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(values))


def clustered(values: ArrayLike, clusters: ArrayLike, *, level: float = 0.95) -> Interval:
    """Analytic interval of a mean over questions: clustered standard error, t quantile with C - 1 degrees of freedom.

    Raises:
        ValueError: no question; a level outside (0, 1).
    """
    values = np.asarray(values, float)
    _check(level, len(values))
    mean, num = float(values.mean()), len(np.unique(np.asarray(clusters)))
    half = stats.t.ppf((1 + level) / 2, num - 1) * standard_error(values, clusters) if num > 1 else np.nan
    return Interval(
        estimate=mean,
        low=float(mean - half),
        high=float(mean + half),
        level=level,
        num_clusters=num,
        num_rounds=0,
        method="clustered standard error, t",
    )


@dataclass(frozen=True, kw_only=True)
class OverSeeds:
    """One figure of several runs of a model that differ in the seed alone (One 5.2: seeds 0, 1, 42)."""

    mean: float
    deviation: float
    """Sample standard deviation between seeds (n - 1); NaN with one seed. It says nothing of which questions were asked."""
    num_seeds: int


def over_seeds(figures: ArrayLike) -> OverSeeds:
    """Mean and spread of one figure per seed, shape (S,).

    For an interval that knows the questions too, give `bootstrap` the rows of all seeds with the same bags: a bag is then drawn
    with all its seeds, so that repeating a run does not feign more questions.

    Raises:
        ValueError: no seed.
    """
    figures = np.asarray(figures, float)
    if not len(figures):
        raise ValueError("over_seeds: expected the figure of at least one seed, found none")
    spread = figures.std(ddof=1) if len(figures) > 1 else np.nan
    return OverSeeds(mean=float(figures.mean()), deviation=float(spread), num_seeds=len(figures))


def _check(level: float, num: int) -> None:
    if not num:
        raise ValueError("interval: expected at least one question, found none")
    if not 0 < level < 1:
        raise ValueError(f"interval: expected a level between 0 and 1, found {level}; 95 % is 0.95")
