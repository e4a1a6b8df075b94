"""What every reader speaks in: records in, items out, and what is known while a file is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from signaltriage.capture.readers.moments import Moments
from signaltriage.capture.readers.values import address, ident, sane, short, words
from signaltriage.log_types import Captured, CaptureItem, Skipped, Unreadable
from signaltriage.types import Signal

CUSTOMER: Final = "customer"
EMPLOYEE: Final = "employee"
EMPTY: Final = "empty"
DELETED: Final = "deleted"
BOT: Final = "bot message"
SYSTEM: Final = "system note"
REPEATED: Final = "repeats the description"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user says about a file; None: to be found out."""

    source: str | None = None
    """The reader to use; a name that no reader has is taken as the name of the source."""
    audience: str | None = None
    """Of all who are not known to be agents."""
    mapping: Path | None = None
    """A TOML file, field = column, for a table of a kind of its own."""


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A file, folder or archive that is being read."""

    name: str
    reader: str
    """What it was taken for."""
    how: str
    """The same in words: tool, format, encoding, columns."""
    items: Iterator[CaptureItem]
    """Each thing in it, once; to be read while it is open."""
    remarks: list[str] = field(default_factory=list)
    """Of a folder or archive: what each file was taken for. Grows while the items are read."""


@dataclass(slots=True)
class Record:
    """One object or row, as it stands in the file."""

    place: str
    data: dict[str, Any]
    """Names of columns are in lower case with underscores; repeated ones hold the list of their filled cells."""
    kind: str = ""
    """The name of the list or wrapper that it stood in, such as `tickets`; of a table, the name of the table."""
    page: int = 0
    """Which page of several it stood on."""


@dataclass(slots=True)
class Known:
    """What is known while a file is read."""

    source: str
    asked: Asked = field(default_factory=Asked)
    moments: Moments = field(default_factory=Moments)
    lookups: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Names of lists such as `users`, and what they say of each id."""
    memory: dict[Any, Any] = field(default_factory=dict)
    """What a reader keeps from one record to the next."""
    header: dict[str, str] = field(default_factory=dict)
    """Of a table: its columns as in the file, by their names in records."""
    sample: list[Record] = field(default_factory=list)
    """The first records."""

    @property
    def customer(self) -> str:
        """The audience of those who ask."""
        return self.asked.audience or CUSTOMER

    @property
    def staff(self) -> str:
        """The audience of those who ask, in a tool for employees."""
        return self.asked.audience or EMPLOYEE

    def looked_up(self, table: str, key: object) -> Any:
        """What a lookup table says of a key; None where it says nothing."""
        return self.lookups.get(table, {}).get(words(key))


Read = Callable[[Record, Known], Iterable[CaptureItem]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A tool's reader: how its records are told, and what each becomes."""

    name: str
    """Also the name of the source, unless the user gives another."""
    label: str
    fits: Callable[[Record], bool]
    """Whether a record is of this tool; must take whatever there is."""
    read: Read
    """The items of one record: at least one."""
    suits: Callable[[Known], bool] | None = None
    """Of readers for tables of any tool: whether the first records are such a table."""
    able: Callable[[Known], bool] | None = None
    """Whether it can read such a table at all, when the user asks for it; None: it can."""
    say: Callable[[Known], str] | None = None
    """What the file was taken for, in words, beyond the label."""
    source: str | None = None
    """The source's name where it is not the reader's; empty: that of the file."""


@dataclass(slots=True)
class Draft:
    """What a reader found of one signal, as it stands in the file."""

    id: object
    text: str
    title: str = ""
    created_at: object = None
    audience: str = ""
    author: str = ""
    link: object = ""
    status: object = ""
    team: object = ""
    assignee: object = ""
    tags: tuple[str, ...] = ()
    thread: object = ""
    updated_at: object = None


def captured(place: str, draft: Draft, known: Known) -> CaptureItem:
    """The signal of a draft, or that it says nothing.

    Where there is only a title, the title is what was said; but a reply that is empty did not say its subject.
    """
    text, title = sane(draft.text).strip(), sane(draft.title).strip()
    if not text and not draft.thread:
        text, title = title, ""
    if not text:
        return Skipped(place, EMPTY)
    key = ident(draft.id)
    if not key:
        return Unreadable(place, "no id", text[:1000])
    created, updated = draft.created_at, draft.updated_at
    return Captured(
        place,
        Signal(
            id=key,
            text=text,
            created_at=known.moments.of(created) if created is not None else None,
            audience=draft.audience,
            source=known.source,
            title=title,
            author=short(draft.author, 300),
            link=address(draft.link),
            status=short(draft.status, 100),
            team=short(draft.team, 200),
            assignee=short(draft.assignee, 300),
            tags=draft.tags,
            thread=ident(draft.thread),
            updated_at=known.moments.of(updated) if updated is not None else None,
        ),
    )
