"""Was a theme heard of far more often at some time, now over? A scan over all times of up to eight periods.

What is over is no news, so it changes no trend; but an outage that filled a week in May is part of what a theme is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.trend_tests import WINDOWS, combined, overdispersion, split, student, usual_room

_CALM: Final = 0.5
"""A burst is over if the share since is below this part of what it was, and was one if that before was too."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Bursts:
    """The most striking time of each theme. Shapes (themes,)."""

    p: FloatArray
    """p-value of "its share was always the same", corrected for all the times that were tried."""
    first: IntArray
    """The first period of that time; -1 where there is none with a calm time before and after."""
    last: IntArray


def bursts(counts: IntArray, exposure: FloatArray, noise: FloatArray) -> Bursts:
    """Hold every time of one to eight periods against all the rest, of which some lies before and some after it.

    The same test as for what is recent, given each theme's sum (scan statistic: Kulldorff 1997), the many times that
    overlap combined by Liu & Xie (2020).

    Args:
        counts: shape (themes, p).
        exposure: what a count is held against, of each theme and period, shape (themes, p).
        noise: relative variance of the exposure of a period, shape (themes,).
    """
    k, p = counts.shape
    y = counts.astype(np.float64)
    excess, df = overdispersion(y, exposure, noise)
    sums, rooms = _running(y), _running(exposure)
    total, room = sums[:, -1:], np.maximum(rooms[:, -1:], 1e-9)
    spread = 1 + excess[:, None] * total / room * usual_room(exposure)[:, None]
    tried, over, first, last = [], [], [], []
    for w in range(1, min(WINDOWS[-1], p - 2) + 1):
        starts = np.arange(1, p - w)
        heard, within = (run[:, starts + w] - run[:, starts] for run in (sums, rooms))
        before, after = (
            run / np.maximum(part, 1e-9)
            for run, part in (
                (sums[:, starts], rooms[:, starts]),
                (total - sums[:, starts + w], room - rooms[:, starts + w]),
            )
        )
        share = np.clip(within / room, 1e-12, 1 - 1e-12)
        tried.append(student(split(heard, total, share, spread), df[:, None]))
        over.append(np.maximum(before, after) < _CALM * heard / np.maximum(within, 1e-9))
        first.append(starts)
        last.append(starts + w - 1)
    if not tried:
        nothing = np.full(k, -1, dtype=np.int64)
        return Bursts(np.ones(k), nothing, nothing)
    chance = np.concatenate(tried, axis=1)
    best = np.where(np.concatenate(over, axis=1), chance, np.inf)
    at, is_one = best.argmin(axis=1), np.isfinite(best.min(axis=1))
    p_value = np.where(is_one, combined(chance.T, np.ones(chance.shape[1])), 1.0)
    return Bursts(p_value, *(np.where(is_one, np.concatenate(side)[at], -1) for side in (first, last)))


def _running(values: FloatArray) -> FloatArray:
    """Sums of the first 0, 1, … p periods, shape (themes, p + 1)."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
