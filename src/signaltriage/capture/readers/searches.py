"""Search logs: what people typed into a search box, told by a query beside its results, clicks or sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from signaltriage.capture.columns import column_words
from signaltriage.capture.readers.base import EMPTY, Known, Reader, Record
from signaltriage.capture.readers.columns import row_id
from signaltriage.capture.readers.values import sane, words
from signaltriage.capture.searches import SearchColumns, pick_search_columns, search_of
from signaltriage.errors import UsageError
from signaltriage.log_types import Captured, CaptureItem, Skipped

_QUERIES: Final = frozenset(
    (
        *("query", "search query", "search term", "search terms", "search text", "search string", "query text"),
        *("search phrase", "search keyword", "searched for", "search"),
    )
)
_BESIDE: Final = frozenset(("results", "clicked", "session", "times"))


def _columns(known: Known) -> list[str]:
    return list(known.header) or list(dict.fromkeys(key for record in known.sample for key in record.data))


def _suits(known: Known) -> bool:
    columns = _columns(known)
    if not any(column_words(column) in _QUERIES for column in columns):
        return False
    try:
        picked = pick_search_columns(columns, SearchColumns())
    except UsageError:
        return False
    return column_words(picked["query"]) in _QUERIES and bool(_BESIDE & picked.keys())


def _picked(known: Known) -> dict[str, str]:
    picked = known.memory.get("picked")
    if not isinstance(picked, dict):
        known.memory["picked"] = picked = pick_search_columns(_columns(known), SearchColumns())
        known.moments.learn(record.data.get(picked.get("time", "")) for record in known.sample)
    return picked


def _read(record: Record, known: Known) -> Iterator[CaptureItem]:
    cells = {role: sane(words(record.data.get(column))) for role, column in _picked(known).items()}
    if not cells["query"].strip():
        yield Skipped(record.place, EMPTY)
        return
    event = search_of(cells, known.moments.of(cells.get("time")))
    if not event.id:
        event = replace(event, id=row_id(known, *cells.items()))
    yield Captured(record.place, event)


def _say(known: Known) -> str:
    return ", ".join(f"{role} from {known.header.get(column, column)}" for role, column in _picked(known).items())


READER = Reader("searches", "Search log", lambda _: False, _read, suits=_suits, say=_say, source="")
