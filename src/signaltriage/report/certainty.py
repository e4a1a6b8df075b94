"""How much a figure can be trusted: intervals of shares, and what chance alone would show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from signaltriage.metrics import RiskPoint

WIDEST = 0.5
"""A share whose 95 % interval spans more than half of the scale says next to nothing, so it is not shown."""
CURVE_POINTS = 100
CALIBRATION_BINS = 15
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `rows`, with the 95 % interval of the share behind them. Shares 0-1."""

    hits: int
    rows: int
    value: float | None
    """None where there are no rows."""
    low: float
    high: float
    enough: bool
    """Whether the rows are enough for the share to mean something: an interval no wider than `WIDEST`."""


def share_of(hits: int, rows: int) -> Share:
    """The share with its interval."""
    low, high = wilson_interval(hits, rows)
    return Share(hits, rows, hits / rows if rows else None, low, high, high - low <= WIDEST)


def wilson_interval(hits: int, rows: int, confidence: float = 0.95) -> tuple[float, float]:
    """Within what limits the share behind `hits` of `rows` lies (Wilson 1927, as Brown, Cai & DasGupta 2001 advise).

    Without rows: all of 0-1.
    """
    if not rows:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, middle - half), min(1.0, middle + half)


def calibration_error_by_chance(probability: NDArray[np.float64], seed: int = 0) -> float:
    """The calibration error that flawless probabilities would stay below on as many rows in 19 of 20 cases.

    Consistency resampling (Bröcker & Smith 2007): outcomes are drawn from the probabilities themselves. Bins as in
    `metrics.expected_calibration_error`.

    Args:
        probability: of the best guess, shape (n,), in any order.
        seed: of the draws.
    """
    p = np.sort(probability)
    generator = np.random.default_rng(seed)
    place = np.searchsorted(np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1], p, side="left")
    expected = np.bincount(place, p, CALIBRATION_BINS)
    errors = [
        np.abs(np.bincount(place[generator.random(len(p)) < p], minlength=CALIBRATION_BINS) - expected).sum() / len(p)
        for _ in range(_DRAWS)
    ]
    return float(np.quantile(errors, 0.95))


def thinned(points: Sequence[RiskPoint], rows: int) -> tuple[RiskPoint, ...]:
    """At most `CURVE_POINTS` of a risk-coverage curve over `rows` rows, from where it means something.

    Of each percent of the coverage the last point stays, so the one where everything is routed always does; the first
    ones, of too few rows for a share, are left out.
    """
    chosen: dict[int, RiskPoint] = {}
    for point in points:
        n = round(point.coverage * rows)
        low, high = wilson_interval(round(point.error * n), n)
        if high - low <= WIDEST:
            chosen[int(point.coverage * CURVE_POINTS - 1e-9)] = point
    return tuple(chosen[place] for place in sorted(chosen))
