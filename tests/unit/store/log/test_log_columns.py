"""Values as every database can hold them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaltriage.store.log.columns import as_json, digest, keyable, moment_text, storable


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_the_order_of_moments_is_the_order_of_their_texts(a: datetime, b: datetime) -> None:
    left, right = moment_text(a), moment_text(b)
    assert left is not None
    assert right is not None
    assert (a < b) == (left < right)
    assert datetime.fromisoformat(left) == a


def test_a_moment_of_another_zone_is_told_in_utc() -> None:
    berlin = timezone(timedelta(hours=2))
    assert moment_text(datetime(2026, 1, 1, 1, 30, tzinfo=berlin)) == "2025-12-31T23:30:00.000000Z"
    assert moment_text(datetime(1, 1, 1, tzinfo=berlin)) == "0001-01-01T00:00:00.000000Z"
    assert moment_text(None) is None


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        moment_text(datetime(2026, 1, 1))


@given(st.text(st.characters(), max_size=50))
def test_every_text_becomes_one_that_can_be_stored_and_stays_it(text: str) -> None:
    stored = storable(text)
    assert "\x00" not in stored
    stored.encode()
    assert storable(stored) == stored
    assert len(stored) == len(text)


def test_what_cannot_be_stored_is_shown_to_have_been_there() -> None:
    assert storable("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert storable("Grüße 𝄞") == "Grüße 𝄞"


def test_long_keys_are_cut_and_stay_apart() -> None:
    one, other = keyable("x" * 9000 + "1"), keyable("x" * 9000 + "2")
    assert one != other
    assert len(one.encode()) < 2000
    assert keyable("short") == "short"


@given(st.lists(st.none() | st.text(max_size=5), max_size=4), st.lists(st.none() | st.text(max_size=5), max_size=4))
def test_digests_tell_parts_apart(a: list[str | None], b: list[str | None]) -> None:
    assert (digest(a) == digest(b)) == (a == b)


def test_equal_values_give_equal_json() -> None:
    assert as_json({"b": 1, "a": "é\x00"}) == as_json({"a": "é\x00", "b": 1})
    assert as_json({"at": datetime(2026, 1, 1, tzinfo=UTC)}) == '{"at": "2026-01-01T00:00:00+00:00"}'
    with pytest.raises(TypeError, match="plain"):
        as_json(object())
