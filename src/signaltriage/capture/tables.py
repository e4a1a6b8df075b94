"""Tables of any supported format, read chunk by chunk in bounded memory, every row accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.capture.csvs import open_csv
from signaltriage.capture.jsons import open_json
from signaltriage.capture.records import Row, Table, unique_names
from signaltriage.capture.sources import Source, open_source, require_file
from signaltriage.errors import UsageError
from signaltriage.types import Rejected

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table, in order.

    `frame` has one column for each column of the file, cells as text exactly as read (a missing one is ""), dtype
    object. Repeated column names are numbered like in pandas (`Labels`, `Labels.1`); `original_names` maps the numbered
    ones back, and `TableWriter` takes it to write the header as it was.
    """

    frame: pd.DataFrame
    lines: list[int]
    """Of each row of `frame`: its 1-based line in the file (its record number in .json arrays and .parquet)."""
    rejected: tuple[Rejected, ...]
    """The rows between these that could not be read: rows read = len(frame) + len(rejected)."""
    original_names: Mapping[str, str]
    how: str
    """In words: the format, delimiter and encoding found."""


def read_chunks(path: str | Path, *, chunk_rows: int = 2000) -> Iterator[Chunk]:
    """Read a table from a file (`-` is standard input), `chunk_rows` rows at a time.

    Formats: .csv .tsv .jsonl .json .parquet .xlsx, the text ones also as .gz; an unknown extension is judged by its
    content. Always gives at least one chunk, so that a table of zero rows keeps its header. Memory does not grow with
    the number of rows (exceptions: a .json that is one page object is loaded whole, the string table of an .xlsx too).

    Raises InputError when the file is missing, a folder, empty, damaged or of an unsupported type; UsageError when
    `chunk_rows` is not positive.
    """
    if chunk_rows < 1:
        raise UsageError(f"chunk_rows must be at least 1, not {chunk_rows}")
    require_file(path)  # now rather than at the first chunk: the caller has better use for an early error
    return _chunks(path, chunk_rows)


def _chunks(path: str | Path, chunk_rows: int) -> Iterator[Chunk]:
    with open_source(path) as source, open_table(source) as table:
        names = unique_names(table.header)
        rows: list[Row] = []
        rejected: list[Rejected] = []
        given = False
        for item in table.rows:
            if isinstance(item, Rejected):
                rejected.append(item)
            else:
                rows.append(item)
            if len(rows) + len(rejected) >= chunk_rows:
                yield _chunk(table, names, rows, rejected)
                rows, rejected, given = [], [], True
        if rows or rejected or not given:
            yield _chunk(table, names, rows, rejected)


def repeated_names(chunk: Chunk, picked: Iterable[str]) -> list[str]:
    """Which of the columns picked have a name that others have too, each in words."""
    twice = Counter(chunk.original_names.values())
    return [
        f"{twice[name] + 1} columns are called {name!r}: the first of them is read"
        for name in dict.fromkeys(picked)
        if name in twice
    ]


def open_table(source: Source) -> AbstractContextManager[Table]:
    """Open a source by its kind: header, and rows one by one."""
    if source.kind == "parquet":
        from signaltriage.capture.parquet import open_parquet

        return open_parquet(source)
    if source.kind == "xlsx":
        from signaltriage.capture.excel import open_excel

        return open_excel(source)
    return open_json(source) if source.kind in {"json", "jsonl"} else open_csv(source)


def _chunk(table: Table, names: tuple[str, ...], rows: list[Row], rejected: list[Rejected]) -> Chunk:
    import pandas as pd

    # dtype object, not pandas' str: a cell may hold a lone surrogate, which Arrow-backed strings refuse.
    columns = pd.Index(list(names), dtype=object)
    frame = pd.DataFrame([cells for _, cells in rows], columns=columns, dtype=object)
    return Chunk(
        frame=frame,
        lines=[line for line, _ in rows],
        rejected=tuple(rejected),
        original_names={name: original for name, original in zip(names, table.header, strict=True) if name != original},
        how=table.how,
    )
