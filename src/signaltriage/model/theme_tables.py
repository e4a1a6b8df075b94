"""What `signaltriage themes` writes, as frames: themes, assignments, changes, workarounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from signaltriage.theme_types import Assignment, Theme, ThemeChange, Workaround

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 3


def themes_frame(themes: Sequence[Theme]) -> pd.DataFrame:
    """One theme a row; what is not known is an empty cell."""
    return _frame(THEME_COLUMNS, map(_theme, themes))


def assignments_frame(assignments: Iterable[Assignment]) -> pd.DataFrame:
    """One signal a row; `theme_id` is empty where it is in none, `similarity` is that to the nearest theme."""
    return _frame(("id", "theme_id", "similarity"), ((a.id, a.theme_id or "", a.similarity) for a in assignments))


def changes_frame(changes: Iterable[ThemeChange]) -> pd.DataFrame:
    """One change a row."""
    rows = ((c.kind, c.theme_id, " ".join(c.others), c.reason) for c in changes)
    return _frame(("event", "theme_id", "others", "reason"), rows)


def workarounds_frame(workarounds: Iterable[Workaround]) -> pd.DataFrame:
    """One text that tells of a workaround a row."""
    rows = ((w.theme_id or "", w.signal_id, w.signals, w.evidence, w.text) for w in workarounds)
    return _frame(("theme_id", "id", "signals", "evidence", "text"), rows)


THEME_COLUMNS = (
    *("theme_id", "name", "keywords", "size", "share", "first_seen", "last_seen", "trend", "trend_p"),
    *("owner", "owner_probability", *(f"example_{i + 1}" for i in range(EXAMPLES))),
    *("also_contains", "area", "description", "trend_since", "owner_best_guess", "owner_by", "dissent"),
    *("facets", "hours_lost", "audiences", "burst_first_day", "burst_last_day"),
)


def _theme(theme: Theme) -> tuple[object, ...]:
    trend, owner = theme.trend, theme.owner
    examples = [quote.text for quote in theme.exemplars[:EXAMPLES]]
    who: tuple[object, ...] = ("", "", "", "", "")
    if owner is not None:
        who = (owner.team or "", _blank(owner.probability), owner.best_guess, owner.by, _blank(owner.dissent))
    return (
        theme.id,
        theme.name,
        ", ".join(theme.keywords),
        theme.size,
        theme.share,
        _moment(theme.first_seen),
        _moment(theme.last_seen),
        trend.kind,
        _blank(trend.p),
        *who[:2],
        *examples,
        *[""] * (EXAMPLES - len(examples)),
        "" if theme.edge is None else theme.edge.text,
        theme.area,
        theme.description,
        "" if trend.since is None else trend.since.isoformat(),
        *who[2:],
        "; ".join(f"{facet.kind} {facet.signals}" for facet in theme.facets),
        _blank(theme.hours_lost),
        "; ".join(f"{name or 'unknown'} {n}" for name, n in theme.audiences),
        *(("", "") if trend.burst is None else (day.isoformat() for day in trend.burst)),
    )


def _frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([list(row) for row in rows], columns=list(columns), dtype=object)


def _blank(value: float | None) -> object:
    return "" if value is None else value


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
