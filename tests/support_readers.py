"""What tests of readers share: items in a form that is easy to read and compare, and archives built by hand."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from signaltriage.capture.readers import Asked, open_signals
from signaltriage.log_types import Captured, CaptureItem, Skipped, Unreadable
from signaltriage.types import Signal


def told(item: CaptureItem) -> list[Any]:
    """An item as plain values: what it is, where it stands, and what is filled in it."""
    if isinstance(item, Skipped):
        return ["skipped", item.place, item.reason]
    if isinstance(item, Unreadable):
        return ["unreadable", item.place, item.reason]
    held = {field.name: getattr(item.found, field.name) for field in fields(item.found)}
    filled = {name: _plain(value) for name, value in held.items() if value not in ("", None, ())}
    return ["signal" if isinstance(item.found, Signal) else "search", item.place, filled]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def items_of(path: Path, asked: Asked | None = None) -> list[CaptureItem]:
    """All items of a file."""
    with open_signals(path, asked=asked) as file:
        return list(file.items)


def signals_of(path: Path, asked: Asked | None = None) -> list[Signal]:
    """The signals of a file."""
    found = [item.found for item in items_of(path, asked) if isinstance(item, Captured)]
    return [signal for signal in found if isinstance(signal, Signal)]


def reasons_of(items: list[CaptureItem]) -> list[str]:
    """Why items were skipped or could not be read, in order."""
    return [item.reason for item in items if not isinstance(item, Captured)]
