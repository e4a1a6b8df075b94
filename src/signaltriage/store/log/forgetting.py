"""A person's texts removed from the log everywhere they stand; what was counted stays counted.

The one place where history is rewritten. Rows stay, so that every ledger still adds up, and so does the pseudonym: it
says of what is captured later that its text is not to be kept. Not found: what others wrote about the person or quoted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, func, literal, or_, select, text, update

from signaltriage.errors import UsageError
from signaltriage.store.log.columns import as_json, keyable, moment_text
from signaltriage.store.log.engine import FrictionLog, insert, next_id, said_plainly
from signaltriage.store.log.merging import FORGOTTEN_DIGEST
from signaltriage.store.log.records import name_of
from signaltriage.store.log.results import DECISIONS, GAPS, THEME_STATES, VERDICTS
from signaltriage.store.log.schema import FORGOTTEN, REJECTED, SEARCHES, SIGNALS, VERSIONS

_GONE: Final = ""
_TEXTS: Final = frozenset(("text", "evidence", "title", "quote"))
_PLACES: Final = ("text", "title", "link")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was blanked."""

    authors: tuple[str, ...]
    """As the log names the person."""
    versions: int
    searches: int
    decisions: int
    """Whose reasons quoted a text."""
    rejected: int
    """Rows whose raw text might have been theirs."""
    quoted: int
    """States of themes and gaps, and verdicts on queries, that quoted a text."""


def forget(log: FrictionLog, names: Collection[str], at: datetime) -> Forgotten:
    """Blank what a person wrote.

    Args:
        log: where.
        names: what the log may name the person by: pseudonyms, and the plain name for what was captured as it stood.
        at: when.

    Raises:
        UsageError: the log has nothing of such a person.
    """
    keys = sorted({keyable(name) for name in names if name})
    with log.writing() as connection:
        authors = _known(connection, keys)
        if not authors:
            raise UsageError(
                "The log has no signal or search of that person.",
                remedy="Give the name or id as the source has it, with the key file of the log; or the pseudonym.",
            )
        done = Forgotten(
            tuple(authors),
            decisions=_blank_reasons(connection, authors),
            rejected=_blank_rejected(connection, authors, names),
            quoted=_blank_quotes(connection, authors),  # before the texts go, by which queries are known
            versions=_blank_versions(connection, authors),
            searches=_blank_searches(connection, authors),
        )
        _note(connection, done, at)
    _wipe(log)
    return done


def _known(connection: Connection, keys: Collection[str]) -> list[str]:
    found = set(connection.execute(select(VERSIONS.c.author).where(VERSIONS.c.author.in_(keys))).scalars())
    found |= set(connection.execute(select(SEARCHES.c.asker).where(SEARCHES.c.asker.in_(keys))).scalars())
    return sorted(found)


def _blank_versions(connection: Connection, authors: list[str]) -> int:
    blank: dict[str, Any] = dict.fromkeys(_PLACES, _GONE)
    # A digest would let anybody find out by trying whether the person wrote a certain text.
    digest = literal(f"{FORGOTTEN_DIGEST} ").concat(VERSIONS.c.id.cast(VERSIONS.c.digest.type))
    query = update(VERSIONS).where(VERSIONS.c.author.in_(authors)).values(**blank, tags="[]", digest=digest)
    return int(connection.execute(query).rowcount)


def _blank_searches(connection: Connection, authors: list[str]) -> int:
    digest = literal(f"{FORGOTTEN_DIGEST} ").concat(SEARCHES.c.id.cast(SEARCHES.c.digest.type))
    blank: dict[str, Any] = dict.fromkeys(("query", "session", "row_id"), _GONE)
    query = update(SEARCHES).where(SEARCHES.c.asker.in_(authors)).values(**blank, clicked=None, digest=digest)
    return int(connection.execute(query).rowcount)


def _blank_reasons(connection: Connection, authors: list[str]) -> int:
    theirs = select(VERSIONS.c.id).where(VERSIONS.c.author.in_(authors))
    query = update(DECISIONS).where(DECISIONS.c.version_id.in_(theirs)).values(reason=_GONE)
    return int(connection.execute(query).rowcount)


