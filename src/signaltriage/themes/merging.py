"""Groups merged two by two, the nearest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SIZE_WEIGHT = 0.75
"""How much size counts: 1 is Ward's (1963) cost, which makes groups of one size; 0 is the distance of centres."""


@dataclass(frozen=True)
class Hierarchy:
    """What belongs together at each number of groups."""

    merged: dict[int, IntArray]
    """For each number of groups, the group of each of the finest, shape (g,)."""
    cost: dict[int, float]
    """Of the merge that led to that number of groups."""


def merge(sums: FloatArray, sizes: FloatArray, fewest: int = 1) -> Hierarchy:
    """Merge groups with (n·m / (n + m))^SIZE_WEIGHT · squared distance of their means as the cost.

    Args:
        sums: of the vectors of each group, shape (g, dimension).
        sizes: rows of each group, shape (g,).
        fewest: number of groups to stop at.
    """
    g = len(sizes)
    total, size, alive = sums.astype(np.float64), sizes.astype(np.float64), np.ones(g, dtype=np.bool_)
    part = np.arange(g)
    merged, cost = {g: part.copy()}, {}
    mean = total / size[:, None]
    table = np.array([_costs(mean, size, alive, a) for a in range(g)]) if g else np.zeros((0, 0))
    for k in range(g - 1, max(fewest, 1) - 1, -1):
        a, b = divmod(int(table.argmin()), g)
        cost[k] = float(table[a, b])
        total[a], size[a] = total[a] + total[b], size[a] + size[b]
        mean[a], alive[b] = total[a] / size[a], False
        part = np.where(part == b, a, part)
        table[b], table[:, b] = np.inf, np.inf
        table[a] = table[:, a] = _costs(mean, size, alive, a)
        merged[k] = part.copy()
    return Hierarchy(merged, cost)


def _costs(mean: FloatArray, size: FloatArray, alive: NDArray[np.bool_], a: int) -> FloatArray:
    weight = (size * size[a] / (size + size[a])) ** SIZE_WEIGHT
    cost = weight * ((mean - mean[a]) ** 2).sum(axis=1)
    cost[~alive] = np.inf
    cost[a] = np.inf
    # Rounded, so that ties are ties: the first pair wins.
    return np.asarray(cost.round(9))


def alike(sums: FloatArray, sizes: FloatArray, least: float) -> IntArray:
    """Join groups, the most alike first, as long as some two have a mean cosine of at least `least`.

    Average linkage (Sokal and Michener 1958).

    Args:
        sums: of the unit vectors of each group, shape (g, dimension).
        sizes: rows of each group, shape (g,).
        least: cosine, -1 to 1.

    Returns:
        The new group of each, 0 to k - 1, shape (g,).
    """
    g = len(sizes)
    part, total, size = np.arange(g), sums.astype(np.float64), sizes.astype(np.float64)
    mean = total / size[:, None]
    table = (mean @ mean.T).round(9)
    np.fill_diagonal(table, -np.inf)
    while g > 1:
        a, b = divmod(int(table.argmax()), g)
        if table[a, b] < least:
            break
        total[a], size[a] = total[a] + total[b], size[a] + size[b]
        mean[a], mean[b] = total[a] / size[a], 0
        part[part == b] = a
        table[a] = table[:, a] = np.where(np.isinf(table[a]), -np.inf, (mean @ mean[a]).round(9))
        table[b], table[:, b], table[a, a] = -np.inf, -np.inf, -np.inf
    return np.unique(part, return_inverse=True)[1].astype(np.int64)
