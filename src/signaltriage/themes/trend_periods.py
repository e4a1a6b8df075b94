"""Times of signals → counts per day, week or month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Period = Literal["day", "week", "month"]
PERIODS: Final[tuple[Period, ...]] = ("day", "week", "month")
MOST: Final = 160
"""Periods at most, if a longer one would give fewer: three years of weeks, and a history that can be drawn."""
LEAST: Final = 8
"""Periods at least, where a longer one would give fewer: two of them are what is new, the rest what was."""
USUAL: Final = 20
"""Signals of all themes in a usual period, at least: fewer say little about shares."""

IntArray = NDArray[np.int64]
Times = NDArray[np.datetime64]


@dataclass(frozen=True)
class Timeline:
    """Counts per period, oldest first, without gaps."""

    period: Period
    starts: Times
    """First day of each period, datetime64[D], shape (p,)."""
    counts: IntArray
    """Signals of each theme in each period, shape (themes, p)."""
    totals: IntArray
    """All signals of each period, in a theme or not, shape (p,)."""
    lengths: NDArray[np.float64]
    """Days of each period that the data covers; those at both ends may be cut off. Shape (p,)."""
    partial: bool
    """The last period was not over when the last signal came."""

    @property
    def dates(self) -> tuple[date, ...]:
        """First day of each period."""
        return tuple(start.astype("datetime64[D]").item() for start in self.starts)


def period_of(times: Times) -> Period:
    """The shortest period that gives enough signals in each and not too many periods.

    `times`: datetime64[s], at least one, none of them NaT.
    """
    fits: Period = "day"
    for period in PERIODS:
        codes = _codes(times, period)
        n = int(codes.max() - codes.min()) + 1
        if n < LEAST and period != "day":
            return fits
        fits = period
        if n <= MOST and np.median(np.bincount(codes - codes.min(), minlength=n)) >= USUAL:
            return period
    return fits


def timeline(times: Times, member_of: IntArray, n_themes: int, period: Period | None = None) -> Timeline:
    """Count signals by theme and period.

    Args:
        times: datetime64[s], UTC, shape (n,); at least one, none of them NaT.
        member_of: theme of each signal, -1 for none, shape (n,).
        n_themes: how many themes there are.
        period: chosen from the data where it is None.
    """
    period = period or period_of(times)
    codes = _codes(times, period)
    first, last = int(codes.min()), int(codes.max())
    p = last - first + 1
    edges = _starts(np.arange(first, last + 2), period)
    inside = member_of >= 0
    cell = member_of[inside] * p + (codes[inside] - first)
    counts = np.bincount(cell, minlength=n_themes * p).reshape(n_themes, p).astype(np.int64)
    lengths = (edges[1:] - edges[:-1]).astype(np.float64)
    day = times.astype("datetime64[D]")
    lengths[0] -= float((day.min() - edges[0]).astype(np.int64))
    missing = float((edges[-1] - day.max()).astype(np.int64)) - 1
    if p > 1:
        lengths[-1] -= missing
    totals = np.bincount(codes - first, minlength=p).astype(np.int64)
    return Timeline(period, edges[:-1], counts, totals, lengths, missing > 0)


def _codes(times: Times, period: Period) -> IntArray:
    """Number of the period since the epoch; weeks begin on Monday."""
    if period == "month":
        return times.astype("datetime64[M]").astype(np.int64)
    days = times.astype("datetime64[D]").astype(np.int64)
    return days if period == "day" else (days + 3) // 7


def _starts(codes: IntArray, period: Period) -> Times:
    if period == "month":
        return codes.astype("datetime64[M]").astype("datetime64[D]")
    return (codes if period == "day" else codes * 7 - 3).astype("datetime64[D]")


def season_of(starts: Times, period: Period) -> IntArray:
    """The season of each period: day of the week; quarter of the year for weeks; month of the year for months."""
    if period == "day":
        return (starts.astype("datetime64[D]").astype(np.int64) + 3) % 7
    months = starts.astype("datetime64[M]").astype(np.int64) % 12
    return months if period == "month" else months // 3


def cycle_of(period: Period) -> int:
    """Periods in one turn of the seasons."""
    return {"day": 7, "week": 52, "month": 12}[period]
