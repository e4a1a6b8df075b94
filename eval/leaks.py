"""Is any of these secrets in any file of a folder? `python -m eval.leaks FOLDER --secrets FILE`

FILE holds one secret a line. Every file below FOLDER is read as bytes, whatever it is (SQLite with its write-ahead log
and free pages, CSV, HTML, logs), and unpacked where it is packed: gzip, zip and what is one (npz, xlsx), Parquet by its
columns. Each secret is looked for as UTF-8, UTF-16 and UTF-32, in any case of its letters, plain and as JSON, HTML and
web addresses have it. Exit code 6 where one is found; the secret itself is not printed, only its line in FILE.
"""

from __future__ import annotations

import argparse
import gzip
import html
import io
import json
import sys
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SHORTEST: Final = 4
"""Characters; anything shorter stands everywhere by chance."""
_CODES: Final = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")
"""The last is how numpy keeps texts."""
_NESTED: Final = 3
"""Archives in archives."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret that stands in a file."""

    file: str
    """With the name inside it, where it is an archive."""
    secret: int
    """Its place among those that were looked for, from 1."""
    byte: int
    """Where it begins, in what was unpacked."""


def main() -> int:
    """Look, print, say by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--secrets", type=Path, required=True)
    options = parser.parse_args()
    secrets = [line for line in options.secrets.read_text(encoding="utf-8").splitlines() if line.strip()]
    files, leaks = find_leaks(options.folder, secrets)
    for leak in leaks:
        print(f"{leak.file}: secret {leak.secret} at byte {leak.byte}")
    print(f"{files} files, {len(secrets)} secrets: {len(leaks)} found")
    return 6 if leaks else 0


def find_leaks(folder: Path, secrets: Sequence[str]) -> tuple[int, list[Leak]]:
    """How many files there are below a folder, archives' own included, and where a secret stands in one: first places.

    Raises ValueError when there is nothing to look in or for, or a secret is too short to mean anything.
    """
    short = [place for place, secret in enumerate(secrets, 1) if len(secret) < _SHORTEST]
    if short or not secrets:
        raise ValueError(f"secrets of at least {_SHORTEST} characters are needed; too short: {short or 'all'}")
    wanted = [forms(secret) for secret in secrets]
    files, leaks = 0, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for name, data in _unpacked(str(path.relative_to(folder)), path.read_bytes(), _NESTED):
            files += 1
            leaks += _in_data(name, data, wanted)
    if not files:
        raise ValueError(f"there is no file below {folder}")
    return files, leaks


def forms(secret: str) -> set[bytes]:
    """What a secret may look like in a file, in small letters."""
    texts = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        secret.replace('"', '""'),
    }
    return {text.lower().encode(code) for text in texts for code in _CODES}


def _in_data(name: str, data: bytes, wanted: Sequence[set[bytes]]) -> list[Leak]:
    # bytes.lower() lowers ASCII only: enough, since the letters of what is planted are.
    lower, leaks = data.lower(), []
    for place, looks in enumerate(wanted, 1):
        found = [at for at in (lower.find(look) for look in looks) if at >= 0]
        if found:
            leaks.append(Leak(name, place, min(found)))
    return leaks


def _unpacked(name: str, data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    """The file as it lies there, and what is packed in it."""
    yield name, data
    if not depth:
        return
    if data[:2] == b"\x1f\x8b":
        try:
            yield from _unpacked(f"{name} unpacked", gzip.decompress(data), depth - 1)
        except (OSError, EOFError, zlib.error):
            print(f"{name}: damaged gzip, searched as it is", file=sys.stderr)
    elif data[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.namelist():
                    yield from _unpacked(f"{name}: {member}", archive.read(member), depth - 1)
        except (zipfile.BadZipFile, RuntimeError, zlib.error):
            print(f"{name}: damaged zip, searched as it is", file=sys.stderr)
    elif data[:4] == b"PAR1":
        import pyarrow.parquet

        table = pyarrow.parquet.read_table(io.BytesIO(data))
        for column in table.column_names:
            cells = (str(cell) for cell in table.column(column).to_pylist() if cell is not None)
            yield f"{name}: {column}", "\n".join(cells).encode("utf-8", "surrogatepass")


if __name__ == "__main__":
    sys.exit(main())
