"""Whether a need is asked for more of late than before, against how the whole log grew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from signaltriage.theme_types import ThemeTrend, TrendKind

PERIODS = 12
"""Into which a log is cut at most; a period is a whole number of days."""
_RECENT = 0.25
"""Share of the log's time that is of late."""
_CERTAIN = 0.01
_LIMITS = (0.67, 1.5)
"""The least and the most that a trend counts for in a ranking."""


def trend_of(times: Sequence[float], everything: NDArray[np.float64]) -> ThemeTrend:
    """The trend of one need.

    Args:
        times: of its searches, in seconds since 1970; those without a time left out.
        everything: of all searches that ask for something, sorted.
    """
    if not len(times) or len(everything) < 2 or everything[-1] - everything[0] < 2 * 86400:
        return ThemeTrend()
    from scipy.stats import binomtest

    start, end = _day(everything[0]), _day(everything[-1]) + timedelta(days=1)
    days = max(1, -(-(end - start).days // PERIODS))
    edges = np.array([(start + timedelta(days=days * k)).timestamp() for k in range(PERIODS + 2)])
    edges = edges[: int(np.searchsorted(edges, end.timestamp())) + 1]
    counts = np.histogram(np.array(times), bins=edges)[0]
    cut = everything[0] + (1 - _RECENT) * (everything[-1] - everything[0])
    share = float((everything >= cut).mean())
    late = int(sum(time >= cut for time in times))
    p = float(binomtest(late, len(times), share).pvalue) if 0 < share < 1 else 1.0
    expected = share * len(times)
    kind: TrendKind = "steady"
    if p < _CERTAIN:
        kind = "falling" if late < expected else "new" if late == len(times) else "rising"
    elif len(times) < 3:
        kind = "unknown"
    since = _day(min(t for t in times if t >= cut)).date() if kind in {"rising", "new"} else None
    firsts = tuple(datetime.fromtimestamp(edge, UTC).date() for edge in edges[:-1])
    return ThemeTrend(kind, round(p, 6), since, firsts, tuple(counts.tolist()))


def weight_of(times: Sequence[float], everything: NDArray[np.float64]) -> float:
    """What the trend counts for in a ranking: how many times as often as expected it is asked for of late.

    Shrunk towards 1 by one expected search on either side, between two thirds and one and a half.
    """
    if not len(times) or len(everything) < 2 or everything[-1] <= everything[0]:
        return 1.0
    cut = everything[0] + (1 - _RECENT) * (everything[-1] - everything[0])
    expected = float((everything >= cut).mean()) * len(times)
    late = sum(time >= cut for time in times)
    return round(float(np.clip((late + 1) / (expected + 1), *_LIMITS)), 6)


def _day(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
