"""The promise: of what is routed without a person, no more than the target is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from signaltriage.routing.abstention import (
    BATCH_ROWS,
    BATCH_SHARE,
    CONFIDENCE,
    NEVER,
    Guesses,
    Targets,
    choose_min_probability,
    error_limit,
    make_promise,
    of_the_walk,
    rows_to_start,
)


def draw(rng: np.random.Generator, n: int, sureness: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of best guesses, and whether each was right."""
    probability = 0.3 + 0.7 * rng.beta(sureness, 1, n)
    return probability, rng.random(n) < probability


@pytest.mark.parametrize(("n", "target", "sureness"), [(400, 0.10, 2.0), (200, 0.20, 1.0), (1000, 0.05, 5.0)])
def test_the_bound_holds_over_many_draws(n: int, target: float, sureness: float) -> None:
    rng = np.random.default_rng(42)
    probability, right = draw(rng, 200_000, sureness)
    draws, broken, routed_at_all = 300, 0, 0
    for _ in range(draws):
        rows = rng.integers(0, len(probability), n)
        routed = probability >= choose_min_probability(probability[rows], right[rows], target)
        routed_at_all += bool(routed.any())
        broken += bool(routed.any()) and (~right[routed]).mean() > target
    assert broken <= binom.ppf(0.999, draws, 1 - CONFIDENCE)  # 5 % and the noise of 300 draws
    assert routed_at_all >= draws * 0.3  # never routing would keep any promise


def test_the_bound_holds_for_a_model_that_is_far_too_sure_of_itself() -> None:
    rng = np.random.default_rng(1)
    probability, right = draw(rng, 100_000)
    boast = probability**0.2
    broken = 0
    for _ in range(200):
        rows = rng.integers(0, len(boast), 300)
        routed = boast >= choose_min_probability(boast[rows], right[rows], 0.15)
        broken += bool(routed.any()) and (~right[routed]).mean() > 0.15
    assert broken <= binom.ppf(0.999, 200, 1 - CONFIDENCE)


def test_a_looser_target_never_routes_less() -> None:
    rng = np.random.default_rng(7)
    for _ in range(60):
        probability, right = draw(rng, int(rng.integers(20, 900)), float(rng.choice([1.0, 2.0, 5.0])))
        limits = [choose_min_probability(probability, right, t) for t in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)]
        routed = [int((probability >= limit).sum()) for limit in limits]
        assert routed == sorted(routed)


