"""The sinks for .parquet and .xlsx: the only writers that import pyarrow and openpyxl."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from signaltriage.capture.sinks import Columns
from signaltriage.errors import UsageError

EXCEL_CELL: Final = 32_767
"""Characters that a cell of a sheet can hold."""
EXCEL_ROWS: Final = 1_048_576
_UNHOLDABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SAVED_AT: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class ParquetSink:
    """Snappy-compressed Parquet; the type of a column is that of its values in the first chunk that has rows."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._names: list[str] = []
        self._writer: Any = None
        self._schema: Any = None

    def header(self, names: Sequence[str]) -> None:
        """Remember the names; the schema needs values too."""
        self._names = list(names)

    def rows(self, columns: Columns) -> None:
        """Write rows as one row group."""
        if columns and columns[0]:
            self._write(columns)

    def close(self) -> None:
        """Write the footer; a table without rows gets text columns."""
        if self._writer is None:
            self._write([[] for _ in self._names])
        self._writer.close()

    def abandon(self) -> None:
        """Close the writer, which would else do so when it is collected, on a stream that is gone."""
        if self._writer is not None:
            self._writer.close()

    def _write(self, columns: Columns) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self._schema = pa.schema([pa.field(n, _arrow_type(c)) for n, c in zip(self._names, columns, strict=True)])
            self._writer = pq.ParquetWriter(self._stream, self._schema)
        kinds = [field.type for field in self._schema]
        try:
            arrays = [pa.array(_fitted(c, kind), type=kind) for c, kind in zip(columns, kinds, strict=True)]
        except (pa.ArrowException, TypeError) as error:
            raise UsageError(
                f"a column changed its type between chunks: {error}", remedy="Give each column one type, or write .csv."
            ) from error
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def _arrow_type(values: list[Any]) -> Any:
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64()
    return pa.float64() if kinds and kinds <= {int, float} else pa.string()


def _fitted(values: list[Any], kind: Any) -> list[Any]:
    if str(kind) != "string":
        return values
    return [None if v is None else _SURROGATE.sub("\ufffd", v if isinstance(v, str) else str(v)) for v in values]


class ExcelSink:
    """One sheet, written row by row. Text is always a text cell, whatever it starts with.

    What a sheet cannot hold is shown, not dropped: control characters become U+FFFD, a text longer than 32,767
    characters is cut and ends in a mark that says so. Raises UsageError past 1,048,576 rows.
    """

    def __init__(self, stream: BinaryIO) -> None:
        import openpyxl

        self._stream = stream
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("signals")
        self._count = 0

    def header(self, names: Sequence[str]) -> None:
        """Write the header row."""
        self._append(list(names))

    def rows(self, columns: Columns) -> None:
        """Write rows."""
        for values in zip(*columns, strict=True):
            self._append(list(values))

    def close(self) -> None:
        """Build the workbook and copy it to the stream without the clock times that openpyxl puts in."""
        with tempfile.TemporaryFile() as built:
            self._book.save(built)
            built.seek(0)
            _without_clock(built, self._stream)

    def abandon(self) -> None:
        """End the sheet and remove the temporary file that openpyxl keeps for it."""
        self._sheet.close()
        self._sheet._writer.cleanup()

    def _append(self, values: list[Any]) -> None:
        self._count += 1
        if self._count > EXCEL_ROWS:
            raise UsageError(f"A sheet holds at most {EXCEL_ROWS:,} rows", remedy="Write .csv or .parquet instead.")
        self._sheet.append([self._cell(value) for value in values])

    def _cell(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        from openpyxl.cell import WriteOnlyCell

        text = _UNHOLDABLE.sub("\ufffd", value)
        if len(text) > EXCEL_CELL:
            mark = f"… [cut: {len(text):,} characters]"
            text = text[: EXCEL_CELL - len(mark)] + mark
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # openpyxl would make a formula of a text that starts with =
        return cell


def _without_clock(built: Any, out: BinaryIO) -> None:
    with zipfile.ZipFile(built) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _EPOCH)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            if entry.filename == "docProps/core.xml":
                target.writestr(fixed, _SAVED_AT.sub(rb"\g<1>1980-01-01T00:00:00Z", source.read(entry)))
                continue
            with source.open(entry) as read, target.open(fixed, "w", force_zip64=True) as write:
                shutil.copyfileobj(read, write, 1 << 20)
