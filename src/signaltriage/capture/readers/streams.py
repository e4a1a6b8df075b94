"""A file of any format as a stream of records: objects of JSON as they are, rows of tables by their columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from signaltriage.capture.columns import column_words
from signaltriage.capture.jsons import open_values
from signaltriage.capture.readers.base import Record
from signaltriage.capture.readers.limits import check_workbook, unpacked
from signaltriage.capture.readers.pages import unwrap
from signaltriage.capture.records import Table
from signaltriage.capture.sources import Source, open_source
from signaltriage.capture.tables import open_table
from signaltriage.errors import InputError
from signaltriage.log_types import Unreadable
from signaltriage.types import Rejected

MAX_VALUE: Final = 16_000_000
"""Characters of one JSON value that is held at once."""
MAX_COLUMNS: Final = 5_000
_UNITS: Final = {"csv": "line", "tsv": "line", "xlsx": "row"}


@dataclass(slots=True)
class Stream:
    """Records being read."""

    how: str
    """Format and encoding."""
    records: Iterator[Record | Unreadable]
    header: dict[str, str] = field(default_factory=dict)
    """Of a table: columns as in the file, by their names in records."""
    table: bool = False


@contextmanager
def open_stream(path: str | Path, name: str) -> Iterator[Stream]:
    """Open a file; `name` is what it is called.

    Raises:
        InputError: it cannot be read at all.
    """
    with open_source(path, name=name) as packed, unpacked(packed) as source:
        if source.kind in {"json", "jsonl"}:
            with open_values(source, MAX_VALUE) as (how, by_line, values):
                yield Stream(how, _json_records(values, "line" if by_line else "record"))
        else:
            if source.kind == "xlsx":
                check_workbook(source.path, source.name)
            with open_table(source) as table:
                yield _table_stream(table, source)


def _json_records(values: Iterator[tuple[int, object] | Rejected], unit: str) -> Iterator[Record | Unreadable]:
    number = 0
    for page, value in enumerate(values, 1):
        if isinstance(value, Rejected):
            number = value.line if unit == "line" else number + 1
            yield Unreadable(f"{unit} {number}", value.reason, value.raw)
            continue
        line, held = value
        if not isinstance(held, dict):
            number = line if unit == "line" else number + 1
            yield Unreadable(
                f"{unit} {number}", f"a {type(held).__name__} where an object was expected", str(held)[:1000]
            )
            continue
        for kind, data in unwrap(held):
            number = line if unit == "line" else number + 1
            yield Record(f"{unit} {number}", data, kind, page)


def column_name(text: str, position: int) -> str:
    """The name of a column in records: lower case, underscores; `column_3` where it has none."""
    return column_words(text[:300]).replace(" ", "_") or f"column_{position + 1}"


def _table_stream(table: Table, source: Source) -> Stream:
    if len(table.header) > MAX_COLUMNS:
        raise InputError(
            f"{source.name} has {len(table.header):,} columns, more than {MAX_COLUMNS:,}",
            remedy="Is this a table of signals? Export the columns that say something.",
        )
    names = [column_name(text, position) for position, text in enumerate(table.header)]
    header = dict(reversed(list(zip(names, table.header, strict=True))))  # of repeated ones, the first
    header = {name: header[name] for name in dict.fromkeys(names)}
    unit = _UNITS.get(source.kind, "record")
    records = _rows(table, names, unit) if len(header) == len(names) else _repeated(table, names, unit)
    return Stream(table.how, records, header, table=True)


def _rows(table: Table, names: list[str], unit: str) -> Iterator[Record | Unreadable]:
    for row in table.rows:
        if isinstance(row, Rejected):
            yield Unreadable(f"{unit} {row.line}", row.reason, row.raw)
        else:
            yield Record(f"{unit} {row[0]}", dict(zip(names, row[1], strict=False)))


def _repeated(table: Table, names: list[str], unit: str) -> Iterator[Record | Unreadable]:
    """The same for a header in which names are repeated, as Jira does: their filled cells become a list."""
    several = {name for name in names if names.count(name) > 1} if len(names) < 2000 else set(names)
    for row in table.rows:
        if isinstance(row, Rejected):
            yield Unreadable(f"{unit} {row.line}", row.reason, row.raw)
            continue
        data: dict[str, Any] = {name: [] for name in several}
        for name, cell in zip(names, row[1], strict=False):
            if name not in several:
                data[name] = cell
            elif cell:
                data[name].append(cell)
        yield Record(f"{unit} {row[0]}", data)