@pytest.mark.parametrize(("n", "target", "sureness"), [(2000, 0.10, 2.0), (1800, 0.20, 1.0), (2500, 0.05, 5.0)])
def test_the_error_seen_in_a_batch_to_come_is_within_the_target(n: int, target: float, sureness: float) -> None:
    """Not only the mean that nobody sees: a batch a third as large has its own luck, and the limit allows for it."""
    rng = np.random.default_rng(3)
    draws, broken, routed_at_all = 100, 0, 0
    for _ in range(draws):
        probability, right = draw(rng, n + n // 3, sureness)
        least = choose_min_probability(probability[:n], right[:n], target)
        routed = probability[n:] >= least
        routed_at_all += bool(routed.any())
        broken += bool(routed.any()) and (~right[n:][routed]).mean() > target
    assert broken <= binom.ppf(0.999, draws, 1 - CONFIDENCE)
    assert routed_at_all >= draws * 0.3


@pytest.mark.parametrize("n", [0, 1, 5, 28])
def test_too_few_rows_promise_nothing(n: int) -> None:
    assert choose_min_probability(np.full(n, 0.999), np.ones(n, dtype=bool), 0.10) == NEVER


def test_the_limit_of_a_batch_is_the_exact_prediction_limit() -> None:
    for routed, wrong in ((60, 0), (90, 3), (300, 20), (3000, 40), (30, 30)):
        batch = max(BATCH_ROWS, routed // BATCH_SHARE)
        exact = 1.0 if wrong == routed else betabinom.ppf(CONFIDENCE, batch, wrong + 1, routed - wrong) / batch
        assert error_limit(routed, wrong, CONFIDENCE) == pytest.approx(exact)


def test_few_rows_without_an_error_are_enough_and_one_error_is_too_many() -> None:
    assert 29 <= rows_to_start(0.10, CONFIDENCE) <= 31  # what the binomial asks for, and hardly more
    n = rows_to_start(0.10, of_the_walk(CONFIDENCE))
    assert n <= 40
    assert choose_min_probability(np.full(n, 0.95), np.ones(n, dtype=bool), 0.10) < 1
    one_wrong = np.arange(n) > 0
    assert choose_min_probability(np.full(n, 0.95), one_wrong, 0.10) == NEVER


def guesses(rng: np.random.Generator, n: int, sureness: Sequence[float]) -> Guesses:
    """Held-out guesses of as many teams as there are degrees of sureness."""
    team = rng.integers(0, len(sureness), n)
    probability = 0.3 + 0.7 * rng.beta(np.array(sureness)[team], 1)
    return Guesses(team, probability, rng.random(n) < probability)


def test_a_team_promise_holds_where_it_is_said_to_hold() -> None:
    rng = np.random.default_rng(5)
    broken, promised = 0, 0
    for _ in range(60):
        seen, teams = guesses(rng, 3000, (9.0, 3.0, 1.0)), ("easy", "middling", "hard")
        promise = make_promise(seen, teams, Targets(0.15, dict.fromkeys(teams, 0.15)))
        new = guesses(rng, 1000, (9.0, 3.0, 1.0))
        for k, of_team in enumerate(promise.teams):
            routed = (new.team == k) & (new.probability >= of_team.min_probability)
            if of_team.holds and routed.any():
                promised += 1
                broken += (~new.right[routed]).mean() > 0.15
    assert promised >= 60
    assert broken <= binom.ppf(0.999, promised, 1 - CONFIDENCE)


def test_a_team_with_too_little_evidence_is_held_and_told_how_much_is_missing() -> None:
    rng = np.random.default_rng(6)
    seen = guesses(rng, 2000, (20.0, 20.0))
    few = Guesses(np.where(np.arange(2000) < 10, 2, seen.team), seen.probability, seen.right)
    promise = make_promise(few, ("a", "b", "few"), Targets(0.10, {"few": 0.05}))
    by_name = {team.team: team for team in promise.teams}
    assert by_name["few"].min_probability == NEVER
    assert not by_name["few"].holds
    assert by_name["few"].more_rows is not None
    assert by_name["few"].more_rows >= 59
    assert by_name["a"].min_probability < 1
    assert promise.holds
    assert promise.routed == by_name["a"].routed + by_name["b"].routed


def test_what_is_missing_would_do() -> None:
    rng = np.random.default_rng(8)
    promise = make_promise(guesses(rng, 400, (6.0, 4.0)), ("a", "b"), Targets(0.2, {}))
    for team in promise.teams:
        if team.more_rows is not None and team.routed:
            rows = team.routed + team.more_rows
            strict = 1 - (1 - CONFIDENCE) / 2
            assert error_limit(rows, round(team.wrong / team.routed * rows), strict) <= 0.2


def test_nothing_right_routes_nothing() -> None:
    assert choose_min_probability(np.linspace(0.2, 1, 500), np.zeros(500, dtype=bool), 0.3) == NEVER


def test_everything_right_routes_everything() -> None:
    probability = np.linspace(0.2, 1, 500)
    limit = choose_min_probability(probability, np.ones(500, dtype=bool), 0.05)
    assert (probability >= limit).all()


def test_it_stops_where_the_wrong_ones_begin() -> None:
    probability = np.linspace(0, 1, 2001)
    limit = choose_min_probability(probability, probability >= 0.6, 0.1)
    routed = probability >= limit
    assert 0.5 < limit < 0.6
    assert 0.05 < (probability[routed] < 0.6).mean() <= 0.1


def test_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    probability, right = draw(rng, 400)
    order = rng.permutation(400)
    limit = choose_min_probability(probability, right, 0.15)
    assert choose_min_probability(probability[order], right[order], 0.15) == limit


def test_limits_are_whole_percents() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        limit = choose_min_probability(*draw(rng, 500), 0.2)
        assert limit == round(limit, 2)


def test_it_goes_as_far_as_the_limit_of_a_batch_allows_and_no_further() -> None:
    rng = np.random.default_rng(4)
    for _ in range(40):
        n, target = int(rng.integers(60, 1500)), float(rng.choice([0.05, 0.1, 0.2, 0.3]))
        probability, right = draw(rng, n)
        limit = choose_min_probability(probability, right, target)

        def passes(at: float, probability=probability, right=right, target=target) -> bool:
            routed = probability >= at
            return error_limit(int(routed.sum()), int((routed & ~right).sum()), of_the_walk(CONFIDENCE)) <= target

        if limit < 1:
            assert passes(limit)
            below = round(limit - 0.01, 2)
            assert below < 0 or not passes(below)


def test_it_stops_at_the_first_failure_even_if_all_would_be_well_further_down() -> None:
    """The surest guesses are wrong: testing on until something passes would be fishing."""
    probability = np.repeat([0.95, 0.5], [200, 3000])
    assert choose_min_probability(probability, probability < 0.9, 0.1) == NEVER
    assert choose_min_probability(probability, probability < 2, 0.1) < 0.5
