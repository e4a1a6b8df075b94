"""Fusion: a known temperature comes back, what adds nothing gets nothing."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.fusion import fit_fusion, fit_shares, fuse, softmax


def sample(scores: np.ndarray, temperature: float, seed: int = 0) -> np.ndarray:
    """Labels drawn from softmax(temperature · scores)."""
    rng = np.random.default_rng(seed)
    cumulative = softmax(temperature * scores).cumsum(axis=1)
    return (rng.random((len(scores), 1)) > cumulative).sum(axis=1).clip(max=scores.shape[1] - 1)


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(6000, 4))


@pytest.mark.parametrize("temperature", [0.5, 2.0, 7.0])
def test_a_known_temperature_is_recovered(scores: np.ndarray, temperature: float) -> None:
    (weight,), _ = fit_fusion([scores], sample(scores, temperature))
    assert weight == pytest.approx(temperature, rel=0.08)


def test_a_useless_scorer_gets_nothing(scores: np.ndarray) -> None:
    noise = np.random.default_rng(9).normal(size=scores.shape)
    (weight, useless), _ = fit_fusion([scores, noise], sample(scores, 2.0))
    assert useless <= 0.05
    assert weight == pytest.approx(2.0, rel=0.08)


def test_a_scorer_that_is_always_wrong_gets_exactly_nothing(scores: np.ndarray) -> None:
    weights, _ = fit_fusion([scores, -scores + np.roll(scores, 1, axis=0)], sample(scores, 2.0))
    assert min(weights) >= 0
    (only,), _ = fit_fusion([-scores], sample(scores, 2.0))
    assert only == 0.0


def test_two_halves_of_the_evidence_share_the_weight(scores: np.ndarray) -> None:
    other = np.random.default_rng(4).normal(size=scores.shape)
    weights, _ = fit_fusion([scores, other], sample(scores + 2 * other, 1.0))
    assert weights == pytest.approx((1.0, 2.0), rel=0.1)


def test_the_loss_is_the_mean_negative_log_likelihood_and_is_least(scores: np.ndarray) -> None:
    y = sample(scores, 1.5)
    weights, loss = fit_fusion([scores], y)

    def by_hand(weight: float) -> float:
        return float(-np.log(softmax(weight * scores)[np.arange(len(y)), y]).mean())

    assert loss == pytest.approx(by_hand(weights[0]), abs=1e-9)
    assert all(by_hand(weights[0] * factor) >= loss for factor in (0.9, 0.99, 1.01, 1.1))


def test_perfect_scores_end_at_the_bound_and_stay_finite() -> None:
    y = np.arange(30) % 3
    weights, loss = fit_fusion([np.eye(3)[y]], y)
    assert 0 < weights[0] <= 100
    assert 0 <= loss < 1e-3


def test_a_sum_of_scores_and_its_softmax() -> None:
    first, second = np.array([[1.0, 2.0]]), np.array([[10.0, 0.0]])
    np.testing.assert_array_equal(fuse([first, second], (2.0, 0.5)), [[7.0, 4.0]])
    np.testing.assert_allclose(softmax(np.array([[0.0, np.log(3.0)], [1e4, -1e4]])), [[0.25, 0.75], [1.0, 0.0]])
    with pytest.raises(ValueError, match="zip"):
        fuse([first, second], (1.0,))


def test_an_earning_scorer_must_be_shown_to_help_or_may_stay_while_it_does_no_harm(scores: np.ndarray) -> None:
    y = sample(scores, 3.0)
    even = np.ones(len(y))
    noise = np.random.default_rng(5).normal(size=scores.shape)
    parts = {"meaning": scores, "profiles": 0.01 * noise}
    right = (scores.argmax(axis=1) == y).sum()
    shown, _ = fit_shares(parts, y, even, (), {"profiles": True})
    assert "profiles" not in shown
    _, fused = fit_shares(parts, y, even, (), {"profiles": False})
    assert (fused.argmax(axis=1) == y).sum() >= right  # kept or left out, never to the worse
    needed, fused = fit_shares({"meaning": 0.001 * scores + noise, "profiles": scores}, y, even, (), {"profiles": True})
    assert "profiles" in needed
    assert (fused.argmax(axis=1) == y).sum() > ((0.001 * scores + noise).argmax(axis=1) == y).sum()
