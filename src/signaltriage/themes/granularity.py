"""How many themes: read off the rows, not asked of anybody."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.communities import Cuts
from signaltriage.themes.merging import Hierarchy

FloatArray = NDArray[np.float64]

_TOLERANCE = 0.002
"""Numbers that are worse than the best by a few of these, as shares of the best, are as good: their mean is taken."""
_SMOOTHED = 0.25
"""How far to go from what rows say to what smoothed rows say."""
_STRUCTURE = 0.25
"""Mean silhouette up to which Kaufman and Rousseeuw (1990) see no substantial structure."""
_ROWS_PER_THEME = 40
"""Distinct rows that a theme holds on average, at the least, where silhouettes say nothing; fewer of few."""
_STEP = 1.03
"""From one number that is looked at to the next."""


def levels(most: int) -> list[int]:
    """The numbers of themes that are weighed up, 2 to `most`: all small ones, then ever fewer."""
    found = [2]
    while found[-1] < most:
        found.append(min(max(found[-1] + 1, round(found[-1] * _STEP)), most))
    return found


def number_of_themes(numbers: Sequence[int], plain: FloatArray, smoothed: FloatArray, usual: float) -> float:
    """The number of groups to stop merging at, between what rows as they are and smoothed rows say.

    Rows as they are spread wide: where themes are many and near to one another, those of most silhouette are too few.
    Smoothed rows draw together, be it for a theme or for a few paraphrases: theirs are too many where themes are
    large. Where there is no structure, silhouettes are best at the ends, and the usual number is taken. All are
    weighed up on a log scale.

    Args:
        numbers: numbers of groups, rising, shape (m,).
        plain: mean silhouette of the rows at each number, shape (m,).
        smoothed: that of the smoothed rows, shape (m,).
        usual: number of groups to take where silhouettes say nothing.
    """
    said = (1 - _SMOOTHED) * _best(numbers, plain) + _SMOOTHED * _best(numbers, smoothed)
    # Nothing up to half of what counts as structure, all from there on: no jump between.
    trust = min(max(2 * float(plain.max()) / _STRUCTURE - 1, 0.0), 1.0)
    return math.exp(trust * said + (1 - trust) * math.log(max(usual, 1.0)))


def usual_number(cut: Cuts, n: int) -> float:
    """Themes that n distinct rows have as a rule: of most modularity, but not more than n rows can carry on average.

    The more rows, the finer the themes they can carry: the resolution is 1 up to a hundred rows, one more for each
    factor of ten. The most is ¾ √n, and one in forty from 900 rows on.
    """
    found = _best(cut.k.tolist(), cut.modularity(max(1.0, math.log10(max(n, 1)) - 1)))
    return min(math.exp(found), max(n / _ROWS_PER_THEME, 0.75 * math.sqrt(n), 1.0))


def _best(numbers: Sequence[int], quality: FloatArray) -> float:
    """Log of the number of most quality: the mean of all, weighed by how near each is to the best."""
    at = np.log(np.asarray(numbers, dtype=np.float64))
    best = quality.max()
    if len(at) < 2 or best <= 0:
        return float(at[0])
    weight = np.exp((quality / best - 1) / _TOLERANCE) * np.gradient(at)
    return float((weight * at).sum() / weight.sum())


def number_of_areas(themes: Hierarchy, k: int) -> int:
    """Areas of k themes: where the cost of the next merge jumps most, among numbers around √k."""
    if k < 4:
        return min(k, 1)
    numbers = range(max(2, round(k**0.5 / 1.5)), min(k - 1, round(1.5 * k**0.5)) + 1)
    jump = {m: themes.cost[m - 1] / max(themes.cost[m], 1e-9) for m in numbers}
    return min(jump, key=lambda m: (-round(jump[m], 6), m))
