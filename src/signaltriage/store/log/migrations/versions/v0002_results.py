"""The tables of what came of signals, as they were at first: `results` may go on, this stays."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from signaltriage.store.log.migrations.columns import count, metadata, moment, number, reference, words

revision = "0002"
down_revision = "0001"

METADATA = metadata()
EARLIER = [Table(name, METADATA, number()) for name in ("runs", "signals", "signal_versions")]

Table(
    "decisions",
    METADATA,
    number(),
    reference("version_id", "signal_versions"),
    words("model_version"),
    words("rules_digest"),
    reference("run_id", "runs", nullable=True),
    *map(words, ("outcome", "team", "best_guess", "runners_up", "reason", "rule")),
    Column("probability", Float(53), nullable=False),
    Column("none_probability", Float(53), nullable=False),
    UniqueConstraint("version_id", "model_version", "rules_digest"),
)
Table(
    "corrections",
    METADATA,
    number(),
    reference("signal_id", "signals"),
    *map(words, ("team", "corrected_by", "reason")),
    moment("at"),
    Index("ix_corrections_signal_id", "signal_id"),
)
Table(
    "themes",
    METADATA,
    Column("id", Text, primary_key=True),
    reference("run_id", "runs", nullable=True),
    moment("at"),
)
Table(
    "theme_states",
    METADATA,
    number(),
    Column("theme_id", Text, nullable=False),
    reference("run_id", "runs", nullable=True),
    Column("alive", Boolean, nullable=False),
    *map(words, ("name", "area", "owner", "trend")),
    count("size"),
    Column("share", Float(53), nullable=False),
    words("record"),
    Index("ix_theme_states_theme_id", "theme_id"),
)
Table(
    "theme_events",
    METADATA,
    number(),
    reference("run_id", "runs", nullable=True),
    *map(words, ("kind", "theme_id", "others", "reason")),
    moment("at"),
)
Table(
    "assignments",
    METADATA,
    number(),
    reference("signal_id", "signals"),
    reference("run_id", "runs", nullable=True),
    *map(words, ("theme_id", "nearest")),
    Column("similarity", Float(53), nullable=False),
    Index("ix_assignments_signal_id", "signal_id"),
)
Table("edits", METADATA, number(), *map(words, ("kind", "subject", "value", "edited_by")), moment("at"))
Table(
    "query_verdicts",
    METADATA,
    number(),
    reference("run_id", "runs", nullable=True),
    *map(words, ("query", "verdict", "article_id", "gap_id", "folded", "why")),
    count("demand"),
    count("searches"),
    Column("answer_probability", Float(53), nullable=False),
    Column("similarity", Float(53), nullable=False),
)
Table(
    "gaps",
    METADATA,
    number(),
    Column("gap_id", Text, nullable=False),
    reference("run_id", "runs", nullable=True),
    Column("open", Boolean, nullable=False),
    *map(words, ("kind", "name", "title", "article_id", "action", "owner")),
    count("demand"),
    count("searches"),
    Column("rank", Integer, nullable=False),
    Column("priority", Float(53), nullable=False),
    words("record"),
    Index("ix_gaps_gap_id", "gap_id"),
)
Table(
    "keepsakes",
    METADATA,
    Column("name", Text, primary_key=True),
    reference("run_id", "runs", nullable=True),
    Column("data", LargeBinary, nullable=False),
    moment("at"),
)


def upgrade() -> None:
    """Make the tables."""
    METADATA.create_all(op.get_bind(), tables=[t for t in METADATA.sorted_tables if t not in EARLIER])
