"""What was found: themes as centres with limits, and where each row stands (`Partition`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
DECIMALS = 5
"""Similarities are rounded to this: further down they depend on how many rows travel together."""


@dataclass(frozen=True)
class Places:
    """Where rows stand among themes. Shapes (n,)."""

    nearest: IntArray
    """The nearest theme, as an index; -1 only where there are no themes at all."""
    similarity: FloatArray
    """Cosine to the centre of that theme, -1 to 1; 0 where there is none."""
    member: BoolArray
    """Near enough to belong to it."""

    @property
    def theme(self) -> IntArray:
        """The theme a row belongs to, -1 where it is left over."""
        return np.where(self.member, self.nearest, -1)


@dataclass(frozen=True)
class Partition:
    """Themes of a set of rows, n rows and k themes. A row is a member, or left over; none is dropped."""

    nearest: IntArray
    """The nearest theme of each row, shape (n,); -1 only where k is 0."""
    similarity: FloatArray
    """Cosine to the centre of the nearest theme, shape (n,)."""
    member: BoolArray
    """Whether the row belongs to its nearest theme, shape (n,)."""
    centres: FloatArray
    """Unit vectors, shape (k, dimension)."""
    min_similarity: FloatArray
    """From which similarity to the centre on a row is a member, shape (k,)."""
    areas: IntArray
    """The area, 0 to areas - 1, each theme is part of, shape (k,)."""

    @property
    def theme(self) -> IntArray:
        """The theme each row belongs to, -1 where it is left over."""
        return np.where(self.member, self.nearest, -1)

    @property
    def coverage(self) -> float:
        """Share of rows that belong to a theme, 0-1."""
        return float(self.member.mean()) if len(self.member) else 0.0

    def assign(self, vectors: FloatArray) -> Places:
        """Where new rows (m, dimension) stand; reads only, so that threads may share the partition."""
        return places(vectors, self.centres, self.min_similarity)


def places(vectors: FloatArray, centres: FloatArray, min_similarity: FloatArray) -> Places:
    """Nearest centre of each unit vector, and whether its limit is kept; ties go to the first."""
    n = len(vectors)
    if not len(centres):
        return Places(np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.bool_))
    similar = (vectors @ centres.T).round(DECIMALS)
    nearest = similar.argmax(axis=1)
    best = similar[np.arange(n), nearest].astype(np.float32)
    return Places(nearest, best, best >= min_similarity[nearest])


def unit(vectors: NDArray[np.floating]) -> FloatArray:
    """Rows of length one; a row of zeros stays one."""
    length = np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64))[:, None]
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)
