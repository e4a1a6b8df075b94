"""Delimited text: the delimiter is found, quotes are respected, and a broken row never takes its neighbours with it.

Python's own csv module does the parsing, in strict mode. Where it stumbles (a quote that is never closed, text after a
closing quote), only the first physical line of the record under way is rejected, and reading goes on from the line
after it. A blank line is no row: like in pandas it is skipped, and counts neither as read nor as rejected.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from signaltriage.capture.encodings import detect_encoding
from signaltriage.capture.lines import MAX_RECORD, Lines, RecordTooLongError
from signaltriage.capture.records import Row, Table, reject
from signaltriage.capture.sources import Source
from signaltriage.errors import InputError
from signaltriage.types import Rejected

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_LINES: Final = 400
_SAMPLE_CHARACTERS: Final = 1 << 20


@contextmanager
def open_csv(source: Source) -> Iterator[Table]:
    """Open delimited text. Raises InputError when there is no readable header."""
    if csv.field_size_limit() < MAX_RECORD:  # the module's default of 131,072 refuses a long ticket
        csv.field_size_limit(MAX_RECORD)
    with source.open_bytes() as raw:
        encoding = detect_encoding(raw)
    with (
        source.open_bytes() as raw,
        io.TextIOWrapper(raw, encoding.name, errors=encoding.errors, newline="") as text,
    ):
        lines = Lines(text)
        delimiter = _announced_delimiter(lines) or find_delimiter(
            lines.peek(_SAMPLE_LINES, _SAMPLE_CHARACTERS), tabs_first=source.kind == "tsv"
        )
        header = _read_header(lines, delimiter, source.name)
        yield Table(
            header=tuple(header),
            rows=_rows(lines, delimiter, len(header)),
            how=f"{DELIMITERS.get(delimiter, delimiter)}-separated text, {encoding.label}",
        )


def find_delimiter(sample: list[str], *, tabs_first: bool = False) -> str:
    r"""Choose among `,` `;` tab and `|` the one that cuts `sample` (physical lines) most evenly.

    A delimiter that does not cut the header is out. Of the others, the one under which most records have as many
    fields as the header wins, then the one with most fields; a file of one column counts as comma-separated, with
    `tabs_first` as tab-separated. csv.Sniffer is not used: it takes the most regular character, which in a column of
    prose is often the wrong one.
    """
    best, best_score = "\t" if tabs_first else ",", (0.0, 0)
    for delimiter in ("\t", *DELIMITERS) if tabs_first else DELIMITERS:
        counts = _field_counts(sample, delimiter)
        if not counts or counts[0] < 2:
            continue
        if tabs_first and delimiter == "\t":
            return delimiter
        score = (counts.count(counts[0]) / len(counts), counts[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _announced_delimiter(lines: Lines) -> str:
    """Honour the line `sep=;` that Excel writes and reads at the top of a file."""
    first = "".join(lines.peek(1, 1)).rstrip("\r\n")
    if len(first) == 5 and first.lower().startswith("sep=") and first[4] in DELIMITERS:
        next(lines)
        return first[4]
    return ""


def _field_counts(sample: list[str], delimiter: str) -> list[int]:
    """Fields of each record of the sample. The last record may be cut off, so it does not count unless it is alone."""
    counts = [len(fields) for fields in csv.reader(sample, delimiter=delimiter) if fields]
    return counts[:-1] if len(sample) >= _SAMPLE_LINES and len(counts) > 1 else counts


def _read_header(lines: Lines, delimiter: str, name: str) -> list[str]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            header = next(reader)
        except StopIteration:
            raise InputError(f"{name} holds nothing but blank lines", remedy="Export it again.") from None
        except (csv.Error, RecordTooLongError) as error:
            fields, closed = _parse_alone(lines.taken[0][1], delimiter)
            if not closed or isinstance(error, RecordTooLongError):
                raise InputError(
                    f"the header of {name} could not be read: a quote on line {lines.taken[0][0]} is never closed",
                    remedy="Check the first line; if this is no table, give one.",
                ) from error
            lines.push_back(lines.taken[1:])
            return fields
        if header and not (len(header) == 1 and not header[0].strip()):
            return header


def _rows(lines: Lines, delimiter: str, width: int) -> Iterator[Row | Rejected]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (csv.Error, RecordTooLongError) as error:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)  # the old one is stuck inside the quote
            yield _recover(lines, delimiter, width, error)
            continue
        number, first = lines.taken[0]
        if len(fields) == width:
            yield number, fields
        elif len(lines.taken) == 1 and not first.strip("\r\n \t\ufeff" if width > 1 else "\r\n"):
            continue
        else:
            yield _wrong_count(lines, delimiter, width, len(fields))


def _recover(lines: Lines, delimiter: str, width: int, error: Exception) -> Row | Rejected:
    """Read or reject the first line of the record that csv stumbled over, and hand back the lines after it."""
    number, first = lines.taken[0]
    lines.push_back(lines.taken[1:])
    if isinstance(error, RecordTooLongError) and len(lines.taken) == 1:
        return reject(number, f"line longer than {MAX_RECORD:,} characters", first)
    fields, closed = _parse_alone(first, delimiter)
    if closed and len(fields) == width:
        return number, fields  # text after a closing quote, as in `"a"b`: taken as spreadsheets take it
    if closed:
        return reject(number, _count_reason(width, len(fields)), first.rstrip("\r\n"))
    return reject(number, "a quote that opens on this line is not closed properly", first.rstrip("\r\n"))


def _wrong_count(lines: Lines, delimiter: str, width: int, found: int) -> Rejected:
    """Reject a record with too many or too few fields; a stray quote must not have swallowed good rows into it."""
    number, first = lines.taken[0]
    if len(lines.taken) > 1:
        second = lines.taken[1][1]
        fields, closed = _parse_alone(second, delimiter)
        # An odd number of quotes: the second line ends the quote, so it is the end of this record, not a row.
        if width > 1 and closed and len(fields) == width and second.count('"') % 2 == 0:
            lines.push_back(lines.taken[1:])
            return reject(number, "a quote that opens on this line is not closed properly", first.rstrip("\r\n"))
    raw = "".join(text for _, text in lines.taken).rstrip("\r\n")
    return reject(number, _count_reason(width, found), raw)


def _count_reason(width: int, found: int) -> str:
    return f"too {'many' if found > width else 'few'} fields: {width} expected, {found} found"


def _parse_alone(line: str, delimiter: str) -> tuple[list[str], bool]:
    """Parse one physical line leniently; the flag says whether it ends outside quotes."""
    asked: list[Any] = []

    def feed() -> Iterator[str]:
        yield line
        asked.append(True)  # the parser wants a further line: it is still inside quotes

    try:
        return next(csv.reader(feed(), delimiter=delimiter), []), not asked
    except csv.Error:
        return [], False
