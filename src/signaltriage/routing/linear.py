"""One-against-the-rest linear support vector machine on sparse rows (LIBLINEAR; Fan et al. 2008)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.routing.folds import Split

_UNSEEN = -1.0
"""Score of a class without a training row: where the machine puts what it is sure does not belong."""
_TOLERANCE = 1e-2
"""Stopping tolerance; a tenth of LIBLINEAR's own default, and a third of the time of scikit-learn's 1e-4."""
_LARGE = 30_000_000
"""Non-zero entries times classes above which a fit takes longer than starting a process."""


@dataclass(frozen=True)
class LinearScorer:
    """One signed score a class: about +1 for the class, -1 for the others."""

    coefficients: NDArray[np.float32]
    """Shape (terms, classes)."""
    intercept: NDArray[np.float64]

    def scores(self, rows: sparse.csr_matrix) -> NDArray[np.float64]:
        """Scores of sparse rows, shape (n, classes)."""
        return np.asarray(rows @ self.coefficients, dtype=np.float64) + self.intercept


def fit_linear(
    rows: sparse.csr_matrix, y: NDArray[np.int64], n_classes: int, c: float, weights: NDArray[np.float64]
) -> LinearScorer:
    """Fit on rows with labels 0…n_classes-1, some of which may be absent; `weights` are rescaled to mean one."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    present = np.unique(y)
    coefficients = np.zeros((rows.shape[1], n_classes), dtype=np.float32)
    intercept = np.full(n_classes, _UNSEEN)
    if len(present) < 2 or rows.shape[1] == 0:  # one class, or not one term that two texts share
        intercept[present] = -_UNSEEN
        return LinearScorer(coefficients, intercept)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits of a penalised fit carry no meaning
        machine = LinearSVC(C=c, tol=_TOLERANCE, random_state=0).fit(rows, y, sample_weight=weights / weights.mean())
    if len(present) == 2:
        machine.coef_ = np.vstack([-machine.coef_, machine.coef_])
        machine.intercept_ = np.concatenate([-machine.intercept_, machine.intercept_])
    coefficients[:, present] = machine.coef_.T
    intercept[present] = machine.intercept_
    return LinearScorer(coefficients, intercept)


def cross_fit_linear(
    rows: sparse.csr_matrix,
    y: NDArray[np.int64],
    jobs: Sequence[tuple[float, Split]],
    weights: NDArray[np.float64],
) -> list[NDArray[np.float64]]:
    """Held-out scores of each (C, split), shape (len(split.held_out), classes), in the order asked for.

    LIBLINEAR holds the interpreter's lock, so large jobs run in processes of their own; how many changes no digit.
    """
    from joblib import Parallel, delayed

    n_classes = int(y.max()) + 1
    large = rows.nnz * n_classes > _LARGE
    done: list[NDArray[np.float64]] = Parallel(n_jobs=-1 if large else 1)(
        delayed(_held_out_scores)(
            rows[split.train], rows[split.held_out], y[split.train], (n_classes, c), weights[split.train]
        )
        for c, split in jobs
    )
    return done


def _held_out_scores(
    train: sparse.csr_matrix,
    held_out: sparse.csr_matrix,
    y: NDArray[np.int64],
    classes_and_c: tuple[int, float],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    n_classes, c = classes_and_c
    return fit_linear(train, y, n_classes, c, weights).scores(held_out)
