"""Articles twice the same, at odds, untouched or outgrown; and trends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from signaltriage.encode import load_encoder
from signaltriage.gaps.trends import trend_of, weight_of
from signaltriage.gaps.upkeep import Touch, article_pairs, contradictions, duplicates, outdated, untouched
from signaltriage.theme_types import ThemeTrend
from signaltriage.types import Article

ENCODER = load_encoder(threads=1)
INVITE = Article(
    "A1", "Invite a client user", "Choose Invite. The invitation is valid for 48 hours. Then send it again."
)
WELCOME = Article("A2", "First steps", "You get a mail. The invitation stays valid for 7 days, so there is no rush.")
SAME = Article("A3", "Invite users", "Open it. The invitation is valid for two days. Then it is gone.")
HOLD = Article("A4", "Re-pair a gate", "Open the flap. Hold RESET for ten seconds, until the lamp blinks.")
NEVER = Article(
    "A5", "Gate buttons", "Three seconds will do. Never hold RESET for ten seconds unless the gate is scrapped."
)
LEVEL = Article("A6", "Notices", "Travellers from a country with a level 3 notice stay home for 14 days.")
LEVELS = Article(
    "A7", "Notices, more", "Travellers from a country with a level 2 notice watch their health for 14 days."
)


def _odds(one: Article, other: Article) -> list[str]:
    return [item.reason for item in contradictions([one, other], [(0, 1, 0.7)], ENCODER)]


def test_contradictions() -> None:
    assert _odds(INVITE, WELCOME) == ["different times"]
    assert _odds(INVITE, SAME) == []  # 48 hours are two days
    assert "forbidden" in _odds(HOLD, NEVER)[0]
    assert _odds(LEVEL, LEVELS) == []  # a level is a name, not an amount
    (item,) = contradictions([HOLD, NEVER], [(0, 1, 0.7)], ENCODER)
    assert item.left.startswith("Hold RESET")
    assert item.right.startswith("Never hold")


def test_duplicates_say_the_same_in_the_same_words() -> None:
    copy = Article("A8", "Invite a client user", INVITE.body + " Thank you.")
    pairs = [(0, 1, 0.95), (0, 2, 0.75)]
    found = duplicates([INVITE, copy, WELCOME], pairs)
    assert [(item.article_id, item.other_id) for item in found] == [("A1", "A8")]


def test_pairs_are_near_and_told_once() -> None:
    vectors = np.array([[1, 0], [0.9, 0.436], [0, 1]])
    assert [(i, j) for i, j, _ in article_pairs(vectors)] == [(0, 1)]
    assert article_pairs(np.zeros((0, 2))) == []


def test_untouched_and_outgrown() -> None:
    old = Article("A9", "Old", "x", updated=date(2025, 1, 1))
    rose = Touch(9, ThemeTrend("rising", 0.001, date(2026, 6, 1)))
    assert [item.article_id for item in untouched([old, HOLD], {"A4": rose})] == ["A9"]
    assert [item.article_id for item in outdated([old, HOLD], {"A9": rose, "A4": rose})] == ["A9"]


def test_trends() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    everything = np.array([(start + timedelta(days=d)).timestamp() for d in range(120) for _ in range(3)])
    late, even = everything[-20:], everything[::18]
    assert trend_of(late.tolist(), everything).kind == "new"
    assert trend_of(even.tolist(), everything).kind == "steady"
    assert trend_of([], everything) == ThemeTrend()
    found = trend_of([*even.tolist(), *late.tolist()], everything)
    assert found.kind == "rising"
    assert found.since is not None
    assert sum(found.counts) == len(even) + len(late)
    assert weight_of(late.tolist(), everything) > 1 > weight_of(everything[:20].tolist(), everything)
    assert weight_of([], everything) == 1.0
