"""The log counted anew: from its rows, and against what a file holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, text

from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import ledgers
from signaltriage.store.log.merging import FORGOTTEN_DIGEST, known_searches, known_signals, prepare
from signaltriage.store.log.reading import signal_from
from signaltriage.store.log.records import CaptureLedger, Found
from signaltriage.store.log.schema import BATCHES, FORGOTTEN, REJECTED, SEARCHES, SIGNALS, SKIPPED, VERSIONS

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up."""

    capture: int
    """0: the log as a whole."""
    name: str
    """Of the file."""
    what: str


def check_rows(log: FrictionLog) -> list[Difference]:
    """Count the rows of every capture, and compare with its ledger; have the database check itself."""
    told = ledgers(log)
    with log.reading() as connection:
        counted = _counted(connection)
        batches = _broken_batches(connection)
        whole = _damage(connection)
    found = [Difference(0, log.name, what) for what in whole]
    for one in told:
        found += [Difference(one.capture, one.name, what) for what in _compared(one, counted)]
        found += [Difference(one.capture, one.name, what) for what in batches.get(one.capture, ())]
    return found


def altered(log: FrictionLog) -> list[Difference]:
    """Signals whose wording is not what it was when it was captured: each has the digest of its words beside it."""
    query = select(SIGNALS.c.source, SIGNALS.c.source_id, VERSIONS).select_from(
        VERSIONS.join(SIGNALS, SIGNALS.c.id == VERSIONS.c.signal_id)
    )
    found: list[Difference] = []
    after = 0
    while True:
        with log.reading() as connection:
            page = query.where(VERSIONS.c.id > after).order_by(VERSIONS.c.id).limit(_AT_ONCE)
            rows = connection.execute(page).mappings().all()
        if not rows:
            return found
        after = rows[-1]["id"]
        told = [row for row in rows if not row["digest"].startswith(FORGOTTEN_DIGEST)]
        records = [signal_from(row).record for row in told]
        again = prepare([Found(row["place"], r, row["source"]) for row, r in zip(told, records, strict=True)])
        found += [
            Difference(row["capture_id"], row["place"], f"{row['source']}:{row['source_id']} was altered since")
            for row, anew in zip(told, again, strict=True)
            if anew.digest != row["digest"]
        ]


def missing(log: FrictionLog, some: Sequence[Found]) -> list[str]:
    """Places of those signals and searches, of some thousands, that the log does not have word for word."""
    prepared = prepare(some)
    with log.reading() as connection:
        forgotten = set(connection.execute(select(FORGOTTEN.c.author)).scalars())
        signals = known_signals(connection, {row.key for row in prepared if not row.is_search})
        searches = known_searches(connection, {row.key for row in prepared if row.is_search})
    places = []
    for one, row in zip(some, prepared, strict=True):
        digests = searches.get(row.key) if row.is_search else signals.get(row.key, (0, set()))[1]
        if not digests or (row.digest not in digests and row.person not in forgotten):
            places.append(one.place)
    return places


def _compared(one: CaptureLedger, counted: dict[str, dict[int, int]]) -> Iterable[str]:
    ledger = one.ledger
    skipped = sum(n for _, n in ledger.skipped)
    if ledger.read != ledger.new + ledger.duplicate + ledger.changed + skipped + ledger.rejected:
        yield "the ledger does not add up: read is not new + duplicate + changed + skipped + rejected"
    source = one.same_as or one.capture
    kinds = {"skipped": skipped, "rejected": ledger.rejected}
    kinds |= {"new": ledger.new, "changed": ledger.changed}
    for kind, n in kinds.items():
        rows = counted[kind].get(source if kind in {"skipped", "rejected"} else one.capture, 0)
        if rows != n:
            yield f"{n:,} {kind} by its ledger, {rows:,} rows"
    if not one.whole:
        yield "was not captured to its end: capture it again"


def _counted(connection: Connection) -> dict[str, dict[int, int]]:
    """By kind and capture: rows."""

    def count(table: Table) -> dict[int, int]:
        query = select(table.c.capture_id, func.count()).group_by(table.c.capture_id)
        return {capture: int(n) for capture, n in connection.execute(query)}

    first = select(func.min(SEARCHES.c.id).label("id")).group_by(SEARCHES.c.source, SEARCHES.c.key).subquery()
    query = select(SEARCHES.c.capture_id, func.count()).join(first, first.c.id == SEARCHES.c.id)
    new_searches = {c: int(n) for c, n in connection.execute(query.group_by(SEARCHES.c.capture_id))}
    signals, versions, searches = count(SIGNALS), count(VERSIONS), count(SEARCHES)
    captures = signals.keys() | versions.keys() | searches.keys()
    new = {c: signals.get(c, 0) + new_searches.get(c, 0) for c in captures}
    changed = {c: versions.get(c, 0) + searches.get(c, 0) - new[c] for c in captures}
    return {"new": new, "changed": changed, "skipped": count(SKIPPED), "rejected": count(REJECTED)}


def _broken_batches(connection: Connection) -> dict[int, list[str]]:
    """Of each capture, what is wrong with its batches."""
    b = BATCHES.c
    query = select(b.capture_id, b.number).where(b.read != b.new + b.duplicate + b.changed + b.skipped + b.rejected)
    found: dict[int, list[str]] = {}
    for capture, number in connection.execute(query):
        found.setdefault(capture, []).append(f"batch {number} does not add up")
    query = select(b.capture_id, func.count()).group_by(b.capture_id).having(func.max(b.number) != func.count())
    for capture, _ in connection.execute(query):
        found.setdefault(capture, []).append("a batch is missing")
    return found


def _damage(connection: Connection) -> list[str]:
    """What the database says of itself, and signals without a version."""
    found = []
    if connection.dialect.name == "sqlite":
        found += [str(row[0]) for row in connection.execute(text("PRAGMA quick_check")) if row[0] != "ok"]
        found += [f"a row of {row[0]} points nowhere" for row in connection.execute(text("PRAGMA foreign_key_check"))]
    empty = select(func.count()).where(~select(VERSIONS.c.id).where(VERSIONS.c.signal_id == SIGNALS.c.id).exists())
    lonely = int(connection.execute(empty.select_from(SIGNALS)).scalar_one())
    return [*found, f"{lonely:,} signals have no version"] if lonely else found
