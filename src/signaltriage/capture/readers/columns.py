"""Which columns of a table of no known tool say what, and rows that have no id of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from signaltriage.capture.columns import column_words, pick_text_columns
from signaltriage.capture.readers.base import Known
from signaltriage.capture.readers.values import ident, words
from signaltriage.errors import UsageError

FIELDS: Final = (
    *("id", "text", "title", "created_at", "updated_at", "author", "audience", "source", "link", "status", "team"),
    *("assignee", "tags", "thread"),
)
"""What can be said of a signal, in a mapping file too."""
_USUAL: Final = {
    "id": (
        *("id", "signal id", "ticket id", "ticket number", "issue key", "key", "number", "case number", "case id"),
        *("message id", "comment id", "feedback id", "response id", "review id", "post id", "tweet id", "reviewid"),
        *("conversation id", *(f"{kind}id" for kind in ("gu", "uu")), "reference", "ref"),
    ),
    "created_at": (
        *("created at", "created", "created on", "opened at", "opened", "submitted at", "sent at", "received at"),
        *(
            "date created",
            "created date",
            "created time",
            "creation date",
            "tweet created",
            "posted at",
            "published at",
        ),
        *("timestamp", "time", "date", "datetime", "when", "ts", "review date", "submission date", "submit date"),
    ),
    "updated_at": (
        "updated at",
        "updated",
        "updated on",
        "last updated",
        "modified at",
        "last modified",
        "updated date",
    ),
    "author": (
        *("author id", "user id", "customer id", "requester id", "author", "user", "email", "customer email", "from"),
        *(
            "username",
            "user name",
            "reviewer",
            "customer",
            "requester",
            "reporter",
            "sender",
            "author name",
            "customer name",
        ),
    ),
    "audience": ("audience",),
    "source": ("source",),
    "link": ("url", "link", "permalink", "html url"),
    "status": ("status", "state", "ticket status"),
    "team": ("team", "assigned team", "assignment group", "group", "queue", "assigned group", "department"),
    "assignee": ("assignee", "assigned to", "agent", "owner", "assignee id"),
    "tags": ("tags", "labels", "tag", "keywords"),
    "thread": ("thread id", "parent id", "in reply to", "in response to tweet id", "thread ts", "parent"),
}
_TITLES: Final = frozenset(("subject", "title", "short description", "summary", "headline"))


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns, as they are called in records, by what they say. What is not there is not known."""

    text: tuple[str, ...]
    title: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Field and column, of all other fields."""

    def column(self, field: str) -> str:
        """The column of a field; empty where there is none."""
        return next((column for name, column in self.others if name == field), "")


def usual_plan(columns: Sequence[str], known: Known) -> Plan | None:
    """The plan by usual names; None where no column looks like a text."""
    try:
        names = pick_text_columns(columns, None).names
    except UsageError:
        return None
    if not set(names) <= set(columns):
        return None
    title = names[0] if len(names) > 1 and column_words(names[0]) in _TITLES else ""
    texts = tuple(name for name in names if name != title)
    by_words = {column_words(column): column for column in reversed(columns) if column not in names}
    found = []
    for field, usual in _USUAL.items():
        column = next((by_words[name] for name in usual if name in by_words), None)
        if column is not None and (field != "id" or tells_apart(column, known)):
            found.append((field, column))
    return Plan(texts, title, tuple(found))


def tells_apart(column: str, known: Known) -> bool:
    """Whether a column holds an id: no two of the first rows share it."""
    cells = [cell for record in known.sample if (cell := words(record.data.get(column)).strip())]
    return len(cells) == len(set(cells))


def row_id(known: Known, *parts: object) -> str:
    """An id for a row that has none: the digest of what it says, numbered where rows say the same.

    The same rows get the same ids in another export, whatever order they are in.
    """
    digest = blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=10)
    key = int.from_bytes(digest.digest()[:8], "big")
    number = known.memory[key] = known.memory.get(key, 0) + 1
    return digest.hexdigest() if number == 1 else f"{digest.hexdigest()}-{number}"


def id_of(known: Known, cell: object, *parts: object) -> str:
    """The id in a cell, or one for the row where the cell is empty."""
    return ident(cell) or row_id(known, *parts)
