"""What a file or folder is, byte for byte: the same content has the same fingerprint wherever it lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signaltriage.errors import InputError

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Digest and size."""

    sha256: str
    """Of the bytes of a file; of a folder: of the names and digests of all files in it."""
    size: int
    """Bytes, of a folder all its files'."""


def fingerprint(path: str | Path) -> Fingerprint:
    """Read a file, or every file of a folder; symbolic links within a folder are not followed.

    Raises:
        InputError: there is nothing there.
        OSError: it cannot be read.
    """
    where = Path(path)
    if where.is_file():
        return _of_file(where)
    if not where.is_dir():
        raise InputError(f"There is no file {path}.", remedy="Check the path.")
    whole, size = hashlib.sha256(), 0
    for file in sorted((p for p in where.rglob("*") if not p.is_dir() or p.is_symlink()), key=lambda p: p.as_posix()):
        name = file.relative_to(where).as_posix()
        here = file.is_file() and not file.is_symlink()
        found = _of_file(file) if here else Fingerprint("no file", 0)
        whole.update(f"{name}\0{found.sha256}\n".encode("utf-8", "surrogateescape"))
        size += found.size
    return Fingerprint(whole.hexdigest(), size)


def _of_file(path: Path) -> Fingerprint:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return Fingerprint(digest.hexdigest(), size)
