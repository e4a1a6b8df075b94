"""Which columns say who a signal is: its id, when it was said, by which audience, and where it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signaltriage.errors import UsageError

_USUAL: Final = {
    "id": (
        *("id", "signal id", "ticket id", "issue key", "key", "number", "ticket number", "case number"),
        *("message id", "conversation id", "feedback id", "response id", "review id", "post id", "tweet id"),
    ),
    "time": (
        *("created at", "created", "created on", "opened at", "opened", "submitted at", "sent at", "received at"),
        *("date created", "created date", "created time", "timestamp", "time", "date", "datetime", "when", "ts"),
    ),
    "audience": ("audience",),
    "source": ("source", "channel", "via channel"),
}


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns by what they say; None where there is none."""

    id: str | None = None
    time: str | None = None
    audience: str | None = None
    source: str | None = None

    @property
    def how(self) -> str:
        """Which columns were picked, in words; empty where none was."""
        told = {"id": self.id, "time": self.time, "audience": self.audience, "source": self.source}
        return ", ".join(f"{what} from {name}" for what, name in told.items() if name)


def pick_roles(columns: Sequence[str], *, id: str | None = None, time: str | None = None) -> Roles:
    """Pick the columns: those named, else those of usual names.

    Raises:
        UsageError: a column that is named is not there.
    """
    for name in (id, time):
        if name is not None and name not in columns:
            raise UsageError(f"There is no column {name!r}.", remedy=f"There is: {', '.join(columns)}.")
    by_words = {_words(column): column for column in reversed(columns)}
    found = {role: next((by_words[name] for name in names if name in by_words), None) for role, names in _USUAL.items()}
    return Roles(**{**found, **{role: name for role, name in (("id", id), ("time", time)) if name is not None}})


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[^\W_]+", spaced.lower()))
