"""Log-linear fusion: one weight a scorer, so that softmax(Σ weight · scores) is as probable as the truth allows.

The weights are the temperatures of the scorers and their shares at once; they are fitted by maximum likelihood on
held-out scores only (logarithmic opinion pool: Heskes 1998; temperature: Guo et al. 2017). A weight is never negative,
and a scorer that adds nothing gets zero.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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


def fit_shares(
    scores: Mapping[str, FloatArray],
    y: NDArray[np.int64],
    importance: FloatArray,
    optional: Collection[str],
    earning: Mapping[str, bool] | None = None,
) -> tuple[dict[str, float], FloatArray]:
    """Weights by name, and the held-out scores fused; `importance`, `y` and scores as in `fit_fusion`.

    Optional scorers that get next to nothing are left out, and so are earning ones that do not make more guesses
    right: likelihood alone also pays for what merely blurs. True: they must be shown to do so; False: they stay unless
    more guesses are shown to be right without them.
    """
    kept = dict(scores)
    weights, _ = fit_fusion(list(kept.values()), y, importance)
    idle = {name for name, w in zip(kept, weights, strict=True) if name in optional and w <= 0.01 * sum(weights)}
    if idle:
        return fit_shares({name: part for name, part in kept.items() if name not in idle}, y, importance, (), earning)
    earning = earning or {}
    if not any(weights):  # no scorer was of use on held-out rows: rank by the first all the same, sure of nothing
        weights = (1e-3, *weights[1:])
    fused = fuse(list(kept.values()), weights)
    for name, shown in earning.items():
        if name in kept:
            others = {other: part for other, part in kept.items() if other != name}
            less = fit_shares(others, y, importance, (), {n: must for n, must in earning.items() if n != name})
            with_it, without = fused.argmax(axis=1) == y, less[1].argmax(axis=1) == y
            if not _more_often_right(with_it, without) if shown else _more_often_right(without, with_it):
                return less
    return dict(zip(kept, weights, strict=True)), fused


def _more_often_right(new: NDArray[np.bool_], old: NDArray[np.bool_]) -> bool:
    """One-sided sign test at 5 % on the guesses that differ (McNemar 1947), shapes (n,)."""
    won, lost = int((new & ~old).sum()), int((old & ~new).sum())
    return bool(won - lost > 1.645 * np.sqrt(won + lost))
