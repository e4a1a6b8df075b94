"""Records of themes ↔ what JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from signaltriage.theme_types import Evidence, FacetCount, Owner, Quote, Theme, ThemeChange, ThemeTrend
from signaltriage.types import Signal

Record = Mapping[str, Any]


def plain(value: Any) -> Any:
    """A record, and the records within it, as objects, lists and texts; times and days in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return [plain(part) for part in value] if isinstance(value, tuple | list) else value


def signal_record(signal: Signal) -> Record:
    """What themes keep of a signal."""
    return {name: plain(getattr(signal, name)) for name in ("id", "text", "created_at", "audience", "source")}


def signal_from(record: Record) -> Signal:
    """Build a signal. Raises KeyError, TypeError or ValueError where the record is not one."""
    return Signal(**{**record, "created_at": _moment(record["created_at"])})


def change_from(record: Record) -> ThemeChange:
    """Build a change, likewise."""
    return ThemeChange(**{**record, "others": tuple(record["others"])})


def theme_from(record: Record) -> Theme:
    """Build a theme, likewise."""
    trend, owner, edge = record["trend"], record["owner"], record["edge"]
    since = trend["since"]
    parts = {
        "keywords": tuple(record["keywords"]),
        "first_seen": _moment(record["first_seen"]),
        "last_seen": _moment(record["last_seen"]),
        "trend": ThemeTrend(
            kind=trend["kind"],
            p=trend["p"],
            since=None if since is None else date.fromisoformat(since),
            periods=tuple(map(date.fromisoformat, trend["periods"])),
            counts=tuple(trend["counts"]),
            burst=_days(trend.get("burst")),  # states of earlier versions have none
        ),
        "owner": None if owner is None else Owner(**owner),
        "exemplars": tuple(Quote(**quote) for quote in record["exemplars"]),
        "edge": None if edge is None else Quote(**edge),
        "facets": tuple(map(_facet_from, record["facets"])),
        "audiences": tuple((str(name), int(n)) for name, n in record["audiences"]),
    }
    return Theme(**{**record, **parts})


def _facet_from(record: Record) -> FacetCount:
    return FacetCount(**{**record, "evidence": tuple(Evidence(**one) for one in record["evidence"])})


def _days(pair: Sequence[str] | None) -> tuple[date, date] | None:
    return None if pair is None else (date.fromisoformat(pair[0]), date.fromisoformat(pair[1]))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
