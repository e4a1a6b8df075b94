"""The tables of what was captured. `results` has those of what came of it; `migrations` made both, and views over them.

Rows are added and never changed; what is current is derived (`views`). Two exceptions: `forgetting` blanks texts, and
`keepsakes` holds one row of each name. Ids are counted up by the one writer there is at a time, without gaps, so that a
capture that was killed and taken up again leaves the same rows as one that was not.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from signaltriage.store.log.columns import Moment

HEAD: Final = "0003"
"""Revision of the newest migration: what this program reads and writes."""

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def number(name: str = "id") -> Column[int]:
    """A primary key that the writer counts up."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def reference(name: str, to: str, *, nullable: bool = False, key: bool = False) -> Column[int]:
    """A column that points to the id of another table."""
    return Column(name, Integer, ForeignKey(f"{to}.id"), nullable=nullable, primary_key=key, autoincrement=False)


def words(name: str) -> Column[str]:
    """A text that is always there, if only empty."""
    return Column(name, Text, nullable=False)


def count(name: str) -> Column[int]:
    """How many."""
    return Column(name, Integer, nullable=False)


def moment(name: str, *, nullable: bool = False) -> Column[Any]:
    """A moment in UTC."""
    return Column(name, Moment, nullable=nullable)


RUNS = Table("runs", METADATA, number(), words("command"), words("settings"), moment("started_at"))
RUN_EVENTS = Table(
    "run_events",
    METADATA,
    number(),
    reference("run_id", "runs"),
    words("stage"),  # empty: the run itself
    words("event"),  # started, finished, failed
    words("counts"),  # JSON
    moment("at"),
    Index("ix_run_events_run_id", "run_id"),
)
CAPTURES = Table(
    "captures",
    METADATA,
    number(),
    reference("run_id", "runs", nullable=True),
    words("path"),
    words("name"),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    words("source"),  # as asked for; empty: recognised
    words("audience"),
    words("mapping"),
    words("reader"),
    words("how"),
    words("settings"),  # digest of all else that what is read depends on
    words("key_fingerprint"),
    Column("keep_pii", Boolean, nullable=False),
    words("version"),
    reference("same_as", "captures", nullable=True),  # the capture that had read the same file whole
    moment("started_at"),
    Index("ix_captures_sha256", "sha256"),
)
BATCHES = Table(
    "capture_batches",
    METADATA,
    reference("capture_id", "captures", key=True),
    number("number"),
    *map(count, ("read", "new", "duplicate", "changed", "skipped", "rejected")),
    Column("last", Boolean, nullable=False),
    words("redactions"),  # JSON: kind and how many
    moment("at"),
)
SKIPPED = Table(
    "skipped",
    METADATA,
    number(),
    reference("capture_id", "captures"),
    count("batch"),
    words("place"),
    words("reason"),
    Index("ix_skipped_capture_id", "capture_id"),
)
REJECTED = Table(
    "rejected",
    METADATA,
    number(),
    reference("capture_id", "captures"),
    count("batch"),
    words("place"),
    words("reason"),
    words("raw"),
    Index("ix_rejected_capture_id", "capture_id"),
)
SIGNALS = Table(
    "signals",
    METADATA,
    number(),
    words("source"),
    words("source_id"),
    reference("capture_id", "captures"),
    count("batch"),
    UniqueConstraint("source", "source_id"),
    Index("ix_signals_capture_id", "capture_id"),
)
VERSIONS = Table(
    "signal_versions",
    METADATA,
    number(),
    reference("signal_id", "signals"),
    reference("capture_id", "captures"),
    count("batch"),
    words("place"),
    Column("digest", String(32), nullable=False),
    *map(words, ("text", "title", "audience", "author", "link", "status", "team", "assignee", "tags", "thread")),
    moment("created_at", nullable=True),
    moment("updated_at", nullable=True),
    UniqueConstraint("signal_id", "digest"),
    Index("ix_signal_versions_capture_id", "capture_id"),
    Index("ix_signal_versions_author", "author"),
)
SEARCHES = Table(
    "searches",
    METADATA,
    number(),
    words("source"),
    words("key"),  # its id, or what it says and the how-manieth of its kind in the file
    Column("digest", String(32), nullable=False),
    reference("capture_id", "captures"),
    count("batch"),
    words("place"),
    words("query"),
    Column("results", Integer),
    *map(words, ("asker", "session")),
    Column("clicked", Text),
    words("row_id"),
    count("times"),
    moment("time", nullable=True),
    UniqueConstraint("source", "key", "digest"),
    Index("ix_searches_capture_id", "capture_id"),
    Index("ix_searches_asker", "asker"),
)
FORGOTTEN = Table(
    "forgotten",
    METADATA,
    number(),
    Column("author", Text, nullable=False, unique=True),  # a pseudonym, or as stored where nothing was replaced
    count("versions"),
    count("searches"),
    moment("at"),
)
