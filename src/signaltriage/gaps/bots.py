"""Who is a machine: searches at intervals that no person keeps, faster than a person types, or nothing but probes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signaltriage.gap_types import SearchEvent
from signaltriage.gaps.noise import is_probe
from signaltriage.gaps.sessions import seconds_of

_RUNS = (5, 9, 17)
"""Intervals in a row that are looked at together."""
_CHANCE = 1e-4
"""That any person of a log is called a machine by chance."""
_FASTEST = 1.5
"""Seconds from one query to a different one that no person goes below again and again."""


def machines(events: Sequence[SearchEvent]) -> dict[str, str]:
    """Users that are machines, and what gives them away, in words.

    A person's intervals are as random as a Poisson process's: that a run of n intervals all lie within a share r of
    their median has then a chance of about (r ln 2)^n. One whose intervals are too even for chance, counting all the
    runs looked at in the log, is a machine; r is never taken as less than the clock's own resolution allows.
    """
    by_user: dict[str, list[SearchEvent]] = defaultdict(list)
    for event in events:
        if event.user:
            by_user[event.user].append(event)
    resolution = _resolution(events)
    runs = sum(max(0, len(own) - 1) for own in by_user.values()) * len(_RUNS) or 1
    found: dict[str, str] = {}
    for user in sorted(by_user):
        own = sorted(by_user[user], key=lambda e: (seconds_of(e), e.id, e.query))
        probes = sum(is_probe(event.query) for event in own)
        if probes >= 2 and 2 * probes >= len(own):
            found[user] = "tries to break in"
        elif why := _too_even(own, resolution, math.log(_CHANCE / runs)):
            found[user] = why
    return found


def _too_even(own: Sequence[SearchEvent], resolution: float, limit: float) -> str:
    times = [(seconds_of(event), event.query) for event in own if event.time is not None]
    # Typing that is logged letter by letter, and the same query again, are no intervals between questions.
    kept = [times[i] for i in range(len(times)) if i == 0 or not _goes_on(times[i - 1][1], times[i][1])]
    intervals = np.diff(np.array([seconds for seconds, _ in kept], dtype=np.float64))
    if resolution >= 3600 or len(intervals) < _RUNS[0]:
        return ""
    for size in _RUNS:
        if len(intervals) < size:
            break
        windows = np.lib.stride_tricks.sliding_window_view(intervals, size)
        middle = np.median(windows, axis=1)
        if resolution <= 1 and (windows.max(axis=1) <= _FASTEST).any():
            return "searches faster than a person types"
        if (_log_chance(windows, middle, resolution) < limit).any():
            return f"searches every {_words(float(middle[_log_chance(windows, middle, resolution).argmin()]))}, evenly"
    return ""


def _log_chance(windows: NDArray[np.float64], middle: NDArray[np.float64], resolution: float) -> NDArray[np.float64]:
    """Logarithm of the chance that a Poisson process is as even, shape (windows,)."""
    spread = np.abs(windows - middle[:, None]).max(axis=1)
    share = np.maximum(spread, resolution) / np.maximum(middle, 1e-9)
    return np.asarray((windows.shape[1] - 1) * np.log(np.minimum(share * math.log(2), 1.0)), dtype=np.float64)


def _goes_on(before: str, after: str) -> bool:
    one, other = before.strip().casefold(), after.strip().casefold()
    return one == other or (bool(one) and (other.startswith(one) or one.startswith(other)))


def _resolution(events: Sequence[SearchEvent]) -> float:
    """What the log's clock counts in, in seconds: a day, an hour, a minute, a second or less."""
    seconds = [seconds_of(event) for event in events if event.time is not None]
    return next((unit for unit in (86400.0, 3600.0, 60.0, 1.0) if all(s % unit == 0 for s in seconds)), 0.001)


def _words(seconds: float) -> str:
    return f"{seconds / 60:.3g} minutes" if seconds >= 120 else f"{seconds:.3g} seconds"
