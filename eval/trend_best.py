"""How often a doubling could be found at best: a test that knows everything but which theme has doubled, and when.

It knows each theme's true rate and dispersion, the volume of each period, that a change is a doubling, and that it is
one or two periods old. What is left is the likelihood ratio of "it has doubled", of both ages alike, which no test
surpasses (Neyman & Pearson 1933). Its limit is set for each theme so that 5 % of replays without a change have any
finding, and read off simulations. Nothing that must be estimated from 24 periods, and knows falls too, can get there.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.trend_pools import Pool

LEVEL: Final = 0.05
DRAWS: Final = 20_000
"""At least, and 20 of them beyond the limit."""

FloatArray = NDArray[np.float64]


def best_possible(pool: Pool, restless: float, seed: int) -> dict[str, float]:
    """Share of doublings found within two periods, by size of the theme, weighted as themes are drawn."""
    each = 1 - (1 - LEVEL) ** (1 / pool.n_themes)
    draws = max(DRAWS, int(20 / each))
    size = pool.share * pool.volumes.mean()
    found = np.zeros(pool.n_themes)
    for j in np.flatnonzero(size >= 10):
        rng = np.random.default_rng([seed, int(j), 2])
        same, doubled = (_log_ratio(pool, int(j), restless, (draws, times), rng) for times in (1, 2))
        limit = float(np.quantile(_either(same[:, 0], same[:, 1]), 1 - each))
        first = _either(rng.permutation(same[:, 0]), doubled[:, 0]) > limit
        found[j] = np.mean(first | (_either(doubled[:, 0], doubled[:, 1]) > limit))
    out = {}
    for name, low, high in (("size_10_up", 10, 20), ("size_20_and_more", 20, np.inf)):
        at = (size >= low) & (size < high)
        if at.any():
            out[name] = round(float(np.average(found[at], weights=pool.share[at])), 4)
    return out


def _log_ratio(pool: Pool, theme: int, restless: float, drawn: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    """log P(count | doubled) / P(count | as before) of two periods, shape (draws, 2); drawn is (draws, times)."""
    draws, times = drawn
    mean = pool.share[theme] * rng.choice(pool.volumes, (draws, 2))
    lively = rng.gamma(1 / restless, restless, mean.shape) if restless else np.ones(mean.shape)
    counts = rng.poisson(times * mean * lively)
    if not restless:
        return np.asarray(counts * np.log(2) - mean)
    per = 1 / restless
    gain = np.log((per + mean) / (per + 2 * mean))
    return np.asarray(counts * (np.log(2) + gain) + per * gain)


def _either(before_last: FloatArray, last: FloatArray) -> FloatArray:
    """Evidence that the last period, or the last two, have doubled."""
    return np.logaddexp(last, before_last + last)
