"""A log folded: sessions, askers, insistence; every search is noise or belongs to a query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from signaltriage.gap_types import SearchEvent
from signaltriage.gaps.demand import read_log, repeats
from signaltriage.gaps.sessions import sessions_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXTS = ["Reset your password", "Weigh a cart"]


def _event(query: str, user: str, minute: float = 0, session: str = "") -> SearchEvent:
    return SearchEvent(query, 0, user, START + timedelta(minutes=minute), session)


def test_sessions_are_cut_at_pauses_and_people() -> None:
    events = [_event("a", "u", 0), _event("b", "u", 10), _event("c", "u", 100), _event("d", "v", 1), SearchEvent("e")]
    assert sessions_of(events) == [[0, 1], [2], [3], [4]]
    named = [_event("a", "u", 0, "s"), _event("b", "u", 500, "s"), _event("c", "v", 0, "s")]
    assert sessions_of(named) == [[0, 1], [2]]


def test_spellings_join_and_askers_count_once() -> None:
    log = read_log(
        [_event("Reset password", "u"), _event("reset pasword", "v"), _event("reset password", "u"), _event("🙂", "u")],
        TEXTS,
    )
    assert log.queries == ("reset password",)
    assert log.demand(log.rows["reset password"]) == 2
    assert [bool(why) for why in log.noise] == [False, False, False, True]
    assert sum(len(rows) for rows in log.rows.values()) + sum(map(bool, log.noise)) == 4


def test_without_users_searches_count() -> None:
    log = read_log([SearchEvent("reset", 0, times=5), SearchEvent("reset", 0)], TEXTS)
    assert log.demand(log.rows["reset"]) == 6


def test_insistence_is_one_asker() -> None:
    others = [_event(f"weigh cart {i % 7}", f"u{i}", i * 60.0) for i in range(60)]
    nights = [_event("dark mode", "owl", 6000 + 1500 * night + k) for night in range(4) for k in range(5)]
    log = read_log([*others, *nights], TEXTS)
    found = repeats(log, {query: 0 if query == "dark mode" else 1 for query in log.queries})
    assert len(found) == 16  # the first of each night is kept
    assert {log.events[i].user for i in found} == {"owl"}


def test_ordinary_askers_repeat_nothing() -> None:
    log = read_log([_event(f"weigh cart {i % 3}", f"u{i % 20}", i * 7.0) for i in range(60)], TEXTS)
    assert not repeats(log, dict.fromkeys(log.queries, 0))
    assert not repeats(read_log([], TEXTS), {})
