"""May the challenger take the champion's place?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from signaltriage.routing.promotion import NONE, Judged, compare, judge, paired_z, rows_for
from signaltriage.types import Prediction


def said(team: str, *, routed: bool = True) -> Prediction:
    outcome = "routed" if routed else "needs_human"
    return Prediction(team if routed else None, outcome, 0.9, team, (), "", "v")


def guesses(labels: list[str], right: np.ndarray, routed: np.ndarray | None = None) -> list[Prediction]:
    routed = np.ones(len(labels), dtype=bool) if routed is None else routed
    return [
        said(label if hit else "elsewhere", routed=bool(alone))
        for label, hit, alone in zip(labels, right, routed, strict=True)
    ]


def test_two_alike_are_told_apart_by_nothing_and_the_challenger_is_promoted_on_enough_rows() -> None:
    labels = ["a", "b"] * 1000
    right = np.arange(2000) % 20 != 0
    verdict = judge(Judged(labels, guesses(labels, right), guesses(labels, right)), 0.1, {})
    assert verdict.promoted
    assert verdict.objections == ()
    assert verdict.overall is not None
    assert (verdict.overall.gained, verdict.overall.lost, verdict.overall.difference) == (0, 0, 0.0)
    assert [team.team for team in verdict.teams] == ["a", "b"]


def test_few_rows_prove_nothing_and_it_is_said_how_many_would() -> None:
    labels = ["a"] * 40
    champion, challenger = np.ones(40, dtype=bool), np.ones(40, dtype=bool)
    champion[:2], challenger[2:4] = False, False
    verdict = judge(Judged(labels, guesses(labels, champion), guesses(labels, challenger)), 0.1, {})
    assert not verdict.promoted
    assert verdict.rows_needed is not None
    assert verdict.rows_needed > 1000
    assert "may be worse" in verdict.objections[0]


def test_a_better_challenger_needs_few_rows() -> None:
    labels = ["a"] * 60
    champion = np.arange(60) % 4 != 0
    verdict = judge(Judged(labels, guesses(labels, champion), guesses(labels, np.ones(60, dtype=bool))), 0.1, {})
    assert verdict.promoted


def test_a_team_that_got_worse_objects_though_all_together_got_better() -> None:
    labels = ["big"] * 900 + ["small"] * 60
    champion = np.concatenate([np.arange(900) % 10 != 0, np.ones(60, dtype=bool)])
    challenger = np.concatenate([np.ones(900, dtype=bool), np.arange(60) % 2 == 0])
    verdict = judge(Judged(labels, guesses(labels, champion), guesses(labels, challenger)), 0.2, {})
    assert not verdict.promoted
    assert len(verdict.objections) == 1
    assert verdict.objections[0].startswith("small: worse")
    assert verdict.rows_needed is None


def test_a_team_of_three_rows_cannot_object_by_noise() -> None:
    labels = [f"team {i // 3:02}" for i in range(900)]
    rng = np.random.default_rng(0)
    champion, challenger = rng.random(900) > 0.1, rng.random(900) > 0.02
    verdict = judge(Judged(labels, guesses(labels, champion), guesses(labels, challenger)), 0.1, {})
    assert min(team.difference for team in verdict.teams) <= -1 / 3
    assert verdict.promoted


def test_the_promise_is_held_against_what_is_routed() -> None:
    labels = ["a"] * 500
    right = np.arange(500) % 10 != 0
    routed = np.ones(500, dtype=bool)
    broken = judge(Judged(labels, guesses(labels, right), guesses(labels, right, routed)), 0.05, {})
    assert not broken.promoted
    assert (broken.promise.routed, broken.promise.wrong, broken.promise.holds) == (500, 50, False)
    assert broken.promise.p_value < 0.001
    kept = judge(Judged(labels, guesses(labels, right), guesses(labels, right, right)), 0.05, {})
    assert kept.promoted
    assert (kept.promise.wrong, kept.challenger_share_routed) == (0, 0.9)


def test_what_routes_nothing_has_shown_nothing() -> None:
    labels = ["a"] * 500
    held = guesses(labels, np.ones(500, dtype=bool), np.zeros(500, dtype=bool))
    verdict = judge(Judged(labels, None, held), 0.1, {})
    assert not verdict.promoted
    assert verdict.promise.error is None
    assert "routes none" in verdict.objections[0]


def test_a_promise_to_a_team_is_broken_only_beyond_chance() -> None:
    labels = ["a"] * 400 + ["b"] * 400
    right = np.ones(800, dtype=bool)
    right[400:440] = False
    challenger = [said(label) for label in labels]
    for i in np.flatnonzero(~right):
        challenger[i] = said("a")
    verdict = judge(Judged(labels, None, challenger), 0.2, {"a": 0.02, "b": 0.02})
    assert [(one.team, one.wrong, one.holds) for one in verdict.team_promises] == [("a", 40, False), ("b", 0, True)]
    assert [text for text in verdict.objections if text.startswith("a:")]
    one_wrong = judge(Judged(["a", "b"], None, [said("a"), said("a")]), 0.5, {"a": 0.1})
    assert one_wrong.team_promises[0].holds


def test_rows_of_no_team_are_right_when_held() -> None:
    labels = ["a"] * 300 + ["junk"] * 100
    good = guesses(labels, np.ones(400, dtype=bool), np.arange(400) < 300)
    bad = [said("a") for _ in labels]
    verdict = judge(Judged(labels, good, bad, none_label="junk"), 0.1, {})
    assert not verdict.promoted
    none = next(team for team in verdict.teams if team.team == NONE)
    assert (none.rows, none.champion_right, none.challenger_right) == (100, 100, 0)
    assert verdict.promise.wrong == 100
    assert judge(Judged(labels, bad, good, none_label="junk"), 0.1, {}).promoted


def test_a_champion_that_is_missing_leaves_the_promise_alone_to_judge_by() -> None:
    labels = ["a"] * 50
    verdict = judge(Judged(labels, None, guesses(labels, np.ones(50, dtype=bool))), 0.1, {})
    assert verdict.promoted
    assert (verdict.overall, verdict.teams, verdict.champion_share_routed) == (None, (), None)


@pytest.mark.parametrize(("gained", "lost"), [(3, 9), (0, 6), (12, 12), (30, 10)])
def test_without_a_margin_it_is_mcnemars_test(gained: int, lost: int) -> None:
    z = paired_z(gained, lost, 200, 0.0)
    assert z == pytest.approx((gained - lost) / np.sqrt(gained + lost))
    exact = binomtest(gained, gained + lost, 0.5, alternative="less").pvalue
    found = compare("", *pair(gained, lost, 200), margin=0.0).p_worse
    assert found == pytest.approx(exact, abs=0.12)


def pair(gained: int, lost: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    champion, challenger = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    champion[:gained] = False
    challenger[gained : gained + lost] = False
    return champion, challenger


def test_the_limits_hold_what_they_say() -> None:
    """On rows where the challenger truly is worse by just the margin, at most one in twenty is promoted."""
    rng = np.random.default_rng(0)
    for n, lost_share in ((150, 0.05), (600, 0.03), (3000, 0.02)):
        draws = rng.multinomial(n, [lost_share - 0.01, lost_share, 1.01 - 2 * lost_share], size=4000)
        pairs, counts = np.unique(draws[:, :2], axis=0, return_counts=True)
        z = np.array([paired_z(int(gained), int(lost), n, -0.01) for gained, lost in pairs])
        assert (counts[z > 1.645]).sum() / 4000 <= 0.065
        assert (counts[z < -1.645]).sum() / 4000 <= 0.065


def test_limits_enclose_the_difference_and_shrink_with_rows() -> None:
    few, many = compare("", *pair(4, 6, 100), margin=0.01), compare("", *pair(40, 60, 1000), margin=0.01)
    for found in (few, many):
        assert found.low < found.difference < found.high
    assert many.high - many.low < few.high - few.low
    nothing = compare("", *pair(0, 0, 5), margin=0.01)
    assert -0.5 < nothing.low < 0 < nothing.high < 0.5


def test_rows_needed_grow_as_the_margin_shrinks() -> None:
    assert rows_for(0.05, 0.02) < rows_for(0.05, 0.01) < rows_for(0.05, 0.005)
    assert rows_for(0.05, 0.0) is None
