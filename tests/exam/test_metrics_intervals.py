"""Intervals: bags are the unit of chance, bounds cover the truth, tests agree with scipy and with numbers done by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from beltline.exam.metrics import intervals, paired

SEEDS = st.integers(0, 2**32 - 1)


def scores(seed: int, num: int = 60, num_bags: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 2, num).astype(float), rng.integers(0, num_bags, num)


def rows(values: np.ndarray) -> np.ndarray:
    return np.stack([values, np.ones(len(values))], axis=1)


def test_nothing_asked() -> None:
    for call in (lambda: intervals.bootstrap(np.zeros((0, 2)), []), lambda: intervals.clustered([], [])):
        with pytest.raises(ValueError, match="at least one question"):
            call()
    with pytest.raises(ValueError, match="at least one seed"):
        intervals.over_seeds([])
    with pytest.raises(ValueError, match="95 % is"):
        intervals.bootstrap([[1, 1]], ["a"], level=95)
    with pytest.raises(ValueError, match="one cluster for each of 2"):
        intervals.cluster_sums([1, 2], ["a"])
    assert np.isnan(intervals.divide(0, 0)) and math.isnan(intervals.standard_error([1, 0], ["a", "a"]))


def test_sums_of_bags() -> None:
    assert intervals.cluster_sums([[1, 2], [3, 4], [5, 6]], ["b", "a", "b"]).tolist() == [[3, 4], [6, 8]]


@given(SEEDS)
@settings(max_examples=25)
def test_the_bootstrap_is_one_over_whole_bags(seed: int) -> None:
    """A loop that draws bags by name and averages their questions: the same quantiles, within what 2,000 rounds allow.

    Few bags give few different means, so it is ranks that are compared: five standard deviations of a share of 2,000 draws.
    """
    values, bags = scores(seed)
    found = intervals.bootstrap(rows(values), bags, rounds=2000, seed=seed)
    rng, by_bag = np.random.default_rng(seed + 1), [values[bags == bag] for bag in np.unique(bags)]
    drawn = [np.concatenate([by_bag[i] for i in rng.integers(0, len(by_bag), len(by_bag))]).mean() for _ in range(2000)]
    assert found.estimate == pytest.approx(values.mean())
    least, most, less, greatest = np.quantile(drawn, [0.008, 0.05, 0.95, 0.992])
    assert least - 1e-9 <= found.low <= most + 1e-9 and less - 1e-9 <= found.high <= greatest + 1e-9


def test_one_question_a_bag_agrees_with_scipy() -> None:
    values = np.random.default_rng(3).normal(size=200)
    ours = intervals.bootstrap(rows(values), np.arange(200), rounds=4000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1))
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert abs(ours.low - theirs.confidence_interval.low) < 0.06 * width
    assert abs(ours.high - theirs.confidence_interval.high) < 0.06 * width
    assert intervals.standard_error(values, np.arange(200)) == pytest.approx(stats.sem(values))
    exact = stats.t.interval(0.95, 199, values.mean(), stats.sem(values))
    found = intervals.clustered(values, np.arange(200))
    assert (found.low, found.high) == pytest.approx(exact)


def test_clustered_error_by_hand() -> None:
    """Bags (1, 1), (0, 0), (1, 0): mean 1/2, sums of deviations 1, -1, 0; sqrt(3/2 * 2) / 6."""
    assert intervals.standard_error([1, 1, 0, 0, 1, 0], list("aabbcc")) == pytest.approx(math.sqrt(3) / 6)


@given(SEEDS)
def test_clustered_error_is_the_double_sum(seed: int) -> None:
    """arXiv 2411.00640 in its other form: the plain variance plus the covariance of every pair within a bag, times C/(C-1)."""
    values, bags = scores(seed, 30, 7)
    gap, num = values - values.mean(), len(np.unique(bags))
    pairs = sum(gap[i] * gap[j] for i, j in itertools.permutations(range(30), 2) if bags[i] == bags[j])
    expected = math.sqrt(max(0, ((gap**2).sum() + pairs) * num / (num - 1))) / 30
    assert intervals.standard_error(values, bags) == pytest.approx(expected, abs=1e-9)


def test_intervals_cover_the_truth_and_questions_alone_do_not() -> None:
    """300 exams of 40 bags with 8 questions each, answers in a bag correlated (0.5 by construction), true mean 0.6."""
    rng, bags = np.random.default_rng(11), np.repeat(np.arange(40), 8)
    hits = {"bags": 0, "analytic": 0, "questions": 0}
    for trial in range(300):
        shared = np.repeat(rng.random(40) < 0.6, 8)
        values = np.where(rng.random(320) < math.sqrt(0.5), shared, rng.random(320) < 0.6).astype(float)
        hits["bags"] += covers(intervals.bootstrap(rows(values), bags, rounds=300, seed=trial))
        hits["analytic"] += covers(intervals.clustered(values, bags))
        hits["questions"] += covers(intervals.bootstrap(rows(values), np.arange(320), rounds=300, seed=trial))
    assert 0.90 <= hits["bags"] / 300 <= 0.985
    assert 0.91 <= hits["analytic"] / 300 <= 0.99
    assert hits["questions"] / 300 < 0.8


def covers(found: intervals.Interval) -> bool:
    return found.low <= 0.6 <= found.high


@given(SEEDS)
@settings(max_examples=20)
def test_order_and_repeated_seeds_change_no_bound(seed: int) -> None:
    values, bags = scores(seed)
    turn = np.random.default_rng(seed).permutation(len(values))
    plain = intervals.bootstrap(rows(values), bags, rounds=50)
    assert intervals.bootstrap(rows(values[turn]), bags[turn], rounds=50) == plain
    thrice = intervals.bootstrap(rows(np.tile(values, 3)), np.tile(bags, 3), rounds=50)
    assert (thrice.low, thrice.high) == pytest.approx((plain.low, plain.high))


def test_blocks_change_no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    values, bags = scores(5)
    whole = intervals.bootstrap(rows(values), bags, rounds=200)
    monkeypatch.setattr(intervals, "BLOCK", 50)
    assert intervals.bootstrap(rows(values), bags, rounds=200) == whole


def test_seeds() -> None:
    found = intervals.over_seeds([0.5, 0.6, 0.7])
    assert (found.mean, found.deviation, found.num_seeds) == (pytest.approx(0.6), pytest.approx(0.1), 3)
    assert math.isnan(intervals.over_seeds([0.5]).deviation)


def test_two_equal_models_and_two_that_cannot_be_compared() -> None:
    same = paired.compare([1, 0, 1], [1, 0, 1], list("abc"))
    assert (same.difference.estimate, same.permutation_p, same.mcnemar_p, same.detectable) == (0, 1, 1, 0)
    with pytest.raises(ValueError, match="join the two models"):
        paired.compare([1, 0], [1], ["a", "b"])
    with pytest.raises(ValueError, match="scores 0"):
        paired.compare([1, np.nan], [1, 1], ["a", "b"])
    assert paired.compare([0.5, 1], [0, 1], ["a", "b"]).mcnemar_p is None


def test_mcnemar_by_hand() -> None:
    """1 and 9 of 10 discordant: 2 * (1 + 10) / 1024."""
    assert paired.mcnemar(1, 9) == pytest.approx(22 / 1024) == paired.mcnemar(9, 1)
    assert paired.mcnemar(0, 0) == 1


@given(SEEDS)
@settings(max_examples=20)
def test_exact_permutation_agrees_with_scipy(seed: int) -> None:
    gap = np.random.default_rng(seed).integers(-3, 4, 9).astype(float)
    theirs = stats.permutation_test(
        (gap, np.zeros(9)), lambda a, b: (a - b).mean(), permutation_type="samples", vectorized=False
    )
    assert paired.permutation(gap, np.arange(9)) == pytest.approx(theirs.pvalue)


def test_drawn_permutation_nears_the_exact_one_and_never_reaches_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    gap = np.array([1, 2, -1, 3, 1, 0, -2, 2, 1, 1, -1.0])
    exact = paired.permutation(gap, np.arange(11))
    monkeypatch.setattr(paired, "EXACT", 0)
    assert paired.permutation(gap, np.arange(11), rounds=20_000) == pytest.approx(exact, abs=0.015)
    assert paired.permutation(np.ones(60), np.arange(60), rounds=99) == 0.01


def test_a_bag_is_swapped_as_a_whole() -> None:
    """Forty questions of four bags, all for the first model: by bags 2 of 16 swaps are as extreme, McNemar sees forty coins."""
    found = paired.compare(np.ones(40), np.zeros(40), np.repeat(np.arange(4), 10))
    assert found.permutation_p == 2 / 16 and found.mcnemar_p is not None and found.mcnemar_p < 1e-11
    assert (found.num_only_first, found.num_only_second, found.num_questions) == (40, 0, 40)


@pytest.mark.parametrize(("num", "points"), [(200, 9.5), (1594, 3.4)])
def test_detectable_differences_of_the_papers_sizes(num: int, points: float) -> None:
    """At 65 % right, correlation 0.5, power 0.8, rounded up to a tenth of a point."""
    assert math.ceil(1000 * paired.detectable(num)) / 10 == points
    assert paired.detectable(num, design_effect=4) == pytest.approx(2 * paired.detectable(num))


def test_the_detectable_difference_is_found_with_the_power_said() -> None:
    """Simulated pairs of models around 65 %, correlation 0.5, 200 questions, 1,500 exams; z test at 5 %."""
    gap, rng = paired.detectable(200), np.random.default_rng(5)
    p, q = 0.65 + gap / 2, 0.65 - gap / 2
    both = p * q + 0.5 * math.sqrt(p * (1 - p) * q * (1 - q))
    counts = rng.multinomial(200, [both, p - both, q - both, 1 - p - q + both], 1500)
    mean = (counts[:, 1] - counts[:, 2]) / 200
    error = np.sqrt(((counts[:, 1] + counts[:, 2]) / 200 - mean**2) / 200)
    assert 0.76 < (np.abs(mean) > 1.96 * error).mean() < 0.86


def test_detectable_from_data_and_bad_values() -> None:
    values, bags = scores(4)
    other, _ = scores(8)
    found = paired.compare(values, other, bags)
    assert found.detectable == pytest.approx(2.8016 * intervals.standard_error(values - other, bags), rel=1e-4)
    with pytest.raises(ValueError, match="at least one question"):
        paired.detectable(0)
