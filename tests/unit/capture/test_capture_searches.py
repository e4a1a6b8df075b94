"""Search logs: columns found, counts and clicks understood, no row lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from signaltriage.capture.searches import SearchColumns, read_searches
from signaltriage.errors import InputError, UsageError


def test_usual_columns_are_recognised(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(
        "Search Term,Results,User ID,Timestamp,Session ID,Clicked\n"
        'vpn,"1,234",u1,2026-03-05T14:20:26+01:00,s1,A1\n'
        ",0,u1,,s1,\n"
        "wifi,No results,,junk,,0\n"
    )
    read = read_searches(file)
    first, blank, last = read.events
    assert (first.query, first.results, first.user, first.session, first.clicked) == ("vpn", 1234, "u1", "s1", "A1")
    assert first.time == datetime(2026, 3, 5, 13, 20, 26, tzinfo=UTC)
    assert blank.query == ""
    assert (last.results, last.time, last.clicked) == (0, None, "")


def test_what_is_not_there_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text('{"q": "vpn", "count": 7}\n')
    read = read_searches(file)
    assert (read.events[0].results, read.events[0].clicked, read.events[0].times) == (None, None, 7)
    (told,) = [remark for remark in read.cautions if "--results" in remark]
    assert "taken as one that showed nothing" in told


def test_named_columns_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("typed,n\nvpn,0\n")
    assert read_searches(file, SearchColumns(query="Typed", results="n")).events[0].results == 0
    with pytest.raises(UsageError, match="no column"):
        read_searches(file)
    with pytest.raises(UsageError):
        read_searches(file, SearchColumns(query="typed", user="who"))
    with pytest.raises(InputError):
        read_searches(file, SearchColumns(query="n", time="typed"))


def test_broken_rows_are_rejected_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("query,results\nvpn,0\na,b,c,d\nwifi,1\n")
    read = read_searches(file)
    assert len(read.events) + len(read.rejected) == 3
    assert read.rejected[0].line == 3


def test_cells_that_say_no_number_or_time_are_counted_and_told(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("query,results,time,searches\na,abc,2026-03-01,2\nb,-,yesterday-ish,x\nc,,,1\nd,0,2026-03-02,1\n")
    read = read_searches(file)
    assert [event.results for event in read.events] == [None, None, None, 0]
    results, time, times = [line for line in read.cautions if " cells in " in line]
    assert "3 of 4 cells in results" in results
    assert "'-'" in results
    assert "2 of 4 cells in time" in time
    assert "'yesterday-ish'" in time
    assert "1 of 4 cells in searches" in times


def test_a_log_that_says_everything_has_no_caution(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("query,results,user,time\na,0,u1,2026-03-01\n")
    assert read_searches(file).cautions == ()


def test_columns_of_one_name_are_told(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("query,query,results,user\nvpn,a,0,u\n")
    read = read_searches(file)
    assert read.events[0].query == "vpn"
    assert read.cautions == ("2 columns are called 'query': the first of them is read",)


def test_a_list_without_a_header_is_told_to_get_one(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("how do i reset my password\nvpn\n")
    with pytest.raises(UsageError, match="no column") as refused:
        read_searches(file)
    assert "header line" in refused.value.remedy


def test_a_number_beyond_all_counts_is_none(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("query,results,user,searches\nvpn,99999999999999999999,u,99999999999999999999\n")
    read = read_searches(file)
    assert (read.events[0].results, read.events[0].times) == (None, 1)
    assert len(read.cautions) == 2
