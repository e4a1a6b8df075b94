"""Has the share of a theme changed? Tests in the manner of Farrington et al. (1996), with what later work added: past
outbreaks weigh less (Noufaily et al. 2013), dispersions borrow strength from one another (Smyth 2004).

The count of a theme in recent periods, given its count in recent and earlier periods together, is binomial where counts
are Poisson with a rate in proportion to the exposure, and beta-binomial where they are negative binomial (Robinson &
Smyth 2008). The exposure is what all other themes together were heard of, so its own noise counts as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

WINDOWS: Final = (1, 2, 4, 8)
"""Recent periods that are held against what was before; a change longer ago than the longest is no news."""
LEAST_BEFORE: Final = 4
"""Earlier periods needed."""
_EFFICIENCY: Final = 1 / 2
"""Degrees of freedom of a squared difference: neighbouring differences share a period, so every second one counts."""
_MEDIAN: Final = 2 / np.pi
"""What the median of many normal estimates knows, beside their mean."""
_SOLID: Final = 3.0
"""Degrees of freedom from which a theme's own estimate counts."""
_RARE: Final = 15.1
"""The 99.99 % point of chi-squared with one degree of freedom: no difference counts for more."""
_WHOLE: Final = 0.8
"""Of the weight of a test, what goes to the whole past."""
_OUTBREAK: Final = 2.58
"""Standardised residual from which a past period weighs less (Noufaily et al. 2013)."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Tails:
    """Best evidence of each theme over all windows, corrected for their number. Shapes (themes,)."""

    rise: FloatArray
    """p-value of "its share has not risen"."""
    fall: FloatArray
    rise_window: IntArray
    """Recent periods that show the rise best."""
    fall_window: IntArray


def overdispersion(counts: FloatArray, exposure: FloatArray, noise: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How restless each theme is: a in variance = m + a · m², and the degrees of freedom behind it. Shapes (themes,).

    From the differences of successive periods (von Neumann 1941), so that a share that has grown or dropped is not
    taken for a restless one; a burst counts as no more than a rare surprise. Each theme's own estimate is shrunk to
    what is usual for its size, with one a for all themes, the more the less it says by itself: limma's empirical Bayes
    (Smyth 2004). What is unsure after that, Student's t allows for.

    Args:
        counts: shape (themes, p).
        exposure: of the same shape.
        noise: relative variance of the exposure of a period, known beforehand, shape (themes,).
    """
    left, right = np.maximum(exposure[:, :-1], 1e-9), np.maximum(exposure[:, 1:], 1e-9)
    both = counts[:, :-1] + counts[:, 1:]
    rate = np.maximum(both, 1) / (left + right)
    surprise = (counts[:, :-1] / left - counts[:, 1:] / right) ** 2 / (rate * (1 / left + 1 / right))
    used = both > 0
    df = used.sum(axis=1) * _EFFICIENCY
    own = _mean(surprise, used)
    for _ in range(3):
        own = _mean(np.minimum(surprise, _RARE * np.maximum(own, 1.0)[:, None]), used)
    size = _mean(np.maximum(both - 1, 0) / 2, used)
    solid = (size >= 1) & (df >= _SOLID)
    if not solid.any():
        return noise, np.full(len(counts), _SOLID)
    middle = special.chdtri(df[solid], 0.5) / df[solid]  # a median of estimates is below what they estimate
    usual = 1 + size * (noise + _common(own[solid] / middle, size[solid], noise[solid]))
    prior_df = _prior_df(own[solid] / usual[solid], df[solid])
    shrunk = np.where(solid, (prior_df * usual + df * own) / (prior_df + df), usual)
    return np.maximum(shrunk - 1, 0) / np.maximum(size, 1e-9), prior_df + df


def _common(own: FloatArray, size: FloatArray, noise: FloatArray) -> float:
    """The a of all themes together: a median, which a few restless ones do not move; the surer ones weigh more."""
    each = (own - 1) / size - noise
    order = np.argsort(each, kind="stable")
    a = 0.0
    for _ in range(3):
        weight = np.cumsum((size / (1 + size * (noise + a)))[order])
        a = max(0.0, float(each[order][np.searchsorted(weight, weight[-1] / 2)]))
    return a


def _prior_df(ratio: FloatArray, df: FloatArray) -> float:
    """How much what is usual says about a theme, in degrees of freedom: the less, the more unlike the themes are."""
    if len(ratio) < 3:
        return _SOLID
    log = np.log(np.maximum(ratio, 1e-3)) - special.digamma(df / 2) + np.log(df / 2)
    seen = float(log.var(ddof=1)) * (1 + float(np.sqrt(2 / (len(ratio) - 1))))  # a few may look alike by chance
    spread = seen - float(special.polygamma(1, df / 2).mean())
    all_say = _MEDIAN * float(df.sum() - df.mean())
    return min(all_say, 2 * _trigamma_inverse(spread)) if spread > 1e-6 else all_say