def _blank_rejected(connection: Connection, authors: list[str], names: Collection[str]) -> int:
    """Nobody knows who wrote a row that cannot be read: all of a file go in which the person wrote anything."""
    captures = select(VERSIONS.c.capture_id).where(VERSIONS.c.author.in_(authors))
    searched = select(SEARCHES.c.capture_id).where(SEARCHES.c.asker.in_(authors))
    named = [REJECTED.c.raw.contains(name, autoescape=True) for name in names if name]
    where = or_(REJECTED.c.capture_id.in_(captures), REJECTED.c.capture_id.in_(searched), *named)
    query = update(REJECTED).where(and_(REJECTED.c.raw != _GONE, where)).values(raw=_GONE)
    return int(connection.execute(query).rowcount)


def _blank_quotes(connection: Connection, authors: list[str]) -> int:
    joined = SIGNALS.join(VERSIONS, VERSIONS.c.signal_id == SIGNALS.c.id)
    query = select(SIGNALS.c.source, SIGNALS.c.source_id).select_from(joined).where(VERSIONS.c.author.in_(authors))
    signals = {name_of(source, id) for source, id in connection.execute(query)}
    queries = _only_theirs(connection, authors)
    blanked = 0
    for table in (THEME_STATES, GAPS):
        blanked += _rewrite(connection, table, lambda record: _without(record, signals, queries))
    for number, query_typed in connection.execute(select(VERDICTS.c.id, VERDICTS.c.query)).all():
        if query_typed in queries:
            blank = {"query": _GONE, "folded": _GONE, "why": _GONE}
            connection.execute(update(VERDICTS).where(VERDICTS.c.id == number).values(**blank))
            blanked += 1
    for number, record in connection.execute(select(GAPS.c.id, GAPS.c.record)).all():
        asked = [text for text, _ in json.loads(record).get("queries", [])]
        if asked and not any(asked):  # nobody else asked: what it is called is what they asked
            blank = dict.fromkeys(("name", "title", "action"), _GONE)
            connection.execute(update(GAPS).where(GAPS.c.id == number).values(**blank, record="{}"))
    return blanked


def _only_theirs(connection: Connection, authors: list[str]) -> set[str]:
    """Queries that the person typed and nobody else."""
    theirs = func.count().filter(SEARCHES.c.asker.in_(authors))
    query = select(SEARCHES.c.query).group_by(SEARCHES.c.query).having(theirs == func.count())
    return set(connection.execute(query).scalars()) - {_GONE}


def _rewrite(connection: Connection, table: Table, without: Callable[[Any], Any]) -> int:
    changed = 0
    for number, record in connection.execute(select(table.c.id, table.c.record)).all():
        after = as_json(without(json.loads(record)))
        if after != record:
            connection.execute(update(table).where(table.c.id == number).values(record=after))
            changed += 1
    return changed


def _without(value: Any, signals: set[str], queries: set[str]) -> Any:
    """The record without what it quotes of these signals and queries."""
    if isinstance(value, dict):
        theirs = value.get("id") in signals or value.get("signal_id") in signals
        return {
            key: _GONE if theirs and key in _TEXTS else _without(part, signals, queries) for key, part in value.items()
        }
    if isinstance(value, list):
        return [_without(part, signals, queries) for part in value]
    return _GONE if isinstance(value, str) and value in queries else value


def _note(connection: Connection, done: Forgotten, at: datetime) -> None:
    there = set(connection.execute(select(FORGOTTEN.c.author)).scalars())
    first = next_id(connection, FORGOTTEN)
    new = [author for author in done.authors if author not in there]
    rows = [(first + i, author, done.versions, done.searches, moment_text(at)) for i, author in enumerate(new)]
    insert(connection, FORGOTTEN, ("id", "author", "versions", "searches", "at"), rows)


def _wipe(log: FrictionLog) -> None:
    """Have the database let go of the old rows themselves, in its files too; no transaction can."""
    with said_plainly(log.name):
        if log.is_sqlite:
            with closing(log.engine.raw_connection()) as raw:  # SQLAlchemy's own would begin a transaction
                raw.cursor().execute("VACUUM")
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return
        with log.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (VERSIONS, SEARCHES, DECISIONS, REJECTED, THEME_STATES, GAPS, VERDICTS):
                connection.execute(text(f'VACUUM "{table.name}"'))
