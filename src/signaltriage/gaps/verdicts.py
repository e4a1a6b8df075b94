"""Does an article answer a search that showed nothing? The article's own say and that of what askers did, as one.

The probability that the base gives a query (`Answerability`) was learned on queries made from articles; those that
search failed on are not drawn alike. It is recalibrated on the log itself: intercept and slope of its logit are fitted
by expectation-maximisation (Dempster, Laird & Rubin 1977) to what the askers' behaviour says, held near "as it is" by a
prior that a log without sessions never overcomes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_ROUNDS = 200
_PRIOR = 4.0
"""Askers that the prior is worth: it holds the probability as it is."""
_EDGE = 1e-3


@dataclass(frozen=True)
class Recalibration:
    """How a log corrects the logit of a base's answer probability."""

    intercept: float
    slope: float

    @classmethod
    def learn(cls, probability: FloatArray, log_ratio: FloatArray, askers: FloatArray) -> Recalibration:
        """Fit to a log.

        Args:
            probability: of the base, its own limit at 0.5, shape (n,).
            log_ratio: what askers did, as the logarithm of a likelihood ratio, shape (n,).
            askers: weight of each query, shape (n,).
        """
        if not len(probability) or not np.abs(log_ratio).any():
            return cls(0.0, 1.0)
        x = logit(probability)
        b = np.array([0.0, 1.0])
        for _ in range(_ROUNDS):
            target = _sigmoid(b[0] + b[1] * x + log_ratio)
            now = _sigmoid(b[0] + b[1] * x)
            pull = askers * (target - now)
            gradient = np.array([pull.sum() - _PRIOR * b[0], (pull * x).sum() - _PRIOR * (b[1] - 1)])
            h = askers * now * (1 - now)
            cross = float((h * x).sum())
            hessian = np.array([[h.sum() + _PRIOR, cross], [cross, (h * x * x).sum() + _PRIOR]])
            step = np.linalg.solve(hessian, gradient)
            b = np.array([b[0] + step[0], max(0.0, b[1] + step[1])])
            if np.abs(step).max() < 1e-9:
                break
        return cls(round(float(b[0]), 6), round(float(b[1]), 6))

    def apply(self, probability: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Probabilities that an article answers, in the light of both, shape (n,)."""
        return np.round(_sigmoid(self.intercept + self.slope * logit(probability) + log_ratio), 6)


def centred(probability: FloatArray, limit: float) -> FloatArray:
    """Probabilities whose limit is `limit`, moved along the logit so that it is at 0.5."""
    return _sigmoid(logit(probability) - logit(np.array([limit])))


def logit(probability: FloatArray) -> FloatArray:
    """Logarithm of the odds, those of certainty kept finite."""
    p = np.clip(probability, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(p / (1 - p)), dtype=np.float64)


def _sigmoid(x: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -50, 50))), dtype=np.float64)
