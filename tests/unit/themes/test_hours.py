from __future__ import annotations

import pytest

from signaltriage.themes.hours import hours_lost


@pytest.mark.parametrize(
    ("text", "hours", "evidence"),
    [
        ("It took me 3 hours to fix this.", 3.0, "took me 3 hours"),
        ("I gave up after twenty minutes.", 0.333, "gave up after twenty minutes"),
        ("That is half a day every week!", 4.0, "half a day every week"),
        ("Pressed it many times, 40 minutes lost", 0.667, "40 minutes lost"),
        ("It takes 2-3 hours each time", 2.5, "takes 2-3 hours"),
        ("I spent the whole morning on the phone", 4.0, "spent the whole morning"),
        ("Wasted an hour and a half on this", 1.5, "Wasted an hour and a half"),
        ("I’ve lost two days of work", 16.0, "lost two days"),
        ("costs us 10 hours a week", 10.0, "costs us 10 hours"),
        ("1,5 h per ticket", 1.5, "1,5 h per ticket"),
    ],
)
def test_a_time_that_was_spent(text: str, hours: float, evidence: str) -> None:
    found = hours_lost(text)
    assert found is not None
    assert found.hours == pytest.approx(hours, abs=0.001)
    assert text[found.start : found.end] == evidence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We expect an answer within 24 hours.",
        "She is 30 years old.",
        "I have waited three weeks.",
        "Our contract says four hours.",
        "The invitation is valid for 7 days.",
        "It broke 3 hours ago.",
        "Meeting in 2 hours.",
        "Open 8 hours a day.",
        "She took the day off.",
        "It should take 5 minutes.",
        "Call me at 10:30.",
    ],
)
def test_a_deadline_an_age_or_a_date_is_no_loss(text: str) -> None:
    assert hours_lost(text) is None


def test_times_add_up() -> None:
    found = hours_lost("Took me 2 hours on Monday. On Tuesday I wasted 30 minutes.")
    assert found is not None
    assert found.hours == 2.5
