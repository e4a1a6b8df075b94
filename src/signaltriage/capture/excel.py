"""Excel workbooks, row by row: the first visible sheet that holds anything. The only reader that imports openpyxl."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any, Final

from signaltriage.capture.records import Row, Table, reject
from signaltriage.capture.sources import Source
from signaltriage.errors import InputError
from signaltriage.types import Rejected

MAX_ROWS: Final = 1_048_576
MAX_CELLS: Final = 100_000_000
"""Cells read of a sheet, the empty ones before a filled one among them."""


@contextmanager
def open_excel(source: Source) -> Iterator[Table]:
    """Open a workbook read-only: formulas give the value saved with them, dates are ISO, a blank row is no row."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern the cells
            book = openpyxl.load_workbook(source.path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl lets through whatever its XML and zip layers raise
        raise InputError(
            f"{source.name} is a damaged or unsupported Excel file ({type(error).__name__})",
            remedy="Open it in a spreadsheet and save it as .xlsx or .csv.",
        ) from error
    try:
        for sheet in (s for s in book.worksheets if s.sheet_state == "visible"):
            sheet.reset_dimensions()  # the size a file states is often wrong, and rows would be cut to it
            rows = _filled_rows(sheet, source.name)
            first = next(rows, None)
            if first is not None:
                header = tuple(first[1])
                yield Table(header, _rows(rows, len(header)), f"Excel, sheet “{sheet.title}”")
                return
        raise InputError(f"{source.name} holds no filled sheet", remedy="Save the sheet with the tickets in it.")
    finally:
        book.close()


def _filled_rows(sheet: Any, name: str) -> Iterator[Row]:
    """Rows with anything in them, cut after their last filled cell."""
    try:
        read = 0
        # openpyxl counts up to a row that calls itself the thousand-millionth: a sheet ends where Excel's ends.
        for number, values in enumerate(sheet.iter_rows(max_row=MAX_ROWS, values_only=True), start=1):
            cells = [_text(value) for value in values]
            read += len(cells)
            if read > MAX_CELLS:
                raise InputError(f"{name} has more than {MAX_CELLS:,} cells", remedy="Save the sheet as .csv.")
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield number, cells
    except (zipfile.BadZipFile, SyntaxError, KeyError, ValueError, EOFError) as error:  # ParseError is a SyntaxError
        raise InputError(f"{name} is damaged: {error}", remedy="Open it in a spreadsheet and save it anew.") from error


def _rows(rows: Iterator[Row], width: int) -> Iterator[Row | Rejected]:
    for number, cells in rows:
        if len(cells) > width:
            raw = " | ".join(cells)
            yield reject(number, f"too many cells: {width} expected, {len(cells)} found", raw)
        else:  # a sheet has no field count: cells left empty at the end are simply not there
            yield number, cells + [""] * (width - len(cells))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))  # a sheet knows only floats; an id must not become 1.0
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
