"""Kernel ridge regression on landmark rows (Nyström), in closed form: the non-linear part of the router.

k(x, z) = exp(gamma (x·z - 1)) over unit vectors, a Gaussian kernel. With m landmarks the fit costs O(n m² + m³) and the
model m rows, whatever n is (Williams & Seeger 2000; Rudi, Camoriano & Rosasco 2015). The Gram matrix of each block
of rows is computed once and summed, so that every fold and every penalty is fitted exactly without a second pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.folds import Split
from signaltriage.routing.products import inner_products

FloatArray = NDArray[np.float64]
_JITTER = 1e-4
"""Added to the landmarks' kernel diagonal: keeps the Cholesky factor well conditioned in single precision."""

_ROWS_AT_ONCE = 500
_LARGE = 250_000
"""Entries of the feature matrix above which threads share the work: handing over less takes longer than doing it."""


@dataclass(frozen=True)
class KernelScorer:
    """One score a class, near 1 for the class and near 0 for the others."""

    landmarks: NDArray[np.float32]
    """Shape (m, dimension), unit rows."""
    gamma: float
    weights: FloatArray
    """Shape (m, classes)."""
    intercept: FloatArray

    @cached_property
    def _wide(self) -> tuple[FloatArray, FloatArray]:
        """Landmarks and transposed weights in the form the products want, worked out once."""
        return self.landmarks.astype(np.float64), np.ascontiguousarray(self.weights.T)

    def similarity(self, vectors: NDArray[np.float32]) -> FloatArray:
        """Cosine of unit vectors to the landmarks, shape (n, m)."""
        return inner_products(vectors, self._wide[0])

    def scores(self, vectors: NDArray[np.float32]) -> FloatArray:
        """Scores of unit vectors, shape (n, classes)."""
        return self.scores_at(self.similarity(vectors))

    def scores_at(self, similarity: FloatArray) -> FloatArray:
        """The same from their cosines to the landmarks, shape (n, m)."""
        similar = _widen(similarity.copy(), self.gamma)
        return np.asarray(inner_products(similar, self._wide[1]) + self.intercept)


@dataclass(frozen=True)
class KernelFit:
    """Held-out scores for one penalty, and the means to fit the final scorer."""

    penalty: float
    held_out: list[FloatArray]
    """One array a split, shape (len(split.held_out), classes)."""


class KernelSpace:
    """Rows of training vectors seen through the landmarks, ready to be fitted many times."""

    def __init__(self, vectors: NDArray[np.float32], landmark_rows: NDArray[np.int64], gamma: float) -> None:
        from scipy import linalg

        self.gamma = gamma
        self.landmark_rows = landmark_rows
        self.landmarks = vectors[landmark_rows]
        gram = _kernel(self.landmarks, self.landmarks, gamma).astype(np.float64)
        gram[np.diag_indices_from(gram)] += _JITTER
        self._factor = linalg.cholesky(gram, lower=True)
        self.features = linalg.solve_triangular(
            self._factor.astype(np.float32), _kernel(vectors, self.landmarks, gamma).T, lower=True
        ).T

    @classmethod
    def drawn(cls, vectors: NDArray[np.float32], gamma: float, most: int, seed: int) -> KernelSpace:
        """With landmarks drawn from the rows at random, at most so many."""
        rows = np.random.default_rng(seed).choice(len(vectors), size=min(most, len(vectors)), replace=False)
        return cls(vectors, np.sort(rows).astype(np.int64), gamma)

    def cross_fit(
        self, targets: NDArray[np.float32], splits: Sequence[Split], weights: FloatArray, penalties: Sequence[float]
    ) -> list[KernelFit]:
        """Held-out scores for each penalty, from one pass over the rows."""
        from joblib import Parallel, delayed

        blocks, train_blocks = _blocks(splits, len(targets))
        run = Parallel(n_jobs=-1 if self.features.size > _LARGE else 1, prefer="threads")
        moments = run(delayed(self._moments)(targets, weights, rows) for rows in blocks)

        def held_out(k: int, total: _Moments, penalty: float) -> FloatArray:
            coefficients, intercept = _solve(total, penalty)
            return np.asarray(self.features[splits[k].held_out] @ coefficients + intercept)

        done = []
        for k, members in enumerate(train_blocks):  # one split at a time: each total is landmarks² entries large
            total = _sum([moments[i] for i in members])
            done.append(run(delayed(held_out)(k, total, penalty) for penalty in penalties))
        return [KernelFit(p, [scores[i] for scores in done]) for i, p in enumerate(penalties)]

    def fit(self, targets: NDArray[np.float32], weights: FloatArray, penalty: float) -> KernelScorer:
        """Fit on all rows."""
        from scipy import linalg

        coefficients, intercept = _solve(self._moments(targets, weights, np.arange(len(targets))), penalty)
        dual = linalg.solve_triangular(self._factor, coefficients, lower=True, trans="T")
        return KernelScorer(self.landmarks, self.gamma, dual, intercept)

    def _moments(self, targets: NDArray[np.float32], weights: FloatArray, rows: NDArray[np.int64]) -> _Moments:
        x, t, w = self.features[rows], targets[rows], weights[rows].astype(np.float32)[:, None]
        xw = x * w
        return _Moments(xw.T @ x, xw.T @ t, xw.sum(0), (t * w).sum(0), float(w.sum()), len(rows))


