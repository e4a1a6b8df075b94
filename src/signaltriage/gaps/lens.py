"""What the articles of a base, and the searches that come together, have in common, taken out of their vectors.

All of a base is about one product, and all searches are put in one manner: that makes every query near every article,
and an article about the same thing nearly as near as one that answers. Titles, headings, passages and queries are each
centred on their own mean (Mu & Viswanath 2018: "All-but-the-top"), and directions in which all of them vary much count
for less (whitening: Su et al. 2021, "Whitening sentence representations for better semantics and faster retrieval").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from signaltriage.threads import one_thread

SHRINKAGE = 5.0
"""Mean variances of a direction that are added to each before it is whitened, where vectors are many. What lies between
3 and 10 is the same within .005 AUROC on seven sets; less overrates directions that vary little by chance. The fewer
vectors there are for each dimension, the more chance there is, and the more is added."""
USUAL = 30
"""Searches that what is known beforehand of how people search is worth."""
FEW = 5
"""Units that having nothing in common is worth: one article alone is not taken for what all have in common."""

FloatArray = NDArray[np.float64]

_BLOCK = 8192
_SAMPLE = 10_000
"""Units, evenly spaced, that means and spreads are taken of at most."""


@dataclass(frozen=True)
class Lens:
    """A view of vectors; never changes."""

    centres: FloatArray
    """Means of titles, headings, passages and queries, shape (4, d)."""
    turn: FloatArray
    """What whitens, symmetric, shape (d, d)."""

    @classmethod
    def of(cls, units: Sequence[NDArray[np.float32]], queries: NDArray[np.float32], usual: FloatArray) -> Self:
        """The lens of a base for queries that come together.

        Args:
            units: vectors of titles, headings and passages, each (n, d); there is at least one title.
            queries: theirs, in an order that does not depend on how they came, shape (m, d); none: the usual ones.
            usual: mean vector of usual queries, as far as it is known, shape (d,).
        """
        titles, headings, passages = (part[:: 1 + len(part) // _SAMPLE].astype(np.float64) for part in units)
        asked = queries.astype(np.float64)
        with one_thread():
            mean = (asked.sum(axis=0) + USUAL * usual) / (len(asked) + USUAL)
            texts = [part for part in (titles, passages) if len(part)]
            spread = np.mean([_covariance(part) for part in texts], axis=0)
            # How usual queries differ among themselves is not kept: about as titles do.
            around = asked - mean
            of_queries = (around.T @ around + USUAL * _covariance(titles)) / (len(asked) + USUAL)
            few = titles.shape[1] / (len(titles) + len(passages) + len(asked))
            turn = _whitening((spread + of_queries) / 2, SHRINKAGE * (1 + few))
        rest = passages if len(passages) else titles
        centres = [_centre(titles), _centre(headings if len(headings) else rest), _centre(rest), mean]
        return cls(np.array(centres), turn)

    def seen(self, vectors: NDArray[np.float32], kind: int) -> NDArray[np.float32]:
        """Vectors of a kind (title, heading, passage, 3: query) through the lens, unit length, shape (n, d)."""
        seen = np.empty(vectors.shape, dtype=np.float32)
        with one_thread():
            for start in range(0, len(vectors), _BLOCK):
                turned = (vectors[start : start + _BLOCK].astype(np.float64) - self.centres[kind]) @ self.turn
                length = np.linalg.norm(turned, axis=1, keepdims=True)
                seen[start : start + _BLOCK] = turned / np.maximum(length, 1e-9)
        return seen


def _centre(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors.sum(axis=0) / (len(vectors) + FEW), dtype=np.float64)


def _covariance(vectors: FloatArray) -> FloatArray:
    around = vectors - vectors.mean(axis=0)
    return np.asarray(around.T @ around / len(vectors), dtype=np.float64)


def _whitening(covariance: FloatArray, shrinkage: float) -> FloatArray:
    values, directions = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    # A base of one article has no spread: then nothing is turned.
    least = max(shrinkage * float(values.mean()), 1e-12)
    return np.asarray((directions * (values + least) ** -0.5) @ directions.T, dtype=np.float64)
