"""Rows that share neighbours: a graph in which a link's weight is how much two rows have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.themes.partition import FloatArray, unit

IntArray = NDArray[np.int64]
_BLOCK = 20_000


def shared_neighbours(rows: IntArray) -> sparse.csr_matrix:
    """Links between each row and its neighbours, weighed by the Jaccard index of their neighbourhoods.

    Jarvis and Patrick (1973); a row counts as its own neighbour. Symmetric, shape (n, n), no loops.

    Args:
        rows: neighbours of each row, shape (n, k); -1 where there are fewer.
    """
    n = len(rows)
    own = np.concatenate([np.arange(n)[:, None], rows], axis=1)
    there = own >= 0
    ones = np.ones(int(there.sum()), dtype=np.float32)
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    near = sparse.csr_matrix((ones, own[there], ends), shape=(n, n))
    near.sort_indices()
    links = (near - sparse.identity(n, dtype=np.float32, format="csr")).tocsr()
    links.eliminate_zeros()
    links = links.maximum(links.T).tocsr()
    turned, size = near.T.tocsr(), there.sum(axis=1)
    parts = []
    for start in range(0, n, _BLOCK):
        some = links[start : start + _BLOCK]
        shared = (near[start : start + _BLOCK] @ turned).multiply(some).tocoo()
        both = size[shared.row + start] + size[shared.col]
        parts.append(sparse.csr_matrix((shared.data / (both - shared.data), (shared.row, shared.col)), some.shape))
    graph = sparse.vstack(parts, format="csr") if parts else links
    graph.sort_indices()
    return graph


def smooth(vectors: FloatArray, graph: sparse.csr_matrix, times: int) -> FloatArray:
    """Each row moves half-way to the weighted mean of its neighbours, several times: groups draw together.

    A low-pass filter on the graph (Zhang et al. 2019, Attributed graph clustering via adaptive graph convolution).
    """
    weight = np.asarray(graph.sum(axis=1)).ravel()
    alone = weight == 0
    mean = sparse.diags(1 / np.where(alone, 1, weight)).astype(np.float32) @ graph
    for _ in range(times):
        moved = np.where(alone[:, None], vectors, mean @ vectors)
        vectors = unit((vectors + moved) / 2)
    return vectors
