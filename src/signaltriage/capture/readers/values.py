"""Values of any shape into short, safe words: what a file holds is never trusted to be of the right type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from hashlib import blake2b, sha256
from typing import Any, Final

from signaltriage.capture.records import RAW_LIMIT

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MAX_ID: Final = 200
_MAX_TAGS: Final = 100
# A stable id first, then an address, then a name.
_PERSON: Final = (
    *("accountId", "account_id", "id", "value", "login", "username", "handle", "email", "emailAddress", "address"),
    *("display_value", "name", "displayName", "real_name"),
)


def sane(text: str) -> str:
    """The text as every database takes it: NUL and lone surrogates become U+FFFD, halves that belong together one."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    if _UNSTORABLE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
    return text


def words(value: object) -> str:
    """Any value as text: a string as it is, numbers as written, nothing as "", the rest as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raw = getattr(value, "raw", None)  # a float that remembers how it was written
    if isinstance(raw, str):
        return raw
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, RecursionError, TypeError):
        return ""


def text_of(value: object) -> str:
    """A value that is text; anything else than a string or a number is none."""
    return value if isinstance(value, str) else words(value) if isinstance(value, int | float) else ""


def short(value: object, limit: int) -> str:
    """A value as one line, cut to `limit` characters."""
    if value is None or value == "":
        return ""
    text = sane(words(value)[: 4 * limit]).strip()
    if not text.isprintable():
        text = " ".join(text.split())
    return text[:limit]


def address(value: object) -> str:
    """A link, whole or within its site; anything else is none."""
    text = short(value, 2000)
    return text if text.startswith(("https://", "http://", "/")) else ""


def ident(value: object) -> str:
    """A value as an id: one line; what is longer than any id becomes its digest."""
    text = value if type(value) is str else words(value)
    if len(text) > _MAX_ID:
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    text = sane(text).strip()
    return text if text.isprintable() else " ".join(text.split())


def joined(*parts: object) -> str:
    """The id of a part: `ticket/comment`. Without the whole, that of the part alone."""
    return "/".join(text for text in map(ident, parts) if text)


def numbered(key: str, seen: dict[str, int]) -> str:
    """The key, with a number where it was seen before: two comments of one minute are two."""
    seen[key] = count = seen.get(key, 0) + 1
    return key if count == 1 else f"{key}-{count}"


def get(data: object, *path: str) -> Any:
    """What lies at `path` in nested objects; None where there is nothing."""
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def first(data: dict[str, Any], *names: str) -> Any:
    """The first of these fields that holds something."""
    for name in names:
        value = data.get(name)
        if value is not None and value != "" and value != []:
            return value
    return None


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; anything else holds none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def person(value: object) -> str:
    """Who somebody is: by a stable id, else an address, else a name."""
    if isinstance(value, dict):
        value = first(value, *_PERSON)
    return short(value, 300) if not isinstance(value, dict | list) else ""


def named(value: object) -> str:
    """What something is called: the name of an object, or a plain value."""
    if isinstance(value, dict):
        value = first(value, "name", "display_value", "displayName", "title", "value", "key", "id")
    return short(value, 200) if not isinstance(value, dict | list) else ""


def tags_of(*values: object) -> tuple[str, ...]:
    """Tags of lists, of objects with names, or of one text with commas; each once, in order."""
    found: dict[str, None] = {}
    for value in values:
        parts: Iterable[object]
        if isinstance(value, str):
            parts = value.replace(";", ",").split(",") if value else ()
        elif isinstance(value, dict):
            parts = next((held for held in value.values() if isinstance(held, list)), ())
        else:
            parts = value if isinstance(value, list) else ()
        for part in parts:
            name = named(part)
            if name and len(found) < _MAX_TAGS:
                found[name] = None
    return tuple(found)


def is_true(value: object) -> bool:
    """Whether a flag is set, as JSON or as a cell."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "1", "yes", "t"})


def is_false(value: object) -> bool:
    """Whether a flag is there and not set."""
    return value is False or (isinstance(value, str) and value.strip().lower() in {"false", "0", "no", "f"})


def raw_of(data: object) -> str:
    """A record as it stands in the file, cut where it is long."""
    text = sane(words(data))
    return text if len(text) <= RAW_LIMIT else f"{text[:RAW_LIMIT]}… [cut: {len(text):,} characters]"


def letters(text: str) -> str:
    """A digest of the letters and digits of a text, the same whatever mark-up and spaces stand between them."""
    held = "".join(filter(str.isalnum, text))
    return blake2b(held.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if held else ""