def _mean(values: FloatArray, used: NDArray[np.bool_]) -> FloatArray:
    mean: FloatArray = np.where(used, values, 0).sum(axis=1) / np.maximum(used.sum(axis=1), 1)
    return mean


def tails(counts: IntArray, exposure: FloatArray, noise: FloatArray) -> Tails:
    """Rise and fall of each theme in its most recent periods.

    Args:
        counts: shape (themes, p), p at least `LEAST_BEFORE` + 1.
        exposure: what a count is held against, of each theme and period, shape (themes, p).
        noise: relative variance of the exposure of a period, shape (themes,).
    """
    y = counts.astype(np.float64)
    excess, df = overdispersion(y, exposure, noise)
    restless = 1 + excess * y.mean(axis=1)
    rises, falls, weights, tried = [], [], [], []
    for start, w, weight in _views(counts.shape[1]):
        earlier = slice(start, y.shape[1] - w)
        calmed = _weights(y[:, earlier], exposure[:, earlier], restless)
        up, down = _tail(y, exposure, calmed, (start, w), excess)
        rises.append(student(up, df))
        falls.append(student(down, df))
        weights.append(weight)
        tried.append(w)
    up_p, down_p, weight_of = np.array(rises), np.array(falls), np.array(weights)
    of = np.array(tried, dtype=np.int64)
    best_up, best_down = up_p.argmin(axis=0), down_p.argmin(axis=0)
    return Tails(combined(up_p, weight_of), combined(down_p, weight_of), of[best_up], of[best_down])


def _views(p: int) -> list[tuple[int, int, float]]:
    """What is held against what: the first period of the past, how many periods are recent, and the weight of the test.

    A change that is w periods old could have been seen at w looks, so its test weighs 1/w. Most of a weight goes to the
    whole past, the rest to the late past, which sees what has changed twice.
    """
    views = []
    for w in WINDOWS:
        if p - w < max(LEAST_BEFORE, w):
            continue
        late = max(0, p - w - max(2 * w, 8))
        views += [(0, w, _WHOLE / w), (late, w, (1 - _WHOLE) / w)] if late else [(0, w, 1 / w)]
    return views


def least_possible(total: IntArray, exposure: FloatArray) -> FloatArray:
    """The p-value a theme would have if all its signals were in the most recent period: what it could show at best."""
    share = exposure[:, -1] / np.maximum(exposure.sum(axis=1), 1e-9)
    return np.where(total > 0, np.minimum(1.0, share) ** np.maximum(total, 1), 1.0)


def season_factors(counts: FloatArray, exposure: FloatArray, season: IntArray, false_positive: float) -> FloatArray:
    """How much more or less of a theme its season brings, where that is beyond chance; else 1. Shape (themes, p).

    Rates by season against one rate, quasi-Poisson F-test (McCullagh & Nelder 1989, section 4.5), one for each theme,
    false discoveries controlled (Benjamini & Hochberg 1995).
    """
    k, p = counts.shape
    seasons = np.unique(season)
    df = p - len(seasons)
    if df < len(seasons) or len(seasons) < 2 or not k:
        return np.ones((k, p))
    flat = exposure * (counts.sum(axis=1) / exposure.sum(axis=1))[:, None]
    fitted = np.empty_like(flat)
    for s in seasons:
        at = season == s
        fitted[:, at] = (
            exposure[:, at] * (counts[:, at].sum(axis=1) / np.maximum(exposure[:, at].sum(axis=1), 1e-9))[:, None]
        )
    dispersion = np.maximum(1.0, ((counts - fitted) ** 2 / np.maximum(fitted, 1e-9)).sum(axis=1) / df)
    gain = (_deviance(counts, flat) - _deviance(counts, fitted)) / (len(seasons) - 1) / dispersion
    chance = stats.false_discovery_control(stats.f.sf(np.maximum(gain, 0), len(seasons) - 1, df))
    solid = (chance <= false_positive) & (counts.sum(axis=1) >= 5 * len(seasons))
    factors = np.ones((k, p))
    # A season without any signal keeps a little room, or a first one in it would be infinitely surprising.
    factors[solid] = np.maximum(fitted[solid], 0.5 * flat[solid].min(axis=1, keepdims=True) / p) / flat[solid]
    return factors


