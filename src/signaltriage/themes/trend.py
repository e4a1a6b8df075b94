"""Which themes are rising, new, falling or back again, beyond what chance and the volume as a whole explain?

Each theme's share of all signals in the most recent periods is held against what it was before. Over all themes the
rate of false discoveries is controlled (Benjamini & Hochberg 1995), at each look: somebody who looks every week and
acts on each finding is wrong in that share of the findings, not in that share of the weeks.

Shares, not counts, are compared, so a period that is not over yet is no fall, and a busy week no rise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from signaltriage.themes.trend_past import bursts
from signaltriage.themes.trend_periods import Period, Timeline, Times, cycle_of, season_of, timeline
from signaltriage.themes.trend_tests import LEAST_BEFORE, WINDOWS, Tails, least_possible, season_factors, tails

TrendKind = Literal["rising", "new", "falling", "recurring", "steady", "unknown"]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_FEW: Final = 0.05
"""Share of a theme's signals that may lie before its beginning without its being any less new."""
_NONE: Final = 0.5
"""What a count is held against where nothing else was said."""
_CALM: Final = 0.5
"""A time was quiet if the share in it was below this part of what it was before and is now."""


@dataclass(frozen=True)
class Trend:
    """How often a theme was heard of, and whether that has changed of late."""

    kind: TrendKind
    """rising | new (nothing like it before) | recurring (it was there, went quiet and is back) | falling | steady (no
    change beyond chance, or none that began in the last eight periods) | unknown (too little history, or too few
    signals to tell)."""
    p: float | None
    """Two-sided p-value of "its share is what it was", adjusted over all themes; None where the kind is unknown."""
    since: date | None
    """The day the change began; None without a change."""
    periods: tuple[date, ...]
    """First day of each period, oldest first."""
    counts: tuple[int, ...]
    """Signals in each period."""
    period: Period = "week"
    partial: bool = False
    """The last period was not over when the last signal came."""


def trends(
    times: Times,
    member_of: IntArray,
    n_themes: int,
    *,
    period: Period | None = None,
    false_discovery: float = 0.05,
) -> list[Trend]:
    """The trend of each theme.

    Args:
        times: when each signal was said, datetime64[s], UTC, shape (n,); NaT where that is not known.
        member_of: theme of each signal, -1 for none, shape (n,). All signals count as volume.
        n_themes: how many themes there are.
        period: day, week or month; chosen from the span and the volume where it is None.
        false_discovery: expected share of false ones among the changes found, 0-1.
    """
    known = ~np.isnat(times)
    if not known.any() or not n_themes:
        return [Trend("unknown", None, None, (), ()) for _ in range(n_themes)]
    order = np.argsort(times[known], kind="stable")
    times, member_of = times[known][order], np.asarray(member_of, dtype=np.int64)[known][order]
    line = timeline(times, member_of, n_themes, period)
    if len(line.totals) <= LEAST_BEFORE:
        return [_plain("unknown", None, line, j) for j in range(n_themes)]
    found, adjusted, able = _tested(line, np.zeros(n_themes, dtype=np.bool_), false_discovery)
    risen = able & (adjusted <= false_discovery) & (found.rise <= found.fall)
    if risen.any():  # what has risen must not make the rest look as if it had fallen
        found, adjusted, able = _tested(line, risen, false_discovery)
    days = times.astype("datetime64[D]")
    out = []
    for j in range(n_themes):
        if not able[j]:
            out.append(_plain("unknown", None, line, j))
        elif adjusted[j] > false_discovery:
            out.append(_plain("steady", round(float(adjusted[j]), 6), line, j))
        else:
            out.append(_changed(line, (days, member_of), j, found, float(adjusted[j])))
    return out


def past_bursts(
    times: Times, member_of: IntArray, n_themes: int, *, period: Period | None = None, false_discovery: float = 0.05
) -> list[tuple[date, date] | None]:
    """Of each theme, the first and last day of a time, now over, in which it was heard of far more often.

    None where there was none beyond chance; false discoveries are controlled over all themes. Arguments: see `trends`.
    """
    known = ~np.isnat(times)
    if not known.any() or not n_themes:
        return [None] * n_themes
    line = timeline(times[known], np.asarray(member_of, dtype=np.int64)[known], n_themes, period)
    found = bursts(line.counts, *_exposure(line, np.zeros(n_themes, dtype=np.bool_), false_discovery))
    solid = stats.false_discovery_control(found.p) <= false_discovery
    ends = np.append(line.starts[1:], line.starts[-1:]) - np.timedelta64(1, "D")  # none reaches into the last period
    days = [(start, end.astype("datetime64[D]").item()) for start, end in zip(line.dates, ends, strict=True)]
    return [(days[found.first[j]][0], days[found.last[j]][1]) if solid[j] else None for j in range(n_themes)]


def _exposure(line: Timeline, risen: NDArray[np.bool_], false_discovery: float) -> tuple[FloatArray, FloatArray]:
    """What each count is held against, shape (themes, p), and its relative variance, shape (themes,).

    It is all other signals of the period, without those of themes that have risen, times what the season brings: were
    a theme held against a volume that it is part of, a doubling of a large one would be less than twice.
    """
    k, p = line.counts.shape
    others = line.totals[None, :] - line.counts
    others = others - line.counts[risen].sum(axis=0)[None, :] + np.where(risen[:, None], line.counts, 0)
    alone = others.sum(axis=1) == 0  # a theme that is all there is: time is what is left to compare with
    exposure = np.where(alone[:, None], line.lengths[None, :], np.maximum(others, _NONE)).astype(np.float64)
    noise = np.where(alone, 0.0, 1 / exposure.mean(axis=1))
    history = p - WINDOWS[-1]
    if history < 2 * cycle_of(line.period):
        return exposure, noise
    season = season_of(line.starts, line.period)
    past = season_factors(
        line.counts[:, :history].astype(np.float64), exposure[:, :history], season[:history], false_discovery
    )
    factors = np.ones((k, p))
    for s in np.unique(season[:history]):
        factors[:, season == s] = past[:, np.flatnonzero(season[:history] == s)[:1]]
    return exposure * factors, noise


