"""The records of capture: what became of each thing that a file of signals holds.

Above `types` and `gap_types`, whose records they hold; free of behaviour like them. Everything that a reader reads ends
as exactly one of them, so that a file's ledger adds up.
"""

from __future__ import annotations

from dataclasses import dataclass

from signaltriage.gap_types import SearchEvent
from signaltriage.types import Signal


@dataclass(frozen=True, slots=True)
class Captured:
    """A signal, or a search, as it stands in the file: nothing redacted yet."""

    place: str
    """Where it stands, for a person: `line 12`, `record 3`, `general/2016-01-14.json record 3`."""
    found: Signal | SearchEvent


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was read and says nothing: a bot, a join message, an empty text, a lookup row."""

    place: str
    reason: str
    """A short phrase, the same for all of its kind, so that reasons can be counted."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that could not be read."""

    place: str
    reason: str
    raw: str
    """As it stands in the file, cut where it is long."""


CaptureItem = Captured | Skipped | Unreadable


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of everything in one file: read = new + duplicate + changed + skipped + rejected."""

    read: int = 0
    new: int = 0
    """Signals and searches that the log did not have."""
    duplicate: int = 0
    """Those it had, word for word."""
    changed: int = 0
    """Those it had in another version."""
    skipped: tuple[tuple[str, int], ...] = ()
    """Reason and how many, most first."""
    rejected: int = 0
