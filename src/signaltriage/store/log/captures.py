"""Captured files into the log: batch by batch, rows and their counts in one transaction.

A capture that was killed goes on after its last batch. Two processes that capture the same file at the same time work
on the same capture: whoever is first with a batch writes it, the other passes it over. So a ledger is always exact.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, select

from signaltriage.log_types import Ledger
from signaltriage.store.log.columns import as_json, moment_text, storable
from signaltriage.store.log.engine import FrictionLog, insert, next_id
from signaltriage.store.log.merging import SEARCH_COLUMNS, VERSION_COLUMNS, Merged, merge, prepare
from signaltriage.store.log.records import Batch, Begun, CaptureFacts
from signaltriage.store.log.schema import BATCHES, CAPTURES, REJECTED, SEARCHES, SIGNALS, SKIPPED, VERSIONS

_CAPTURE_COLUMNS = [column.name for column in CAPTURES.columns]
_BATCH_COLUMNS = [column.name for column in BATCHES.columns]


def repeated(log: FrictionLog, facts: CaptureFacts, at: datetime) -> Begun | None:
    """Account for a file that was captured whole before; None where it was not, and must be read.

    A run that was stopped after it had captured the file does not account for it again when it is gone on with.
    """
    with log.reading() as connection:
        done = _of_this_run(connection, facts)
        if done is not None:
            return done
        if _whole(connection, facts) is None:
            return None
    return begin(log, facts, at)


def begin(log: FrictionLog, facts: CaptureFacts, at: datetime) -> Begun:
    """Begin to capture a file, go on with a capture that did not come to its end, or account for a repeated one."""
    with log.writing() as connection:
        whole = _whole(connection, facts)
        if whole is not None:
            return _repeat(connection, facts, whole, at)
        started = _unfinished(connection, facts)
        if started is not None:
            return started
        number = next_id(connection, CAPTURES)
        insert(connection, CAPTURES, _CAPTURE_COLUMNS, [_capture_row(number, facts, None, at)])
        return Begun(number, 0, 0, reader=facts.reader, how=facts.how)


def append_batch(log: FrictionLog, capture: int, number: int, batch: Batch, at: datetime) -> Ledger | None:
    """Add a batch of a capture, all of it or nothing; batches are numbered from 1.

    Returns:
        What became of it; None where another process had already added it, or more than one is missing before it.
    """
    prepared = prepare(batch.found)  # before the lock is taken: others may write meanwhile
    with log.writing() as connection:
        if _batches(connection, capture) != number - 1:
            return None
        merged = merge(connection, prepared)
        _insert_merged(connection, merged, capture, number)
        _insert_places(connection, batch, capture, number)
        became = (merged.new, merged.duplicate, merged.changed)
        counts = (batch.read, *became, len(batch.skipped), len(batch.rejected))
        row = (capture, number, *counts, batch.last, as_json(dict(batch.redactions)), moment_text(at))
        insert(connection, BATCHES, _BATCH_COLUMNS, [row])
        skipped = Counter(one.reason for one in batch.skipped)
        return Ledger(batch.read, *became, skipped=tuple(skipped.most_common()), rejected=len(batch.rejected))


def progress(log: FrictionLog, capture: int) -> tuple[int, int, bool]:
    """Of a capture: batches committed, items in them, whether the last one is among them."""
    query = select(func.count(), func.coalesce(func.sum(BATCHES.c.read), 0), func.count().filter(BATCHES.c.last))
    with log.reading() as connection:
        batches, items, last = connection.execute(query.where(BATCHES.c.capture_id == capture)).one()
    return int(batches), int(items), bool(last)


def _batches(connection: Connection, capture: int) -> int:
    query = select(func.count()).select_from(BATCHES).where(BATCHES.c.capture_id == capture)
    return int(connection.execute(query).scalar_one())


def _whole(connection: Connection, facts: CaptureFacts) -> RowMapping | None:
    """The first capture that has read this file to its end, in this way."""
    ended = exists().where(and_(BATCHES.c.capture_id == CAPTURES.c.id, BATCHES.c.last))
    query = select(CAPTURES).where(_same(facts), ended).order_by(CAPTURES.c.id).limit(1)
    return connection.execute(query).mappings().first()


def _of_this_run(connection: Connection, facts: CaptureFacts) -> Begun | None:
    """What the run itself captured before it was stopped: the same file from the same place, to its end."""
    if facts.run is None:
        return None
    ended = exists().where(and_(BATCHES.c.capture_id == CAPTURES.c.id, BATCHES.c.last))
    here = (CAPTURES.c.run_id == facts.run, CAPTURES.c.path == storable(facts.path))
    same = (CAPTURES.c.sha256 == facts.sha256, CAPTURES.c.settings == facts.settings)
    named = CAPTURES.c.source == storable(facts.source)
    found = connection.execute(select(CAPTURES).where(*here, *same, named, ended).limit(1)).mappings().first()
    if found is None:
        return None
    counts = select(func.count(), func.coalesce(func.sum(BATCHES.c.read), 0))
    batches, items = connection.execute(counts.where(BATCHES.c.capture_id == found["id"])).one()
    return Begun(found["id"], int(batches), int(items), found["same_as"], found["reader"], found["how"])


def _unfinished(connection: Connection, facts: CaptureFacts) -> Begun | None:
    query = select(CAPTURES).where(_same(facts)).order_by(CAPTURES.c.id).limit(1)
    found = connection.execute(query).mappings().first()
    if found is None:
        return None
    counts = select(func.count(), func.coalesce(func.sum(BATCHES.c.read), 0))
    batches, items = connection.execute(counts.where(BATCHES.c.capture_id == found["id"])).one()
    return Begun(found["id"], int(batches), int(items), reader=found["reader"], how=found["how"])


def _same(facts: CaptureFacts) -> ColumnElement[bool]:
    return and_(
        CAPTURES.c.sha256 == facts.sha256,
        CAPTURES.c.settings == facts.settings,
        CAPTURES.c.source == storable(facts.source),
        CAPTURES.c.same_as.is_(None),
    )


def _repeat(connection: Connection, facts: CaptureFacts, whole: RowMapping, at: datetime) -> Begun:
    """A capture of one batch: all that the first one found is in the log, skipped and rejected rows are its own."""
    sums = [func.sum(column) for column in (BATCHES.c.read, BATCHES.c.skipped, BATCHES.c.rejected)]
    read, skipped, rejected = map(
        int, connection.execute(select(*sums).where(BATCHES.c.capture_id == whole["id"])).one()
    )
    number = next_id(connection, CAPTURES)
    insert(connection, CAPTURES, _CAPTURE_COLUMNS, [_capture_row(number, facts, whole, at)])
    counts = (read, 0, read - skipped - rejected, 0, skipped, rejected)
    insert(connection, BATCHES, _BATCH_COLUMNS, [(number, 1, *counts, True, "{}", moment_text(at))])
    return Begun(number, 1, read, whole["id"], whole["reader"], whole["how"])


def _capture_row(number: int, facts: CaptureFacts, whole: RowMapping | None, at: datetime) -> list[object]:
    reader, how = (facts.reader, facts.how) if whole is None else (whole["reader"], whole["how"])
    row = {
        **{"id": number, "run_id": facts.run, "path": storable(facts.path), "name": storable(facts.name)},
        **{"sha256": facts.sha256, "size": facts.size, "source": storable(facts.source), "audience": facts.audience},
        **{"mapping": storable(facts.mapping), "reader": storable(reader), "how": storable(how)},
        **{"settings": facts.settings, "key_fingerprint": facts.key_fingerprint, "keep_pii": facts.keep_pii},
        **{"version": facts.version, "same_as": None if whole is None else whole["id"], "started_at": moment_text(at)},
    }
    return [row[name] for name in _CAPTURE_COLUMNS]


def _insert_merged(connection: Connection, merged: Merged, capture: int, number: int) -> None:
    signals = [(id, *key, capture, number) for id, key in merged.signals]
    insert(connection, SIGNALS, ["id", "source", "source_id", "capture_id", "batch"], signals)
    first = next_id(connection, VERSIONS)
    versions = [(first + i, id, capture, number, *row.values) for i, (id, row) in enumerate(merged.versions)]
    insert(connection, VERSIONS, ["id", "signal_id", "capture_id", "batch", *VERSION_COLUMNS], versions)
    first = next_id(connection, SEARCHES)
    searches = [(first + i, *row.key, capture, number, *row.values) for i, row in enumerate(merged.searches)]
    insert(connection, SEARCHES, ["id", "source", "key", "capture_id", "batch", *SEARCH_COLUMNS], searches)


def _insert_places(connection: Connection, batch: Batch, capture: int, number: int) -> None:
    if batch.skipped:
        first = next_id(connection, SKIPPED)
        insert(
            connection,
            SKIPPED,
            ["id", "capture_id", "batch", "place", "reason"],
            [(first + i, capture, number, storable(s.place), storable(s.reason)) for i, s in enumerate(batch.skipped)],
        )
    if batch.rejected:
        first = next_id(connection, REJECTED)
        insert(
            connection,
            REJECTED,
            ["id", "capture_id", "batch", "place", "reason", "raw"],
            [
                (first + i, capture, number, storable(r.place), storable(r.reason), storable(r.raw))
                for i, r in enumerate(batch.rejected)
            ],
        )
