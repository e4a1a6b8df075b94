"""A search log → `SearchEvent` records: what was typed, by whom, when, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from signaltriage.capture.columns import column_words
from signaltriage.capture.tables import Chunk, read_chunks, repeated_names
from signaltriage.capture.times import seconds_or_nan, to_seconds
from signaltriage.errors import UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.types import Rejected

_USUAL: Final = {
    "query": (
        *("query", "search query", "search term", "search terms", "search text", "search string", "query text", "term"),
        *("search phrase", "search keyword", "keyword", "keywords", "phrase", "searched for", "search", "q", "text"),
    ),
    "results": (
        *("result count", "results count", "results", "result counts", "number of results", "num results", "nb hits"),
        *(
            "hits",
            "hit count",
            "hits count",
            "n results",
            "nresults",
            "total results",
            "results found",
            "found",
            "total",
        ),
    ),
    "user": (
        *("user", "user id", "userid", "visitor", "visitor id", "user token", "anonymous id", "client id", "member id"),
        *("email", "user email", "username", "user name", "customer id", "account", "ip", "ip address"),
    ),
    "time": (
        *("time", "timestamp", "searched at", "created at", "created", "datetime", "date time", "date", "event time"),
        *("search date", "search time", "event timestamp", "ts", "when", "day"),
    ),
    "session": ("session", "session id", "sessionid", "visit", "visit id", "conversation id"),
    "clicked": (
        *("clicked article", "clicked", "clicked id", "clicked result", "clicked article id", "clicked url"),
        *("click", "clicks", "article clicked", "opened article", "selected result", "clicked object ids"),
    ),
    "id": ("id", "search id", "event id", "query id", "row id"),
    "times": (
        "searches",
        "search count",
        "times",
        "frequency",
        "number of searches",
        "total searches",
        "count",
        "volume",
    ),
}
_NUMBER: Final = re.compile(r"\s*[-+]?\d[\d., \u00a0]*")
_NAMED: Final = 20
"""Columns that a remark names at most."""
_LARGEST: Final = 2**31 - 1
"""A larger number counts no results: an id, or a time in milliseconds."""
_EXAMPLE: Final = 40
"""Characters of a cell that a remark shows."""
_NO: Final = frozenset(("", "0", "0.0", "false", "no", "none", "null", "nan", "[]", "-"))
_NONE_FOUND: Final = frozenset(("no results", "no result", "none", "zero", "no", "false"))


@dataclass(frozen=True)
class SearchColumns:
    """Column names as a user gives them; None: recognised."""

    query: str | None = None
    results: str | None = None
    user: str | None = None
    time: str | None = None
    session: str | None = None
    clicked: str | None = None
    id: str | None = None
    times: str | None = None


@dataclass(frozen=True)
class SearchesRead:
    """Searches in the order of the file, what could not be read, and how it was read, for a person."""

    events: list[SearchEvent]
    rejected: list[Rejected]
    remarks: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    """Those of the remarks that say what is not known of the searches, and what they are taken for."""


def read_searches(source: str | Path, asked: SearchColumns | None = None) -> SearchesRead:
    """Read a search log. Every row becomes a search, also one without a query, or is rejected.

    Raises:
        InputError: the file cannot be read at all, or a column named as the time holds none.
        UsageError: a column that is named is not there, or none looks like the query.
    """
    asked = asked or SearchColumns()
    cells: dict[str, list[str]] = {field.name: [] for field in fields(SearchColumns)}
    rejected: list[Rejected] = []
    picked: dict[str, str] | None = None
    columns: list[str] = []
    how, n, repeated = "", 0, list[str]()
    for chunk in read_chunks(source):
        if picked is None:
            columns = [str(name) for name in chunk.frame.columns]
            picked = pick_search_columns(columns, asked)
            repeated = repeated_names(chunk, picked.values())
            how = f"{source}: {chunk.how}; " + ", ".join(f"{role} from {name}" for role, name in picked.items())
        for role, name in picked.items():
            cells[role] += _cells(chunk, name)
        n += len(chunk.frame)
        rejected += chunk.rejected
    known = picked or {}
    if asked.time is not None and n:
        to_seconds(cells["time"])  # a column that a person named must hold times
    rows = {role: cells[role] if role in known else [""] * n for role in cells}
    moments = _moments(rows["time"])
    events = [search_of({role: rows[role][i] for role in known}, moments[i]) for i in range(n)]
    cautions = [*_unknown(known, columns), *repeated, *_unread(known, cells, events)] if n else []
    return SearchesRead(events, rejected, (how, *cautions), tuple(cautions))


def search_of(cells: Mapping[str, str], moment: datetime | None) -> SearchEvent:
    """The search of a row, from its cells by role; roles without a column are left out of `cells`."""
    return SearchEvent(
        query=cells["query"],
        results=_count(cells.get("results", "")),
        user=cells.get("user", "").strip(),
        time=moment,
        session=cells.get("session", "").strip(),
        clicked=_clicked(cells["clicked"]) if "clicked" in cells else None,
        id=cells.get("id", "").strip(),
        times=max(1, _count(cells.get("times", "")) or 1),
    )


def pick_search_columns(columns: Sequence[str], asked: SearchColumns) -> dict[str, str]:
    """Columns by what they say: those named, else those of usual names; roles without a column are left out.

    Raises:
        UsageError: a column that is named is not there, or none looks like the query.
    """
    by_words = {column_words(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field in fields(SearchColumns):
        named = getattr(asked, field.name)
        if named is not None:
            match = next((c for c in columns if c.strip().casefold() == named.strip().casefold()), None)
            if match is None:
                raise UsageError(f"There is no column {named!r}.", remedy=f"There is: {', '.join(columns)}.")
            found[field.name] = match
    for field in fields(SearchColumns):
        if field.name in found:
            continue
        usual = (by_words[name] for name in _USUAL[field.name] if name in by_words)
        column = next((name for name in usual if name not in found.values()), None)
        if column is not None:
            found[field.name] = column
    if "query" not in found:
        raise UsageError(
            f"no column looks like what was searched for; there is: {', '.join(columns)}",
            remedy="Say which with --query; if the file has no header line, put one above the first row: query.",
        )
    return {field.name: found[field.name] for field in fields(SearchColumns) if field.name in found}


def _unknown(picked: Mapping[str, str], columns: Sequence[str]) -> list[str]:
    """What cannot be told for want of a column."""
    found = []
    if "results" not in picked:
        others = [name for name in columns if name not in picked.values()]
        found.append(
            "no column says how many results were shown: every search is taken as one that showed nothing, as in an "
            "export of searches without results. If this is a whole log, name the column with --results"
            + (f" (there is: {', '.join(others[:_NAMED])})." if others else ".")
        )
    if "user" not in picked:
        found.append("no column says who asked: demand counts searches (sessions, where there are any), not askers")
    return found


def _unread(picked: Mapping[str, str], cells: Mapping[str, list[str]], events: Sequence[SearchEvent]) -> list[str]:
    """Cells that do not say what their column should, how many, and what they are taken for."""
    wrong = {
        "results": ("no number of results", "not known, so taken as a search that showed nothing"),
        "time": ("no time that can be read", "those searches count and have no date"),
        "times": ("no number of searches", "taken as one each"),
    }
    found = []
    for role, (what, taken) in wrong.items():
        if role not in picked:
            continue
        unread = [c for c, e in zip(cells[role], events, strict=True) if _is_unread(role, c, e)]
        if unread:
            example = min((c.strip() for c in unread), key=lambda c: (not c, len(c), c))[:_EXAMPLE]
            such = f"such as {example!r}" if example else "blank"
            found.append(f"{len(unread):,} of {len(events):,} cells in {picked[role]} hold {what} ({such}): {taken}")
    return found


def _is_unread(role: str, cell: str, event: SearchEvent) -> bool:
    if role == "results":
        return event.results is None
    return event.time is None if role == "time" else not _count(cell)


def _cells(chunk: Chunk, name: str) -> list[str]:
    return [str(cell).encode("utf-8", "replace").decode() for cell in chunk.frame[name].tolist()]


def _count(cell: str) -> int | None:
    """A number of results as tools write it; None where it is none."""
    if cell.strip().casefold() in _NONE_FOUND:
        return 0
    found = _NUMBER.match(cell)
    if found is None:
        return None
    text = re.sub(r"(?<=\d)[, \u00a0](?=\d{3}\b)", "", found[0].strip())
    try:
        count = max(0, int(float(text.replace(",", "."))))
    except (ValueError, OverflowError):
        return None
    return count if count <= _LARGEST else None


def _clicked(cell: str) -> str:
    text = cell.strip()
    return "" if text.casefold() in _NO else text


def _moments(cells: Sequence[str]) -> list[datetime | None]:
    if not any(cells):
        return [None] * len(cells)
    seconds = seconds_or_nan(cells)
    known = np.isfinite(seconds) & (np.abs(np.nan_to_num(seconds)) < 1e11)
    return [datetime.fromtimestamp(s, UTC) if ok else None for s, ok in zip(seconds.tolist(), known, strict=True)]
