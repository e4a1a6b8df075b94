"""What a run found in all signals and searches: themes, who is in them, gaps. Added where it differs from before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, func, select

from signaltriage.gap_types import KnowledgeGap, QueryVerdict
from signaltriage.store.log.columns import as_json, keyable, moment_text, storable
from signaltriage.store.log.engine import FrictionLog, insert, next_id
from signaltriage.store.log.records import FoundGaps, FoundThemes, name_of
from signaltriage.store.log.results import (
    ASSIGNMENTS,
    GAPS,
    KEEPSAKES,
    THEME_EVENTS,
    THEME_STATES,
    THEMES,
    VERDICTS,
)
from signaltriage.store.log.schema import SIGNALS
from signaltriage.theme_types import Assignment, Owner, Theme, ThemeChange

MIN_MOVE: Final = 0.005
"""Cosine. A signal whose similarity to its theme changes by less stands where it stood: every new signal moves the
centres a little."""
_STATE = ("id", "run_id", "theme_id", "alive", "name", "area", "owner", "trend", "size", "share", "record")
_GAP = (
    *("id", "run_id", "gap_id", "open", "kind", "name", "title", "article_id", "action", "owner", "demand"),
    *("searches", "rank", "priority", "record"),
)
_VERDICT = (
    *("query", "verdict", "article_id", "gap_id", "folded", "why", "demand", "searches", "answer_probability"),
    "similarity",
)


def append_themes(log: FrictionLog, found: FoundThemes, run: int | None, at: datetime) -> None:
    """Add what a run found, in one transaction: themes, what happened to them, assignments, and what it keeps.

    A theme that lived and is not among those given is noted as gone. Signals that are not given stay where they are.

    Raises:
        KeyError: an assignment names a signal that the log does not have.
    """
    with log.writing() as connection:
        _add_themes(connection, found.themes, run, at)
        _add_states(connection, found.themes, run)
        _add_changes(connection, found.changes, run, at)
        _add_assignments(connection, found.assignments, run)
        _keep(connection, found.keepsakes, run, at)


def append_gaps(log: FrictionLog, found: FoundGaps, run: int | None) -> None:
    """Add what a run found, in one transaction: gaps, and the verdict on each query as typed.

    A gap that was open and is not among those given is noted as closed.
    """
    with log.writing() as connection:
        _add_gaps(connection, found.gaps, run)
        _add_verdicts(connection, found.queries, run)


def keep(log: FrictionLog, name: str, data: bytes, run: int | None, at: datetime) -> None:
    """Keep something for the next run, in the place of what was kept under that name. It must hold no texts."""
    with log.writing() as connection:
        _keep(connection, {name: data}, run, at)


def latest(connection: Connection, table: Table, by: str) -> dict[Any, Row[Any]]:
    """The last row of each value of a column."""
    last = select(func.max(table.c.id)).group_by(table.c[by])
    return {row._mapping[by]: row for row in connection.execute(select(table).where(table.c.id.in_(last)))}


def _add_themes(connection: Connection, themes: Sequence[Theme], run: int | None, at: datetime) -> None:
    there = set(connection.execute(select(THEMES.c.id)).scalars())
    new = [(theme.id, run, moment_text(at)) for theme in themes if theme.id not in there]
    insert(connection, THEMES, ("id", "run_id", "at"), new)


def _add_states(connection: Connection, themes: Sequence[Theme], run: int | None) -> None:
    before = latest(connection, THEME_STATES, "theme_id")
    rows: list[tuple[Any, ...]] = []
    for theme in sorted(themes, key=lambda theme: theme.id):
        state = _state_row(theme)
        if theme.id not in before or _values(before[theme.id], _STATE[2:]) != state:
            rows.append(state)
    living = {theme.id for theme in themes}
    gone = (row for id, row in sorted(before.items()) if id not in living and row.alive)
    rows += [(row.theme_id, False, *_values(row, _STATE[4:])) for row in gone]
    first = next_id(connection, THEME_STATES)
    insert(connection, THEME_STATES, _STATE, [(first + i, run, *row) for i, row in enumerate(rows)])


def _add_changes(connection: Connection, changes: Sequence[ThemeChange], run: int | None, at: datetime) -> None:
    first = next_id(connection, THEME_EVENTS)
    rows = [
        (first + i, run, c.kind, c.theme_id, as_json(list(c.others)), storable(c.reason), moment_text(at))
        for i, c in enumerate(changes)
    ]
    insert(connection, THEME_EVENTS, ("id", "run_id", "kind", "theme_id", "others", "reason", "at"), rows)


def _add_assignments(connection: Connection, assignments: Sequence[Assignment], run: int | None) -> None:
    query = select(SIGNALS.c.id, SIGNALS.c.source, SIGNALS.c.source_id)
    signals = {name_of(source, id): number for number, source, id in connection.execute(query)}
    before = latest(connection, ASSIGNMENTS, "signal_id")
    rows = []
    for one in sorted(assignments, key=lambda one: signals[one.id]):
        row = (signals[one.id], one.theme_id or "", one.nearest or "", float(one.similarity))
        last = before.get(row[0])
        moved = last is None or (last.theme_id, last.nearest) != row[1:3] or abs(last.similarity - row[3]) >= MIN_MOVE
        if moved:
            rows.append(row)
    first = next_id(connection, ASSIGNMENTS)
    columns = ("id", "run_id", "signal_id", "theme_id", "nearest", "similarity")
    insert(connection, ASSIGNMENTS, columns, [(first + i, run, *row) for i, row in enumerate(rows)])


def _keep(connection: Connection, keepsakes: Mapping[str, bytes], run: int | None, at: datetime) -> None:
    for name, data in sorted(keepsakes.items()):
        connection.execute(delete(KEEPSAKES).where(KEEPSAKES.c.name == name))
        connection.execute(KEEPSAKES.insert(), {"name": name, "run_id": run, "data": data, "at": at})


def _add_gaps(connection: Connection, gaps: Sequence[KnowledgeGap], run: int | None) -> None:
    before = latest(connection, GAPS, "gap_id")
    rows: list[tuple[Any, ...]] = []
    for rank, gap in enumerate(gaps, start=1):
        row = _gap_row(gap, rank)
        last = before.get(gap.id)
        if last is None or _values(last, _GAP[2:]) != row:
            rows.append(row)
    open_now = {gap.id for gap in gaps}
    closed = (row for id, row in sorted(before.items()) if id not in open_now and row.open)
    rows += [(row.gap_id, False, *_values(row, _GAP[4:])) for row in closed]
    first = next_id(connection, GAPS)
    insert(connection, GAPS, _GAP, [(first + i, run, *row) for i, row in enumerate(rows)])


def _add_verdicts(connection: Connection, queries: Sequence[QueryVerdict], run: int | None) -> None:
    before = latest(connection, VERDICTS, "query")
    rows = []
    for one in queries:
        row = (
            *(storable(one.query), one.verdict, storable(one.article_id), one.gap_id, storable(one.folded)),
            *(storable(one.why), one.demand, one.searches, float(one.answer_probability), float(one.similarity)),
        )
        last = before.get(row[0])
        if last is None or _values(last, _VERDICT) != row:
            rows.append(row)
    first = next_id(connection, VERDICTS)
    columns = ("id", "run_id", *_VERDICT)
    insert(connection, VERDICTS, columns, [(first + i, run, *row) for i, row in enumerate(rows)])


def _state_row(theme: Theme) -> tuple[Any, ...]:
    return (
        *(theme.id, True, storable(theme.name), storable(theme.area), _owner(theme.owner), theme.trend.kind),
        *(theme.size, float(theme.share), as_json(asdict(theme))),
    )


def _gap_row(gap: KnowledgeGap, rank: int) -> tuple[Any, ...]:
    return (
        *(keyable(gap.id), True, gap.kind, storable(gap.name), storable(gap.title), storable(gap.article_id)),
        *(storable(gap.action), _owner(gap.owner), gap.demand, gap.searches, rank, float(gap.priority)),
        as_json(asdict(gap)),
    )


def _values(row: Row[Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row._mapping[name] for name in names)


def _owner(owner: Owner | None) -> str:
    return storable(owner.team or "") if owner is not None else ""
