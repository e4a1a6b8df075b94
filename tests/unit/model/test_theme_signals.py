"""Signals as themes are found in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from signaltriage.errors import UsageError
from signaltriage.model.theme_signals import cleaned, heard, made_ids, signals_of, unique_ids
from signaltriage.types import Signal


def test_texts_become_signals_with_ids_of_what_they_say() -> None:
    first, second, third = signals_of(["the gate is red", "vpn drops", "the gate is red"])
    assert first.text == "the gate is red"
    assert third.id == f"{first.id}#2"
    assert signals_of(["vpn drops"])[0].id == second.id
    assert signals_of([]) == []


def test_signals_stay_as_they_are() -> None:
    given = [Signal("b", "x"), Signal("a", "y")]
    assert signals_of(given) == given


def test_an_id_that_stands_for_two_is_usage() -> None:
    with pytest.raises(UsageError, match="'a'"):
        signals_of([Signal("a", "x"), Signal("a", "y")])
    with pytest.raises(UsageError, match="either signals or texts"):
        signals_of([Signal("a", "x"), "y"])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="list"):
        signals_of("one text")


def test_made_ids_tell_texts_and_times_apart() -> None:
    ids = made_ids([("a", "Monday"), ("a", "Tuesday"), ("b", "Monday"), ("a", "Monday")])
    assert len(set(ids)) == 4
    assert ids[3] == f"{ids[0]}#2"


def test_ids_that_come_again_get_a_number_that_is_not_taken() -> None:
    assert unique_ids(["X", "X", "X#2", "X", "Y"]) == ["X", "X#3", "X#2", "X#4", "Y"]


def test_times_are_in_utc_to_the_second() -> None:
    east = datetime(2026, 3, 2, 9, 30, 15, 999, tzinfo=timezone(timedelta(hours=2)))
    found = cleaned([Signal("a", "x", east), Signal("b", "x", datetime(2026, 3, 2)), Signal("c", "x")], clean=True)
    assert [s.created_at for s in found] == [
        datetime(2026, 3, 2, 7, 30, 15, tzinfo=UTC),
        datetime(2026, 3, 2, tzinfo=UTC),
        None,
    ]


def test_texts_are_cleaned_unless_that_is_off() -> None:
    raw = [Signal("a", "<p>The gate is red</p>"), Signal("b\ud800", "lone \ud800")]
    assert next(s.text for s in cleaned(raw, clean=True)) == "The gate is red"
    assert [s.text for s in cleaned(raw, clean=False)] == ["<p>The gate is red</p>", "lone ?"]
    assert cleaned(raw, clean=True)[1].id == "b?"


def test_equal_texts_are_taken_together_whatever_the_order() -> None:
    signals = [Signal("3", "Gate red"), Signal("1", "gate  RED"), Signal("2", "vpn"), Signal("4", "")]
    found = heard(signals)
    assert [s.id for s in found.signals] == ["1", "2", "3", "4"]
    assert sorted(found.counts.tolist()) == [1, 2]
    assert found.row[0] == found.row[2]
    assert found.row[3] == -1
    assert found.texts[found.row[0]] == "Gate red"
    loud = heard([*signals, Signal("5", "gate  RED")])
    assert loud.texts[loud.row[0]] == "gate  RED"  # the one most often written
    again = heard(signals[::-1])
    assert (again.signals, again.keys, again.texts) == (found.signals, found.keys, found.texts)
    np.testing.assert_array_equal(again.row, found.row)


def test_earlier_signals_count_and_are_replaced_by_their_later_selves() -> None:
    before = heard([Signal("1", "gate red"), Signal("2", "vpn")]).signals
    found = heard([Signal("2", "vpn drops"), Signal("3", "vpn drops")], before)
    assert [(s.id, s.text) for s in found.signals] == [("1", "gate red"), ("2", "vpn drops"), ("3", "vpn drops")]
    assert set(heard(before).keys) & set(found.keys) == {found.keys[found.row[0]]}


def test_no_signals() -> None:
    found = heard([])
    assert (found.signals, found.keys, found.texts) == ((), (), ())
    assert found.row.shape == found.counts.shape == (0,)


def test_what_themes_see_of_a_signal_is_its_title_and_text() -> None:
    told = Signal("a", "It drops at noon.", title="VPN drops", author="kim", tags=("vip",))
    (found,) = cleaned([told], clean=True)
    assert found.text.split("\n") == ["VPN drops", "It drops at noon."]
    assert (found.title, found.author, found.tags) == ("", "", ())
