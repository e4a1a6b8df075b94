"""What replays of real text are drawn from, and the drawing of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.sets import ROOT, data_root
from signaltriage.themes.trend_periods import Period, timeline

BEFORE: Final = 24
"""Periods before a change."""
START: Final = np.datetime64("2025-01-06T00:00:00", "s")
SECONDS: Final[dict[Period, int]] = {"day": 86_400, "week": 7 * 86_400}

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Pool:
    """What replays of a set are drawn from."""

    period: Period
    share: FloatArray
    """Of each theme among all rows, shape (themes,)."""
    volumes: IntArray
    """Signals in each of the set's own whole periods."""
    restless: float
    """The set's own over-dispersion."""

    @property
    def n_themes(self) -> int:
        """How many themes there are."""
        return len(self.share)


@dataclass(frozen=True)
class Replay:
    """A history: times in order, and themes."""

    times: NDArray[np.datetime64]
    themes: IntArray

    def until(self, periods: int, seconds: int) -> Replay:
        """The history as it stood after so many periods."""
        end = int(np.searchsorted(self.times, START + np.timedelta64(periods * seconds, "s")))
        return Replay(self.times[:end], self.themes[:end])


def _twitter() -> tuple[pd.Series, pd.Series, Period]:
    frame = pd.read_csv(data_root() / "themes/twitter_us_airline.csv", dtype=str, keep_default_na=False)
    return frame["negativereason"], pd.to_datetime(frame["tweet_created"], format="%d-%m-%Y %H.%M"), "day"


def _sumo() -> tuple[pd.Series, pd.Series, Period]:
    parts = [
        pd.read_csv(data_root() / f"routing/sumo_firefox/{part}.csv", dtype=str, keep_default_na=False)
        for part in ("train", "test")
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame["topic"], pd.to_datetime(frame["created"], utc=True, format="mixed").dt.tz_localize(None), "week"


def _training() -> tuple[pd.Series, pd.Series, Period]:
    """Without the signals of its planted stories: those are what a test should find, not the noise it works in."""
    frame = pd.read_csv(ROOT / "training_data/signals.csv", dtype=str, keep_default_na=False)
    stories = tomllib.loads((ROOT / "training_data/stories.toml").read_text(encoding="utf-8"))["story"]
    frame = frame[~frame["id"].isin({id for story in stories for id in story["signal_ids"]})]
    return frame["team"], pd.to_datetime(frame["created_at"], utc=True).dt.tz_localize(None), "week"


SETS: Final[dict[str, Callable[[], tuple[pd.Series, pd.Series, Period]]]] = {
    "twitter_us_airline": _twitter,
    "sumo_firefox": _sumo,
    "signaltriage-training-data": _training,
}


def pool_of(name: str) -> Pool:
    """Read a set. Raises FileNotFoundError."""
    labels, times, period = SETS[name]()
    codes, names = pd.factorize(labels, sort=True)
    line = timeline(times.to_numpy().astype("datetime64[s]"), codes.astype(np.int64), len(names), period)
    whole = slice(1, -1)
    counts, totals = line.counts[:, whole].astype(np.float64), line.totals[whole]
    share = np.bincount(codes, minlength=len(names)) / len(codes)
    return Pool(period, share, totals, restlessness(counts, totals))


def restlessness(counts: FloatArray, totals: IntArray) -> float:
    """The `a` of variance = m + a·m² of a usual theme of one and more a period; 0 where counts are Poisson.

    By moments, from the differences of successive periods, so that what grows slowly is not taken for restless. Not by
    the product's own estimate, which is what is on trial.
    """
    counts = counts[counts.mean(axis=1) >= 1]
    rate, size = counts / totals, counts.mean(axis=1)
    room = 1 / (1 / totals[:-1] + 1 / totals[1:])
    spread = (np.diff(rate, axis=1) ** 2 * room).mean(axis=1) / rate.mean(axis=1)
    of_poisson = 1 - rate.mean(axis=1)  # given the totals, a count is binomial
    return max(0.0, float(np.median((spread / of_poisson - 1) / size)))


def replay(pool: Pool, periods: int, restless: float, planted: int | None, rng: np.random.Generator) -> Replay:
    """Draw a history; the planted theme doubles from period `BEFORE` on.

    As many rows of each theme as the counts say, with replacement; of a row, a trend sees its theme and its time only.
    """
    seconds, k = SECONDS[pool.period], pool.n_themes
    weight = np.repeat(pool.share[:, None], periods, axis=1)
    if restless:
        weight = weight * rng.gamma(1 / restless, restless, (k, periods))
    if planted is not None:
        weight[planted, BEFORE:] *= 2
    n = rng.poisson(rng.choice(pool.volumes, periods) * weight)
    theme, period = (np.repeat(which.ravel(), n.ravel()) for which in np.indices(n.shape))
    seen = period * seconds + rng.integers(0, seconds, len(period))
    order = np.argsort(seen, kind="stable")
    return Replay(START + seen[order].astype("timedelta64[s]"), theme[order].astype(np.int64))


def rule(seen: Replay, pool: Pool) -> NDArray[np.bool_]:
    """The usual rule: 50 % more than the period before."""
    line = timeline(seen.times, seen.themes, pool.n_themes, pool.period)
    last, before = line.counts[:, -1], line.counts[:, -2]
    flagged: NDArray[np.bool_] = (before > 0) & (last >= 1.5 * before)
    return flagged
