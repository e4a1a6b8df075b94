"""Statistics that tell two samples of vectors apart, for many ways at once of saying which row is in which sample.

A way is a column of shape (n,) with -1/a for the rows of the first sample, 1/b for those of the second, so that a
product with it is a difference of means. None of what the columns are multiplied by depends on who is in which sample;
that is what makes the permutation test exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = (1, 3)
TAIL = 0.9
"""Rows farther from their neighbours than this share of all rows are called remote."""

Floats = NDArray[np.float32]


def text_statistics(vectors: Floats, columns: Floats) -> list[Floats]:
    """Each of shape (ways,), large where the samples differ.

    The squared distance of the two means (the maximum mean discrepancy with a linear kernel: Gretton et al. 2012) sees
    a topic that many new rows share. The difference in the share of remote rows sees single rows unlike any other,
    though they have nothing in common.

    Args:
        vectors: unit vectors of both samples, shape (n, dimension).
        columns: shape (n, ways).
    """
    centred = vectors - vectors.mean(axis=0)
    means = centred.T @ columns
    found = [np.asarray((means * means).sum(axis=0), dtype=np.float32)]
    nearest = nearest_similarities(vectors, max(NEIGHBOURS))
    for k in NEIGHBOURS[: nearest.shape[1]]:
        similarity = nearest[:, min(k, nearest.shape[1]) - 1]
        remote = similarity < np.quantile(similarity, 1 - TAIL)
        found.append(np.asarray(np.abs(remote.astype(np.float32) @ columns), dtype=np.float32))
    return found


def nearest_similarities(vectors: Floats, k: int) -> Floats:
    """Cosines of each row to its k nearest others, nearest first, shape (n, k); fewer where there are fewer rows."""
    k = min(k, len(vectors) - 1)
    out = np.empty((len(vectors), k), dtype=np.float32)
    for start in range(0, len(vectors), 500):
        block = vectors[start : start + 500] @ vectors.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -2.0  # not its own neighbour
        best = np.partition(block, block.shape[1] - k, axis=1)[:, block.shape[1] - k :]
        out[start : start + 500] = np.sort(best, axis=1)[:, ::-1]
    return out
