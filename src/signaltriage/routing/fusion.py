"""Log-linear fusion: one weight a scorer, so that softmax(Σ weight · scores) is as probable as the truth allows.

The weights are the temperatures of the scorers and their shares at once; they are fitted by maximum likelihood on
held-out scores only (logarithmic opinion pool: Heskes 1998; temperature: Guo et al. 2017). A weight is never negative,
and a scorer that adds nothing gets zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def softmax(scores: FloatArray) -> FloatArray:
    """Row-wise softmax, shape kept."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fuse(scores: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Weighted sum of score arrays, shape (n, classes)."""
    return np.asarray(sum(weight * part for weight, part in zip(weights, scores, strict=True)))


def fit_fusion(
    scores: Sequence[FloatArray], y: NDArray[np.int64], importance: FloatArray | None = None
) -> tuple[tuple[float, ...], float]:
    """The weights of least mean negative log-likelihood on held-out scores, and that value in nats.

    Args:
        scores: one array a scorer, shape (n, classes) each.
        y: true classes, shape (n,).
        importance: how much each row counts, shape (n,); all the same unless given.
    """
    from scipy.optimize import minimize

    stacked = np.stack(scores)
    rows = np.arange(len(y))
    own = stacked[:, rows, y]
    share = np.full(len(y), 1 / len(y)) if importance is None else importance / importance.sum()

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        probabilities = softmax(np.tensordot(weights, stacked, axes=1))
        value = -np.log(np.maximum(probabilities[rows, y], 1e-300)) @ share
        gradient = (np.einsum("snk,nk->sn", stacked, probabilities) - own) @ share
        return float(value), gradient

    start = np.full(len(scores), 3.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 100.0)] * len(scores))
    return tuple(float(w) for w in found.x), float(found.fun)
