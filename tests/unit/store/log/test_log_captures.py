"""Captures: what is new, changed or there already; batches whole or not at all; a file that comes again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signaltriage.gap_types import SearchEvent
from signaltriage.log_types import Ledger, Skipped, Unreadable
from signaltriage.store.log.captures import append_batch, begin, progress, repeated
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import ledgers, total
from signaltriage.store.log.records import Batch
from support_log import AT, facts, found, put, signal, table


def test_a_signal_is_new_once_then_a_duplicate_and_changed_where_a_word_differs(log: FrictionLog) -> None:
    assert put(log, signal("1"), signal("2"), signal("1")) == Ledger(3, 2, 1, 0)
    again = put(log, signal("2"), signal("1", "VPN drops every minute"), signal("3"), sha256="1" * 64)
    assert again == Ledger(3, 1, 1, 1)
    assert [row["source_id"] for row in table(log, "signals")] == ["1", "2", "3"]
    assert [row["text"] for row in table(log, "signal_versions") if row["signal_id"] == 1] == [
        "VPN drops every hour",
        "VPN drops every minute",
    ]


def test_a_version_that_is_in_the_history_is_a_duplicate(log: FrictionLog) -> None:
    put(log, signal("1", "a"), signal("1", "b"))
    assert put(log, signal("1", "a"), sha256="1" * 64) == Ledger(1, 0, 1, 0)
    assert [row["text"] for row in table(log, "v_current")] == ["b"]


@pytest.mark.parametrize(
    "field", ["text", "title", "audience", "author", "link", "status", "team", "assignee", "tags", "thread"]
)
def test_every_field_counts(log: FrictionLog, field: str) -> None:
    other = ("printer",) if field == "tags" else "other"
    assert put(log, signal("1"), replace(signal("1"), **{field: other})) == Ledger(2, 1, 0, 1)


def test_one_id_in_two_sources_is_two_signals(log: FrictionLog) -> None:
    assert put(log, signal("1"), signal("1", source="jira")) == Ledger(2, 2, 0, 0)


def test_the_version_that_the_source_changed_last_is_current(log: FrictionLog) -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    put(log, signal("1", "late", updated_at=late), signal("1", "early", updated_at=early), signal("1", "unknown"))
    put(log, signal("2", "first"), signal("2", "second"), sha256="1" * 64)
    current = {row["source_id"]: row["text"] for row in table(log, "v_current")}
    assert current == {"1": "late", "2": "second"}


def test_all_that_a_signal_says_is_kept(log: FrictionLog) -> None:
    when = datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
    more = {"title": "VPN", "audience": "employee", "link": "https://x/1", "status": "open", "team": "IT"}
    one = signal("1", "drops", created_at=when, updated_at=when, tags=("a", "b,c"), thread="0", assignee="p", **more)
    put(log, one)
    row = table(log, "v_signals")[0]
    assert {name: row[name] for name in ("title", "audience", "link", "status", "assignee", "thread")} == {
        **{"title": "VPN", "audience": "employee", "link": "https://x/1", "status": "open", "assignee": "p"},
        "thread": "0",
    }
    assert row["created_at"] == row["updated_at"] == "2026-01-31T23:59:59.123456Z"
    assert row["tags"] == '["a", "b,c"]'
    assert (row["source_team"], row["outcome"], row["team"]) == ("IT", "undecided", "")


def test_searches_are_told_apart_by_their_key(log: FrictionLog) -> None:
    one, two = SearchEvent("reset password", 0, id="s1"), SearchEvent("vpn", id="s2", times=3)
    assert put(log, one, two, one) == Ledger(3, 2, 1, 0)
    assert put(log, replace(one, results=4), sha256="1" * 64) == Ledger(1, 0, 0, 1)
    assert [(row["query"], row["results"]) for row in table(log, "v_searches")] == [
        ("vpn", None),
        ("reset password", 4),
    ]


def test_what_says_nothing_and_what_cannot_be_read_is_accounted_for(log: FrictionLog) -> None:
    bots = [Skipped("record 8", "bot message"), Skipped("record 9", "empty"), Skipped("record 10", "empty")]
    put(log, signal("1"), skipped=bots, rejected=[Unreadable("line 4", "not JSON", "{x\x00")])
    ledger = ledgers(log)[0].ledger
    assert ledger == Ledger(5, 1, 0, 0, (("empty", 2), ("bot message", 1)), 1)
    assert [(row["place"], row["reason"]) for row in table(log, "rejected")] == [("line 4", "not JSON")]


def test_a_file_that_was_captured_whole_is_not_read_again(log: FrictionLog) -> None:
    assert repeated(log, facts(), AT) is None
    put(log, signal("1"), signal("2"), skipped=[Skipped("record 3", "empty")])
    again = repeated(log, facts(path="/elsewhere/b.jsonl", name="b.jsonl"), AT)
    assert again is not None
    assert again.same_as == 1
    assert (again.reader, again.how) == ("zendesk", "Zendesk, JSON")
    assert [one.ledger for one in ledgers(log, {again.capture})] == [Ledger(3, 0, 2, 0, (("empty", 1),), 0)]
    assert len(table(log, "skipped")) == 1


@pytest.mark.parametrize("other", [{"sha256": "1" * 64}, {"settings": "other"}, {"source": "jira"}])
def test_another_file_or_another_way_of_reading_is_read(log: FrictionLog, other: dict[str, str]) -> None:
    put(log, signal("1"))
    assert repeated(log, facts(**other), AT) is None


def test_a_capture_that_was_cut_off_goes_on_where_it_stopped(log: FrictionLog) -> None:
    begun = begin(log, facts(), AT)
    assert (begun.batches, begun.items) == (0, 0)
    append_batch(log, begun.capture, 1, Batch(found(signal("1"), signal("2"))), AT)
    again = begin(log, facts(), AT)
    assert (again.capture, again.batches, again.items, again.same_as) == (begun.capture, 1, 2, None)
    assert progress(log, begun.capture) == (1, 2, False)
    append_batch(log, again.capture, 2, Batch(found(signal("3")), last=True), AT)
    assert progress(log, begun.capture) == (2, 3, True)
    told = ledgers(log)
    assert [(one.whole, one.ledger) for one in told] == [(True, Ledger(3, 3, 0, 0))]


def test_a_batch_is_added_once_and_in_its_turn(log: FrictionLog) -> None:
    begun = begin(log, facts(), AT)
    assert append_batch(log, begun.capture, 2, Batch(found(signal("9"))), AT) is None
    assert append_batch(log, begun.capture, 1, Batch(found(signal("1"))), AT) == Ledger(1, 1, 0, 0)
    assert append_batch(log, begun.capture, 1, Batch(found(signal("1"))), AT) is None
    assert len(table(log, "signals")) == 1
    assert ledgers(log)[0].whole is False


def test_thousands_in_one_batch_are_compared_with_what_is_there(log: FrictionLog) -> None:
    put(log, *(signal(str(i)) for i in range(1300)))
    again = put(log, *(signal(str(i), "changed" if i % 2 else "VPN drops every hour") for i in range(1400)), sha256="1")
    assert again == Ledger(1400, 100, 650, 650)


def test_ledgers_add_up() -> None:
    one = Ledger(10, 3, 2, 1, (("empty", 3),), 1)
    other = Ledger(4, 0, 0, 0, (("bot message", 3), ("empty", 1)), 0)
    assert total([one, other]) == Ledger(14, 3, 2, 1, (("empty", 4), ("bot message", 3)), 1)
    assert total([]) == Ledger()


def test_keys_too_long_for_an_index_and_hostile_texts_are_taken(log: FrictionLog) -> None:
    long = "x" * 100_000
    assert put(log, signal(long, author=long), signal(long + "y"), signal("n\x00\ud800", "\x00\udfff=1+1")).new == 3
    assert put(log, signal(long, author=long), sha256="1" * 64).duplicate == 1
