"""The log counted anew, exported, and a person's texts taken out of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from signaltriage.errors import UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.log_types import Ledger, Skipped, Unreadable
from signaltriage.store.log import writing
from signaltriage.store.log.captures import begin
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.exporting import row_counts, rows, table_names
from signaltriage.store.log.forgetting import forget
from signaltriage.store.log.ledger import key_fingerprints, ledgers, sources
from signaltriage.store.log.records import Decision, FoundGaps, FoundThemes
from signaltriage.store.log.theme_writing import append_gaps, append_themes
from signaltriage.store.log.verifying import altered, check_rows, missing
from signaltriage.theme_types import Assignment, Quote
from support_log import AT, GAP, VERDICT, everything, facts, found, prediction, put, signal, table, theme

SECRET = "the quartz scanner of dock nine"


def change(log: FrictionLog, statement: str) -> None:
    with log.writing() as connection:
        connection.execute(text(statement))


@pytest.fixture
def filled(log: FrictionLog) -> FrictionLog:
    put(log, signal("1"), signal("2"), skipped=[Skipped("3", "empty")], rejected=[Unreadable("4", "not JSON", "{")])
    put(log, signal("1", "in other words"), signal("2"), sha256="1" * 64)
    assert check_rows(log) == []
    return log


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM skipped", "read is not new + duplicate + changed + skipped + rejected"),
        ("DELETE FROM rejected", "1 rejected by its ledger, 0 rows"),
        ("DELETE FROM signal_versions WHERE id = 3", "1 changed by its ledger, 0 rows"),
        ("DELETE FROM signal_versions WHERE id = 2", "have no version"),
        ('UPDATE capture_batches SET "read" = 9 WHERE capture_id = 1', "does not add up"),
        ("DELETE FROM capture_batches WHERE capture_id = 2", "not captured to its end"),
        ("UPDATE capture_batches SET number = 2 WHERE capture_id = 2", "a batch is missing"),
    ],
)
def test_what_is_gone_is_found(filled: FrictionLog, damage: str, said: str) -> None:
    change(filled, damage)
    assert any(said in one.what for one in check_rows(filled))


def test_a_capture_that_stopped_is_said(log: FrictionLog) -> None:
    begin(log, facts(name="a.csv"), AT)
    assert [(one.name, one.what) for one in check_rows(log)] == [
        ("a.csv", "was not captured to its end: capture it again")
    ]


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    with FrictionLog.open(tmp_path / "a.db") as log:
        put(log, signal("1"))
        raw = sqlite3.connect(tmp_path / "a.db")
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM signals")
        raw.commit()
        raw.close()
        assert any("points nowhere" in one.what for one in check_rows(log))


def test_what_the_log_lacks_is_named_by_its_place(log: FrictionLog) -> None:
    put(log, signal("1"), SearchEvent("vpn", id="s1"))
    there = found(
        signal("1"), signal("2"), signal("1", "other"), SearchEvent("vpn", id="s1"), SearchEvent("x", id="s2")
    )
    assert missing(log, there) == ["record 2", "record 3", "record 5"]


def test_every_table_and_view_can_be_read(filled: FrictionLog) -> None:
    counts = row_counts(filled)
    assert counts.keys() == set(table_names())
    for name in table_names():
        parts = list(rows(filled, name))
        assert all(columns for columns, _ in parts)
        assert sum(len(some) for _, some in parts) == counts[name], name
    with pytest.raises(UsageError, match="no table 'alembic_version'"):
        list(rows(filled, "alembic_version"))


def test_moments_are_texts_in_what_is_read_out(filled: FrictionLog) -> None:
    assert {row["at"] for row in table(filled, "capture_batches")} == {"2026-11-02T09:30:00.000000Z"}
    assert {row["ended_at"] for row in table(filled, "v_ledger")} == {"2026-11-02T09:30:00.000000Z"}


def test_facts_of_all_captures(filled: FrictionLog) -> None:
    assert key_fingerprints(filled) == {"k"}
    assert sources(filled) == ["zendesk"]
    assert [one.ledger for one in ledgers(filled, {2})] == [Ledger(2, 0, 1, 1)]


@pytest.fixture
def told(log: FrictionLog) -> FrictionLog:
    """A log in which the words of one person stand everywhere they can."""
    theirs = signal("1", SECRET, author="person-9", title=SECRET, link=f"https://x/{SECRET}", tags=(SECRET,))
    query = SearchEvent(SECRET, 0, "person-9", session=SECRET, clicked=SECRET, id="s1")
    shared = [SearchEvent("vpn", 0, person, id=person) for person in ("person-9", "person-2")]
    rejected = [Unreadable("line 7", "not JSON", f"{{{SECRET}")]
    put(log, theirs, signal("1", f"{SECRET} again", author="person-9"), signal("2"), query, *shared, rejected=rejected)
    reason = f"because of “{SECRET}”"
    writing.append_decisions(log, [Decision(i, prediction(reason=reason if i < 3 else "vpn")) for i in (1, 2, 3)])
    quotes = (Quote("zendesk:1", SECRET), Quote("zendesk:2", "VPN drops every hour"))
    placed = [Assignment("zendesk:1", "T0001", "T0001", 0.9)]
    append_themes(log, FoundThemes([theme("T0001", quotes=quotes)], [], placed), None, AT)
    more = {"queries": ((SECRET, 1),), "name": SECRET, "title": SECRET, "action": f"Write “{SECRET}”.", "id": "G2"}
    verdicts = [VERDICT, replace(VERDICT, query=SECRET, folded=SECRET, why=f"like {SECRET}")]
    append_gaps(log, FoundGaps([GAP, replace(GAP, **more)], verdicts), None)
    return log


def test_a_person_is_forgotten_everywhere_and_counted_still(told: FrictionLog) -> None:
    before = row_counts(told)
    assert SECRET in everything(told)
    done = forget(told, {"person-9", "Nine"}, AT + timedelta(days=1))
    assert SECRET not in everything(told)
    assert (done.authors, done.versions, done.searches, done.decisions, done.rejected) == (("person-9",), 2, 2, 2, 1)
    after = row_counts(told)
    assert {name: n for name, n in after.items() if n != before[name]} == {"forgotten": 1}
    assert check_rows(told) == []


def test_what_others_said_stays(told: FrictionLog) -> None:
    forget(told, {"person-9"}, AT)
    kept = everything(told)
    assert "VPN drops every hour" in kept
    assert [row["query"] for row in table(told, "searches")] == ["", "", "vpn"]
    assert [row["name"] for row in table(told, "v_gaps")] == ["reset password", ""]


def test_what_is_captured_later_does_not_bring_it_back(told: FrictionLog) -> None:
    forget(told, {"person-9"}, AT)
    theirs = [signal("1", SECRET, author="person-9"), signal("8", SECRET, author="person-9")]
    query = SearchEvent(SECRET, 0, "person-9", id="s1")
    assert put(told, *theirs, query, SearchEvent(SECRET, 0, "person-9", id="s9"), sha256="1" * 64) == Ledger(4, 2, 2, 0)
    assert put(told, *theirs, query, sha256="2" * 64) == Ledger(3, 0, 3, 0)
    assert SECRET not in everything(told)
    assert missing(told, found(*theirs, query)) == []


def test_nothing_is_left_in_the_file(tmp_path: Path) -> None:
    with FrictionLog.open(tmp_path / "a.db") as log:
        put(log, *(signal(str(i), f"{SECRET} {i}", author="person-9") for i in range(300)))
        forget(log, {"person-9"}, AT)
    for path in tmp_path.iterdir():
        assert SECRET.encode() not in path.read_bytes(), path.name


def test_somebody_unknown_cannot_be_forgotten(log: FrictionLog) -> None:
    put(log, signal("1"))
    with pytest.raises(UsageError, match="no signal or search"):
        forget(log, {"person-7", ""}, AT)


def test_forgetting_twice_is_once(told: FrictionLog) -> None:
    forget(told, {"person-9"}, AT)
    forget(told, {"person-9"}, AT)
    assert len(table(told, "forgotten")) == 1


def test_a_wording_that_was_altered_is_told_and_a_forgotten_one_is_not(filled: FrictionLog) -> None:
    assert altered(filled) == []
    change(filled, "UPDATE signal_versions SET text = 'another' WHERE text = 'in other words'")
    (one,) = altered(filled)
    assert "zendesk:1" in one.what
    forget(filled, {"person-1"}, AT)
    assert altered(filled) == []
