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

from signaltriage.capture.foreign import READABLE, ZIP, foreign_kind
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
_GZIP: Final = b"\x1f\x8b"
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
        raise InputError(f"{where} is a folder, not a table", remedy="Name one file in it. " + READABLE)
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
    # In a gzipped file no archive is looked into: a packed workbook has its own message.
    if foreign := None if gzipped and head.startswith(ZIP) else foreign_kind(head, file):
        raise InputError(f"{name} is {foreign[0]}, which is not supported", remedy=foreign[1])
    kind = _by_content(head, named, name)
    if gzipped and kind in {"parquet", "xlsx"}:
        raise InputError(f"{name} is a gzipped .{kind}, which is not supported", remedy="Unpack it first.")
    return Source(file, name, kind, gzipped)


def _by_content(head: bytes, named: Kind | None, name: str) -> Kind:
    """A workbook and Parquet show in their first bytes; for text the extension counts, then the first character."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(ZIP):
        return "xlsx"
    if named in {"parquet", "xlsx"}:
        raise InputError(f"{name} is named .{named} but is no such file", remedy="Export it again. " + READABLE)
    if named:
        return named
    text = head.decode("utf-16" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", errors="replace")
    if _JSON_START.match(text):
        return "json"
    return "csv"


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either."
    tables = sorted(p.name for p in folder.iterdir() if EXTENSIONS.get(p.suffix.lower()))
    tables = difflib.get_close_matches(path.name, tables, n=1) or tables[:5]
    return f"in {folder} there is: {', '.join(tables)}." if tables else f"{folder} holds no tables."
