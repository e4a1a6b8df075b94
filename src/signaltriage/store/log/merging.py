"""Which of the signals and searches of a batch the log has not: new, in another version, or there already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, select

from signaltriage.gap_types import SearchEvent
from signaltriage.store.log.columns import as_json, digest, keyable, moment_text, storable
from signaltriage.store.log.engine import next_id
from signaltriage.store.log.records import Found
from signaltriage.store.log.schema import FORGOTTEN, SEARCHES, SIGNALS, VERSIONS
from signaltriage.types import Signal

KEYS_AT_ONCE: Final = 500
"""Placeholders in one statement: every database takes as many."""
VERSION_COLUMNS: Final = (
    *("place", "digest", "text", "title", "audience", "author", "link", "status", "team", "assignee", "tags"),
    *("thread", "created_at", "updated_at"),
)
SEARCH_COLUMNS: Final = (
    *("place", "digest", "query", "results", "asker", "session", "clicked", "row_id", "times", "time"),
)
FORGOTTEN_DIGEST: Final = "forgotten"

Key = tuple[str, str]
"""Source, and id in it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row of `signal_versions` or `searches` as the database takes it, without what the writer gives it."""

    key: Key
    person: str
    """Author or asker, as stored."""
    digest: str
    values: tuple[Any, ...]
    """In the order of VERSION_COLUMNS or SEARCH_COLUMNS."""
    is_search: bool = False


@dataclass(slots=True)
class Merged:
    """What is to be added, and what became of everything."""

    signals: list[tuple[int, Key]] = field(default_factory=list)
    versions: list[tuple[int, Prepared]] = field(default_factory=list)
    """With the id of the signal."""
    searches: list[Prepared] = field(default_factory=list)
    new: int = 0
    duplicate: int = 0
    changed: int = 0


def prepare(found: Iterable[Found]) -> list[Prepared]:
    """Rows of what was found. No database is asked."""
    return [
        _search_row(one.place, one.record, one.source, one.key)
        if isinstance(one.record, SearchEvent)
        else _version_row(one.place, one.record, one.source)
        for one in found
    ]


def merge(connection: Connection, prepared: Sequence[Prepared]) -> Merged:
    """Compare rows with what the log has, in their order; for the writer only.

    Of a person who was forgotten, the row is kept and the text is not: it counts, and says nothing.
    """
    forgotten = set(connection.execute(select(FORGOTTEN.c.author)).scalars())
    merged = Merged()
    signals = [row for row in prepared if not row.is_search]
    known = known_signals(connection, {row.key for row in signals})
    following = next_id(connection, SIGNALS) if signals else 0
    for row in signals:
        there = known.get(row.key)
        if there is None:
            merged.signals.append((following, row.key))
            known[row.key] = there = (following, set())
            following += 1
        if _counted(merged, there[1], row, forgotten):
            merged.versions.append((there[0], without_texts(row) if row.person in forgotten else row))
    searches = [row for row in prepared if row.is_search]
    seen = known_searches(connection, {row.key for row in searches})
    for row in searches:
        if _counted(merged, seen.setdefault(row.key, set()), row, forgotten):
            merged.searches.append(without_texts(row) if row.person in forgotten else row)
    return merged


def without_texts(row: Prepared) -> Prepared:
    """The row of a person who was forgotten."""
    columns = SEARCH_COLUMNS if row.is_search else VERSION_COLUMNS
    blank: dict[str, Any] = dict.fromkeys(("text", "title", "link", "query", "session", "row_id"), "")
    blank |= {"tags": "[]", "clicked": None, "digest": FORGOTTEN_DIGEST}
    values = tuple(blank.get(name, value) for name, value in zip(columns, row.values, strict=True))
    return Prepared(row.key, row.person, FORGOTTEN_DIGEST, values, row.is_search)


def _counted(merged: Merged, digests: set[str], row: Prepared, forgotten: set[str]) -> bool:
    """Count the row; whether it is to be added."""
    if row.digest in digests or (digests and row.person in forgotten):
        merged.duplicate += 1
        return False
    merged.changed += bool(digests)
    merged.new += not digests
    digests.add(row.digest)
    return True


def known_signals(connection: Connection, keys: set[Key]) -> dict[Key, tuple[int, set[str]]]:
    """Of each signal that the log has: its id, and the digests of its versions."""
    known: dict[Key, tuple[int, set[str]]] = {}
    joined = SIGNALS.join(VERSIONS, VERSIONS.c.signal_id == SIGNALS.c.id)
    query = select(SIGNALS.c.id, SIGNALS.c.source_id, VERSIONS.c.digest).select_from(joined)
    for source, ids in _by_source(keys):
        where = (SIGNALS.c.source == source, SIGNALS.c.source_id.in_(ids))
        for signal, source_id, version in connection.execute(query.where(*where)):
            known.setdefault((source, source_id), (signal, set()))[1].add(version)
    return known


def known_searches(connection: Connection, keys: set[Key]) -> dict[Key, set[str]]:
    """The same of searches: the digests of the rows of one key."""
    known: dict[Key, set[str]] = {}
    query = select(SEARCHES.c.key, SEARCHES.c.digest)
    for source, ids in _by_source(keys):
        where = (SEARCHES.c.source == source, SEARCHES.c.key.in_(ids))
        for key, version in connection.execute(query.where(*where)):
            known.setdefault((source, key), set()).add(version)
    return known


def _by_source(keys: set[Key]) -> Iterator[tuple[str, list[str]]]:
    """Ids by source, in portions that a statement can hold."""
    for source, group in groupby(sorted(keys), key=lambda key: key[0]):
        ids = [id for _, id in group]
        for start in range(0, len(ids), KEYS_AT_ONCE):
            yield source, ids[start : start + KEYS_AT_ONCE]


def _version_row(place: str, signal: Signal, source: str) -> Prepared:
    created, updated = moment_text(signal.created_at), moment_text(signal.updated_at)
    tags = as_json(list(signal.tags)) if signal.tags else "[]"
    author = keyable(signal.author)
    said = (
        *(storable(signal.text), storable(signal.title), signal.audience, author, storable(signal.link)),
        *(storable(signal.status), storable(signal.team), keyable(signal.assignee), tags, keyable(signal.thread)),
        *(created, updated),
    )
    version = digest(said)
    key = (keyable(signal.source or source), keyable(signal.id))
    return Prepared(key, author, version, (storable(place), version, *said))


def _search_row(place: str, event: SearchEvent, source: str, key: str) -> Prepared:
    asker, session = keyable(event.user), storable(event.session)
    clicked = None if event.clicked is None else storable(event.clicked)
    said = (storable(event.query), event.results, asker, session, clicked, storable(event.id), event.times)
    time = moment_text(event.time)
    version = digest([None if part is None else str(part) for part in (*said, time)])
    return Prepared((keyable(source), keyable(key)), asker, version, (storable(place), version, *said, time), True)
