"""How each format is written: a sink takes a header once, then rows of Python values, then is closed.

Text sinks write to a binary stream they are given; same rows, same bytes (no clocks, no file names inside).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from typing import Any, BinaryIO, Protocol, cast

from signaltriage.capture.encodings import WRITE_SAFELY

Columns = list[list[Any]]
"""The values of each column, all columns equally long."""


class Sink(Protocol):
    """Writes one table in one format."""

    def header(self, names: Sequence[str]) -> None:
        """Take the column names, once, before any row."""

    def rows(self, columns: Columns) -> None:
        """Take some rows, given by column."""

    def close(self) -> None:
        """Write what is still held. Does not close the stream underneath."""

    def abandon(self) -> None:
        """Let go after an error: what was written is about to be removed."""


def zipped(stream: BinaryIO) -> BinaryIO:
    """Wrap a stream in gzip, without the time and file name that would make each run's bytes differ."""
    return cast(BinaryIO, gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6))


class CsvSink:
    """Comma- or tab-separated UTF-8 without a byte order mark, lines ending in a newline."""

    def __init__(self, stream: BinaryIO, delimiter: str) -> None:
        self._text = io.TextIOWrapper(stream, "utf-8", errors=WRITE_SAFELY, newline="", write_through=False)
        # The writer is told CRLF so that it quotes cells that hold a lone CR; `_NewlineEnd` then writes LF.
        self._writer = csv.writer(_NewlineEnd(self._text), delimiter=delimiter, lineterminator="\r\n")

    def header(self, names: Sequence[str]) -> None:
        """Write the header line, quoted where a name holds what a reader might take for the delimiter."""
        if any(mark in name for name in names for mark in ",;\t|"):
            quoted = ('"' + name.replace('"', '""') + '"' for name in names)
            self._text.write(self._writer.dialect.delimiter.join(quoted) + "\n")
        else:
            self._writer.writerow(names)

    def rows(self, columns: Columns) -> None:
        """Write rows."""
        self._writer.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        """Flush, and let go of the stream without closing it."""
        self._text.detach()

    def abandon(self) -> None:
        """Let go of the stream."""
        self._text.detach()


class _NewlineEnd:
    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def write(self, line: str) -> int:
        return self._text.write(line[:-2] + "\n")


class JsonSink:
    """One object per line, or (`array`) an array of objects with one object on each line."""

    def __init__(self, stream: BinaryIO, *, array: bool) -> None:
        self._stream = stream
        self._array = array
        self._names: Sequence[str] = ()
        self._first = True

    def header(self, names: Sequence[str]) -> None:
        """Remember the names; they are the keys of each object."""
        self._names = names
        self._stream.write(b"[" if self._array else b"")

    def rows(self, columns: Columns) -> None:
        """Write rows."""
        for values in zip(*columns, strict=True):
            lead = ("\n" if self._first else ",\n") if self._array else ""
            line = lead + json.dumps(dict(zip(self._names, values, strict=True)), ensure_ascii=False, allow_nan=False)
            try:
                encoded = line.encode()
            except UnicodeEncodeError:  # a lone surrogate: JSON can hold it, as an escape
                record = dict(zip(self._names, values, strict=True))
                encoded = (lead + json.dumps(record, allow_nan=False)).encode()
            self._stream.write(encoded if self._array else encoded + b"\n")
            self._first = False

    def close(self) -> None:
        """Close the array."""
        if self._array:
            self._stream.write(b"]\n" if self._first else b"\n]\n")

    def abandon(self) -> None:
        """Nothing is held."""
