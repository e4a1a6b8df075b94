"""Every reader, on a file as its tool writes it: each thing in it becomes what `<file>.expected.json` says.

A new reader needs one fixture in tests/fixtures/exports, in own words, and beside it what must come out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signaltriage.capture.readers import Asked, open_signals
from signaltriage.capture.readers.registry import READERS
from signaltriage.log_types import Captured
from support import ROOT
from support_readers import items_of, signals_of, told

FOLDER = ROOT / "tests" / "fixtures" / "exports"
FIXTURES = sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_each_thing_in_a_fixture_becomes_what_is_expected(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.name}.expected.json").read_text(encoding="utf-8"))
    with open_signals(path) as file:
        found = [told(item) for item in file.items]
    assert (file.reader, file.how) == (expected["reader"], expected["how"])
    assert found == expected["items"]


def test_every_reader_has_a_fixture() -> None:
    taken_for = {json.loads(path.read_text(encoding="utf-8"))["reader"] for path in FOLDER.glob("*.expected.json")}
    assert {reader.name for reader in READERS} == taken_for


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_ids_are_unique_and_threads_lead_to_an_opener(path: Path) -> None:
    signals = signals_of(path)
    assert len({signal.id for signal in signals}) == len(signals)
    assert all(signal.thread != signal.id for signal in signals)
    assert all(signal.text.strip() for signal in signals)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_reading_again_gives_the_same(path: Path) -> None:
    assert items_of(path) == items_of(path)


def test_a_source_that_no_reader_has_names_the_source() -> None:
    signals = signals_of(FOLDER / "zendesk-view.csv", Asked(source="desk-eu"))
    assert {signal.source for signal in signals} == {"desk-eu"}


def test_a_reader_can_be_forced() -> None:
    with open_signals(FOLDER / "zendesk-view.csv", asked=Asked(source="table")) as file:
        assert file.reader == "table"
        assert sum(isinstance(item, Captured) for item in file.items) == 1


def test_who_asks_is_of_the_audience_the_user_says_and_agents_stay_employees() -> None:
    signals = {signal.id: signal for signal in signals_of(FOLDER / "zendesk.json", Asked(audience="employee"))}
    assert {signal.audience for signal in signals.values()} == {"employee"}
    signals = {signal.id: signal for signal in signals_of(FOLDER / "zendesk.json", Asked(audience="customer"))}
    assert (signals["7101"].audience, signals["comment/2"].audience) == ("customer", "employee")


def test_the_same_ticket_has_one_id_in_every_shape() -> None:
    of_api = {signal.id for signal in signals_of(FOLDER / "zendesk.json")}
    of_warehouse = {signal.id for signal in signals_of(FOLDER / "warehouse-ticket.csv")}
    assert of_warehouse <= of_api
