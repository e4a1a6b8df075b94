"""Where a table comes from: a file or standard input, plain or gzipped, and which format it is in."""

from __future__ import annotations

import difflib
import gzip
import re
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from signaltriage.capture.encodings import utf16_without_mark
from signaltriage.errors import InputError

Kind = Literal["csv", "tsv", "jsonl", "json", "parquet", "xlsx"]

EXTENSIONS: Final[dict[str, Kind]] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
_READABLE: Final = (
    "Give a .csv, .tsv, .jsonl, .json, .parquet or .xlsx file (the text ones also as .gz), or - for standard input."
)
_GZIP: Final = b"\x1f\x8b"
# Files that open with these bytes are known not to be a table; each with the remedy.
_FOREIGN: Final = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old .xls or a password-protected workbook",
        "Save it as .xlsx or .csv without a password.",
    ),
    (b"%PDF", "a PDF", _READABLE),
    (b"BZh", "a bzip2 archive", "Unpack it first."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "Unpack it first."),
    (b"SQLite format 3", "an SQLite database", "Export the table you need as .csv."),
)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_JSON_START: Final = re.compile(r"\s*(?:\[\s*[\[{\]]|\{\s*[\"}])")


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file: `path` to read, `name` to call it in messages, its `kind`, and whether it is gzipped."""

    path: Path
    name: str
    kind: Kind
    gzipped: bool

    def open_bytes(self) -> BinaryIO:
        """Open from the start, unpacked. The caller closes it."""
        return cast(BinaryIO, gzip.open(self.path, "rb")) if self.gzipped else self.path.open("rb")


def require_file(path: str | Path) -> None:
    """Raise InputError when `path` is missing, a folder, or holds nothing. `-` is not looked at."""
    if str(path) == "-":
        return
    where = Path(path)
    if where.is_dir():
        raise InputError(f"{where} is a folder, not a table", remedy="Name one file in it. " + _READABLE)
    if not where.exists():
        raise InputError(f"{where} does not exist", remedy="Check the path; " + _nearby(where))
    if where.is_file() and where.stat().st_size == 0:
        raise InputError(f"{where} is empty (0 bytes)", remedy="Export it again; a table needs at least a header line.")


@contextmanager
def open_source(path: str | Path, *, name: str = "") -> Iterator[Source]:
    """Find out what `path` is. Standard input and pipes are spooled to a temporary file: readers look at them twice.

    `name` is what to call it, where that is not its path.

    Raises InputError when it is missing, unreadable, or of a format that is not supported.
    """
    require_file(path)
    name = name or ("standard input" if str(path) == "-" else str(path))
    with ExitStack() as stack:
        try:
            if str(path) == "-" or not Path(path).is_file():
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="signaltriage-"))
                path = _spool(path, name, Path(folder) / "input")
            yield _identify(Path(path), name)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{name} is a damaged gzip file: {error}", remedy="Download or pack it again.") from error
        except OSError as error:
            why = error.strerror or error
            raise InputError(f"{name} could not be read: {why}", remedy="Check the file and your rights.") from error


def _spool(path: str | Path, name: str, file: Path) -> Path:
    if str(path) == "-" and sys.stdin.isatty():
        raise InputError("nothing is piped into standard input", remedy="Use: cat tickets.csv | signaltriage … -")
    with file.open("wb") as spool:
        if str(path) == "-":
            shutil.copyfileobj(sys.stdin.buffer, spool, 1 << 20)
        else:
            with Path(path).open("rb") as pipe:
                shutil.copyfileobj(pipe, spool, 1 << 20)
    if file.stat().st_size == 0:
        raise InputError(f"{name} is empty", remedy="Check the command before the pipe.")
    return file


def _identify(file: Path, name: str) -> Source:
    with file.open("rb") as stream:
        gzipped = stream.read(2) == _GZIP
    with Source(file, name, "csv", gzipped).open_bytes() as stream:
        head = stream.read(1 << 16)
    suffixes = [s.lower() for s in Path(name).suffixes if s.lower() != ".gz"]
    named = EXTENSIONS.get(suffixes[-1]) if suffixes else None
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            raise InputError(f"{name} is {what}, which is not supported", remedy=remedy)
    kind = _by_content(head, named, name)
    if gzipped and kind in {"parquet", "xlsx"}:
        raise InputError(f"{name} is a gzipped .{kind}, which is not supported", remedy="Unpack it first.")
    return Source(file, name, kind, gzipped)


def _by_content(head: bytes, named: Kind | None, name: str) -> Kind:
    """Binary formats show themselves in their first bytes; for text the extension counts, then the first character."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if named in {"parquet", "xlsx"}:
        raise InputError(f"{name} is named .{named} but is no such file", remedy="Export it again. " + _READABLE)
    if named:
        return named
    text = head.decode("utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", errors="replace")
    if _JSON_START.match(text):
        return "json"
    if len(_CONTROL.findall(text)) > len(text) // 50 and not utf16_without_mark(head):
        raise InputError(f"{name} is a binary file of an unsupported type", remedy=_READABLE)
    return "csv"


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either."
    tables = sorted(p.name for p in folder.iterdir() if EXTENSIONS.get(p.suffix.lower()))
    tables = difflib.get_close_matches(path.name, tables, n=1) or tables[:5]
    return f"in {folder} there is: {', '.join(tables)}." if tables else f"{folder} holds no tables."
