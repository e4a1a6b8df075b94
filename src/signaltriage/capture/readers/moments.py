"""Times as tools write them → moments in UTC, one at a time and fast.

Not strptime: it compiles its pattern anew for every sixth way of writing, which takes a millisecond a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_FIRST_SECOND: Final = 1e8
"""Smaller numbers are years, days of a calendar or counters."""
_LAST_SECOND: Final = _LATEST.timestamp()
_LONGEST: Final = 60
_DIGITS: Final = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,12})?")
_SLASHES: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2,4})\b")
_CLOCK: Final = (
    r"(?:[T ,]+(?:at )?([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r" ?([AaPp]\.?[Mm]\.?)? ?(?:\(?(?:UTC|GMT|Z)\)?)?([+-][0-9]{2}:?[0-9]{2})?)?"
)
_NUMBERED: Final = re.compile(rf"([0-9]{{1,4}})([/.-])([0-9]{{1,2}})\2([0-9]{{1,4}}){_CLOCK}")
_DAY_NAMED: Final = re.compile(rf"([0-9]{{1,2}})[/ -]([A-Za-z]{{3,9}})\.?[/ ,-]+([0-9]{{2,4}}){_CLOCK}")
_NAMED_DAY: Final = re.compile(rf"([A-Za-z]{{3,9}})\.? ([0-9]{{1,2}}),? ([0-9]{{4}}){_CLOCK}")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Moments:
    """Reads times. `day_first` says what 03/04/2026 means: a matter of the whole file, found out by `learn`."""

    def __init__(self) -> None:
        self.day_first = False

    def learn(self, cells: Iterable[object]) -> None:
        """Find out whether days stand before months: a first number above 12 says so. (Dots alone do, too.)"""
        for cell in cells:
            found = _SLASHES.match(cell.strip()) if isinstance(cell, str) and len(cell) <= _LONGEST else None
            if found and int(found[1]) > 12 >= int(found[2]):
                self.day_first = True
                return

    def of(self, value: object) -> datetime | None:
        """A moment in UTC; None for what is none, or lies before 1970 or after 2199. Without an offset: UTC.

        Numbers are seconds since 1970, or milli-, micro- or nanoseconds where they are too large for that.
        """
        if isinstance(value, str):
            if len(value) > _LONGEST or not value:
                return None
            text = value.strip()
            try:
                return _utc(datetime.fromisoformat(text)) if not text.isdigit() else _epoch(float(text))
            except (ValueError, OverflowError):
                return _epoch(float(text)) if _DIGITS.fullmatch(text) else self._written(" ".join(text.split()))
        if isinstance(value, datetime):
            return _utc(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return _epoch(float(value))
            except OverflowError:
                return None
        return None

    def _written(self, text: str) -> datetime | None:
        if found := _NUMBERED.fullmatch(text):
            one, mark, two, three = int(found[1]), found[2], int(found[3]), int(found[4])
            if len(found[1]) == 4:
                return None if one < 100 else _moment((one, two, three), found.groups()[4:])
            days_first = self.day_first or mark == "." or one > 12
            if days_first and two > 12:  # 03/25/2026 in a file of 25/03/2026 can only be the other way round
                days_first = False
            return _moment((three, two, one) if days_first else (three, one, two), found.groups()[4:])
        if found := _DAY_NAMED.fullmatch(text):
            return _moment((int(found[3]), _month(found[2]), int(found[1])), found.groups()[3:])
        if found := _NAMED_DAY.fullmatch(text):
            return _moment((int(found[3]), _month(found[1]), int(found[2])), found.groups()[3:])
        try:
            return _utc(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1 if name[:3].lower() in _MONTHS else 0


def _moment(day: tuple[int, int, int], clock: tuple[str | None, ...]) -> datetime | None:
    """The moment of year, month, day and of hour, minute, second, half of the day and offset, where they are told."""
    hour, minute, second, half, offset = clock
    year = day[0] + 2000 if day[0] < 100 else day[0]
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + 12 * (half[0] in "pP")
    try:
        moment = datetime(year, day[1], day[2], hours, int(minute or 0), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None
    if offset:
        east = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        moment = moment - east if offset[0] == "+" else moment + east
    return _utc(moment)


def _epoch(number: float) -> datetime | None:
    for _ in range(3):
        if abs(number) > 1e11:
            number /= 1000
    return _EPOCH + timedelta(seconds=number) if _FIRST_SECOND <= number < _LAST_SECOND else None


def _utc(moment: datetime) -> datetime | None:
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if _EARLIEST <= moment < _LATEST else None
