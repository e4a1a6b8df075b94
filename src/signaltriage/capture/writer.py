"""Tables written chunk by chunk, atomically, and safe to open in a spreadsheet."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from signaltriage.capture.atomic import atomic_file, check_writable, writing
from signaltriage.capture.guard import guard_cell
from signaltriage.capture.sinks import Columns, CsvSink, JsonSink, Sink, zipped
from signaltriage.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_ALIASES: Final = {".ndjson": ".jsonl", ".tab": ".tsv", ".pq": ".parquet"}
_WRITABLE: Final = (".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx")
_TEXT: Final = frozenset((".csv", ".tsv", ".jsonl", ".json"))
_KEYED: Final = frozenset((".jsonl", ".json", ".parquet"))
"""Formats in which each column is a key: repeated names stay numbered there, and no spreadsheet opens them."""


class TableWriter:
    """Write frames one after another into one table; the file appears on a clean exit, whole, or not at all.

    The format goes by the extension: .csv .tsv .jsonl .json .parquet .xlsx, the text ones also with .gz. In .csv, .tsv
    and .xlsx, cells and headers that a spreadsheet would run as formulas get a leading `'` (`guard_formulas=False`
    turns it off, `capture.unguard` takes it back without loss). `original_names`, from `Chunk`, undoes the numbering
    of repeated columns. Missing values become empty cells, null in JSON and Parquet. Where nothing is written, no file
    is made.

    Raises UsageError for an unknown extension, a place that cannot be written, and frames with differing columns.
    """

    def __init__(
        self, path: str | Path, *, guard_formulas: bool = True, original_names: Mapping[str, str] | None = None
    ) -> None:
        self.path = Path(path)
        self.rows_written = 0
        self._output = Output(self.path, guard_formulas=guard_formulas)
        self._original = {} if self._output.format in _KEYED else dict(original_names or {})
        self._columns: list[str] | None = None

    def __enter__(self) -> Self:
        """Find out now, before any work is done, whether the place can be written."""
        check_writable(self.path)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Move the file into place; after an exception, remove what there is of it."""
        self._output.finish(error)

    def write(self, frame: pd.DataFrame) -> None:
        """Append the rows of `frame`; its index is not written. All frames need the same columns in the same order."""
        names = [str(name) for name in frame.columns]
        if self._columns is None:
            if len(set(names)) < len(names):
                raise UsageError("The frame has two columns of one name", remedy="Name them apart; see unique_names.")
            self._columns = names
            self._output.open([self._original.get(name, name) for name in names])
        elif names != self._columns:
            raise UsageError(
                f"the columns of a chunk differ from those before it: {_difference(self._columns, names)}",
                remedy=f"Write each set of columns to a file of its own, not all to {self.path}.",
            )
        self._output.rows([_plain_values(frame.iloc[:, i]) for i in range(len(names))])
        self.rows_written += len(frame)


class Output:
    """One file being written in one format: opened at the header, finished once."""

    def __init__(self, path: Path, *, guard_formulas: bool) -> None:
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self._zipped = suffixes[-1:] == [".gz"]
        extension = "".join(suffixes[-2:-1] if self._zipped else suffixes[-1:])
        self.format = _ALIASES.get(extension, extension)
        if self.format not in (_TEXT if self._zipped else _WRITABLE):
            raise UsageError(
                f"{path}: tables are not written as “{''.join(suffixes[-2:]) or path.name}”",
                remedy=f"End the name in one of {' '.join(_WRITABLE)} (the text ones also with .gz).",
            )
        self._path = path
        self._guard = guard_formulas and self.format not in _KEYED
        self._stack = ExitStack()
        self._sink: Sink | None = None

    def open(self, names: list[str]) -> None:
        """Open the partial file and write the header."""
        stream = self._stack.enter_context(atomic_file(self._path))
        if self._zipped:
            stream = self._stack.enter_context(zipped(stream))
        if self.format in {".csv", ".tsv"}:
            self._sink = CsvSink(stream, "," if self.format == ".csv" else "\t")
        elif self.format in {".jsonl", ".json"}:
            self._sink = JsonSink(stream, array=self.format == ".json")
        else:
            from signaltriage.capture import binary_sinks

            self._sink = (binary_sinks.ParquetSink if self.format == ".parquet" else binary_sinks.ExcelSink)(stream)
        self._sink.header([guard_cell(name) for name in names] if self._guard else names)

    def rows(self, columns: Columns) -> None:
        """Write rows, given by column."""
        if self._sink is None:
            raise RuntimeError("rows before a header")
        with writing(self._path):
            self._sink.rows([_guarded(column) for column in columns] if self._guard else columns)

    def finish(self, error: BaseException | None) -> None:
        """Put the file in its place, or with an `error` remove it. Nothing was opened: nothing happens."""
        try:
            if error is None and self._sink is not None:
                with writing(self._path):
                    self._sink.close()
        except BaseException as problem:
            error = problem
            raise
        finally:
            if error is not None and self._sink is not None:
                with contextlib.suppress(Exception):  # the error that led here is the one to be told
                    self._sink.abandon()
            self._stack.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


def _guarded(column: list[Any]) -> list[Any]:
    return [guard_cell(value) if isinstance(value, str) else value for value in column]


def _plain_values(series: pd.Series[Any]) -> list[Any]:
    """Give the values as text, int, float, bool or None."""
    return [value if type(value) is str else _plain(value) for value in series.tolist()]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if type(value).__name__ in {"NAType", "NaTType"}:  # told by name: pandas need not be imported to ask
        return None
    isoformat = getattr(value, "isoformat", None)
    if isoformat:
        return str(isoformat())
    item = getattr(value, "item", None)  # a NumPy scalar inside an object column
    return _plain(item()) if item and getattr(value, "ndim", 1) == 0 else str(value)


def _difference(before: Iterable[str], now: Iterable[str]) -> str:
    before, now = list(before), list(now)
    missing = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    parts = [f"missing {', '.join(missing)}"] if missing else []
    parts += [f"new {', '.join(new)}"] if new else []
    return "; ".join(parts) or f"another order: {', '.join(now)}"
