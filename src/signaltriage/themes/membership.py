"""From which similarity on a row belongs to a theme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.partition import BoolArray, FloatArray, IntArray

_WHISKERS = 2.0
_LEAST = 0.2
"""No theme takes in less similar rows: texts with nothing in common are at 0 to 0.2 to one another."""


def limits(similarity: FloatArray, theme: IntArray, k: int) -> FloatArray:
    """The lower whisker of each theme's own similarities: rows below it are outliers of it (Tukey 1977).

    Args:
        similarity: of each row to the centre of its theme, shape (n,).
        theme: of each row, -1 for none, shape (n,).
        k: number of themes.

    Returns:
        Smallest similarity of a member, shape (k,).
    """
    found = np.full(k, _LEAST, dtype=np.float32)
    order = np.lexsort((similarity, theme))
    bounds = np.searchsorted(theme[order], np.arange(k + 1))
    for t in range(k):
        own: NDArray[np.float64] = similarity[order[bounds[t] : bounds[t + 1]]].astype(np.float64)
        if len(own):
            low, high = np.quantile(own, [0.25, 0.75])
            found[t] = max(_LEAST, low - _WHISKERS * (high - low))
    return found.round(5)


def members(similarity: FloatArray, theme: IntArray, least: FloatArray) -> BoolArray:
    """Which rows reach the limit of their theme, shape (n,)."""
    return (theme >= 0) & (similarity >= least[theme]) if len(least) else np.zeros(len(theme), dtype=np.bool_)