@dataclass(frozen=True)
class _Moments:
    xx: NDArray[np.float32]
    xt: NDArray[np.float32]
    x: NDArray[np.float32]
    t: NDArray[np.float32]
    weight: float
    rows: int


def _sum(parts: Sequence[_Moments]) -> _Moments:
    xx, xt = parts[0].xx.copy(), parts[0].xt.copy()
    for part in parts[1:]:
        xx += part.xx
        xt += part.xt
    return _Moments(
        xx,
        xt,
        np.sum([p.x for p in parts], axis=0),
        np.sum([p.t for p in parts], axis=0),
        sum(p.weight for p in parts),
        sum(p.rows for p in parts),
    )


def _solve(m: _Moments, penalty: float) -> tuple[FloatArray, FloatArray]:
    """Weighted ridge with a free intercept; weights are rescaled to mean one, so that a penalty means the same."""
    from scipy import linalg

    scale = m.rows / m.weight
    mean_x, mean_t = (m.x / m.weight).astype(np.float64), (m.t / m.weight).astype(np.float64)
    system = m.xx.astype(np.float64)
    for start in range(0, len(system), _ROWS_AT_ONCE):  # in place: with many landmarks, each copy takes 0.3 GB
        rows = slice(start, start + _ROWS_AT_ONCE)
        system[rows] = (system[rows] - m.weight * np.outer(mean_x[rows], mean_x)) * scale
    system[np.diag_indices_from(system)] += penalty
    right = (m.xt.astype(np.float64) - m.weight * np.outer(mean_x, mean_t)) * scale
    coefficients = linalg.solve(system.T, right, assume_a="pos", overwrite_a=True)  # symmetric; .T saves a copy
    return coefficients, mean_t - mean_x @ coefficients


def _blocks(splits: Sequence[Split], n: int) -> tuple[list[NDArray[np.int64]], list[list[int]]]:
    """Cut the rows into blocks such that every split's training rows are a union of blocks."""
    membership = np.zeros((n, len(splits)), dtype=np.int8)
    for k, split in enumerate(splits):
        membership[split.train, k] = 1
    patterns, block_of = np.unique(membership, axis=0, return_inverse=True)
    blocks = [np.flatnonzero(block_of.ravel() == i) for i in range(len(patterns))]
    return blocks, [[i for i in range(len(patterns)) if patterns[i, k]] for k in range(len(splits))]


def _kernel(left: NDArray[np.float32], right: NDArray[np.float32], gamma: float) -> NDArray[Any]:
    return _widen(left @ right.T, gamma)


def _widen(similarity: NDArray[Any], gamma: float) -> NDArray[Any]:
    """exp(gamma (similarity - 1)), in place."""
    similarity -= 1
    similarity *= gamma
    return np.asarray(np.exp(similarity, out=similarity))
