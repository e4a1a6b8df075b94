"""The key of the pseudonyms: 32 random bytes in a file of its own, outside the database.

Who has the log alone cannot say who wrote what; who loses the key can link nobody new to those in the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signaltriage.errors import InputError, UsageError
from signaltriage.privacy.pseudonyms import KEY_BYTES

VARIABLE: Final = "SIGNALTRIAGE_KEY_FILE"
"""The environment variable that says where the key lies."""
_NAME: Final = "pseudonym.key"
_FINGERPRINT: Final = b"signaltriage key fingerprint 1"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key, where it lies, and what is wrong with how it is kept."""

    key: bytes = field(repr=False)
    path: Path
    created: bool = False
    """Whether it was made just now."""
    warning: str = ""
    """For the user, with what to do; empty where all is well."""

    @property
    def fingerprint(self) -> str:
        """See `fingerprint`."""
        return fingerprint(self.key)


def fingerprint(key: bytes) -> str:
    """16 hexadecimal digits that tell one key from another; nothing of the key can be had back from them.

    An HMAC under the key, not a hash of it, so that it is of no help either against keys that somebody typed.
    """
    return hmac.new(key, _FINGERPRINT, hashlib.sha256).hexdigest()[:16]


def default_key_path(environment: Mapping[str, str], home: Path, *, windows: bool = sys.platform == "win32") -> Path:
    """Where the key lies: SIGNALTRIAGE_KEY_FILE, else the user's folder of settings (XDG, APPDATA on Windows)."""
    if given := environment.get(VARIABLE):
        return Path(given).expanduser()
    if windows:
        base = environment.get("APPDATA")
        return (Path(base) if base else home / "AppData" / "Roaming") / "signaltriage" / _NAME
    base = environment.get("XDG_CONFIG_HOME")
    # The specification asks that relative paths be ignored.
    return (Path(base) if base and Path(base).is_absolute() else home / ".config") / "signaltriage" / _NAME


def read_key(path: Path) -> KeyFile:
    """Read a key.

    Raises InputError when it is not there, cannot be read, or is not 32 bytes long.
    """
    try:
        with path.open("rb") as stream:
            key = stream.read(KEY_BYTES + 1)
            mode = os.fstat(stream.fileno()).st_mode
    except FileNotFoundError as error:
        raise InputError(
            f"the key of the pseudonyms is not at {path}",
            remedy=f"Copy it from where the log was made, or set {VARIABLE}: another key makes other pseudonyms.",
        ) from error
    except OSError as error:
        why = error.strerror or error
        raise InputError(
            f"the key file {path} could not be read: {why}", remedy="Check the path and your rights."
        ) from error
    if len(key) != KEY_BYTES:
        size = f"more than {KEY_BYTES}" if len(key) > KEY_BYTES else str(len(key))
        raise InputError(
            f"the key file {path} has {size} bytes, not {KEY_BYTES}",
            remedy="It is no key, or damaged: restore it from a copy, or name another file; do not edit it.",
        )
    return KeyFile(key, path, warning=_warning(path, mode))


def obtain_key(path: Path, fresh: Callable[[int], bytes] = secrets.token_bytes) -> KeyFile:
    """Read the key, or make one where there is none: only its owner can read it. Many processes at once get the same.

    `fresh` gives so many random bytes. Raises InputError as `read_key`, UsageError when the file cannot be made.
    """
    if path.exists():
        return read_key(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        created = _place(path, fresh(KEY_BYTES))
    except OSError as error:
        why = error.strerror or error
        raise UsageError(
            f"the key of the pseudonyms cannot be made at {path}: {why}",
            remedy=f"Set {VARIABLE} to a file in a folder you can write to.",
        ) from error
    found = read_key(path)
    return KeyFile(found.key, path, created, found.warning)


def _place(path: Path, key: bytes) -> bool:
    """Put a whole key there unless another process was faster; whether it is ours that lies there now."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # 0600 from the start
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(key)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(name, path)  # fails where there is one: never half a key, never two
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            return _copy(path, key)
        return True
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _copy(path: Path, key: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as stream:
        stream.write(key)
    return True


def _warning(path: Path, mode: int) -> str:
    if sys.platform == "win32" or not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ""
    return f"others on this machine can read or change the key file {path}: chmod 600 it"
