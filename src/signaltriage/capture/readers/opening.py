"""A file, folder or archive of any tool, opened: what it was taken for, and its items one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import Final

from signaltriage.capture.readers.base import Asked, Known, Reader, Record, SignalFile
from signaltriage.capture.readers.bundles import Bundle, is_zip, open_bundle
from signaltriage.capture.readers.groups import Group, groups_of
from signaltriage.capture.readers.pages import LOOKUPS
from signaltriage.capture.readers.registry import reader_named, recognise
from signaltriage.capture.readers.streams import open_stream
from signaltriage.capture.readers.values import ident, raw_of, sane, words
from signaltriage.errors import InputError, SignalTriageError
from signaltriage.log_types import CaptureItem, Skipped, Unreadable

_SAMPLE: Final = 200
_SAMPLE_CHARACTERS: Final = 16_000_000
_KEPT: Final = ("name", "role", "email", "is_bot")
"""What is asked of a lookup record; the rest of it, such as pictures, is not kept."""
_UNEXPECTED: Final = (
    *(AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError, RecursionError, OSError),
)
"""What a record of the wrong shape can raise in a reader: the record is rejected, and the rest goes on."""


@contextmanager
def open_signals(path: str | Path, *, asked: Asked | None = None) -> Iterator[SignalFile]:
    """Open what a tool exported: a file of any format, a folder, or a zip archive.

    Everything in it becomes exactly one item: a signal or search, something skipped with its reason, or something
    unreadable with its place and reason. Memory does not grow with the number of records, except by the ids of rows
    that have none.

    Raises:
        InputError: nothing of it can be read; where it is one file, also that no reader knows it.
        UsageError: a mapping names a column that is not there.
    """
    asked = asked or Asked()
    where = Path(path)
    if str(path) != "-" and (where.is_dir() or (where.is_file() and is_zip(where))):
        with open_bundle(where) as bundle:
            yield _bundle_file(bundle, asked)
        return
    with _open_one(path, "standard input" if str(path) == "-" else sane(where.name), Known("", asked)) as file:
        yield file


@contextmanager
def _open_one(path: str | Path, name: str, known: Known, reader: Reader | None = None) -> Iterator[SignalFile]:
    with open_stream(path, name) as stream:
        first = _first(stream.records)
        known.header = stream.header
        known.sample = [record for record in first if isinstance(record, Record)]
        if not known.sample and (first or not stream.table):
            what = "nothing in it can be read" if first else "no records in it"
            yield SignalFile(name, "none", f"{stream.how}: {what}", _rejected(first, stream.records))
            return
        reader = reader or recognise(known, name)
        known.source = source_name(reader, known.asked, name)
        how = f"{reader.label}, {stream.how}" + (f"; {said}" if reader.say and (said := reader.say(known)) else "")
        yield SignalFile(name, reader.name, how, items_of(reader, chain(first, stream.records), known))


_OF_AN_EXPORT: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:[-_. ]?(?:0[1-9]|1[0-2])(?:[-_. ]?(?:0[1-9]|[12]\d|3[01]))?)?(?:[-_. t]?\d{4,6})?(?!\d)"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])[-_.](?:0?[1-9]|1[0-2])[-_.](?:19|20)\d\d(?!\d)"
    r"|\(\d{1,3}\)|(?:week|wk|kw|cw)[-_ ]?\d{1,2}(?!\d)|(?<!\d)\d{9,}(?!\d)"
)
"""Dates, weeks, moments and copies in the name of a file."""


def _first(records: Iterator[Record | Unreadable]) -> list[Record | Unreadable]:
    """The first records: enough to tell what they are, and no more than memory has room for."""
    first: list[Record | Unreadable] = []
    weight = 0
    for record in islice(records, _SAMPLE):
        first.append(record)
        weight += sum(len(words(value)) for value in record.data.values()) if isinstance(record, Record) else 0
        if weight > _SAMPLE_CHARACTERS:
            break
    return first


def source_name(reader: Reader, asked: Asked, name: str) -> str:
    """What the signals' source is called: as the user says, else as the tool; of a table of no tool, as its file.

    Dates and what tells copies apart, such as (2), are left out of a table's name, so that the export of next week is
    of the same source. Of a survey's nothing is: the answers to another one have the same numbers.
    """
    if asked.source and reader_named(asked.source) is None:
        return ident(asked.source)
    if reader.source is None:
        return reader.name
    stem = PurePosixPath(name).name.split(".")[0].lower()
    undated = stem if reader.name == "survey" else _OF_AN_EXPORT.sub(" ", stem)
    return reader.source or "-".join(re.findall(r"[^\W_]+", undated)) or reader.name


def _rejected(first: list[Record | Unreadable], rest: Iterator[Record | Unreadable]) -> Iterator[CaptureItem]:
    for item in chain(first, rest):
        yield (
            item
            if isinstance(item, Unreadable)
            else Unreadable(item.place, "of no kind that is known", raw_of(item.data))
        )


def items_of(reader: Reader, records: Iterator[Record | Unreadable], known: Known) -> Iterator[CaptureItem]:
    """What a reader makes of each record; lookups beside the records are kept for those that come after."""
    try:
        for record in records:
            if isinstance(record, Unreadable):
                yield record
            elif record.kind in LOOKUPS:
                yield remember(record, known)
            else:
                try:
                    items = list(reader.read(record, known))
                except _UNEXPECTED as error:
                    reason = f"not as {reader.label} writes it: {type(error).__name__}"
                    items = [Unreadable(record.place, reason, raw_of(record.data))]
                yield from items or [Unreadable(record.place, "nothing was found in it", raw_of(record.data))]
    except InputError as error:  # a damaged file in the middle: what was read stays, and the rest is told of
        yield Unreadable("the rest of the file", error.message, "")


def remember(record: Record, known: Known) -> CaptureItem:
    """Keep a lookup record by its id."""
    key = ident(record.data.get("id"))
    if key:
        kept = {name: record.data[name] for name in _KEPT if record.data.get(name)}
        known.lookups.setdefault(record.kind, {})[key] = kept
    return Skipped(record.place, f"lookup table: {record.kind}")


def _bundle_file(bundle: Bundle, asked: Asked) -> SignalFile:
    groups = groups_of(bundle)
    remarks: list[str] = []
    whole = groups[0].reader if len(groups) == 1 else None
    how = f"{whole.label if whole else 'each file on its own'}, {bundle.what} of {len(bundle.members):,} files"
    items = chain.from_iterable(_group_items(bundle, group, asked, remarks) for group in groups)
    reader = whole.name if whole else bundle.what.split()[0]
    return SignalFile(sane(Path(bundle.name).name), reader, how, chain(_refused(bundle), items), remarks)


def _refused(bundle: Bundle) -> Iterator[CaptureItem]:
    for member in bundle.members:
        if member.system:
            yield Skipped(sane(member.name), "system file")
        elif member.refused:
            yield Unreadable(sane(member.name), sane(member.refused), "")


def _group_items(bundle: Bundle, group: Group, asked: Asked, remarks: list[str]) -> Iterator[CaptureItem]:
    """The items of files that belong together, the lookups among them first; what is known goes from file to file."""
    known = Known("", asked)
    for member in group.members:
        known = known if group.reader else Known("", asked)
        name = sane(member.name)  # a folder's names are any bytes
        known.memory["file"] = name
        try:
            with bundle.file(member) as place, _open_one(place, name, known, group.reader) as file:
                remarks.append(f"{name}: {file.how}")
                for item in file.items:
                    yield _placed(item, name)
        except SignalTriageError as error:
            yield Unreadable(name, sane(error.message), "")


def _placed(item: CaptureItem, name: str) -> CaptureItem:
    place = f"{name} {item.place}"
    if isinstance(item, Skipped):
        return Skipped(place, item.reason)
    if isinstance(item, Unreadable):
        return Unreadable(place, item.reason, item.raw)
    return type(item)(place, item.found)
