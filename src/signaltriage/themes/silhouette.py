"""How much nearer rows are to their own group than to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
_ROWS = 10_000
"""Rows whose silhouettes are averaged, at the most; of more, every second, third … one."""


def silhouettes(
    rows: FloatArray, groups: IntArray, merged: Mapping[int, IntArray], numbers: Sequence[int]
) -> NDArray[np.float64]:
    """The mean silhouette of rows at each of some levels of a hierarchy (Rousseeuw 1987), shape (len(numbers),).

    With 1 - cosine as the distance, the mean distance to a group is that to the sum of its rows, so all pairs count
    and none is looked at. A row alone in its group counts 0, and so does everything where there is one group only.

    Args:
        rows: unit vectors, shape (n, dimension).
        groups: the finest groups, 0 to g - 1, none empty, shape (n,).
        merged: for each number of groups, what each of the finest belongs to, shape (g,).
        numbers: levels wanted, keys of `merged`.
    """
    size = np.bincount(groups).astype(np.float64)
    total = np.zeros((len(size), rows.shape[1]))
    np.add.at(total, groups, rows.astype(np.float64))
    some = np.arange(0, len(rows), -(-len(rows) // _ROWS))
    means = []
    for k in numbers:
        found, part = np.unique(merged[k], return_inverse=True)
        if len(found) < 2:
            means.append(0.0)
            continue
        sums = np.zeros((len(found), rows.shape[1]))
        np.add.at(sums, part, total)
        sizes = np.bincount(part, size).astype(np.float64)
        means.append(float(_silhouette(rows[some], part[groups[some]], sums, sizes).mean()))
    return np.array(means)


def _silhouette(
    rows: FloatArray, own: IntArray, sums: NDArray[np.float64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of each row in the group `own`, shape (n,)."""
    similarity = rows @ (sums / sizes[:, None]).astype(np.float32).T
    here = np.arange(len(rows))
    others = sizes[own] - 1
    # A row is no neighbour of its own: its similarity to itself, 1, is taken out of the mean.
    inside = (similarity[here, own].astype(np.float64) * sizes[own] - 1) / np.maximum(others, 1)
    similarity[here, own] = -np.inf
    within, between = 1 - inside, 1 - similarity.max(axis=1).astype(np.float64)
    width = (between - within) / np.maximum(np.maximum(within, between), 1e-9)
    return np.where(others > 0, width, 0.0)
