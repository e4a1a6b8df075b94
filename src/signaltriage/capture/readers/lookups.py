"""Files that say who and where, such as users.json: recognised, and nothing in them is a signal."""

from __future__ import annotations

from collections.abc import Iterator

from signaltriage.capture.readers.base import Known, Reader, Record
from signaltriage.capture.readers.pages import LOOKUPS
from signaltriage.log_types import CaptureItem, Skipped


def _fits(record: Record) -> bool:
    return record.kind in LOOKUPS or bool(_table(record))


def _table(record: Record) -> str:
    """Which lookup table a record is of; empty where it is of none."""
    data = record.data
    if record.kind in LOOKUPS:
        return record.kind
    if "name" not in data or "text" in data or "subject" in data or "body" in data:
        return ""
    if isinstance(data.get("profile"), dict) or ("email" in data and "role" in data):
        return "users"
    if "creator" in data and ("members" in data or "is_archived" in data or "num_members" in data):
        return "channels"
    if {"url", "created_at", "updated_at", "deleted"} <= data.keys():
        return "groups"
    return ""


def _read(record: Record, _: Known) -> Iterator[CaptureItem]:
    yield Skipped(record.place, f"lookup table: {_table(record) or 'other'}")


READER = Reader("lookups", "Lookup table", _fits, _read)
