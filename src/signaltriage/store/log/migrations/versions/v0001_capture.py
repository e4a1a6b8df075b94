"""The tables of what was captured, as they were at first: `schema` may go on, this stays."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from signaltriage.store.log.migrations.columns import count, metadata, moment, number, reference, words

revision = "0001"
down_revision = None

METADATA = metadata()


Table("runs", METADATA, number(), words("command"), words("settings"), moment("started_at"))
Table(
    "run_events",
    METADATA,
    number(),
    reference("run_id", "runs"),
    words("stage"),
    words("event"),
    words("counts"),
    moment("at"),
    Index("ix_run_events_run_id", "run_id"),
)
Table(
    "captures",
    METADATA,
    number(),
    reference("run_id", "runs", nullable=True),
    words("path"),
    words("name"),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    words("source"),
    words("audience"),
    words("mapping"),
    words("reader"),
    words("how"),
    words("settings"),
    words("key_fingerprint"),
    Column("keep_pii", Boolean, nullable=False),
    words("version"),
    reference("same_as", "captures", nullable=True),
    moment("started_at"),
    Index("ix_captures_sha256", "sha256"),
)
Table(
    "capture_batches",
    METADATA,
    reference("capture_id", "captures", key=True),
    number("number"),
    *map(count, ("read", "new", "duplicate", "changed", "skipped", "rejected")),
    Column("last", Boolean, nullable=False),
    words("redactions"),
    moment("at"),
)
Table(
    "skipped",
    METADATA,
    number(),
    reference("capture_id", "captures"),
    count("batch"),
    words("place"),
    words("reason"),
    Index("ix_skipped_capture_id", "capture_id"),
)
Table(
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
Table(
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
Table(
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
Table(
    "searches",
    METADATA,
    number(),
    words("source"),
    words("key"),
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
Table(
    "forgotten",
    METADATA,
    number(),
    Column("author", Text, nullable=False, unique=True),
    count("versions"),
    count("searches"),
    moment("at"),
)


def upgrade() -> None:
    """Make the tables."""
    METADATA.create_all(op.get_bind())
