"""Exact assignment against scipy."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from beltline.language.assign import assign


def test_nothing_to_assign():
    assert assign([]) == []
    assert assign([[], []]) == [None, None]
    assert assign([[0.0], [-1.0]]) == [None, None]


def test_greedy_would_be_wrong_here():
    assert assign([[0.9, 0.8], [0.8, 0.1]]) == [1, 0]


def test_the_sum_is_scipys():
    rng = np.random.default_rng(0)
    for _ in range(600):
        scores = rng.choice([0.0, 0.3, 0.31, 1.0, -0.2], rng.integers(1, 8, 2)) + rng.choice([0, 1e-3], 1)
        columns = assign(scores.tolist())
        matched = [column for column in columns if column is not None]
        assert len(set(matched)) == len(matched)
        best = np.maximum(scores, 0)
        total = sum(best[row, column] for row, column in enumerate(columns) if column is not None)
        assert np.isclose(total, best[linear_sum_assignment(best, maximize=True)].sum())
