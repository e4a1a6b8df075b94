"""Tickets as demand: a table of signals read for what they ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from signaltriage.capture.clean import clean_text
from signaltriage.capture.columns import pick_text_columns
from signaltriage.capture.fields import join_text
from signaltriage.capture.roles import pick_roles
from signaltriage.capture.tables import read_chunks
from signaltriage.capture.times import seconds_or_nan
from signaltriage.types import Rejected, Signal


@dataclass(frozen=True)
class Tickets:
    """Signals that may be demand."""

    signals: list[Signal]
    rejected: list[Rejected]
    theme_of: dict[str, str]
    """Theme of each signal that is in one, by id; empty where themes are not known."""


def tickets_of(source: str, say: Callable[[str], None] = lambda _: None) -> Tickets:
    """Signals of a table, or of a folder that `signaltriage themes` wrote, with their themes.

    Raises:
        InputError: the file cannot be read.
        UsageError: no column looks like a text.
        ModelRefusedError: a folder that is not one of themes.
    """
    if not Path(source).is_dir():
        return Tickets(*read_tickets(source, say), {})
    from signaltriage.model.themes import ThemeSet

    themes = ThemeSet.load(source)
    say(f"{source}: {len(themes.signals):,} signals in {len(themes.themes):,} themes")
    placed = {one.id: one.theme_id for one in themes.assignments if one.theme_id is not None}
    return Tickets(list(themes.signals), [], placed)


def read_tickets(source: str, say: Callable[[str], None] = lambda _: None) -> tuple[list[Signal], list[Rejected]]:
    """Signals of a table, cleaned, with their ids and times where it has such; columns are recognised.

    Raises:
        InputError: the file cannot be read.
        UsageError: no column looks like a text.
    """
    signals: list[Signal] = []
    rejected: list[Rejected] = []
    first = True
    for chunk in read_chunks(source):
        columns = [str(name) for name in chunk.frame.columns]
        roles = pick_roles(columns)
        taken = {roles.id, roles.time}
        picked = pick_text_columns([name for name in columns if name not in taken], None)
        if first:
            say(f"{source}: {chunk.how}; {picked.how}")
            first = False
        texts = join_text(chunk.frame, picked.names)
        ids = chunk.frame[roles.id].tolist() if roles.id else [str(line) for line in chunk.lines]
        times = seconds_or_nan(chunk.frame[roles.time].tolist()) if roles.time else np.full(len(texts), np.nan)
        for id, text, seconds in zip(ids, texts, times.tolist(), strict=True):
            moment = datetime.fromtimestamp(seconds, UTC) if np.isfinite(seconds) and abs(seconds) < 1e11 else None
            signals.append(Signal(str(id), clean_text(text), moment))
        rejected += chunk.rejected
    return signals, rejected
