"""Rows that share neighbours: a graph in which a link's weight is how much two rows have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


def shared_neighbours(rows: NDArray[np.int64]) -> sparse.csr_matrix:
    """Links between each row and its neighbours, weighed by the Jaccard index of their neighbourhoods.

    Jarvis and Patrick (1973); a row counts as its own neighbour. Symmetric, shape (n, n), no loops.

    Args:
        rows: neighbours of each row, shape (n, k), none of them -1.
    """
    n, k = rows.shape
    own = np.concatenate([np.arange(n)[:, None], rows], axis=1)
    ones = np.ones(own.size, dtype=np.float32)
    near = sparse.csr_matrix((ones, own.ravel(), np.arange(0, own.size + 1, k + 1)), shape=(n, n))
    left = np.repeat(np.arange(n), k)
    right = rows.ravel()
    shared = np.asarray(near[left].multiply(near[right]).sum(axis=1)).ravel()
    weight = shared / (2 * (k + 1) - shared)
    links = sparse.csr_matrix((weight, (left, right)), shape=(n, n))
    return links.maximum(links.T).tocsr()
