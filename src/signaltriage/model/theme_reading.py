"""A table of signals → `Signal` records: every row with an id of its own, none lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from signaltriage.capture.columns import pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.roles import Roles, pick_roles
from signaltriage.capture.tables import Chunk, read_chunks
from signaltriage.capture.times import seconds_or_nan, to_seconds
from signaltriage.model.theme_making import moment_of
from signaltriage.model.theme_signals import made_ids, unique_ids
from signaltriage.types import Rejected, Signal


@dataclass(frozen=True)
class Asked:
    """Column names as a user gives them; None: recognised."""

    text: str | None = None
    id: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class Read:
    """The rows of a file as signals, in their order, each with an id of its own."""

    signals: list[Signal]
    rejected: list[Rejected]
    remarks: tuple[str, ...]
    """How it was read, for a person."""


def read_signals(source: str | Path, asked: Asked) -> Read:
    """Read a table as signals; columns that are not named are recognised."""
    cells: dict[str, list[str]] = {field.name: [] for field in fields(Roles)}
    texts: list[str] = []
    rejected: list[Rejected] = []
    how, roles = "", None
    for chunk in read_chunks(source):
        if roles is None:
            roles = pick_roles(list(chunk.frame.columns), id=asked.id, time=asked.time)
            taken = {name for name in (roles.id, roles.time) if name}
            picked = pick_text_columns([name for name in chunk.frame.columns if name not in taken], asked.text)
            how = "; ".join(filter(None, (f"{source}: {chunk.how}", picked.how, roles.how)))
        texts += join_text(chunk.frame, picked.names)
        for role, found in cells.items():
            found += _cells(chunk, getattr(roles, role))
        rejected += chunk.rejected
    moments = _moments(cells["time"], asked.time)
    ids, doubled = _ids(cells["id"], texts, cells["time"])
    rows = zip(ids, texts, moments, cells["audience"], cells["source"], strict=True)
    signals = [
        Signal(id, text, moment, audience.strip(), origin.strip()) for id, text, moment, audience, origin in rows
    ]
    remarks = [how]
    if doubled:
        remarks.append(f"{doubled:,} rows share their id with another: told apart as in X, X#2, X#3")
    unread = sum(bool(cell.strip()) and moment is None for cell, moment in zip(cells["time"], moments, strict=True))
    if unread and roles is not None:
        remarks.append(f"{unread:,} times in {roles.time} could not be read: those signals count and have no date")
    return Read(signals, rejected, tuple(remarks))


def _cells(chunk: Chunk, name: str | None) -> list[str]:
    """The cells of a column as texts; empty ones where there is no such column. A lone surrogate becomes a mark."""
    if name is None:
        return [""] * len(chunk.frame)
    return [str(cell).encode("utf-8", "replace").decode() for cell in chunk.frame[name].tolist()]


def _moments(cells: Sequence[str], named: str | None) -> list[datetime | None]:
    if named is not None and cells:
        to_seconds(cells)  # a column that a person named must hold times
    return [moment_of(seconds) for seconds in seconds_or_nan(cells).tolist()]


def _ids(cells: list[str], texts: list[str], times: list[str]) -> tuple[list[str], int]:
    """An id of its own for each row, whatever their order; and how many had to be told apart."""
    made = made_ids(zip(texts, times, strict=True))
    given = [cell.strip() for cell in cells]
    order = sorted(range(len(given)), key=lambda i: (given[i] or made[i], times[i], texts[i]))
    unique = unique_ids([given[i] or made[i] for i in order])
    ids = [""] * len(given)
    for i, id in zip(order, unique, strict=True):
        ids[i] = id
    return ids, sum(bool(cell) and cell != id for cell, id in zip(given, ids, strict=True))
