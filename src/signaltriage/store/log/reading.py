"""What the log has, for the stages of a run: signals to decide on, all signals, searches, and where they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    exists,
    func,
    select,
)

from signaltriage.gap_types import SearchEvent
from signaltriage.store.log.columns import Moment
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.merging import KEYS_AT_ONCE
from signaltriage.store.log.records import RunStage, SourceCounts, StoredSearch, StoredSignal
from signaltriage.store.log.results import ASSIGNMENTS, CORRECTIONS, DECISIONS, KEEPSAKES, THEME_EVENTS, THEME_STATES
from signaltriage.store.log.schema import SIGNALS, VERSIONS
from signaltriage.theme_types import ThemeChange
from signaltriage.types import Signal

BATCH: Final = 2_000
_VIEWS: Final = MetaData()
CURRENT: Final = Table(
    "v_current",
    _VIEWS,
    Column("source", Text),
    Column("source_id", Text),
    *(Column(column.name, column.type) for column in VERSIONS.columns),
)
"""The current version of each signal."""
SEARCHES_NOW: Final = Table(
    "v_searches",
    _VIEWS,
    *(Column(name, Integer) for name in ("id", "results", "times")),
    *(Column(name, Text) for name in ("source", "key", "query", "asker", "session", "clicked", "row_id")),
    Column("time", Moment),
)
RUNS_NOW: Final = Table(
    "v_runs",
    _VIEWS,
    Column("run", Integer),
    Column("first_event", Integer),
    *(Column(name, Text) for name in ("command", "stage", "outcome", "counts")),
    *(Column(name, Moment) for name in ("started_at", "ended_at")),
)


def undecided(
    log: FrictionLog, model_version: str, rules_digest: str = "", *, batch: int = BATCH
) -> Iterator[list[StoredSignal]]:
    """Current signals that this model with these rules has not decided on, in batches, oldest version first.

    Each batch is read in a transaction of its own: decisions may be appended in between. Signals without text are
    among them: they too must be accounted for.
    """
    decided = exists().where(
        DECISIONS.c.version_id == CURRENT.c.id,
        DECISIONS.c.model_version == model_version,
        DECISIONS.c.rules_digest == rules_digest,
    )
    yield from _paged(log, select(CURRENT).where(~decided), batch)


def count_undecided(log: FrictionLog, model_version: str, rules_digest: str = "") -> int:
    """How many `undecided` would give."""
    decided = exists().where(
        DECISIONS.c.version_id == CURRENT.c.id,
        DECISIONS.c.model_version == model_version,
        DECISIONS.c.rules_digest == rules_digest,
    )
    with log.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(CURRENT).where(~decided)).scalar_one())


def current_signals(log: FrictionLog, *, batch: int = BATCH) -> Iterator[list[StoredSignal]]:
    """All signals as they are now, in batches, oldest version first; also those without text."""
    yield from _paged(log, select(CURRENT), batch)


def current_by_name(log: FrictionLog, asked: Sequence[tuple[str, str]]) -> dict[str, StoredSignal]:
    """Current signals by `StoredSignal.name`, of those asked for by source and id there; unknown ones are left out."""
    by_source: dict[str, list[str]] = {}
    for source, id in sorted(set(asked)):
        by_source.setdefault(source, []).append(id)
    found = {}
    with log.reading() as connection:
        for source, ids in by_source.items():
            for start in range(0, len(ids), KEYS_AT_ONCE):
                here = and_(CURRENT.c.source == source, CURRENT.c.source_id.in_(ids[start : start + KEYS_AT_ONCE]))
                for row in connection.execute(select(CURRENT).where(here)).mappings():
                    one = signal_from(row)
                    found[one.name] = one
    return found


def living_themes(log: FrictionLog) -> list[dict[str, Any]]:
    """The themes that live, as the last run that changed them left them: plain data, the largest first."""
    newest = select(func.max(THEME_STATES.c.id)).group_by(THEME_STATES.c.theme_id)
    states = select(THEME_STATES.c.record).where(THEME_STATES.c.id.in_(newest), THEME_STATES.c.alive)
    order = (THEME_STATES.c.size.desc(), THEME_STATES.c.theme_id)
    with log.reading() as connection:
        return [json.loads(row.record) for row in connection.execute(states.order_by(*order))]


def known_teams(log: FrictionLog) -> set[str]:
    """Teams that a model has guessed in this log, or a person has named."""
    with log.reading() as connection:
        guessed = connection.execute(select(DECISIONS.c.best_guess).distinct()).scalars()
        named = connection.execute(select(CORRECTIONS.c.team).distinct()).scalars()
        return {*guessed, *named} - {""}


def theme_changes(log: FrictionLog, run: int) -> list[ThemeChange]:
    """What a run made happen to themes, in order."""
    events = select(THEME_EVENTS).where(THEME_EVENTS.c.run_id == run).order_by(THEME_EVENTS.c.id)
    with log.reading() as connection:
        rows = connection.execute(events).all()
    return [ThemeChange(row.kind, row.theme_id, tuple(json.loads(row.others)), row.reason) for row in rows]


def current_searches(log: FrictionLog) -> list[StoredSearch]:
    """All searches as they are now, in the order they were captured in; forgotten ones have no query."""
    with log.reading() as connection:
        rows = connection.execute(select(SEARCHES_NOW).order_by(SEARCHES_NOW.c.id)).mappings()
        return [StoredSearch(row["id"], row["source"], _event(row)) for row in rows]


def keepsake(log: FrictionLog, name: str) -> bytes | None:
    """What a run kept under this name for the next one; None where there is nothing."""
    with log.reading() as connection:
        found = connection.execute(select(KEEPSAKES.c.data).where(KEEPSAKES.c.name == name)).scalar()
        return None if found is None else bytes(found)


def source_counts(log: FrictionLog) -> list[SourceCounts]:
    """Where the signals of each source stand, by the newest decision on their current wording, sorted by source."""
    # Joined as whole tables: a look-up for each signal takes PostgreSQL minutes where the log is large.
    newest = select(func.max(DECISIONS.c.id).label("id"), DECISIONS.c.version_id).group_by(DECISIONS.c.version_id)
    placed = select(func.max(ASSIGNMENTS.c.id).label("id"), ASSIGNMENTS.c.signal_id).group_by(ASSIGNMENTS.c.signal_id)
    said = select(CORRECTIONS.c.signal_id).distinct().subquery()
    last, put, decision, place = newest.subquery(), placed.subquery(), DECISIONS.alias("d"), ASSIGNMENTS.alias("a")
    joined = (
        CURRENT.outerjoin(last, last.c.version_id == CURRENT.c.id)
        .outerjoin(decision, decision.c.id == last.c.id)
        .outerjoin(put, put.c.signal_id == CURRENT.c.signal_id)
        .outerjoin(place, place.c.id == put.c.id)
        .outerjoin(said, said.c.signal_id == CURRENT.c.signal_id)
    )
    corrected = said.c.signal_id.is_not(None)
    undecided_now = and_(decision.c.id.is_(None), ~corrected)
    held_now = and_(~corrected, decision.c.outcome == "needs_human")
    query = (
        select(
            CURRENT.c.source,
            func.count().label("signals"),
            func.count().filter(undecided_now).label("undecided"),
            func.count().filter(and_(~corrected, decision.c.outcome == "routed")).label("routed"),
            func.count().filter(held_now).label("needs_human"),
            func.count().filter(corrected).label("corrected"),
            func.count().filter(place.c.theme_id != "").label("in_theme"),
            func.count().filter(place.c.theme_id == "").label("in_no_theme"),
            func.count().filter(place.c.id.is_(None)).label("unassigned"),
            func.min(CURRENT.c.created_at, type_=Moment).filter(undecided_now).label("oldest_undecided"),
            func.min(CURRENT.c.created_at, type_=Moment).filter(held_now).label("oldest_needs_human"),
            func.count().filter(and_(CURRENT.c.text == "", CURRENT.c.title == "")).label("without_text"),
        )
        .select_from(joined)
        .group_by(CURRENT.c.source)
    )
    with log.reading() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        versions = _versions_by_source(connection)
    return sorted((SourceCounts(**row, versions=versions[row["source"]]) for row in rows), key=lambda c: c.source)


def run_stages(log: FrictionLog, runs: int = 20) -> list[RunStage]:
    """The stages of the last runs, newest run first, each in the order it was begun; the run itself before them."""
    last = select(RUNS_NOW.c.run).distinct().order_by(RUNS_NOW.c.run.desc()).limit(runs).subquery()
    query = select(RUNS_NOW).where(RUNS_NOW.c.run.in_(select(last.c.run)))
    query = query.order_by(RUNS_NOW.c.run.desc(), RUNS_NOW.c.first_event)
    with log.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [
        RunStage(
            row["run"],
            row["command"],
            row["stage"],
            row["started_at"],
            row["ended_at"],
            row["outcome"],
            json.loads(row["counts"] or "{}"),
        )
        for row in rows
    ]


def signal_from(row: RowMapping) -> StoredSignal:
    """A row of `v_current` as a record."""
    same = ("text", "created_at", "audience", "source", "title", "author", "link", "status", "team", "assignee")
    record = Signal(
        id=row["source_id"],
        **{name: row[name] for name in same},
        tags=tuple(json.loads(row["tags"])),
        thread=row["thread"],
        updated_at=row["updated_at"],
    )
    return StoredSignal(row["id"], row["signal_id"], record)


def _paged(log: FrictionLog, query: Select[Any], batch: int) -> Iterator[list[StoredSignal]]:
    after = 0
    while True:
        with log.reading() as connection:
            page = query.where(CURRENT.c.id > after).order_by(CURRENT.c.id).limit(batch)
            rows = connection.execute(page).mappings().all()
        if not rows:
            return
        yield [signal_from(row) for row in rows]
        after = rows[-1]["id"]


def _versions_by_source(connection: Connection) -> dict[str, int]:
    joined = SIGNALS.join(VERSIONS, VERSIONS.c.signal_id == SIGNALS.c.id)
    query = select(SIGNALS.c.source, func.count()).select_from(joined).group_by(SIGNALS.c.source)
    return {source: int(n) for source, n in connection.execute(query)}


def _event(row: RowMapping) -> SearchEvent:
    return SearchEvent(
        query=row["query"],
        results=row["results"],
        user=row["asker"],
        time=row["time"],
        session=row["session"],
        clicked=row["clicked"],
        id=row["row_id"],
        times=row["times"],
    )
