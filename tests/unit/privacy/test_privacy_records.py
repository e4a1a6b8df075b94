"""Whole records through Privacy.clean, and the pseudonyms in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signaltriage.errors import UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.privacy import Privacy, Pseudonyms
from signaltriage.types import Signal

KEY = bytes(range(32))
OTHER = bytes(32)
WHEN = datetime(2026, 11, 2, tzinfo=UTC)
PLANTED = {
    "email": "jo.bloggs@example.com",
    "phone": "+44 20 7946 0958",
    "card": "4111 1111 1111 1111",
    "ip": "10.17.4.200",
    "iban": "DE89 3704 0044 0532 0130 00",
    "token": "gh" + "p_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
    "password": "password=Tr0ub4dor&3",
}


def _signal() -> Signal:
    said = "; ".join(PLANTED.values())
    return Signal(
        id="Z-1",
        text=f"it fails. {said}. please help",
        created_at=WHEN,
        audience="customer",
        source="zendesk",
        title=f"about {said}",
        author="Jo Bloggs",
        link=f"https://desk.example.com/t/1?email={PLANTED['email']}&token=A1b2C3d4E5f6G7h8I9j0",
        status="open",
        team="billing",
        assignee="Ada Agent",
        tags=("vip", PLANTED["email"], PLANTED["phone"]),
        thread="Z-0",
    )


def _secrets() -> list[str]:
    return [*PLANTED.values(), "Tr0ub4dor", "7946", "4111", "0532", "Bloggs", "Ada", "A1b2C3d4E5", "example.com;"]


def test_nothing_planted_is_left_in_any_field_of_a_signal() -> None:
    clean, counts = Privacy(redact=True, key=KEY).clean(_signal())
    assert [secret for secret in _secrets() if secret in repr(clean)] == []
    assert isinstance(clean, Signal)
    assert counts["email"] == 4
    assert {"phone", "card", "ip", "iban", "secret"} <= set(counts)
    assert clean.text.startswith("it fails. [email]; [phone]; [card]; [ip]; [iban]; [secret]; password=[secret]")
    assert clean.tags == ("vip", "[email]", "[phone]")
    assert (clean.id, clean.thread, clean.source, clean.team, clean.status) == (
        "Z-1",
        "Z-0",
        "zendesk",
        "billing",
        "open",
    )
    assert clean.created_at == WHEN


def test_nothing_planted_is_left_in_any_field_of_a_search() -> None:
    said = "; ".join(PLANTED.values())
    search = SearchEvent(said, 0, user="jo.bloggs@example.com", session="Jo Bloggs-17", clicked=f"?mail={said}", id="9")
    clean, counts = Privacy(redact=True, key=KEY).clean(search)
    assert [secret for secret in _secrets() if secret in repr(clean)] == []
    assert isinstance(clean, SearchEvent)
    assert clean.user.startswith("person-")
    assert clean.session.startswith("session-")
    assert (clean.results, clean.id) == (0, "9")
    assert counts["email"] == 2


def test_a_search_without_clicks_keeps_not_knowing_them() -> None:
    clean, counts = Privacy(redact=True, key=KEY).clean(SearchEvent("vpn"))
    assert clean == SearchEvent("vpn")
    assert counts == {}


def test_keep_pii_changes_nothing_and_needs_no_key() -> None:
    privacy = Privacy(redact=False)
    assert privacy.clean(_signal()) == (_signal(), {})
    assert privacy.text("jo@example.com").text == "jo@example.com"


def test_text_that_is_no_field_is_redacted_as_well() -> None:
    redacted = Privacy(redact=True, key=KEY).text('"3","jo@example.com"')
    assert redacted.text == '"3","[email]"'
    assert redacted.counts == {"email": 1}


def test_cleaning_twice_changes_nothing() -> None:
    privacy = Privacy(redact=True, key=KEY)
    once, _ = privacy.clean(_signal())
    assert privacy.clean(once) == (once, {})


def test_ids_that_tell_who_become_others_that_still_differ_and_match_their_thread() -> None:
    privacy = Privacy(redact=True, key=KEY)
    first, second = (replace(_signal(), id=f"<{n}@mail.example.com>", thread="") for n in (1, 2))
    reply = replace(_signal(), id="Z-3", thread=first.id)
    a, b, c = (privacy.clean(signal)[0] for signal in (first, second, reply))
    assert isinstance(a, Signal)
    assert isinstance(b, Signal)
    assert isinstance(c, Signal)
    assert a.id.startswith("id-")
    assert a.id != b.id
    assert c.thread == a.id


def test_a_person_has_one_pseudonym_however_the_name_is_written() -> None:
    people = Pseudonyms(KEY)
    one = people.of("zendesk", "Jo Bloggs")
    assert one == people.of("Zendesk", "  jo   BLOGGS ")
    assert people.of("mail", "Jo <Jo@Example.com>") == people.of("mail", "jo@example.com")
    assert one != people.of("slack", "Jo Bloggs")
    assert one != people.of("zendesk", "Jo Blogg")
    assert one != Pseudonyms(OTHER).of("zendesk", "Jo Bloggs")
    assert len(one) == len("person-3f9a2c81d04b")


def test_source_and_author_cannot_be_shifted_into_one_another() -> None:
    people = Pseudonyms(KEY)
    assert people.of("a b", "c") != people.of("a", "b c")


@pytest.mark.parametrize("name", ["", "   ", "person-3f9a2c81d04b", "[email]"])
def test_nobody_and_who_is_hidden_already_stay(name: str) -> None:
    assert Pseudonyms(KEY).of("zendesk", name) == name.strip()


def test_a_lone_surrogate_in_a_name_is_no_obstacle() -> None:
    assert Pseudonyms(KEY).of("zendesk", "jo\ud800").startswith("person-")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(UsageError, match="3 bytes"):
        Pseudonyms(b"abc")
    with pytest.raises(UsageError, match="0 bytes"):
        Privacy(redact=True)


def test_the_key_is_not_shown() -> None:
    privacy = Privacy(redact=True, key=b"very secret key of 32 bytes ....")
    assert "very secret" not in repr(privacy) + repr(Pseudonyms(privacy.key))
