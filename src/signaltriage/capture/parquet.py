"""Parquet tables, one batch of a row group at a time, cells as text. The only reader that imports pyarrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from signaltriage.capture.records import Row, Table
from signaltriage.capture.sources import Source
from signaltriage.errors import InputError

_BATCH = 1000


@contextmanager
def open_parquet(source: Source) -> Iterator[Table]:
    """Open a Parquet file. Integers keep their digits beside nulls; times are ISO; nested values are compact JSON."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(source.path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{source.name} is a damaged or unsupported Parquet file: {error}", remedy="Write it again."
        ) from error
    with file:
        header = tuple(file.schema_arrow.names)
        if not header:
            raise InputError(f"{source.name} has no columns", remedy="Export it again.")
        yield Table(header, _rows(file, source.name), "Parquet")


def _rows(file: Any, name: str) -> Iterator[Row]:
    import pyarrow as pa

    number = 0
    try:
        # One thread and no read-ahead: memory stays at one row group's compressed pages.
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            for cells in zip(*(_texts(column) for column in batch.columns), strict=True):
                number += 1
                yield number, list(cells)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{name} is damaged after record {number}: {error}", remedy="Write the file again from its source."
        ) from error


def _texts(column: Any) -> list[str]:
    """Turn one Arrow array into a list of cells."""
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, pa.DictionaryType):
        return _texts(column.dictionary_decode())
    types = pa.types
    # 32-bit floats too: as Python floats they would show digits that nobody wrote (0.1 → 0.10000000149011612).
    plain = types.is_integer(kind) or types.is_boolean(kind) or types.is_decimal(kind) or types.is_float32(kind)
    if plain or types.is_string(kind) or types.is_large_string(kind):
        return ["" if text is None else text for text in column.cast(pa.large_string()).to_pylist()]
    return [_text(value) for value in column.to_pylist()]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # A whole float is most often an integer that shared its column with nulls.
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_text)
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)
