"""How many themes: read off the graph, not asked of anybody."""

from __future__ import annotations

import math

import numpy as np

from signaltriage.themes.communities import Cuts
from signaltriage.themes.merging import Hierarchy

_TOLERANCE = 0.002
"""Numbers whose modularity is within a few of these of the best are as good: their mean is taken, which is stable."""
_ROWS_PER_THEME = 40
"""Distinct rows that a theme holds on average, at the least; fewer where there are few rows in all."""


def most_themes(n: int) -> float:
    """Themes that n distinct rows can carry on average: ¾ √n, and one in forty from 900 rows on.

    In small sets families of paraphrases are so tight that the graph falls apart into them: that is a limit of what
    neighbourhoods can tell, and no reason to give each a name.
    """
    return max(n / _ROWS_PER_THEME, 0.75 * math.sqrt(n), 1.0)


def resolution(n: int) -> float:
    """Of the modularity that is maximised, for n distinct rows: 1 up to a hundred, one more for each factor of ten.

    The more rows, the finer the themes they can carry. At ten thousand it is 3; from 2.5 to 3.5 the number of themes
    moves by a tenth at most, on every set.
    """
    return max(1.0, math.log10(max(n, 1)) - 1)


def number_of_themes(levels: Cuts, n: int, granularity: float) -> int:
    """The number of groups to stop merging at.

    The mean, on a log scale, of all numbers, each weighed by how near its modularity is to the best one.

    Args:
        levels: modularity at each number of groups.
        n: distinct rows.
        granularity: what the data say is multiplied by this.
    """
    quality = levels.modularity(resolution(n))
    weight = np.exp((quality - quality.max()) / _TOLERANCE) / levels.k
    best = float(np.exp((weight * np.log(levels.k)).sum() / weight.sum()))
    wanted = round(granularity * min(best, most_themes(n)))
    return int(np.clip(wanted, levels.k.min(), levels.k.max()))


def number_of_areas(themes: Hierarchy, k: int) -> int:
    """Areas of k themes: where the cost of the next merge jumps most, among numbers around √k."""
    if k < 4:
        return min(k, 1)
    numbers = range(max(2, round(k**0.5 / 1.5)), min(k - 1, round(1.5 * k**0.5)) + 1)
    jump = {m: themes.cost[m - 1] / max(themes.cost[m], 1e-9) for m in numbers}
    return min(jump, key=lambda m: (-round(jump[m], 6), m))
