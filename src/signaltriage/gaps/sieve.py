"""Many passages, few of which need a full look: those that come near where passages differ most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

MANY = 50_000
"""Passages from which on a sieve is used."""
DIRECTIONS = 96
KEPT = 2000
"""Passages that a query looks at in full."""
_SAMPLE = 10_000


@dataclass(frozen=True)
class Sieve:
    """Passages in their principal directions (Jolliffe 2002): a quarter of the numbers to go through for each query."""

    directions: FloatArray
    """Shape (dimension, directions)."""
    coarse: FloatArray
    """The passages in these directions, shape (directions, passages)."""

    @classmethod
    def of(cls, vectors: FloatArray, many: int = MANY) -> Self | None:
        """A sieve over vectors of shape (passages, dimension); None where there are too few to need one."""
        if len(vectors) < many or vectors.shape[1] <= DIRECTIONS:
            return None
        sample = vectors[:: max(1, len(vectors) // _SAMPLE)].astype(np.float64)
        _, found = np.linalg.eigh(sample.T @ sample)
        directions = found[:, ::-1][:, :DIRECTIONS].astype(np.float32)
        return cls(directions, np.ascontiguousarray((vectors @ directions).T))

    def products(self, queries: FloatArray, vectors: FloatArray, kept: int = KEPT) -> FloatArray:
        """Products of queries (n, dimension) with the passages that pass, shape (n, passages); 0 for the others."""
        rough = (queries @ self.directions) @ self.coarse
        found = np.zeros_like(rough)
        for row, values in enumerate(rough):
            best = np.argpartition(values, len(values) - kept)[len(values) - kept :]
            found[row, best] = vectors[best] @ queries[row]
        return np.asarray(found, dtype=np.float32)
