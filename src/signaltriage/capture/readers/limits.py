"""What is unpacked, and how far: an archive never gets more memory, disk or time than a large export needs."""

from __future__ import annotations

import gzip
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO, Final

from signaltriage.capture.sources import Source
from signaltriage.errors import InputError

MAX_MEMBERS: Final = 200_000
MAX_DIRECTORY: Final = 64 << 20
"""Bytes of the table of contents of an archive."""
MAX_MEMBER: Final = 4 << 30
"""Bytes of one file, unpacked."""
MAX_TOTAL: Final = 16 << 30
"""Bytes of all files of an archive together, unpacked."""
MAX_RATIO: Final = 300
"""Times that a file may grow when it is unpacked, once it is larger than `FREE`. Text shrinks 5 to 50 times."""
FREE: Final = 16 << 20
MAX_STRINGS: Final = 128 << 20
"""Bytes of the strings that a workbook shares among its cells: they are held at once."""
MAX_SHEET: Final = 2 << 30
_BLOCK: Final = 1 << 20
_END: Final = b"PK\x05\x06"
_FAR_LOCATOR: Final = b"PK\x06\x07"
_FAR_END: Final = b"PK\x06\x06"
_DECLARES: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_REMEDY: Final = "If this is a real export, unpack it yourself and give the files."


class TooLargeError(Exception):
    """Unpacking went over a limit; the message says which."""


def copy_bounded(
    packed: IO[bytes] | gzip.GzipFile, target: BinaryIO, packed_size: int, budget: int = MAX_MEMBER
) -> int:
    """Copy what unpacks from a stream, and say how many bytes.

    Raises:
        TooLargeError: it grows out of proportion to `packed_size`, or beyond `budget` bytes.
    """
    written = 0
    while block := packed.read(_BLOCK):
        written += len(block)
        if written > budget:
            raise TooLargeError(f"unpacks to more than {budget >> 20:,} MB")
        if written > FREE and written > MAX_RATIO * max(packed_size, 1):
            raise TooLargeError(f"unpacks to more than {MAX_RATIO} times its size")
        target.write(block)
    return written


@contextmanager
def unpacked(source: Source) -> Iterator[Source]:
    """The source, and where it is gzipped a plain copy of it, made within the limits.

    Raises:
        InputError: it is over a limit, or damaged.
    """
    if not source.gzipped:
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="signaltriage-") as folder:
        plain = Path(folder) / "plain"
        try:
            with gzip.open(source.path, "rb") as packed, plain.open("wb") as target:
                copy_bounded(packed, target, source.path.stat().st_size)
        except TooLargeError as error:
            raise InputError(f"{source.name} {error}", remedy=_REMEDY) from None
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{source.name} is a damaged gzip file: {error}", remedy="Download it again.") from error
        yield replace(source, path=plain, gzipped=False)


def check_directory(path: Path, name: str) -> None:
    """Look at the end of a zip archive before its table of contents is read into memory.

    Raises:
        InputError: it is no archive, or its table of contents is over the limits.
    """
    with path.open("rb") as stream:
        stream.seek(0, 2)
        size = stream.tell()
        stream.seek(max(0, size - (1 << 16) - 22))
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise InputError(f"{name} is a damaged zip archive", remedy="Download or pack it again.")
    members, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    locator = tail[max(0, at - 20) : at]
    if locator.startswith(_FAR_LOCATOR):  # a large archive tells its numbers elsewhere
        members, length = _far_directory(path, struct.unpack("<Q", locator[8:16])[0])
    if min(size, length) > MAX_DIRECTORY or members > MAX_MEMBERS:
        raise InputError(f"{name} holds too many files", remedy=_REMEDY)


def _far_directory(path: Path, offset: int) -> tuple[int, int]:
    with path.open("rb") as stream:
        stream.seek(min(offset, path.stat().st_size))
        record = stream.read(56)
    if len(record) < 56 or not record.startswith(_FAR_END):
        return MAX_MEMBERS + 1, 0
    members, length = struct.unpack("<QQ", record[32:48])
    return members, length


def check_workbook(path: Path, name: str) -> None:
    """Look at the parts of a workbook before they are parsed.

    Raises:
        InputError: a part is over the limits, or declares entities (which a spreadsheet never does).
    """
    check_directory(path, name)
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > 10_000:
                raise InputError(f"{name} has too many parts for a workbook", remedy=_REMEDY)
            for part in parts:
                _check_part(book, part, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(
            f"{name} is a damaged or unsupported Excel file ({type(error).__name__})",
            remedy="Open it in a spreadsheet and save it as .xlsx or .csv.",
        ) from error


def _check_part(book: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    limit = MAX_STRINGS if part.filename.lower().endswith("sharedstrings.xml") else MAX_SHEET
    grows = part.file_size > FREE and part.file_size > MAX_RATIO * max(part.compress_size, 1)
    if part.file_size > limit or grows:
        raise InputError(f"{name}: {part.filename[:100]} unpacks to {part.file_size >> 20:,} MB", remedy=_REMEDY)
    if part.filename.lower().endswith((".xml", ".rels")):
        with book.open(part) as stream:
            head = stream.read(1 << 16).replace(b"\x00", b"")
        if _DECLARES.search(head):
            raise InputError(
                f"{name}: {part.filename[:100]} declares entities, which no spreadsheet does",
                remedy="Open it in a spreadsheet and save it anew.",
            )
