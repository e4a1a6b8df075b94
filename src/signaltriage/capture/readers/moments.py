"""Times as tools write them → moments in UTC, one at a time and fast."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = _LATEST.timestamp()
_LONGEST: Final = 60
_DIGITS: Final = re.compile(r"[+-]?\d{1,20}(?:\.\d{0,12})?")
_SLASHES: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})\b")
_ZONE: Final = re.compile(r"\s*(?:\(?(?:UTC|GMT|Z)\)?)$", re.IGNORECASE)
# Without the part after the day; each is tried with the clock times below.
_MONTH_NAMED: Final = ("%d/%b/%y", "%d/%b/%Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
_YEAR_FIRST: Final = ("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_DAY_FIRST: Final = ("%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y")
_MONTH_FIRST: Final = ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m.%d.%Y")
_CLOCKS: Final = ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f", ", %H:%M", ", %I:%M %p")
_ZONED: Final = (*_CLOCKS, *(f"{clock} %z" for clock in _CLOCKS[1:]))


class Moments:
    """Reads times; remembers the way in which the last one was written, for the next one will be like it.

    `day_first` says what 03/04/2024 means; it is a matter of the whole file, found out by `learn`.
    """

    def __init__(self) -> None:
        self.day_first = False
        self._last = ""

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
                return _epoch(float(text)) if _DIGITS.fullmatch(text) else self._written(text)
        if isinstance(value, datetime):
            return _utc(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                return _epoch(float(value))
            except OverflowError:
                return None
        return None

    def _written(self, text: str) -> datetime | None:
        plain = " ".join(_ZONE.sub("", text).split())
        if self._last and (found := _parsed(plain, self._last)):
            return found
        numbered = _SLASHES.match(plain)
        if numbered:
            day_first = self.day_first or "." in numbered[0] or int(numbered[1]) > 12
            days: tuple[str, ...] = (*_DAY_FIRST, *_MONTH_FIRST) if day_first else (*_MONTH_FIRST, *_DAY_FIRST)
        else:
            days = (*_MONTH_NAMED, *_YEAR_FIRST)
        if not plain[:1].isalnum():
            return None
        for day in days:
            for clock in _ZONED:
                if found := _parsed(plain, day + clock):
                    self._last = "" if numbered and int(numbered[1]) > 12 and not self.day_first else day + clock
                    return found
        try:
            return _utc(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return _utc(datetime.strptime(text, form))
    except (ValueError, OverflowError):
        return None


def _epoch(number: float) -> datetime | None:
    for _ in range(3):
        if abs(number) > 1e11:
            number /= 1000
    # A year or a day's number is no moment.
    if not 1e8 <= number < _LAST_SECOND:
        return None
    return _EARLIEST + timedelta(seconds=number)


def _utc(moment: datetime) -> datetime | None:
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment if _EARLIEST <= moment < _LATEST else None