def _tested(
    line: Timeline, risen: NDArray[np.bool_], false_discovery: float
) -> tuple[Tails, FloatArray, NDArray[np.bool_]]:
    """The tests, their two-sided p-values adjusted over the themes that could show a change, and which those are."""
    exposure, noise = _exposure(line, risen, false_discovery)
    found = tails(line.counts, exposure, noise)
    able = least_possible(line.counts.sum(axis=1), exposure) <= false_discovery / 2
    adjusted = np.ones(len(able))
    if able.any():
        both = np.minimum(1.0, 2 * np.minimum(found.rise, found.fall))
        adjusted[able] = stats.false_discovery_control(both[able])
    return found, adjusted, able


def _changed(line: Timeline, rows: tuple[Times, IntArray], j: int, found: Tails, p: float) -> Trend:
    """Kind and beginning of a change that the tests have found."""
    days, member_of = rows
    member = member_of == j
    rise = bool(found.rise[j] <= found.fall[j])
    window = int((found.rise_window if rise else found.fall_window)[j])
    oldest = max(0, len(line.totals) - window - max(2, window))
    at = _began(member, int(np.searchsorted(days, line.starts[oldest])), rise)
    kind: TrendKind = _kind_of_rise(line, j, days[at]) if rise else "falling"
    if rise and (fell := _fell_again(line, j, days[at])):
        kind, at = "falling", _began(member, int(np.searchsorted(days, line.starts[fell])), False)
    if len(line.starts) - _place(line, days[at]) > WINDOWS[-1]:
        return _plain("steady", round(p, 6), line, j)
    counts = tuple(line.counts[j].tolist())
    return Trend(kind, round(p, 6), days[at].item(), line.dates, counts, line.period, line.partial)


def _place(line: Timeline, day: np.datetime64) -> int:
    """Number of the period that holds a day."""
    return int(np.searchsorted(line.starts, day, side="right")) - 1


def _fell_again(line: Timeline, j: int, since: np.datetime64) -> int:
    """The period from which a theme that had risen is over again; 0 where it is not.

    Its share in the last one, two or four periods against that since it rose, binomial, corrected for the three looks.
    """
    began, p = _place(line, since), len(line.totals)
    counts, totals = line.counts[j], np.maximum(line.totals, 1)
    for w in (4, 2, 1):
        cut = p - w
        if cut <= began:
            continue
        high, low = int(counts[began:cut].sum()), int(counts[cut:].sum())
        share = totals[cut:].sum() / totals[began:].sum()
        calm = low / totals[cut:].sum() < _CALM * high / totals[began:cut].sum()
        if calm and 3 * stats.binom.cdf(low, high + low, share) <= _FEW:
            return began + 1
    return 0


def _began(member: NDArray[np.bool_], first: int, rise: bool) -> int:
    """Row at which the share of members most likely changed, from row `first` on: binomial likelihood.

    Rows are in order of time. A rise begins with a member, a fall ends after one.
    """
    n, total = len(member), int(member.sum())
    if first <= 0 and not member[:1].all():
        first = 1
    places = np.flatnonzero(member)
    cuts = places if rise else places + 1
    cuts = np.unique(np.clip(cuts[cuts >= first], 1, n - 1))
    if not len(cuts):
        return min(max(first, 0), n - 1)
    before = np.searchsorted(places, cuts, side="left").astype(np.float64)
    after = total - before
    likelihood = _log_likelihood(before, cuts.astype(np.float64)) + _log_likelihood(
        after, (n - cuts).astype(np.float64)
    )
    risen = after / (n - cuts) > before / cuts
    likelihood = np.where(risen == rise, likelihood, -np.inf)
    return int(cuts[int(likelihood.argmax())])


def _log_likelihood(hits: FloatArray, rows: FloatArray) -> FloatArray:
    share = np.clip(hits / np.maximum(rows, 1), 1e-12, 1 - 1e-12)
    return hits * np.log(share) + (rows - hits) * np.log1p(-share)


def _kind_of_rise(line: Timeline, j: int, since: np.datetime64) -> TrendKind:
    """New if there was as good as nothing before; recurring if it was there, then went quiet; else rising."""
    p = len(line.totals)
    began = _place(line, since)
    counts, totals = line.counts[j].astype(np.float64), np.maximum(line.totals.astype(np.float64), 1e-6)
    before = counts[:began].sum()
    if before <= _FEW * counts.sum():
        return "new"
    now = counts[began:].sum() / totals[began:].sum()
    best = None
    for cut in range(1, began - 1):  # it was there up to `cut`, and quiet from then until it began again
        early, quiet = counts[:cut].sum(), counts[cut:began].sum()
        room, room_quiet = totals[:cut].sum(), totals[cut:began].sum()
        share, calm = early / room, quiet / room_quiet
        if calm > _CALM * min(share, now):
            continue
        p_value = float(stats.binom.cdf(quiet, early + quiet, room_quiet / (room + room_quiet))) * p
        best = p_value if best is None else min(best, p_value)
    return "recurring" if best is not None and best <= _FEW else "rising"


def _plain(kind: TrendKind, p: float | None, line: Timeline, j: int) -> Trend:
    return Trend(kind, p, None, line.dates, tuple(line.counts[j].tolist()), line.period, line.partial)
