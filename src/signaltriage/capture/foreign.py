"""What a file is that holds no text and no table: known by its first bytes, so that its own bytes are never shown."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Final

from signaltriage.capture.encodings import is_utf16_or_32

READABLE: Final = (
    "Give a .csv, .tsv, .jsonl, .json, .parquet or .xlsx file (the text ones also as .gz), or - for standard input."
)
ZIP: Final = b"PK\x03\x04"
_UNPACK: Final = "Unpack it first. " + READABLE
_EXPORT: Final = "Export the table in it as .csv. " + READABLE
_MAGIC: Final = (
    (b"\xd0\xcf\x11\xe0", "an old .xls or .doc, or a file with a password", "Save it as .xlsx or .csv, no password."),
    (b"%PDF", "a PDF", _EXPORT),
    (b"{\\rtf", "an RTF document", _EXPORT),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"SQLite format 3", "an SQLite database", "Export the table you need as .csv."),
    (b"\x89PNG", "a picture (PNG)", READABLE),
    (b"\xff\xd8\xff", "a picture (JPEG)", READABLE),
    (b"GIF8", "a picture (GIF)", READABLE),
    (b"\x7fELF", "a program", READABLE),
)
_PARTS: Final = (
    ("word/", "a Word document (.docx)", _EXPORT),
    ("ppt/", "a PowerPoint file (.pptx)", _EXPORT),
    ("mimetype", "an OpenDocument or EPUB file", "Save it as .xlsx or .csv."),
)
_CONTROL: Final = re.compile(b"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SHARE: Final = 50
"""One control character in so many bytes is more than a text holds, unless a few stray kinds come over and over."""
_KINDS: Final = 8


def foreign_kind(head: bytes, file: Path | None = None) -> tuple[str, str] | None:
    """What a file is, and the remedy; None where it may be a text, a workbook or a Parquet file.

    Args:
        head: its first bytes, some thousands, unpacked.
        file: where it lies, to look into an archive; None for one that holds no table whatever is in it.
    """
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            return what, remedy
    if head.startswith(ZIP):
        return _packed(file)
    if head.startswith(b"PAR1"):
        return None if file else ("a Parquet file", READABLE)
    return ("a binary file of an unsupported type", READABLE) if _is_binary(head) else None


def _is_binary(head: bytes) -> bool:
    """Whether control characters of many kinds fill it, and it is in none of the encodings of Unicode."""
    control = _CONTROL.findall(head)
    if len(control) <= len(head) // _SHARE or len(set(control)) < _KINDS or is_utf16_or_32(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut off
    except UnicodeDecodeError:
        return True
    return False


def _packed(file: Path | None) -> tuple[str, str] | None:
    try:
        names = zipfile.ZipFile(file).namelist() if file else []
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # A workbook cut short, perhaps, or packed in a way that zipfile does not know: its reader says so.
        return None
    if any(name.startswith("xl/") for name in names):
        return None
    for part, what, remedy in _PARTS:
        if any(name.startswith(part) for name in names):
            return what, remedy
    return "a zip archive", _UNPACK
