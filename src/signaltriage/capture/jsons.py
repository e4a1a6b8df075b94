"""JSON tables: lines of objects, an array of objects, or the page of records that a ticket tool's API answers with.

Columns are the keys of all records, in the order they first appear; finding them takes a first pass over the file, so
that every chunk has the same columns. Cells are text: strings as they are, numbers as written (an id never becomes
1.0), null is "", nested values are compact JSON. Of a key repeated inside one object JSON keeps the last.

ijson was weighed for the arrays: the standard library's `raw_decode` over a growing buffer does the same in a few lines
and is faster than ijson's portable back end.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from signaltriage.capture.encodings import Encoding, detect_encoding
from signaltriage.capture.json_members import members
from signaltriage.capture.lines import Lines, RecordTooLongError
from signaltriage.capture.pages import page_records, single_record
from signaltriage.capture.records import Row, Table, reject
from signaltriage.capture.sources import Source
from signaltriage.errors import InputError
from signaltriage.types import Rejected

MAX_VALUE: Final = 64_000_000
"""Characters of one value held at once: the limit of a page object; records of an array may each be as long."""
MAX_COLUMNS: Final = 5_000
_BLOCK: Final = 1 << 18
_FILLER: Final = re.compile(r"[\s,\ufeff]*")
_ARRAY_START: Final = re.compile(r"[\s\ufeff]*\[\s*(?:[{\]]|$)")

Item = tuple[int, dict[str, Any]] | Rejected


class _Number(float):
    """A float that remembers how it was written."""

    raw: str

    def __new__(cls, raw: str) -> _Number:
        number = super().__new__(cls, raw)
        number.raw = raw
        return number


def _integer(raw: str) -> int | _Number:
    # Python refuses to convert integers of more than 4,300 digits; such a number is kept as it was written.
    return int(raw) if len(raw) < 4000 else _Number(raw)


_DECODER: Final = json.JSONDecoder(parse_float=_Number, parse_int=_integer)


@contextmanager
def open_json(source: Source) -> Iterator[Table]:
    """Open a JSON table. Raises InputError when not one record can be read."""
    with source.open_bytes() as raw:
        encoding = detect_encoding(raw)
    by_line = _is_lines(source, encoding)
    columns: dict[str, None] = {}
    first_problem = ""
    for item in _items(source, encoding, by_line):
        if not isinstance(item, Rejected):
            columns.update(dict.fromkeys(item[1]))
        first_problem = first_problem or (f": {item.reason}" if isinstance(item, Rejected) else "")
        if len(columns) > MAX_COLUMNS:
            raise InputError(
                f"the records of {source.name} have more than {MAX_COLUMNS:,} different keys",
                remedy="Is this a list of tickets? Give one record per signal, with the same keys in each.",
            )
    if not columns:
        raise InputError(
            f"{source.name} holds no records{first_problem}",
            remedy="Expected: objects one per line, an array of objects, or an API page with one list of objects.",
        )
    how = f"{'JSON lines' if by_line else 'JSON'}, {encoding.label}"
    yield Table(tuple(columns), _rows(_items(source, encoding, by_line), list(columns)), how)


@contextmanager
def open_values(source: Source, max_value: int) -> Iterator[tuple[str, bool, Iterator[tuple[int, object] | Rejected]]]:
    """Open JSON as it stands: in words how it is read, whether by line, and its numbered values, read or rejected.

    Values are those of an array, one after another, or one a line. An object of more than `max_value` characters that
    stands alone is given as its members, each element of a list in it as an object of its own: `{"tickets": [{…}]}`.
    """
    with source.open_bytes() as raw:
        encoding = detect_encoding(raw)
    by_line = _is_lines(source, encoding)
    with (
        source.open_bytes() as raw,
        io.TextIOWrapper(raw, encoding.name, errors=encoding.errors, newline="") as text,
    ):
        how = f"{'JSON lines' if by_line else 'JSON'}, {encoding.label}"
        yield how, by_line, _line_items(text) if by_line else _numbered_values(text, max_value)


def _numbered_values(text: TextIO, max_value: int) -> Iterator[tuple[int, object] | Rejected]:
    _, values = _values(text, max_value)
    for number, value in enumerate(values, 1):
        if isinstance(value, Rejected):
            yield Rejected(number, value.reason, value.raw)
        else:
            yield number, value


def cell_text(value: object) -> str:
    """Turn a JSON value into the text of a cell."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, _Number):
        return value.raw
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _rows(items: Iterator[Item], columns: list[str]) -> Iterator[Row | Rejected]:
    for item in items:
        if isinstance(item, Rejected):
            yield item
        else:
            number, record = item
            yield number, [cell_text(record.get(name)) for name in columns]


def _items(source: Source, encoding: Encoding, by_line: bool) -> Iterator[Item]:
    with (
        source.open_bytes() as raw,
        io.TextIOWrapper(raw, encoding.name, errors=encoding.errors, newline="") as text,
    ):
        yield from _line_items(text) if by_line else _value_items(text)


