"""Exact assignment for small tables: who is matched with whom, so that the sum of scores is largest.

The Hungarian method with potentials and shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987), cubic in the larger
side: a bag has some ten items, for which this beats calling a library, and the domain does without scipy.
"""

from collections.abc import Sequence
from math import inf


def assign(scores: Sequence[Sequence[float]]) -> list[int | None]:
    """The column of each row, so that the sum of scores is largest; scores of 0 or less are left unmatched.

    Args:
        scores: (N, M), larger is better.

    Returns:
        N columns, each at most once; None for a row without one.
    """
    rows, columns = len(scores), len(scores[0]) if scores else 0
    if not rows or not columns:
        return [None] * rows
    side = max(rows, columns)
    cost = [[-_score(scores, row, column) for column in range(side)] for row in range(side)]
    row_of = _solve(cost)
    column_of = {row: column for column, row in enumerate(row_of)}
    return [column_of[row] if _score(scores, row, column_of[row]) > 0 else None for row in range(rows)]


def _score(scores: Sequence[Sequence[float]], row: int, column: int) -> float:
    """Padded with zeros to a square."""
    inside = row < len(scores) and column < len(scores[0])
    return max(scores[row][column], 0.0) if inside else 0.0


def _solve(cost: list[list[float]]) -> list[int]:
    """The row of each column in the cheapest perfect matching of a square table."""
    side = len(cost)
    row_price, column_price = [0.0] * side, [0.0] * (side + 1)
    row_of = [-1] * (side + 1)  # the last column is where each new row starts its search
    for row in range(side):
        row_of[side] = row
        column, came_from = _shortest_path(cost, row_of, row_price, column_price)
        while column != side:  # turn the path around
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return row_of[:side]


def _shortest_path(
    cost: list[list[float]], row_of: list[int], row_price: list[float], column_price: list[float]
) -> tuple[int, list[int]]:
    """The free column that is cheapest to reach, and the way there; prices are brought up to date."""
    side = len(cost)
    slack, came_from, done = [inf] * side, [side] * side, [False] * (side + 1)
    column = side
    while row_of[column] >= 0:
        done[column] = True
        row = row_of[column]
        for other in range(side):
            reduced = cost[row][other] - row_price[row] - column_price[other]
            if not done[other] and reduced < slack[other]:
                slack[other], came_from[other] = reduced, column
        step, nearest = min((slack[other], other) for other in range(side) if not done[other])
        for other in range(side + 1):
            if done[other]:
                row_price[row_of[other]] += step
                column_price[other] -= step
            elif other < side:
                slack[other] -= step
        column = nearest
    return column, came_from
