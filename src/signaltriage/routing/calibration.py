"""Top-label calibration: the probability of the best guess is made to mean what it says.

Softmax at the best temperature is still too sure of some rows and too modest on others. A logistic curve on the
log-odds of the best guess, fitted on held-out rows (Platt 1999, applied to the top label: Gupta & Ramdas 2022),
corrects that. Its slope is one for all; its offset is each class's own, in so far as the classes differ: drawn towards
the common one by as much as so many guesses may differ by chance (a random intercept, its variance estimated from the
data: Laird & Ware 1982). It is increasing, so no order of rows of one class changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_EDGE = 1e-6
_ROUNDS = 200
_TURNS = 3
_SETTLED = 1e-6
_NO_VARIANCE = 1e-3
"""Of offsets in log-odds: so little moves a probability by less than one in a hundred."""


@dataclass(frozen=True)
class TopLabelCalibration:
    """P(best guess is right) = 1 / (1 + exp(-(slope · log-odds + offset)))."""

    slope: float
    offset: float
    of_class: tuple[float, ...] = ()
    """What is added to the offset for each class; empty where the classes do not differ."""

    @classmethod
    def fit(
        cls, probabilities: FloatArray, y: NDArray[np.int64], importance: FloatArray | None = None
    ) -> TopLabelCalibration:
        """Fit on held-out probabilities of shape (n, classes), by maximum likelihood with Platt's smoothed targets.

        `importance`, shape (n,), says how much each row counts: the newest tell most of what is to come.
        """
        from scipy.optimize import minimize

        odds = _log_odds(probabilities.max(axis=1))
        guess = probabilities.argmax(axis=1)
        hit = guess == y
        # Platt's targets keep the curve finite when every held-out guess is right, or none is.
        share = np.full(len(y), 1 / len(y)) if importance is None else importance / importance.sum()
        target = np.where(hit, (hit.sum() + 1) / (hit.sum() + 2), 1 / ((~hit).sum() + 2))

        own: tuple[float, ...] = ()
        for _ in range(_TURNS):  # one after the other, to a common optimum
            lift = np.array(own)[guess] if own else np.zeros(len(y))

            def loss(p: FloatArray, lift: FloatArray = lift) -> tuple[float, FloatArray]:
                z = p[0] * odds + p[1] + lift
                error = 1 / (1 + np.exp(-z)) - target
                nats = float((np.logaddexp(0, z) - target * z) @ share)
                return nats, np.array([(error * odds) @ share, error @ share])

            bounds = [(0.05, 5.0), (-10.0, 10.0)]
            found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds)
            slope, offset = float(found.x[0]), float(found.x[1])
            rows = _Guesses(slope * odds + offset, target, share * len(y), guess)
            own = _own_offsets(rows, probabilities.shape[1])
            if not own:
                break
        return cls(slope, offset, own)

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrated probabilities, same shape; rows sum to one and the best guess stays the best."""
        rows = np.arange(len(probabilities))
        best = probabilities.argmax(axis=1)
        top = np.clip(probabilities[rows, best], _EDGE, 1 - _EDGE)
        own = np.array(self.of_class)[best] if self.of_class else 0.0
        wanted = 1 / (1 + np.exp(-(self.slope * _log_odds(top) + self.offset + own)))
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


@dataclass(frozen=True)
class _Guesses:
    """Held-out best guesses on the common curve, shape (n,) each."""

    log_odds: FloatArray
    target: FloatArray
    weight: FloatArray
    """Mean 1."""
    guess: NDArray[np.int64]


def _own_offsets(rows: _Guesses, n_classes: int) -> tuple[float, ...]:
    """What each class's guesses lie above the common curve, in log-odds; empty where that may all be chance.

    Expectation and maximisation: given the variance of the offsets, each is at the mode of its posterior; given those,
    the variance is their mean square and uncertainty.
    """
    offsets, variance = np.zeros(n_classes), 1.0

    def summed(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(rows.guess, weights=values * rows.weight, minlength=n_classes), dtype=np.float64)

    named = np.bincount(rows.guess, minlength=n_classes) > 0
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-(rows.log_odds + offsets[rows.guess])))
        information = summed(p * (1 - p)) + 1 / variance
        offsets = np.clip(offsets + (summed(rows.target - p) - offsets / variance) / information, -3, 3)
        before, variance = variance, float((offsets[named] ** 2 + 1 / information[named]).mean())
        if variance < _NO_VARIANCE:
            return ()
        if abs(variance - before) < _SETTLED * before:
            break
    return tuple(np.where(named, offsets, 0.0).round(6).tolist())


def _log_odds(p: FloatArray) -> FloatArray:
    clipped = np.clip(p, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(clipped / (1 - clipped)))
