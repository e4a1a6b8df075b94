"""Which encoding a text file is in: decided over the whole file, in bounded memory.

A first block of pure ASCII says nothing about a Windows-1252 byte a gigabyte later, so the whole file is looked at, one
block at a time. charset-normalizer was weighed and not used: it guesses among a hundred encodings from one sample held
in memory, and the three families that exports come in are told apart exactly by the rules below.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO, Final

_BLOCK: Final = 1 << 20
"""Bytes looked at together."""

_LENIENT: Final = "signaltriage.windows-1252"
"""Name of the codec error handler that reads bytes which are not UTF-8 as Windows-1252."""

WRITE_SAFELY: Final = "signaltriage.replacement"
"""Name of the codec error handler that writes U+FFFD for what cannot be encoded (lone surrogates)."""

_BOMS: Final = (
    # UTF-32 first: its little-endian mark starts with the mark of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)

_ESCAPED: Final = re.compile("[\udc80-\udcff]")
_FOREIGN: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")
# The five bytes that Windows-1252 leaves open become the control characters of the same number, as browsers do.
_WINDOWS_1252: Final = [bytes([b]).decode("cp1252", errors="ignore") or chr(b) for b in range(256)]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to decode a text file: `name` and `errors` are for `open`, `label` is for people."""

    name: str
    errors: str
    label: str


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(_WINDOWS_1252[b] for b in error.object[error.start : error.end]), error.end


def _replacement(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    # As bytes: Python's UTF-8 encoder takes a text from a handler only if it is ASCII. All that we write is UTF-8.
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error(_LENIENT, _read_as_windows_1252)
codecs.register_error(WRITE_SAFELY, _replacement)


def detect_encoding(stream: BinaryIO) -> Encoding:
    """Say how to decode what is left of `stream` (read to its end; the caller opens it anew).

    A byte order mark decides; without one, many NULs on one side of the byte pairs mean UTF-16; else the file is UTF-8
    when more of its foreign characters are valid UTF-8 than not (single broken bytes are then read as Windows-1252),
    else Windows-1252. Nothing is ever dropped: each byte becomes some character.
    """
    head = stream.read(_BLOCK)
    for mark, name, label in _BOMS:
        if head.startswith(mark):
            return Encoding(name, "replace", label)
    name = "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if name == "utf-8" and (wide := utf16_without_mark(head)):
        return Encoding(wide, "replace", "UTF-16 without a byte order mark")
    valid, broken = _count_utf8(head, stream)
    if not broken:
        return Encoding(name, _LENIENT, "UTF-8")
    if valid > broken or name == "utf-8-sig":
        return Encoding(name, _LENIENT, "UTF-8 with some Windows-1252 bytes")
    return Encoding("cp1252", _LENIENT, "Windows-1252")


def is_utf16_or_32(head: bytes) -> bool:
    """Whether a text of two or four bytes a character begins so: the NULs in it are no sign of something else."""
    return any(head.startswith(mark) for mark, *_ in _BOMS) or bool(utf16_without_mark(head))


def utf16_without_mark(head: bytes) -> str:
    """Codec name when the NULs lie as they do in UTF-16 of mostly Latin text, else an empty string."""
    sample = head[: 1 << 16]
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    breaks = sample.count(b"\n")
    # Line breaks must be wide too, or it is a narrow text with stray NULs in it.
    if odd > 0.4 and even < 0.05 and sample.count(b"\n\x00") >= 0.9 * breaks:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05 and sample.count(b"\x00\n") >= 0.9 * breaks:
        return "utf-16-be"
    return ""


def _count_utf8(head: bytes, rest: BinaryIO) -> tuple[int, int]:
    """Count the foreign characters that are valid UTF-8, and the bytes that are not."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    valid = broken = 0
    block = head
    while block:
        text = decoder.decode(block)
        if not text.isascii():
            valid += len(_FOREIGN.findall(text))
            broken += len(_ESCAPED.findall(text))
            if broken > 1000 and broken > 10 * valid:  # plainly not UTF-8: no need to see the rest
                return valid, broken
        block = rest.read(_BLOCK)
    return valid, broken + len(decoder.decode(b"", final=True))
