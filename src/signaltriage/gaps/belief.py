"""From how near the best article is to the probability that it answers.

How near a query comes to an article that does not answer is known: it is what a base's own titles show when their
article is hidden. How near askers come to an article that does answer depends on how they phrase things, which no base
can tell. So that is a mixture of two normal distributions with a prior, told by a few sets of labelled queries, which
the searches that are judged together move, as far as some sixty of them may: a model averaged over its possible
parameters (Hoeting et al. 1999), its likelihood tempered (Grünwald 2012), because searches are neither independent nor
quite normal. Labelled pairs, where there are any, count in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_EVIDENCE = 60.0
"""Unlabelled searches count as at most so many."""
STEP = 0.01
GRID = np.round(np.arange(-0.8, 1.2 + STEP / 2, STEP), 4)
"""Nearness above that of hidden titles, in cosines."""
_SHIFT, _SHIFT_PRIOR = (-0.32, -0.26, -0.20, -0.15, -0.10, -0.05, 0.0), (-0.06, 0.10)
"""Searches that nothing answers come so much nearer than hidden titles; mean and standard deviation of the prior."""
_GAIN, _GAIN_PRIOR = (0.08, 0.12, 0.16, 0.20, 0.25, 0.30, 0.36), (0.20, 0.06)
"""And those that are answered so much more."""
_SPREAD, _SPREAD_PRIOR = (0.09, 0.12, 0.15, 0.18), (0.13, 0.03)
"""Standard deviation of the searches that nothing answers."""
_WIDER = 1.15
"""That of the answered ones, for each of these."""
_SHARE, _SHARE_PRIOR = (0.4, 0.5, 0.6), (0.5, 0.06)
"""Share of searches that are answered."""


@dataclass(frozen=True)
class Belief:
    """Probability by nearness, on `GRID`, always rising; and the limit that follows."""

    hidden: float
    """Nearness of hidden titles, mean: where the grid has its zero."""
    probability: FloatArray
    min_probability: float
    """From it on an article is taken to answer: the expected F1 of `missing` is highest there."""

    def of(self, nearness: FloatArray) -> FloatArray:
        """Probability that the article answers, 0-1, six digits."""
        return np.round(np.interp(nearness - self.hidden, GRID, self.probability), 6)


@dataclass(frozen=True)
class Labelled:
    """Nearness of queries whose answer is known: with their article there, and with it hidden."""

    answered: tuple[float, ...] = ()
    missing: tuple[float, ...] = ()


def believe(hidden: float, searches: FloatArray, labelled: Labelled | None = None) -> Belief:
    """What to believe of searches that are judged together.

    Args:
        hidden: mean nearness of the base's titles when their article is hidden.
        searches: nearness of the different searches, shape (n,); none: the prior speaks alone.
        labelled: pairs that were given.
    """
    labelled = labelled or Labelled()
    seen = _histogram(searches - hidden)
    seen *= min(1.0, MOST_EVIDENCE / max(1.0, seen.sum()))
    right, wrong = (_histogram(np.array(part) - hidden) for part in (labelled.answered, labelled.missing))
    log_weights, probabilities, densities = [], [], []
    for shift, gain, spread, share in product(_SHIFT, _GAIN, _SPREAD, _SHARE):
        missing, answered = _normal(shift, spread), _normal(shift + gain, _WIDER * spread)
        density = share * answered + (1 - share) * missing
        fit = seen @ np.log(density) + right @ np.log(answered) + wrong @ np.log(missing)
        prior = _prior(shift, _SHIFT_PRIOR) + _prior(gain, _GAIN_PRIOR) + _prior(spread, _SPREAD_PRIOR)
        log_weights.append(float(fit + prior + _prior(share, _SHARE_PRIOR)))
        probabilities.append(_rising(gain / spread**2 * 2 / (1 + _WIDER**2), shift + gain / 2, share))
        densities.append(density)
    weights = np.exp(np.array(log_weights) - max(log_weights))
    weights /= weights.sum()
    probability = weights @ np.array(probabilities)
    return Belief(hidden, probability, best_limit(probability, weights @ np.array(densities)))


def best_limit(probability: FloatArray, density: FloatArray) -> float:
    """The probability below which to say `missing`, so that the F1 of saying so is expected to be highest.

    Args:
        probability: that the article answers, by nearness, rising, shape (n,).
        density: how frequent each nearness is, up to a factor, shape (n,).
    """
    missing = density * (1 - probability)
    found, said = np.cumsum(missing), np.cumsum(density)
    f1 = 2 * found / np.maximum(said + missing.sum(), 1e-300)
    best = int(np.round(f1, 9).argmax())
    return float(np.round(probability[min(best + 1, len(probability) - 1)], 6))


def _rising(slope: float, middle: float, share: float) -> FloatArray:
    """Probability of an answer on the grid, as if both spreads were their mean: so it always rises (Fisher 1936). The
    wider spread of answered searches would otherwise make the farthest ones answered again."""
    return np.asarray(1 / (1 + (1 - share) / share * np.exp(-slope * (GRID - middle))), dtype=np.float64)


def _histogram(values: FloatArray) -> FloatArray:
    bins = np.clip(np.rint((values - GRID[0]) / STEP), 0, len(GRID) - 1).astype(np.int64)
    return np.bincount(bins, minlength=len(GRID)).astype(np.float64)


def _normal(mean: float, spread: float) -> FloatArray:
    """Density on the grid, with a floor, so that one stray search does not rule a model out."""
    return np.exp(-((GRID - mean) ** 2) / (2 * spread**2)) / spread + 1e-4


def _prior(value: float, at: tuple[float, float]) -> float:
    return -(((value - at[0]) / at[1]) ** 2) / 2
