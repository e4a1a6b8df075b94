"""Two folders exchanged in one step, where the system can; contents made to last through a power cut."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
"""The flag of renameat2(2) on Linux and of renamex_np(2) on macOS, by chance the same."""
_UNABLE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def exchange(a: Path, b: Path, aside: Path) -> None:
    """Exchange two folders of one file system; at no moment is there none at `b`.

    Where neither system nor file system can, three renames do it by way of `aside`, and for a moment there is none.
    """
    if _exchange_at_once(a, b):
        return
    b.rename(aside)
    try:
        a.rename(b)
    except OSError:
        aside.rename(b)
        raise
    aside.rename(a)


def sync_folder(folder: Path, *, deep: bool = True) -> None:
    """Have the system write a folder, and with `deep` the files below it, to the disk."""
    if os.name != "posix":
        return
    for path in [*(sorted(folder.rglob("*")) if deep else ()), folder]:
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _exchange_at_once(a: Path, b: Path) -> bool:
    """Whether the system could do it."""
    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(a), os.fsencode(b))
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, _RENAME_EXCHANGE)
    else:
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    if code in _UNABLE:
        return False
    raise OSError(code, os.strerror(code), str(b))
