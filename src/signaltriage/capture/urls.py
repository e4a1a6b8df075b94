"""Long addresses shortened to what they say: the host and the last words of the path."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

LONG: Final = 40
"""Characters from which an address is shortened."""

_URL: Final = re.compile(r"(?:https?|ftp)://([^\s<>\"'\[\](){}|\\^`]{1,4000})", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[-_+.\s]+")
_ENDINGS: Final = frozenset(("html", "htm", "php", "aspx", "jsp"))
_DATA: Final = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%]*", re.IGNORECASE)
_LAST_WORDS: Final = 6


def shorten_urls(text: str) -> str:
    """`https://www.example.com/help/2024/reset-your-password?utm=1` → `example.com reset your password`."""
    if "data:" in text:
        text = _DATA.sub(" ", text)
    return _URL.sub(_short, text) if "://" in text else text


def _short(found: re.Match[str]) -> str:
    address = found[1].rstrip(".,;:!?")
    if len(found[0]) <= LONG:
        return found[0]
    path, tail = re.split(r"[?#]", address, maxsplit=1)[0], found[1][len(address) :]
    host, *segments = path.split("/")
    host = host.rpartition("@")[2].removeprefix("www.")
    words: list[str] = []
    for segment in reversed(segments):
        words = [word for word in _SEPARATORS.split(unquote(segment)) if _is_word(word)]
        if words:
            break
    return " ".join([host, *words[-_LAST_WORDS:]]) + tail


def _is_word(piece: str) -> bool:
    """Tell a word from an id: letters only, in one of the ways words are written ("fJMAu" is none)."""
    shaped = piece.isalpha() and (piece.islower() or piece.istitle() or piece.isupper())
    return shaped and 2 <= len(piece) <= 24 and piece.lower() not in _ENDINGS
