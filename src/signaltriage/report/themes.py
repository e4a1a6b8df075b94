"""The themes page as plain data: every figure, word and place that it shows. `page` renders it and computes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from signaltriage.report.layout import Layout
from signaltriage.report.sparks import bars, sparkline
from signaltriage.report.theme_words import TRENDS, facet_words, owner_words, span_words, trend_words
from signaltriage.theme_types import Assignment, Evidence, Quote, Theme, ThemeChange, Workaround
from signaltriage.types import Signal

QUOTE_LETTERS = 400
HOVER_LETTERS = 240
POINTS_SHOWN = 50_000
"""A browser stays fluid with so many; of more signals, evenly chosen ones of each theme are on the map."""
WORKAROUNDS_SHOWN = 60
CHANGES_SHOWN = 60
FACETS_SHOWN = 6
_GOLDEN = 137.508
"""Degrees between the hues of one theme and the next: neighbours in the list are never alike."""
_RANKS = {"rising": 5, "new": 4, "recurring": 3, "steady": 2, "falling": 1, "unknown": 0}


@dataclass(frozen=True)
class Found:
    """What a run found: what the page is about. `signals` and `assignments` are in the same order."""

    themes: Sequence[Theme]
    signals: Sequence[Signal]
    assignments: Sequence[Assignment]
    layout: Layout
    changes: Sequence[ThemeChange]
    workarounds: Sequence[Workaround]


@dataclass(frozen=True, slots=True)
class FacetRow:
    """A kind of friction within a theme, in words."""

    words: str
    signals: int
    share: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme as the page shows it."""

    theme: Theme
    hue: int
    """Its colour on the map, in degrees."""
    shade: int
    """0, 1 or 2: how light the colour is."""
    trend: str
    """One word."""
    trend_rank: int
    """To sort by: what wants attention first is highest."""
    trend_words: str
    spark: str
    """Points of a line through the counts, in a box of 100 by 20."""
    bars: str
    """Path of bars of the counts, in a box of 300 by 60."""
    periods: str
    """Which time the bars span, in words."""
    most: int
    """The highest count of a period."""
    owner: str
    """The team, or that a person must look; empty where nobody was asked."""
    owner_words: str
    facets: tuple[FacetRow, ...]
    exemplars: tuple[Quote, ...]
    edge: Quote | None
    seen: str
    workarounds: int


@dataclass(frozen=True)
class ThemesPage:
    """All that the page says."""

    signals: int
    left_over: int
    """Signals in no theme."""
    areas: int
    rising: int
    """Themes that are rising, new or back again."""
    owned: int
    """Themes with an owner."""
    asked: bool
    """Whether anybody owns or could own a theme: a model was asked, or a person said."""
    timed: bool
    """Whether the signals say when."""
    hours_lost: float | None
    rows: tuple[ThemeRow, ...]
    """Largest theme first."""
    changes: tuple[ThemeChange, ...]
    more_changes: int
    """Beyond those shown."""
    workarounds: tuple[tuple[Workaround, str], ...]
    """With the name of the theme; empty: in none."""
    more_workarounds: int
    points: dict[str, Any]
    """The map, as the page's script reads it: columns of equal length, and the themes."""


def themes_page(found: Found) -> ThemesPage:
    """Gather the page; themes are shown in the order in which they are given."""
    debts = Counter(w.theme_id for w in found.workarounds)
    names = {theme.id: theme.name for theme in found.themes}
    rows = tuple(_row(theme, i, debts[theme.id]) for i, theme in enumerate(found.themes))
    hours = [theme.hours_lost for theme in found.themes if theme.hours_lost is not None]
    shown = found.workarounds[:WORKAROUNDS_SHOWN]
    return ThemesPage(
        signals=len(found.signals),
        left_over=sum(a.theme_id is None for a in found.assignments),
        areas=len({theme.area for theme in found.themes}),
        rising=sum(theme.trend.kind in {"rising", "new", "recurring"} for theme in found.themes),
        owned=sum(theme.owner is not None and theme.owner.team is not None for theme in found.themes),
        asked=any(theme.owner is not None for theme in found.themes),
        timed=any(signal.created_at is not None for signal in found.signals),
        hours_lost=round(sum(hours), 1) if hours else None,
        rows=rows,
        changes=tuple(found.changes[:CHANGES_SHOWN]),
        more_changes=max(0, len(found.changes) - CHANGES_SHOWN),
        workarounds=tuple((w, names.get(w.theme_id or "", "")) for w in shown),
        more_workarounds=len(found.workarounds) - len(shown),
        points=_points(found, rows),
    )


def cut(text: str, letters: int) -> str:
    """A text on one line, at most so many letters long."""
    line = " ".join(text.split())
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def _row(theme: Theme, i: int, workarounds: int) -> ThemeRow:
    shown = theme.facets[:FACETS_SHOWN]
    trend = theme.trend
    return ThemeRow(
        theme=theme,
        hue=round(i * _GOLDEN) % 360,
        shade=i % 3,
        trend=TRENDS[trend.kind],
        trend_rank=_RANKS[trend.kind],
        trend_words=trend_words(trend),
        spark=sparkline(trend.counts),
        bars=bars(trend.counts),
        periods=_span(trend.periods),
        most=max(trend.counts, default=0),
        owner="" if theme.owner is None else theme.owner.team or "a person must look",
        owner_words=owner_words(theme.owner),
        facets=tuple(FacetRow(facet_words(f.kind), f.signals, f.share, f.evidence) for f in shown),
        exemplars=tuple(Quote(quote.id, cut(quote.text, QUOTE_LETTERS)) for quote in theme.exemplars),
        edge=None if theme.edge is None else Quote(theme.edge.id, cut(theme.edge.text, QUOTE_LETTERS)),
        seen=span_words(theme.first_seen, theme.last_seen),
        workarounds=workarounds,
    )


def _span(periods: tuple[date, ...]) -> str:
    """The time that bars span: the first and the last period by the day they begin."""
    return f"{periods[0]:%Y-%m-%d} – {periods[-1]:%Y-%m-%d}" if periods else ""


def _points(found: Found, rows: Sequence[ThemeRow]) -> dict[str, Any]:
    number = {row.theme.id: i for i, row in enumerate(rows)}
    layout, places = found.layout, found.layout.points.tolist()
    shown = _shown(found.assignments)
    placed, signals = [found.assignments[i] for i in shown], [found.signals[i] for i in shown]
    return {
        "x": [places[i][0] for i in shown],
        "y": [places[i][1] for i in shown],
        "nearest": [number.get(a.nearest or "", -1) for a in placed],
        "member": [int(a.theme_id is not None) for a in placed],
        "similarity": [round(a.similarity, 2) for a in placed],
        "id": [signal.id for signal in signals],
        "text": [cut(signal.text, HOVER_LETTERS) for signal in signals],
        "themes": [
            {"id": row.theme.id, "name": row.theme.name, "hue": row.hue, "shade": row.shade, "size": row.theme.size}
            | {"x": x, "y": y, "radius": radius}
            for row, (x, y), radius in zip(rows, layout.centres.tolist(), layout.radii.tolist(), strict=True)
        ],
    }


def _shown(assignments: Sequence[Assignment]) -> list[int]:
    """Places of the signals that are on the map: all, or of each theme evenly from the most to the least typical."""
    n = len(assignments)
    if n <= POINTS_SHOWN:
        return list(range(n))
    order = sorted(
        range(n), key=lambda i: (assignments[i].nearest or "", -assignments[i].similarity, assignments[i].id)
    )
    return sorted(order[i * n // POINTS_SHOWN] for i in range(POINTS_SHOWN))
