"""The key of a log's pseudonyms: a file of its own, never in the log."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signaltriage.errors import UsageError
from signaltriage.privacy import Privacy

KEY_FILE: Final = "SIGNALTRIAGE_KEY_FILE"
KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Key:
    """A key, and how it may be told of."""

    secret: bytes = field(repr=False)
    path: Path
    made: bool
    """Just now: there was none."""

    @property
    def fingerprint(self) -> str:
        """What the log knows the key by: of something made from it, so that it helps nobody to find it."""
        return hmac.new(self.secret, b"signaltriage key fingerprint", hashlib.sha256).hexdigest()[:16]

    @property
    def privacy(self) -> Privacy:
        """What is done to signals with it."""
        return Privacy(redact=True, key=self.secret)


def key_place(given: Path | None, environment: Mapping[str, str]) -> Path:
    """Where the key is: as given, as SIGNALTRIAGE_KEY_FILE says, or in the user's folder of settings."""
    if given is not None:
        return given
    if environment.get(KEY_FILE):
        return Path(environment[KEY_FILE])
    if sys.platform == "win32":
        settings = Path(environment.get("APPDATA") or Path.home())
    else:
        settings = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return settings / "signaltriage" / "pseudonym.key"


def read_key(place: Path) -> Key | None:
    """The key in a file; None where there is none.

    Raises:
        UsageError: it is no key, or others may read it.
        OSError: it cannot be read.
    """
    if not place.exists():
        return None
    secret = place.read_bytes()
    if len(secret) != KEY_BYTES:
        raise UsageError(
            f"{place} is no key: it has {len(secret)} bytes, not {KEY_BYTES}.",
            remedy="Name the key file that capture made, or another place for a new one.",
        )
    if os.name == "posix" and place.stat().st_mode & 0o077:
        raise UsageError(
            f"Others may read {place}: who has the key can tell who is behind a pseudonym.",
            remedy=f"chmod 600 {place}",
        )
    return Key(secret, place, made=False)


def ready_key(place: Path) -> Key:
    """The key in a file, made if there is none; several processes at once get the same one.

    Raises:
        UsageError: it is no key, or others may read it, or it cannot be written.
    """
    there = read_key(place)
    if there is not None:
        return there
    partial = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):  # another process was faster: its key is the one
            os.link(partial, place)
    except OSError as error:
        raise UsageError(
            f"No key could be made at {place}: {error.strerror or error}.", remedy="Name another place with --key-file."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    found = read_key(place)
    if found is None:
        raise UsageError(f"The key at {place} is gone again.", remedy="Run this again.")
    return Key(found.secret, place, made=True)
