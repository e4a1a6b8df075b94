"""How values lie in the friction log: moments, texts that every database can hold, JSON, digests.

Rows that are written travel as plain values (text, int, float, bool, None), the same for every database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect, String
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

_DIGEST_BYTES = 16
_LONGEST_KEY = 500
"""PostgreSQL refuses index rows of more than 2,704 bytes."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` in PostgreSQL; in SQLite a text of fixed width, so that text order is time order.

    SQLAlchemy's own DateTime would drop the time zone in SQLite.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column in this database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """A moment as the database takes it."""
        return value if value is None or dialect.name == "postgresql" else moment_text(value)

    def process_result_value(self, value: Any, _: Dialect) -> datetime | None:
        """A moment as it is read back."""
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


def moment_text(moment: datetime | None) -> str | None:
    """`2026-01-31T09:05:00.000000Z`: 27 characters, whatever the moment.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    # Written out, not strftime: a year before 1000 would come out shorter there.
    m = moment if moment.tzinfo is UTC else _to_utc(moment)
    return f"{m.year:04}-{m.month:02}-{m.day:02}T{m.hour:02}:{m.minute:02}:{m.second:02}.{m.microsecond:06}Z"


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last hours there are: the zone is of no matter then
        return moment.replace(tzinfo=UTC)


def storable(text: str) -> str:
    """The text as every database can hold it: NUL and lone surrogates become U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def keyable(text: str) -> str:
    """The text as an index can hold it: one of more than 500 characters is cut, and told apart by its digest."""
    text = storable(text)
    return text if len(text) <= _LONGEST_KEY else f"{text[:_LONGEST_KEY]}… {digest([text])}"


def as_json(value: Any) -> str:
    """The value as JSON: keys sorted, letters as they are, so that equal values give equal text."""
    return storable(json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain, allow_nan=False))


def _plain(value: Any) -> Any:
    isoformat = getattr(value, "isoformat", None)
    if isoformat:
        return isoformat()
    raise TypeError(f"{type(value).__name__} is not plain data")


def digest(parts: Sequence[str | None]) -> str:
    """128 bits of the parts in hexadecimal; ("ab", "") and ("a", "b") differ, and so do None and ""."""
    joined = "".join("-," if part is None else f"{len(part)}:{part}," for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
