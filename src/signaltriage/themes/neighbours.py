"""The nearest rows of each row, by cosine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1024
"""Rows compared at a time: a fixed number, because the last bits of a product follow the shape."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest other rows, nearest first; ties go to the earlier row."""

    rows: NDArray[np.int64]
    """Shape (n, k); -1 where there are fewer."""
    similarity: NDArray[np.float32]
    """Cosine, shape (n, k)."""


def nearest_rows(vectors: NDArray[np.float32], k: int) -> Neighbours:
    """The k nearest other rows of each unit vector (n, dimension); fewer, where there are fewer."""
    n = len(vectors)
    k = max(min(k, n - 1), 0)
    rows, similarity = np.empty((n, k), dtype=np.int64), np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK) if k else ():
        block = (vectors[start : start + _BLOCK] @ vectors.T).round(5)
        here = np.arange(len(block))
        block[here, here + start] = -2
        near = np.sort(np.argpartition(-block, k - 1, axis=1)[:, :k], axis=1)
        close = np.take_along_axis(block, near, axis=1)
        order = np.argsort(-close, axis=1, kind="stable")
        rows[start : start + len(block)] = np.take_along_axis(near, order, axis=1)
        similarity[start : start + len(block)] = np.take_along_axis(close, order, axis=1)
    return Neighbours(rows, similarity)
