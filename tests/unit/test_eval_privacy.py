"""The measure of redaction itself, and its floor on sentences of our own."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from eval.privacy import OWN, Planted, found, plant, right
from eval.privacy_fresh import fresh_formats
from eval.privacy_phones import phone_formats
from eval.privacy_secrets import secret_formats
from eval.privacy_sets import Format, check_digit, formats, iban
from eval.privacy_traps import traps

from signaltriage.privacy import KINDS, Redactor, Span

EVERY = [*formats(), *secret_formats(), *phone_formats(), *traps(), *fresh_formats()]


def _planted(kind: str = "email") -> Planted:
    return Planted("write to jo@example.com now", 9, 23, Format(kind, "plain", "dev", lambda _: ("{}", "")))


def test_every_kind_is_planted_in_every_group() -> None:
    assert {(f.kind, f.group) for f in EVERY} == {
        (kind, group) for kind in (*KINDS, "trap") for group in ("dev", "held_out", "fresh")
    }
    assert len({(f.kind, f.group, f.name) for f in EVERY}) == len(EVERY)


@pytest.mark.parametrize("one", EVERY, ids=lambda f: f"{f.group}-{f.kind}-{f.name}")
def test_a_value_stands_where_it_is_said_to_stand(one: Format) -> None:
    for item in plant([one], OWN, 5, random.Random(1)):
        assert item.text[item.start : item.end].strip()
        template, value = one.make(random.Random(2))
        assert template.count("{}") == 1
        assert value


def test_check_digits_are_those_of_published_examples() -> None:
    assert check_digit("411111111111111") == "1"
    assert check_digit("37828224631000") == "5"
    assert check_digit("7992739871") == "3"
    number = iban("DE", "18n", None)(random.Random(0))
    assert int(number[4:] + "1314" + number[2:4]) % 97 == 1


def test_phones_that_are_planted_are_possible_numbers() -> None:
    whole = next(f for f in phone_formats() if f.name == "+ whole" and f.group == "held_out")
    for seed in range(20):
        assert phonenumbers.is_valid_number(phonenumbers.parse(whole.make(random.Random(seed))[1]))


def test_found_means_that_nothing_is_left_and_the_kind_is_right() -> None:
    assert found(_planted(), [Span(9, 23, "email")])
    assert not found(_planted(), [Span(9, 22, "email")])
    assert not found(_planted(), [Span(9, 23, "secret")])
    assert not found(_planted(), [])


def test_right_means_that_no_more_is_taken_than_is_planted() -> None:
    assert right(_planted(), Span(9, 23, "email"))
    assert right(_planted(), Span(8, 24, "email"))
    assert not right(_planted(), Span(6, 23, "email"))
    assert not right(_planted(), Span(24, 27, "email"))
    assert not right(_planted(), Span(9, 23, "phone"))


def test_redaction_keeps_its_floor_on_our_own_sentences() -> None:
    redactor = Redactor()
    every = list(plant(EVERY, OWN, 8, random.Random(3)))
    values = [item for item in every if item.format.kind != "trap"]
    spans = {item: redactor.spans(item.text) for item in every}
    missed = [item.text for item in values if not found(item, spans[item])]
    wrong = [item.text for item in every for span in spans[item] if not right(item, span)]
    taken = sum(map(len, spans.values()))
    assert len(missed) <= 0.01 * len(values), missed
    assert len(wrong) <= 0.05 * taken, wrong
