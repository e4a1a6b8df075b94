"""What holds of redaction whatever the text: it never fails, is done once and for all, only puts placeholders in."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from signaltriage.gap_types import SearchEvent
from signaltriage.privacy import KINDS, PLACEHOLDER, Privacy, Redactor
from signaltriage.types import Signal

KEY = bytes(range(32))
REDACTOR = Redactor()
_LONGEST = max(map(len, PLACEHOLDER.values()))
_NESTED = re.compile(r"\[[^\[\]]*\[(?:" + "|".join(KINDS) + r")\][^\[\]]*\]")

# Any text at all, lone surrogates too, and texts made of the pieces that recognisers react to.
anything = st.text(st.characters(exclude_categories=()), max_size=300)
pieces = st.lists(
    st.sampled_from(
        [
            *("jo@example.com", "jo (at) example dot com", "%40", "@", "example", "com", "."),
            *("+44 20 7946 0958", "(555) 010-9999", "020 7946", "0958", "+", "00", "1", "555", "7", "call ", "ext. "),
            *("4111 1111 1111 1111", "4111", "1111", "DE89 3704 0044 0532 0130 00", "10.1.2.3", "fe80::1", ":", "::"),
            *("password=", "password: ", "is ", "token ", "Bearer ", "A1b2C3d4E5f6G7h8I9j0", "sk-", "eyJ", "\\", "'"),
            *("[email]", "[phone]", "[secret]", "[card]", "[ip]", "[iban]", "[", "]", "(", ")", "<", ">", '"'),
            *(" ", "  ", "\n", "-", "/", "=", "&", "?", "#", "x", "\0", "\ud800", "電話", "İ", "٣", "Version "),
        ]
    ),
    max_size=25,
).map("".join)
texts = st.one_of(anything, pieces)


@settings(max_examples=400, deadline=None)
@given(texts)
def test_a_redacted_text_is_left_alone(text: str) -> None:
    once = REDACTOR.text(text)
    twice = REDACTOR.text(once.text)
    assert twice.text == once.text
    assert twice.counts == {}


@settings(max_examples=300, deadline=None)
@given(texts)
def test_spans_are_in_order_apart_and_within_the_text(text: str) -> None:
    done = 0
    for span in REDACTOR.spans(text):
        assert done <= span.start < span.end <= len(text)
        assert span.kind in KINDS
        done = span.end


@settings(max_examples=300, deadline=None)
@given(texts)
def test_the_short_cuts_of_plain_texts_miss_nothing(text: str) -> None:
    # What follows switches the short cuts off, and is too far away to mean anything.
    behind = "\n\n" + 60 * "_ " + '\n\né "=:" @ -----'
    assert [span for span in REDACTOR.spans(text + behind) if span.end <= len(text)] == REDACTOR.spans(text)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_only_placeholders_are_put_in(text: str) -> None:
    redacted = REDACTOR.text(text)
    put_in = sum(redacted.counts.values())
    assert len(redacted.text) <= len(text) + put_in * _LONGEST
    assert (redacted.text == text) == (put_in == 0)
    for kind, count in redacted.counts.items():
        assert count > 0
        assert PLACEHOLDER[kind] in redacted.text
    rest = redacted.text
    for placeholder in PLACEHOLDER.values():
        rest = rest.replace(placeholder, "")
    assert _is_left_of(rest, text)


@settings(max_examples=300, deadline=None)
@given(pieces.map(lambda text: text.replace("[", "").replace("]", "")))
def test_no_placeholder_stands_in_another(text: str) -> None:
    redacted = REDACTOR.text(text)
    assert not _NESTED.search(redacted.text)
    assert sum(redacted.text.count(PLACEHOLDER[kind]) for kind in KINDS) <= sum(redacted.counts.values())


@settings(max_examples=150, deadline=None)
@given(texts, texts, texts)
def test_any_record_can_be_cleaned_and_cleaning_twice_changes_nothing(text: str, name: str, other: str) -> None:
    privacy = Privacy(redact=True, key=KEY)
    signal = Signal(other, text, source=name, title=other, author=name, link=other, tags=(text, name), thread=other)
    search = SearchEvent(text, user=name, session=other, clicked=other, id=name)
    for found in (signal, search):
        once, _ = privacy.clean(found)
        again, counts = privacy.clean(once)
        assert again == once
        assert not counts


def _is_left_of(rest: str, text: str) -> bool:
    """Whether `rest` is `text` with characters left out."""
    characters = iter(text)
    return all(char in characters for char in rest)
