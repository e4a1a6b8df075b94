"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from signaltriage.errors import UsageError


def check_writable(path: str | Path) -> Path:
    """Give the real path to write to. Raises UsageError when it is a folder, a device, or cannot be made."""
    where = Path(os.path.realpath(path))
    if where.is_dir():
        raise UsageError(f"{path} is a folder", remedy="Name a file in it, such as out.csv.")
    if where.exists() and not where.is_file():  # a device or a pipe: replacing it would break the machine
        raise UsageError(f"{path} is not a regular file", remedy="Name a file, such as out.csv.")
    folder = next(p for p in where.parents if p.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(f"{path} cannot be written: no rights in {folder}", remedy="Choose another folder.")
    return where


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Turn the system's refusal to write (no space, no rights) into a UsageError that names `path`."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"could not write {path}: {error.strerror or error}", remedy="Check the free space and your rights there."
        ) from error


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a partial file beside `path`; on a clean exit flush it to disk and move it into place.

    On an exception (Ctrl-C too) the partial file is removed and whatever was at `path` stays. Only a kill leaves it
    behind, as `.NAME.partial-…`, never under the final name. Raises UsageError when the file cannot be written.
    """
    where = check_writable(path)
    # The name is clipped so that a long one still fits the 255 bytes of a file name.
    partial = where.with_name(f".{where.name[:60]}.partial-{secrets.token_hex(4)}")
    with writing(path):
        where.parent.mkdir(parents=True, exist_ok=True)
        stream = partial.open("xb")
    try:
        with stream:
            yield stream
            with writing(path):
                stream.flush()
                os.fsync(stream.fileno())
        with writing(path):
            partial.replace(where)
        _sync_folder(where.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the move itself durable where the system can (Windows cannot open a folder)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
