"""Multinomial logistic regression on sentence vectors: with few rows a team, straight lines are all they can tell.

Kernel machines answer each team's question alone and win once teams have rows enough; with a handful each, one model of
all teams at once is worth a point or three beside them (`python -m eval.coldstart`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.folds import Split
from signaltriage.routing.products import inner_products

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class LogisticScorer:
    """Log-odds of each class, up to a constant of the row."""

    coefficients: NDArray[np.float32]
    """Shape (classes, dimension)."""
    intercept: FloatArray
    """Shape (classes,)."""

    def scores(self, vectors: NDArray[np.float32]) -> FloatArray:
        """Of unit vectors, shape (n, classes)."""
        return np.asarray(inner_products(vectors, self.coefficients) + self.intercept)


def fit_logistic(vectors: NDArray[np.float32], y: IntArray, n_classes: int, c: float) -> LogisticScorer:
    """Fit on unit vectors (n, dimension), labels 0…n_classes-1; a class without a row comes last on every signal."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    present = np.unique(y)
    coefficients = np.zeros((n_classes, vectors.shape[1]), dtype=np.float32)
    intercept = np.zeros(n_classes)
    intercept[present] = 1.0
    if len(present) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a penalised fit carry no meaning
            warnings.filterwarnings(
                "ignore", message="The number of unique classes"
            )  # it may be, with a row or two each
            machine = LogisticRegression(C=c, max_iter=200).fit(vectors.astype(np.float64), y)
        two = len(present) == 2
        coefficients[present] = np.vstack([-machine.coef_, machine.coef_]) / 2 if two else machine.coef_
        intercept[present] = np.append(-machine.intercept_, machine.intercept_) / 2 if two else machine.intercept_
        # Below all others, wherever the signal lies: no product of a unit vector is longer than the coefficients.
        absent = np.setdiff1d(np.arange(n_classes), present)
        intercept[absent] = intercept[present].min() - np.linalg.norm(coefficients, axis=1).max()
    return LogisticScorer(coefficients, intercept)


def choose_logistic(
    vectors: NDArray[np.float32], y: IntArray, splits: Sequence[Split], cs: Sequence[float]
) -> tuple[LogisticScorer, FloatArray]:
    """The scorer whose C serves held-out rows best, by mean negative log-likelihood, and its scores on them."""
    n_classes = int(y.max()) + 1
    found = []
    for c in cs:
        parts = [fit_logistic(vectors[s.train], y[s.train], n_classes, c).scores(vectors[s.held_out]) for s in splits]
        held_out = np.concatenate(parts)
        found.append((_loss(held_out, np.concatenate([y[s.held_out] for s in splits])), c, held_out))
    _, c, held_out = min(found, key=lambda one: one[:2])
    return fit_logistic(vectors, y, n_classes, c), held_out


def _loss(scores: FloatArray, y: IntArray) -> float:
    from scipy.special import logsumexp

    return float((logsumexp(scores, axis=1) - scores[np.arange(len(y)), y]).mean())
