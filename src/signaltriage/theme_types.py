"""The records of themes: what recurs, where each signal stands, whose it is, how it moves. Free of behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

TrendKind = Literal["rising", "new", "falling", "recurring", "steady", "unknown"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which theme a signal is in."""

    id: str
    """Of the signal."""
    theme_id: str | None
    """None: in no theme."""
    nearest: str | None
    """The theme it is nearest to, whether it is in it or not; None where there are no themes."""
    similarity: float
    """Cosine to the centre of the nearest theme, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A signal as an example."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in a signal that speaks for something."""

    id: str
    """Of the signal."""
    text: str
    """The words themselves."""
    start: int
    """Where they begin in the signal's text, in characters."""
    end: int


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How often a kind of friction stands in the signals of a theme."""

    kind: str
    signals: int
    share: float
    """Of the theme's signals, 0-1."""
    evidence: tuple[Evidence, ...] = ()
    """Some of the places, at most three."""


@dataclass(frozen=True, slots=True)
class ThemeTrend:
    """How often a theme was heard of, period by period."""

    kind: TrendKind = "unknown"
    p: float | None = None
    """Of the test that the rate is what it was; None where there is too little history to test."""
    since: date | None = None
    """The day the change began."""
    periods: tuple[date, ...] = ()
    """The first day of each period, oldest first."""
    counts: tuple[int, ...] = ()
    """Signals in each period."""
    burst: tuple[date, date] | None = None
    """First and last day of a time, now over, in which a steady theme was heard of far more often, if there was one."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns a theme, and how that is known."""

    team: str | None
    """None: a person must look."""
    probability: float | None
    """Calibrated, 0-1, of the best guess; None where a person said so."""
    best_guess: str
    dissent: float | None
    """Share of the theme's different texts that point to another team, 0-1."""
    reason: str
    by: Literal["model", "person"] = "model"


@dataclass(frozen=True, slots=True)
class Theme:
    """A recurring friction: what many signals have in common."""

    id: str
    """Such as T0001; the same in every later run, and never used again once it is gone."""
    name: str
    keywords: tuple[str, ...]
    description: str
    size: int
    """Signals in it, near-duplicates and all."""
    share: float
    """Of all signals, 0-1."""
    area: str
    """The area it belongs to: several themes that are about one thing."""
    first_seen: datetime | None
    last_seen: datetime | None
    trend: ThemeTrend
    owner: Owner | None
    """None where no model was asked and no person said."""
    exemplars: tuple[Quote, ...]
    """At most three: typical, and unlike one another."""
    edge: Quote | None
    """What it also contains, at its edge."""
    facets: tuple[FacetCount, ...]
    """The most frequent first."""
    hours_lost: float | None
    """Hours that its signals say were lost, summed; None where none says so."""
    hours_signals: int
    """How many of them say so."""
    audiences: tuple[tuple[str, int], ...]
    """Signals of each audience, most first."""


@dataclass(frozen=True, slots=True)
class ThemeChange:
    """Something that happened to a theme from one run to the next."""

    kind: str
    """birth, death, split, merge, … or what a person did."""
    theme_id: str
    others: tuple[str, ...]
    """Other themes that took part."""
    reason: str


@dataclass(frozen=True, slots=True)
class Workaround:
    """A way around a problem that somebody uses: operational debt."""

    theme_id: str | None
    signal_id: str
    signals: int
    """How many signals say it in the same words."""
    evidence: str
    """The words that say so."""
    text: str
    """The signal."""
