"""The promise: of what is routed without a person, no more than the target is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from signaltriage.routing.abstention import CONFIDENCE, NEVER, choose_min_probability


def draw(rng: np.random.Generator, n: int, sureness: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of best guesses, and whether each was right."""
    probability = 0.3 + 0.7 * rng.beta(sureness, 1, n)
    return probability, rng.random(n) < probability


@pytest.mark.parametrize(("n", "target", "sureness"), [(300, 0.10, 2.0), (150, 0.20, 1.0), (800, 0.05, 5.0)])
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


@pytest.mark.parametrize("n", [0, 1, 5, 28])
def test_too_few_rows_promise_nothing(n: int) -> None:
    assert choose_min_probability(np.full(n, 0.999), np.ones(n, dtype=bool), 0.10) == NEVER


def test_as_many_rows_as_the_binomial_asks_for_are_enough_if_all_are_right() -> None:
    assert 0.9**28 > 1 - CONFIDENCE > 0.9**29
    assert choose_min_probability(np.full(29, 0.95), np.ones(29, dtype=bool), 0.10) < 1
    one_wrong = np.arange(29) > 0
    assert choose_min_probability(np.full(29, 0.95), one_wrong, 0.10) == NEVER


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
            return error_limit(int(routed.sum()), int((routed & ~right).sum()), CONFIDENCE) <= target

        if limit < 1:
            assert passes(limit)
            below = round(limit - 0.01, 2)
            assert below < 0 or not passes(below)


def test_it_stops_at_the_first_failure_even_if_all_would_be_well_further_down() -> None:
    """The surest guesses are wrong: testing on until something passes would be fishing."""
    probability = np.repeat([0.95, 0.5], [200, 3000])
    assert choose_min_probability(probability, probability < 0.9, 0.1) == NEVER
    assert choose_min_probability(probability, probability < 2, 0.1) < 0.5
