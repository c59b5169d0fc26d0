"""One-to-one matching of two small sets by the best total weight."""

import math
from collections.abc import Sequence


def best_pairs(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(row, column) pairs, each row and column once, of the largest total weight; pairs without weight are left out.

    The Hungarian method with potentials, O(rows^2 * columns) after the shorter side is made the rows.

    >>> best_pairs([[0.9, 0.8], [0.8, 0.1]])
    [(0, 1), (1, 0)]
    """
    if not weights or not weights[0]:
        return []
    if len(weights) > len(weights[0]):
        return sorted((row, column) for column, row in best_pairs(list(zip(*weights, strict=True))))
    columns = len(weights[0])
    row_of = [-1] * (columns + 1)  # the last column is where each new row starts its search
    u, v = [0.0] * len(weights), [0.0] * (columns + 1)
    for row in range(len(weights)):
        row_of[columns] = row
        insert(weights, row_of, u, v)
    return sorted((row_of[j], j) for j in range(columns) if row_of[j] >= 0 and weights[row_of[j]][j] > 0)


def insert(weights: Sequence[Sequence[float]], row_of: list[int], u: list[float], v: list[float]) -> None:
    """Match one more row (the one at the last column) along a shortest augmenting path."""
    columns = len(row_of) - 1
    least, before, done = [math.inf] * columns, [columns] * columns, [False] * (columns + 1)
    j = columns
    while row_of[j] >= 0:
        done[j], i = True, row_of[j]
        for k in range(columns):
            if not done[k] and (cost := -weights[i][k] - u[i] - v[k]) < least[k]:
                least[k], before[k] = cost, j
        nearest = min((k for k in range(columns) if not done[k]), key=least.__getitem__)
        step = least[nearest]
        for k in range(columns + 1):
            if done[k]:
                u[row_of[k]] += step
                v[k] -= step
            elif k < columns:
                least[k] -= step
        j = nearest
    while j != columns:
        row_of[j] = row_of[before[j]]
        j = before[j]
