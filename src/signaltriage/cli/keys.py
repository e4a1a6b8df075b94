"""Where commands find the key of the pseudonyms."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.cli.console import say

if TYPE_CHECKING:
    from signaltriage.privacy.keys import KeyFile


def ready_key(given: Path | None) -> KeyFile:
    """The key, made where there is none; tells the user of a new one, and of one that others can read.

    Raises:
        InputError: it cannot be read, or is no key.
        UsageError: it cannot be made.
    """
    from signaltriage.privacy.keys import obtain_key

    key = obtain_key(_place(given))
    if key.created:
        say(f"made a key for pseudonyms: {key.path}; keep it, and keep it to yourself")
    return _told(key)


def key_at_hand(given: Path | None) -> KeyFile | None:
    """The key where there is one; one that was named must be there.

    Raises:
        InputError: it cannot be read, or is no key.
    """
    from signaltriage.privacy.keys import read_key

    place = _place(given)
    return None if given is None and not place.exists() else _told(read_key(place))


def _place(given: Path | None) -> Path:
    from signaltriage.privacy.keys import default_key_path

    return given if given is not None else default_key_path(os.environ, Path.home())


def _told(key: KeyFile) -> KeyFile:
    if key.warning:
        say(key.warning)
    return key
