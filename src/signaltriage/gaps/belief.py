"""From how near the best article is to the probability that it answers.

How near a query comes to an article that does not answer is seen in the searches themselves: that is how near they come
to the next best article. How near askers come to an article that does answer depends on how they phrase things, which
no base can tell. So nearness is a mixture of two normal distributions with a prior, told by sets of labelled queries
(`python -m eval.gap_belief` prints what each of them says), which the searches that are judged together move as far as
some fifty of them may: a model averaged over its possible parameters (Hoeting et al. 1999), its likelihood tempered
(Grünwald 2012), because searches are neither independent nor quite normal. Labelled pairs, where there are any, count
in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """What is known beforehand of a number: mean and standard deviation over sets of labelled queries."""

    mean: float
    spread: float

    def values(self, number: int) -> list[float]:
        """Values to try, evenly spaced."""
        return [round(self.mean + self.spread * at, 6) for at in np.linspace(-2, 2, number).tolist()]

    def log_prior(self, value: float) -> float:
        """Logarithm of the density, up to a constant."""
        return -(((value - self.mean) / self.spread) ** 2) / 2


@dataclass(frozen=True)
class Prior:
    """What is known beforehand of nearness: what `python -m eval.gap_belief` prints at its end."""

    above: Known = Known(0.046, 0.021)
    """What nothing answers comes so much nearer to the best article than searches do to the next best, on the whole."""
    wider: Known = Known(1.298, 0.328)
    """Its standard deviation, for each of that of nearness to the next best."""
    gain: Known = Known(0.214, 0.089)
    """What is answered comes so much nearer."""
    spread: Known = Known(0.173, 0.039)
    """Standard deviation of what is answered."""
    share: Known = Known(0.5, 0.12)
    """Share of searches that are answered. Half of them, as no set can tell: it is ours to choose in each."""
    next_mean: Known = Known(0.235, 0.085)
    """Mean nearness to the next best article."""
    next_spread: float = 0.09
    """Its standard deviation."""


PRIOR: Final = Prior()
MOST_EVIDENCE = 50.0
"""Unlabelled searches count as at most so many."""
STEP = 0.01
GRID = np.round(np.arange(-0.6, 1.6 + STEP / 2, STEP), 4)
"""Nearness."""
_KNOWN_SPREAD = 10
"""Searches that the usual standard deviation of nearness to the next best is worth."""


@dataclass(frozen=True)
class Belief:
    """Probability by nearness, on `GRID`, always rising; and the limit that follows."""

    probability: FloatArray
    min_probability: float
    """From it on an article is taken to answer: the expected F1 of `missing` is highest there."""

    def of(self, nearness: FloatArray) -> FloatArray:
        """Probability that the article answers, 0-1, six digits."""
        return np.round(np.interp(nearness, GRID, self.probability), 6)


@dataclass(frozen=True)
class Labelled:
    """Nearness of queries whose answer is known: with their article there, and with it hidden."""

    answered: tuple[float, ...] = ()
    missing: tuple[float, ...] = ()


def believe(
    searches: FloatArray, next_best: FloatArray, labelled: Labelled | None = None, prior: Prior = PRIOR
) -> Belief:
    """What to believe of searches that are judged together.

    Args:
        searches: nearness of the different searches to their best article, shape (n,); none: the prior speaks alone.
        next_best: that to the next best, shape (n,).
        labelled: pairs that were given.
        prior: what is known beforehand.
    """
    labelled = labelled or Labelled()
    middle, width = _of_next_best(next_best, prior)
    seen = _histogram(searches)
    seen *= min(1.0, MOST_EVIDENCE / max(1.0, seen.sum()))
    right, wrong = (_histogram(np.array(part)) for part in (labelled.answered, labelled.missing))
    log_weights, probabilities, densities = [], [], []
    known = (prior.above, prior.wider, prior.gain, prior.spread, prior.share)
    for values in product(*(one.values(number) for one, number in zip(known, (3, 3, 7, 4, 5), strict=True))):
        above, wider, gain, spread, share = values
        nothing, narrow = middle + above, width * wider
        more, broad = max(gain, 0.03), max(spread, narrow)
        missing, answered = _normal(nothing, narrow), _normal(nothing + more, broad)
        density = share * answered + (1 - share) * missing
        fit = seen @ np.log(density) + right @ np.log(answered) + wrong @ np.log(missing)
        log_weights.append(float(fit) + sum(one.log_prior(value) for one, value in zip(known, values, strict=True)))
        slope = 2 * more / (narrow**2 + broad**2)
        probabilities.append(_rising(slope, nothing + more / 2, share))
        densities.append(density)
    weights = np.exp(np.array(log_weights) - max(log_weights))
    weights /= weights.sum()
    probability = weights @ np.array(probabilities)
    return Belief(probability, best_limit(probability, weights @ np.array(densities)))


def _of_next_best(next_best: FloatArray, prior: Prior) -> tuple[float, float]:
    """Mean and standard deviation of nearness to the next best article, as far as so many searches can tell."""
    n = len(next_best)
    if not n:
        return prior.next_mean.mean, prior.next_spread
    worth = (prior.next_spread / prior.next_mean.spread) ** 2
    mean = (float(next_best.sum()) + worth * prior.next_mean.mean) / (n + worth)
    variance = (float(((next_best - next_best.mean()) ** 2).sum()) + _KNOWN_SPREAD * prior.next_spread**2) / (
        n + _KNOWN_SPREAD
    )
    return mean, variance**0.5


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