def _is_lines(source: Source, encoding: Encoding) -> bool:
    """One object per line? So says the extension, or a first line that is a whole object and not the only line."""
    with (
        source.open_bytes() as raw,
        io.TextIOWrapper(raw, encoding.name, errors=encoding.errors, newline="") as text,
    ):
        filled = [line for line in Lines(text).peek(50, _BLOCK) if line.strip()]
    if not filled or _ARRAY_START.match(filled[0]):
        return False
    if source.kind == "jsonl":
        return True
    try:
        return isinstance(json.loads(filled[0]), dict) and len(filled) > 1
    except (ValueError, RecursionError):
        return False


def _line_items(text: TextIO) -> Iterator[Item]:
    lines = Lines(text)
    while True:
        lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except RecordTooLongError:
            yield reject(lines.taken[0][0], "line too long", lines.taken[0][1])
            continue
        if line.strip("\r\n \t\ufeff"):
            yield _decoded_line(lines.taken[0][0], line.rstrip("\r\n"))


def _decoded_line(number: int, line: str) -> Item:
    try:
        value, end = _DECODER.raw_decode(line, _skip(line, 0))
    except (ValueError, RecursionError) as error:
        return reject(number, _json_reason(error), line)
    if line[end:].strip():
        return reject(number, f"not valid JSON: more text after the object, at character {end + 1}", line)
    return _as_record(number, value)


def _as_record(number: int, value: object) -> Item:
    if isinstance(value, dict):
        return number, value
    raw = json.dumps(value, ensure_ascii=False)
    return reject(number, f"a {type(value).__name__} where an object with named fields was expected", raw)


def _value_items(text: TextIO) -> Iterator[Item]:
    """Records of an array, of one page, or of several values one after another, numbered from 1."""
    number = 0
    in_array, values = _values(text)
    for value in values:
        if isinstance(value, Rejected):
            yield Rejected(number + 1, value.reason, value.raw)
            return
        records = page_records(value, strict=in_array)
        for record in [single_record(value, wrapped=not in_array)] if records is None else records:
            number += 1
            yield _as_record(number, record)


def _values(text: TextIO, max_value: int = 0) -> tuple[bool, Iterator[object]]:
    """Whether they stand in an array, and the values; above `max_value` (0: never) a lone object's members."""
    buffer = text.read(_BLOCK)
    while buffer and _skip(buffer, 0) == len(buffer) and (more := text.read(_BLOCK)):
        buffer = more
    start = _skip(buffer, 0)
    in_array = buffer[start : start + 1] == "["
    return in_array, _decoded_values(text, buffer[start + in_array :], in_array, max_value)


def _decoded_values(text: TextIO, buffer: str, in_array: bool, max_value: int) -> Iterator[object]:
    """Decode value after value, reading on whenever the buffer ends in the middle of one.

    After a syntax error there is no safe place to go on from: what is left becomes one Rejected, and reading ends.
    """
    position, at_end = 0, False
    while True:
        position = _skip(buffer, position)
        closed = in_array and buffer.startswith("]", position)
        error: Exception | None = None
        if position < len(buffer) and not closed:
            try:
                value, end = _DECODER.raw_decode(buffer, position)
            except RecursionError as problem:
                yield reject(0, _json_reason(problem), buffer[position:])
                return
            except ValueError as problem:
                error = problem
            else:
                if end < len(buffer) or at_end:  # a number at the very end of the buffer may go on after it
                    yield value
                    position = end
                    continue
        if closed or (at_end and not error):
            yield from _check_end(in_array, closed, buffer[position + 1 :])
            return
        if max_value and not at_end and len(buffer) - position > max_value and buffer[position] == "{" and not in_array:
            yield from members(text, buffer[position:], _DECODER, max_value)
            return
        if at_end or len(buffer) - position > (max_value or MAX_VALUE):
            yield reject(0, _json_reason(error, at_end), buffer[position:])
            return
        more = text.read(max(_BLOCK, len(buffer) - position))  # doubling keeps the repeated attempts linear
        buffer, position, at_end = buffer[position:] + more, 0, not more


def _check_end(in_array: bool, closed: bool, rest: str) -> Iterator[object]:
    if in_array and not closed:
        yield reject(0, "the file ends in the middle of the array", "")
    elif rest.strip():
        yield reject(0, "more text after the end of the array", rest)


def _skip(text: str, position: int) -> int:
    found = _FILLER.match(text, position)
    return found.end() if found else position


def _json_reason(error: Exception | None, at_end: bool = True) -> str:
    if isinstance(error, RecursionError):
        return "not valid JSON: nested too deeply"
    if not at_end:
        return f"a value longer than {MAX_VALUE:,} characters; give one object per line (.jsonl) instead"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1}"
    return f"not valid JSON: {error}"
