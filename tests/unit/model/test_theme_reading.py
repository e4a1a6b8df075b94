"""Rows of a table as signals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from signaltriage.errors import InputError, UsageError
from signaltriage.model.theme_making import moment_of, times_of
from signaltriage.model.theme_reading import Asked, read_signals
from signaltriage.types import Signal
from support import write_csv

ROWS = [
    {"id": "1", "created_at": "2026-03-02T09:00:00+01:00", "audience": " customer ", "text": "gate red"},
    {"id": "1", "created_at": "never", "audience": "", "text": "vpn drops"},
    {"id": " ", "created_at": "", "audience": "", "text": ""},
]


def test_rows_become_signals_in_their_order(tmp_path: Path) -> None:
    read = read_signals(write_csv(tmp_path / "x.csv", ROWS), Asked())
    first, second, third = read.signals
    assert first == Signal("1", "gate red", datetime(2026, 3, 2, 8, tzinfo=UTC), "customer", "")
    assert (second.id, second.text, second.created_at) == ("1#2", "vpn drops", None)
    assert len(third.id) == 16
    assert read.rejected == []
    assert "id from id, time from created_at, audience from audience" in read.remarks[0]
    assert "1 rows share their id" in read.remarks[1]


def test_ids_do_not_depend_on_the_order_of_the_rows(tmp_path: Path) -> None:
    ids = {s.text: s.id for s in read_signals(write_csv(tmp_path / "x.csv", ROWS), Asked()).signals}
    turned = {s.text: s.id for s in read_signals(write_csv(tmp_path / "y.csv", ROWS[::-1]), Asked()).signals}
    assert ids == turned


def test_a_named_time_column_must_hold_times(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [{"text": "a", "day": "soon"}, {"text": "b", "day": "later"}])
    with pytest.raises(InputError, match="times can be read"):
        read_signals(path, Asked(time="day"))
    assert [s.created_at for s in read_signals(path, Asked()).signals] == [None, None]


def test_times_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    days = ["2026-03-02", "yesterday", "", "2026-03-04"]
    path = write_csv(tmp_path / "x.csv", [{"text": f"a {day}", "created_at": day} for day in days])
    read = read_signals(path, Asked())
    assert "1 times in created_at could not be read: those signals count and have no date" in read.remarks
    assert len(read.signals) == 4


def test_an_unknown_column_is_usage(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", ROWS)
    for asked in (Asked(text="nope"), Asked(id="nope"), Asked(time="nope")):
        with pytest.raises(UsageError, match="nope"):
            read_signals(path, asked)


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("id,text\n", encoding="utf-8")
    assert read_signals(path, Asked()).signals == []


def test_seconds_as_times_and_back() -> None:
    assert moment_of(float("nan")) is None
    assert moment_of(1e20) is None
    moment = moment_of(1772442000.7)
    assert moment == datetime(2026, 3, 2, 9, tzinfo=UTC)
    times = times_of([Signal("a", "x", moment), Signal("b", "y")])
    assert str(times[0]) == "2026-03-02T09:00:00"
    assert str(times[1]) == "NaT"
