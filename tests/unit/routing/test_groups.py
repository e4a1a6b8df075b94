"""Groups of signals routed as one: what number and agreement are worth."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.groups import GroupPooling, evidence_of, fit_pooling, pool
from signaltriage.types import Prediction, RunnerUp

HOW = GroupPooling(gain=1.5)
LEAST = {"app": 0.9, "network": 0.9, "payroll": 0.9}


def says(team: str, probability: float, second: str = "payroll", version: str = "v1") -> Prediction:
    rest = round((1 - probability) * 0.8, 6)
    return Prediction(None, "needs_human", probability, team, (RunnerUp(second, rest),), f"says {team}", version)


def pooled(*predictions: Prediction, how: GroupPooling = HOW):
    return pool([f"text {i}" for i in range(len(predictions))], predictions, LEAST, how)


def test_one_signal_is_as_by_itself() -> None:
    p = says("app", 0.734)
    found = pooled(p)
    for name in ("team", "outcome", "probability", "best_guess", "runners_up", "reason", "model_version"):
        assert getattr(found, name) == getattr(p, name)
    assert (found.n, found.agreement, found.dissent) == (1, 1.0, ())


def test_agreement_makes_sure_and_routes() -> None:
    few = pooled(*[says("app", 0.85)] * 2)
    many = pooled(*[says("app", 0.85)] * 12)
    assert 0.85 < few.probability < many.probability < 1
    assert (many.team, many.outcome) == ("app", "routed")
    assert pooled(says("app", 0.85)).outcome == "needs_human"


def test_a_dissenting_minority_costs_and_is_named() -> None:
    agreed = pooled(*[says("app", 0.9)] * 6)
    found = pooled(*[says("app", 0.9)] * 4, says("network", 0.9), says("payroll", 0.8, "app"))
    assert found.probability < agreed.probability
    assert found.best_guess == "app"
    assert found.agreement == pytest.approx(4 / 6, abs=1e-6)
    assert found.dissent == (("network", 1), ("payroll", 1))
    assert "4 of 6 different texts say app" in found.reason
    assert "others: network (1), payroll (1)" in found.reason
    assert found.runners_up[0].team in {"network", "payroll"}


def test_the_same_text_again_adds_nothing() -> None:
    p, q = says("app", 0.8), says("app", 0.7)
    once = pool(["Crash!", "freezes"], [p, q], LEAST, HOW)
    again = pool(["Crash!", "crash!", "freezes", " crash!  "], [p, p, q, p], LEAST, HOW)
    assert again.probability == once.probability
    assert (once.n, again.n) == (2, 4)
    assert "among 4 signals" in again.reason
    assert pool(["Crash!"] * 5, [p] * 5, LEAST, HOW).probability == p.probability


def test_a_team_without_a_limit_is_never_routed_to() -> None:
    found = pool(["a", "b"], [says("unknown", 0.99)] * 2, LEAST, HOW)
    assert (found.team, found.outcome) == (None, "needs_human")
    assert "no limit" in found.reason


def test_no_limit_is_ever_said_to_be_reached_that_was_not() -> None:
    found = pool(["a", "b"], [says("app", 0.9)] * 2, {"app": 1.0}, GroupPooling())
    assert found.outcome == "needs_human"
    assert found.reason.startswith("only 90% sure, 100% needed")


def test_the_team_must_be_somebodys_best_guess() -> None:
    """Everybody's second choice has the largest mean, yet nobody says so."""
    found = evidence_of(np.array([[0.6, 0.39, 0.01], [0.01, 0.39, 0.6]]))
    assert found.best in {0, 2}


def groups_of_three(noise: float, seed: int = 0):
    """Three topics on the sphere; probabilities that are wrong for whole neighbourhoods at a time."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=600)
    vectors = np.eye(3)[y] + 0.4 * rng.normal(size=(600, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    logits = 3 * vectors + noise * rng.normal(size=(600, 3))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probabilities, y.astype(np.int64), vectors.astype(np.float32)


def test_the_fit_stays_in_the_range_that_keeps_the_promises() -> None:
    for noise in (0.0, 1.0, 3.0):
        found = fit_pooling(*groups_of_three(noise))
        assert 0 <= found.gain <= 10
        assert found == fit_pooling(*groups_of_three(noise))


@pytest.mark.parametrize("n", [1, 2, 10])
def test_as_many_votes_on_either_side_are_worth_no_more_than_one_half(n: int) -> None:
    found = pooled(*[says("app", 0.97)] * n, *[says("network", 0.97)] * n)
    assert found.probability <= 0.5
    assert found.outcome == "needs_human"


def test_agreement_earns_more_where_errors_are_independent() -> None:
    probabilities, y, vectors = groups_of_three(1.0)
    shared = probabilities[:100].repeat(6, axis=0), y[:100].repeat(6), vectors[:100].repeat(6, axis=0)
    assert fit_pooling(probabilities, y, vectors).gain > fit_pooling(*shared).gain


@pytest.mark.parametrize("n", [0, 1, 3])
def test_too_few_rows_to_form_groups_give_the_cautious_default(n: int) -> None:
    found = fit_pooling(np.full((n, 2), 0.5), np.zeros(n, dtype=np.int64), np.zeros((n, 4), dtype=np.float32))
    assert found == GroupPooling()