def _tail(
    y: FloatArray, exposure: FloatArray, weight: FloatArray, part: tuple[int, int], excess: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """One-sided p-values of the last w periods against those from `start` on, `part` being (start, w).

    Given their sum, the exact test of negative binomial counts is beta-binomial (Robinson & Smyth 2008): the binomial
    one where nothing is restless, a beta one where counts are large. See `split`.
    """
    start, w = part
    p = y.shape[1]
    earlier, recent = slice(start, p - w), slice(p - w, p)
    before, now = (weight * y[:, earlier]).sum(axis=1), y[:, recent].sum(axis=1)
    room_before, room = (weight * exposure[:, earlier]).sum(axis=1), exposure[:, recent].sum(axis=1)
    both, room_both = before + now, np.maximum(room_before + room, 1e-9)
    share = np.clip(room / room_both, 1e-12, 1 - 1e-12)
    in_a_period = (1 - share) * usual_room(exposure[:, recent]) + share * usual_room(exposure[:, earlier])
    spread = 1 + excess * both / room_both * in_a_period
    return split(now, both, share, spread), split(before, both, 1 - share, spread)


def split(now: FloatArray, both: FloatArray, share: FloatArray, spread: FloatArray) -> FloatArray:
    """Upper tail of a beta-binomial: as many of `both` as `now`, or more. Arrays of one shape, or broadcast to one.

    Between the binomial tail of counts divided by the spread, of half the skewness, and that of a beta variable of the
    same mean and variance, normal scores are interpolated; the true ones are missed by some per cent, and far cheaper.

    Args:
        share: of `both` that is expected to be now, 0-1.
        spread: how many times the variance is that of a binomial, at least 1.
    """
    binomial = special.betainc(np.maximum(now / spread, 1e-9), np.maximum((both - now) / spread, 1e-9) + 1, share)
    size = np.maximum(both / spread - 1, 1e-3)
    at = np.clip((now - 0.5) / np.maximum(both, 1e-9), 0, 1)
    beta = special.betaincc(share * size, (1 - share) * size, at)
    return np.where(now > 0, _between(binomial, beta, 1 - 1 / spread), 1.0)


def _between(binomial: FloatArray, beta: FloatArray, part: FloatArray) -> FloatArray:
    """Interpolate two p-values, as normal scores."""
    first, second = (special.ndtri(np.clip(p_value, 1e-300, 1 - 1e-12)) for p_value in (binomial, beta))
    between: FloatArray = special.ndtr((1 - part) * first + part * second)
    return between


def usual_room(exposure: FloatArray) -> FloatArray:
    """Exposure of a period, as the variance of their sum sees it. Shape (themes,)."""
    usual: FloatArray = (exposure**2).sum(axis=1) / np.maximum(exposure.sum(axis=1), 1e-9)
    return usual


def _weights(y: FloatArray, exposure: FloatArray, restless: FloatArray) -> FloatArray:
    """Past outbreaks weigh less: 1 up to the limit, then the inverse square of the standardised Anscombe residual."""
    mean = exposure * (y.sum(axis=1) / np.maximum(exposure.sum(axis=1), 1e-9))[:, None]
    mean = np.maximum(mean, 1e-9)
    residual = 1.5 * (y ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(restless)[:, None])
    return np.where(residual > _OUTBREAK, (_OUTBREAK / np.maximum(residual, 1e-9)) ** 2, 1.0)


def combined(p_values: FloatArray, weight: FloatArray) -> FloatArray:
    """One p-value of several tests that depend on one another (Liu & Xie 2020), shape (tests, themes) → (themes,)."""
    p_values = np.clip(p_values, 1e-15, 1 - 1e-3)  # tests that see the opposite must not cancel one that sees something
    mean = (weight[:, None] / np.tan(np.pi * p_values)).sum(axis=0) / weight.sum()
    combined: FloatArray = 0.5 - np.arctan(mean) / np.pi
    large = mean > 1e6  # where the arc tangent has no digits left
    return np.where(large, 1 / (np.pi * np.maximum(mean, 1.0)), combined)


def student(p_value: FloatArray, df: FloatArray) -> FloatArray:
    """A tail of the normal as one of Student's t: the dispersion is an estimate."""
    tail: FloatArray = special.stdtr(df, special.ndtri(np.clip(p_value, 1e-300, 1.0)))
    return tail


def _deviance(y: FloatArray, mean: FloatArray) -> FloatArray:
    """Poisson deviance of each row."""
    total: FloatArray = 2 * (special.xlogy(y, y) - special.xlogy(y, np.maximum(mean, 1e-12)) - (y - mean)).sum(axis=1)
    return total


def _trigamma_inverse(value: float) -> float:
    """x with trigamma(x) = value, by Newton's method as in limma."""
    x = 0.5 + 1 / value
    for _ in range(50):
        first, second = float(special.polygamma(1, x)), float(special.polygamma(2, x))
        step = first * (1 - first / value) / second
        x += step
        if abs(step) < 1e-8 * x:
            break
    return x
