"""Top-label calibration: the probability of the best guess is made to mean what it says.

Softmax at the best temperature is still too sure of some rows and too modest on others. A logistic curve on the
log-odds of the best guess, fitted on held-out rows (Platt 1999, applied to the top label: Gupta & Ramdas 2022),
corrects that with two parameters. It is increasing, so no order of rows changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_EDGE = 1e-6


@dataclass(frozen=True)
class TopLabelCalibration:
    """P(best guess is right) = 1 / (1 + exp(-(slope · log-odds + offset)))."""

    slope: float
    offset: float

    @classmethod
    def fit(
        cls, probabilities: FloatArray, y: NDArray[np.int64], importance: FloatArray | None = None
    ) -> TopLabelCalibration:
        """Fit on held-out probabilities of shape (n, classes), by maximum likelihood with Platt's smoothed targets.

        `importance`, shape (n,), says how much each row counts: the newest tell most of what is to come.
        """
        from scipy.optimize import minimize

        odds = _log_odds(probabilities.max(axis=1))
        hit = probabilities.argmax(axis=1) == y
        # Platt's targets keep the curve finite when every held-out guess is right, or none is.
        share = np.full(len(y), 1 / len(y)) if importance is None else importance / importance.sum()
        target = np.where(hit, (hit.sum() + 1) / (hit.sum() + 2), 1 / ((~hit).sum() + 2))

        def loss(p: FloatArray) -> tuple[float, FloatArray]:
            z = p[0] * odds + p[1]
            error = 1 / (1 + np.exp(-z)) - target
            return float((np.logaddexp(0, z) - target * z) @ share), np.array([(error * odds) @ share, error @ share])

        found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.05, 5.0), (-10.0, 10.0)])
        return cls(float(found.x[0]), float(found.x[1]))

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities, same shape; rows sum to one and the best guess stays the best."""
        rows = np.arange(len(probabilities))
        best = probabilities.argmax(axis=1)
        top = np.clip(probabilities[rows, best], _EDGE, 1 - _EDGE)
        wanted = 1 / (1 + np.exp(-(self.slope * _log_odds(top) + self.offset)))
        others = probabilities.copy()
        others[rows, best] = 0
        rest = others.sum(axis=1, keepdims=True)
        # Where the best guess took everything down to the last bit, what it gives back is shared out evenly.
        even = np.arange(others.shape[1]) != best[:, None]
        share = np.where(rest > 1e-300, others, even) / np.where(rest > 1e-300, rest, others.shape[1] - 1)
        second = share.max(axis=1)
        wanted = np.maximum(wanted, second / (1 + second) + _EDGE)  # below this the runner-up would overtake
        out = share * (1 - wanted)[:, None]
        out[rows, best] = wanted
        return np.asarray(out)


def _log_odds(p: FloatArray) -> FloatArray:
    clipped = np.clip(p, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(clipped / (1 - clipped)))
