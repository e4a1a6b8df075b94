"""Times of every tool become the same moment in UTC; what is no time becomes none."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from signaltriage.capture.readers.moments import Moments

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T12:00:00Z",
        "2026-03-02T12:00:00.000Z",
        "2026-03-02T14:00:00.000+0200",
        "2026-03-02T07:00:00-05:00",
        "2026-03-02 12:00:00",
        "2026-03-02 12:00",
        "2026-03-02 12:00:00 UTC",
        "20260302T120000Z",
        1772452800,
        1772452800.0,
        "1772452800.000000",
        "1772452800000",
        1772452800000,
        1772452800000000,
        "02/Mar/26 12:00 PM",
        "03/02/2026 12:00",
        "03/02/2026 12:00:00 PM",
        "02.03.2026 12:00",
        "Mon Mar 02 12:00:00 +0000 2026",
        "Mon, 02 Mar 2026 12:00:00 GMT",
        "March 2, 2026 12:00 PM",
        "2026/03/02 12:00",
        "2 Mar 2026, 12:00",
        "02-Mar-2026 12:00:00",
        "3/2/26 12:00 PM",
        "2026-03-02 12:00:00 +00:00",
        "02.03.2026 12.00",
        "2026-03-02 14:00:00 +0200",
        NOON,
    ],
)
def test_a_time_is_read_however_it_is_written(written: object) -> None:
    assert Moments().of(written) == NOON


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "soon", "-", "0", 0, -5, True, None, [], "99999-01-01", "0001-01-01T00:00:00+14:00", "2026-13-45"),
        *(10**30, float("inf"), float("nan"), "9" * 400, "1e999", "2026-03-02T25:00:00", 20260302, "٢٠٢٦"),
    ],
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert Moments().of(written) is None


def test_days_before_months_is_a_matter_of_the_whole_column() -> None:
    moments = Moments()
    moments.learn(["03/04/2026", "25/12/2026"])
    assert moments.of("03/04/2026") == datetime(2026, 4, 3, tzinfo=UTC)
    assert Moments().of("03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)


def test_one_way_of_writing_does_not_change_how_the_next_is_read() -> None:
    moments = Moments()
    assert moments.of("03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)
    assert moments.of("02.03.2026 12:00") == NOON
    assert moments.of("03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)
    assert moments.of("25/12/2026") == datetime(2026, 12, 25, tzinfo=UTC)
    assert moments.of("03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_column_of_what_never_is_a_time_costs_little() -> None:
    moments = Moments()
    started = time.process_time()
    assert not any(moments.of(f"around {n} o'clock or {n * 7}") for n in range(20_000))
    assert not any(moments.of(f"{'x-' * (n % 25)}{n}{'.' * (n % 30)}") for n in range(20_000))
    assert time.process_time() - started < 5
