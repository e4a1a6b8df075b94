"""training_data/ keeps what its DATASHEET promises: ids, counts, stories, searches, and nobody real in it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

COLUMNS = ["id", "created_at", "source", "audience", "author", "account", "plan", "thread", "text", "team"]
COLUMNS += ["second_team", "difficulty"]
SOURCES = {"zendesk", "jira", "slack", "community", "survey", "call note", "app review"}
DIFFICULTIES = {"plain", "ambiguous", "wrong blame", "two problems", "noise"}
COMPONENTS = {
    "onboarding & activation",
    "community & peer support",
    "education & enablement",
    "knowledge & self-service",
    "customer marketing & lifecycle",
    "intelligence & orchestration",
}
FIRST_DAY, LAST_DAY = date(2026, 3, 2), date(2026, 8, 30)
LANGUAGE_WORDS = {
    "German": r"\b(?:und|nicht|wir|bitte|steht)\b",
    "French": r"\b(?:je|nous|pas|votre|vous|dans|avec|elle|plus)\b",
    "Spanish": r"\b(?:que|nada|pero|usted|ustedes|viernes)\b",
    "Portuguese": r"\b(?:não|estou|estamos|já|nem|aqui|obrigado|férias|pesquisa|alguém|está|turmas|pessoal)\b",
    "Japanese": r"[\u3041-\u30ff]{3}",
}
MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
URL_HOST = re.compile(r"https?://([\w.-]+)")
NOT_A_PHONE = re.compile(r"\d{4}-\d\d-\d\d[T ]?[\d:]*|\d{1,2}:\d\d(?::\d\d)?")
PHONE = re.compile(r"\+\d[\d ()-]{7,}\d|\(\d{3}\) ?\d{3}-\d{4}|\b0\d{2,5}[ /-]\d{3}[ -]?\d{2,4}\b|\b\d{3}-\d{4}\b")
FICTIONAL_PHONE = re.compile(r"01632 ?960 ?\d{3}|555-01\d\d")
CARD_OR_IBAN = re.compile(r"\b(?:\d[ -]?){13,19}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b")
SECRET = re.compile(r"(?i)\b(?:pass(?:word|phrase)|pin|api key) ?(?:is|=|:) ?[a-z!#$%&*]*\d[\w!#$%&*]{3,}")

Rows = list[dict[str, str]]


def when(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def by_id(rows: Rows) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows}


def test_files_are_utf8_with_unix_line_ends(folder: Path) -> None:
    for path in sorted(folder.rglob("*.*")):
        text = path.read_bytes().decode("utf-8")
        assert "\r" not in text, path
        assert not text.startswith("\ufeff"), path
        assert text.endswith("\n"), path


def test_signals_have_the_documented_columns_and_unique_ids(signals: Rows) -> None:
    assert list(signals[0]) == COLUMNS
    assert len(signals) >= 1200
    assert len(by_id(signals)) == len(signals)
    assert all(row["text"].strip() for row in signals)


def test_signals_lie_in_the_26_weeks_with_time_zone_and_in_order(signals: Rows) -> None:
    stamps = [when(row["created_at"]) for row in signals]
    assert all(stamp.tzinfo for stamp in stamps)
    assert all(FIRST_DAY <= stamp.date() <= LAST_DAY for stamp in stamps)
    order = [(stamp, row["id"]) for stamp, row in zip(stamps, signals, strict=True)]
    assert order == sorted(order)


def test_volumes_follow_weeks_and_weekends(signals: Rows) -> None:
    days = [when(row["created_at"]).date() for row in signals]
    weekday = Counter(day.weekday() < 5 for day in days)
    assert weekday[True] / 5 > 3 * weekday[False] / 2
    weeks = Counter((day - FIRST_DAY).days // 7 for day in days)
    assert set(weeks) == set(range(26))
    assert max(weeks.values()) > 1.5 * min(weeks.values())


def test_values_are_known_and_fit_together(signals: Rows, teams: list[dict[str, Any]]) -> None:
    ids = {team["id"] for team in teams}
    for row in signals:
        assert row["source"] in SOURCES, row
        assert row["audience"] in {"customer", "employee"}, row
        assert row["difficulty"] in DIFFICULTIES, row
        assert row["team"] in ids | {"none"}, row
        assert row["second_team"] in (ids | {""}) - {row["team"]}, row
        assert (row["difficulty"] == "noise") == (row["team"] == "none"), row
        assert bool(row["second_team"]) or row["difficulty"] != "two problems", row
        assert bool(row["account"]) == bool(row["plan"]), row
        assert row["audience"] == "customer" or not row["account"], row
    assert {row["source"] for row in signals} == SOURCES
    assert {row["difficulty"] for row in signals} == DIFFICULTIES


def test_an_account_has_one_plan(signals: Rows) -> None:
    plans = {(row["account"], row["plan"]) for row in signals if row["account"]}
    assert len(plans) == len({account for account, _ in plans})


def test_every_team_has_enough_signals_and_enough_hard_ones(signals: Rows, teams: list[dict[str, Any]]) -> None:
    assert len(teams) == 12
    assert {team["component"] for team in teams} == COMPONENTS
    for team in teams:
        assert all(team[key] for key in ("name", "owns", "blamed_for", "lead_role"))
        mine = [row for row in signals if row["team"] == team["id"]]
        assert len(mine) >= 40, team["id"]
        assert sum(row["difficulty"] == "ambiguous" for row in mine) >= 8, team["id"]


def test_at_least_a_third_are_employees(signals: Rows) -> None:
    assert 3 * sum(row["audience"] == "employee" for row in signals) >= len(signals)


def test_people_operations_gets_employee_signals_only(signals: Rows) -> None:
    assert {row["audience"] for row in signals if row["team"] == "people"} == {"employee"}


def test_a_thread_is_one_conversation(signals: Rows) -> None:
    threads: dict[str, Rows] = {}
    for row in signals:
        threads.setdefault(row["thread"], []).append(row)
    for name, rows in threads.items():
        assert len({row["source"] for row in rows}) == 1, name
        assert len({row["team"] for row in rows}) == 1, name


def test_five_languages_in_a_few_rows(signals: Rows) -> None:
    for language, words in LANGUAGE_WORDS.items():
        hits = [row for row in signals if len(re.findall(words, row["text"], re.IGNORECASE)) >= 2]
        assert 2 <= len(hits) <= 40, (language, len(hits))


def personal_data(text: str) -> list[str]:
    """What looks like it could reach or name a real person."""
    mails = [
        match[0]
        for match in MAIL.finditer(re.sub(r"\[?(?:image: )?cid:\S+", "", text))
        if not match[1].lower().endswith(".example")
    ]
    hosts = [host for host in URL_HOST.findall(text) if not host.endswith(".example")]
    digits = NOT_A_PHONE.sub(" ", text)
    phones = [number for number in PHONE.findall(digits) if not FICTIONAL_PHONE.search(number)]
    return [
        *mails,
        *hosts,
        *phones,
        *(hit[0] for hit in CARD_OR_IBAN.finditer(digits)),
        *(hit[0] for hit in SECRET.finditer(text)),
    ]


def test_personal_data_is_recognised() -> None:
    for text in (
        "mail jo@firm.co.uk",
        "ring +44 20 7946 0018",
        "0113 496 0999",
        "see https://www.bank.com/x",
        "(402) 867-5309",
    ):
        assert personal_data(text), text
    for text in ("jo@firm.example", "Tel 01632 960 417", "dock 555-0142", "2026-05-13T06:12:40+02:00", "CN-0447"):
        assert not personal_data(text), text


def test_nobody_real_can_be_reached(folder: Path) -> None:
    for path in sorted(folder.rglob("*.*")):
        assert not personal_data(path.read_text(encoding="utf-8")), path


def test_export_sample_is_an_unlabelled_export_of_new_rows(export_sample: Rows, signals: Rows) -> None:
    assert list(export_sample[0]) == [
        "Id",
        "Created at",
        "Requester",
        "Subject",
        "Description",
        "Status",
        "Priority",
        "Tags",
    ]
    assert 50 <= len(export_sample) <= 100
    assert len({row["Id"] for row in export_sample}) == len(export_sample)
    assert not {row["Description"] for row in export_sample} & {row["text"] for row in signals}
    described = [row["Description"] for row in export_sample]
    for pattern in (
        r"^<",
        r"\n> ",
        r"(?s).\n.",
        r"^=",
        r"^\+",
        r"[\U0001f300-\U0001faff]",
        r"(?i)free audit",
        r"\bBonjour\b",
    ):
        assert any(re.search(pattern, text) for text in described), pattern
