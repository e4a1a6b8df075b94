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
    """Which rows reach the limit of their theme, and are like the rest of it, shape (n,).

    A row is part of its theme's centre, which makes any few texts look alike. Its similarity to the mean of the others
    follows from the similarities alone: their sum is the length of the sum of the theme's vectors.
    """
    if not len(least):
        return np.zeros(len(theme), dtype=np.bool_)
    own = theme >= 0
    size = np.bincount(theme[own], minlength=len(least))[theme]
    length = np.bincount(theme[own], weights=similarity[own], minlength=len(least))[theme]
    shared = similarity.astype(np.float64) * length
    others = (shared - 1) / np.sqrt(np.maximum(length**2 - 2 * shared + 1, 1e-9))
    alike = (size < 2) | (others.round(5) >= _LEAST)
    reached: BoolArray = own & (similarity >= least[theme]) & alike
    return reached


def kept_themes(theme: IntArray, member: BoolArray, said: IntArray, k: int, min_size: int) -> BoolArray:
    """Which themes have enough members: distinct rows, or one text said often enough, shape (k,).

    Args:
        theme: of each distinct row, -1 for none, shape (m,).
        member: whether the row belongs to it, shape (m,).
        said: how often the row was said, shape (m,).
        k: number of themes.
        min_size: fewest.
    """
    own = member & (theme >= 0)
    distinct = np.bincount(theme[own], minlength=k)
    most = np.zeros(k, dtype=np.int64)
    np.maximum.at(most, theme[own], said[own])
    enough: BoolArray = (distinct >= min_size) | (most >= min_size)
    return enough
