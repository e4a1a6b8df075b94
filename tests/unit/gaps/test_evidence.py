"""What askers did next, weighed; and the base's own probability in its light."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from signaltriage.gap_types import SearchEvent
from signaltriage.gaps.demand import read_log
from signaltriage.gaps.evidence import Solved, Unshown, solved_searches, weigh
from signaltriage.gaps.needs import group_needs, keywords, name_need
from signaltriage.gaps.verdicts import Recalibration, centred

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _session(user: str, *steps: tuple[str, int, str]) -> list[SearchEvent]:
    return [
        SearchEvent(query, results, user, START + timedelta(minutes=i), clicked=clicked)
        for i, (query, results, clicked) in enumerate(steps)
    ]


def test_who_gets_through_shows_the_article() -> None:
    events = [
        *_session("u", ("trolley weight", 0, ""), ("cart weigh", 2, "A1")),
        *_session("v", ("split cart", 0, ""), ("cart in two", 0, "")),
        *_session("w", ("rate crad", 0, "")),
        *_session("x", ("rate card", 3, "A2")),
    ]
    log = read_log(events, ["rate card", "weigh a cart"], frozenset(("weight",)))
    solved = solved_searches(log, {"a1": "A1", "a2": "A2"})
    assert ("trolley weight", "cart weigh", "A1") in solved.pairs
    assert ("rate card", "rate card", "A2") in solved.pairs  # misspelt by one, found by another
    assert not any(query == "split cart" for query, *_ in solved.pairs)
    assert solved.tried == 3


def _unit(*rows: tuple[float, ...]) -> np.ndarray:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_likes_of_the_solved_are_likelier_answered_and_likes_of_the_unsolved_less() -> None:
    vectors = _unit((1, 0, 0), (0.95, 0.3, 0), (0, 0, 1), (0, 0.3, 0.95), (0, 0.2, 1))
    unshown = Unshown(["a", "b", "c", "d", "e"], vectors, [1, 1, 3, 3, 3], [""] * 5)
    found = weigh(unshown, Solved((("a", "x", "A1"),), tried=20, unrelated=0.02))
    assert found.log_ratio[0] > 1
    assert found.log_ratio[1] > 1
    assert found.article[1] == "A1"
    assert (found.log_ratio[2:] < 0).all()
    assert found.article[3] == ""


def test_a_log_without_sessions_says_nothing() -> None:
    unshown = Unshown(["a", "b"], _unit((1, 0), (0, 1)), [5, 5], ["", ""])
    found = weigh(unshown, Solved((), 10, 0.25))
    assert not found.log_ratio.any()
    p = np.array([0.2, 0.7])
    same = Recalibration.learn(p, found.log_ratio, np.ones(2))
    np.testing.assert_allclose(same.apply(p, found.log_ratio), p, atol=1e-6)


def test_recalibration_follows_what_askers_did() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.5
    said = np.where(truth, 0.3, 0.6) + rng.normal(0, 0.05, 400)  # the base is wrong here
    did = np.where(truth, 3.0, -3.0)
    learned = Recalibration.learn(said, did, np.ones(400))
    assert learned.slope < 0.3
    assert ((learned.apply(said, did) > 0.5) == truth).mean() > 0.95


def test_centring_moves_the_limit_to_a_half() -> None:
    np.testing.assert_allclose(centred(np.array([0.3, 0.8]), 0.3)[0], 0.5)


def test_needs_group_by_meaning_and_by_turn() -> None:
    vectors = _unit((1, 0, 0), (0.9, 0.4, 0), (0.45, 0.9, 0), (0, 0, 1))
    alone = group_needs(["a", "b", "c", "d"], vectors, [1, 1, 1, 1])
    assert alone[0] == alone[1] != alone[3]
    assert len(group_needs([], vectors[:0], [])) == 0
    assert group_needs(["a"], vectors[:1], [1]).tolist() == [0]


def test_too_many_queries_are_gathered_first(monkeypatch: object) -> None:
    import signaltriage.gaps.needs as needs

    rng = np.random.default_rng(0)
    centres = np.eye(8, dtype=np.float32)
    vectors = np.repeat(centres, 10, axis=0) + rng.normal(0, 0.05, (80, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = [f"q{i:02d}" for i in range(80)]
    before = needs.MOST_AT_ONCE
    try:
        needs.MOST_AT_ONCE = 20
        found = group_needs(names, vectors, [1] * 80)
    finally:
        needs.MOST_AT_ONCE = before
    assert (found == np.repeat(np.arange(8), 10)).all()


def test_a_need_has_a_name_and_words() -> None:
    from collections import Counter

    names = ["cart", "split cart", "how do i split one cart between two clients when both are in the same street"]
    vectors = _unit((0.9, 0.3), (1, 0), (0.9, -0.3))
    assert names[name_need(names, [1, 5, 1], vectors)] == "split cart"
    assert keywords(names, [1, 5, 1], Counter({"cart": 90, "split": 6}))[0] == "split"
