"""Logistic regression over all teams at once, for few rows a team."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from signaltriage.routing.folds import Split
from signaltriage.routing.logistic import LogisticScorer, choose_logistic, fit_logistic


def around(centres: NDArray[np.float64], each: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    rows = np.repeat(centres, each, axis=0) + 0.2 * rng.normal(size=(len(centres) * each, centres.shape[1]))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), np.repeat(np.arange(len(centres)), each)


@pytest.mark.parametrize("teams", [2, 3, 8])
def test_teams_that_lie_apart_are_told_apart(teams: int) -> None:
    train, y = around(np.eye(8)[:teams], 4)
    test, truth = around(np.eye(8)[:teams], 20, seed=1)
    scores = fit_logistic(train, y, teams, 10.0).scores(test)
    assert scores.shape == (len(test), teams)
    assert (scores.argmax(axis=1) == truth).mean() > 0.95


@pytest.mark.parametrize("teams", [2, 5])
def test_scores_are_log_odds_as_scikit_learn_has_them(teams: int) -> None:
    from scipy.special import log_softmax
    from sklearn.linear_model import LogisticRegression

    train, y = around(np.eye(5)[:teams], 3)
    theirs = LogisticRegression(C=10.0, max_iter=200).fit(train.astype(np.float64), y).predict_log_proba(train)
    ours = log_softmax(fit_logistic(train, y, teams, 10.0).scores(train), axis=1)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_team_without_a_row_comes_last() -> None:
    train, y = around(np.eye(4)[:3], 5)
    scorer = fit_logistic(train, np.array([0, 2, 3])[y], 4, 100.0)
    anywhere, _ = around(np.vstack([np.eye(4), -np.eye(4)]), 10, seed=2)
    assert (scorer.scores(anywhere).argmin(axis=1) == 1).all()


def test_one_team_alone_is_no_error() -> None:
    scorer = fit_logistic(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.int64), 2, 1.0)
    assert (scorer.scores(np.eye(3, dtype=np.float32)).argmax(axis=1) == 0).all()


def test_the_penalty_is_chosen_on_rows_held_out() -> None:
    vectors, y = around(np.eye(6), 6)
    shuffled = np.random.default_rng(3).permutation(y)  # labels at random: the firmest penalty loses least
    splits = [Split(np.flatnonzero(np.arange(36) % 3 != k), np.flatnonzero(np.arange(36) % 3 == k)) for k in range(3)]
    firm, _ = choose_logistic(vectors, shuffled, splits, (0.01, 100.0))
    loose, held_out = choose_logistic(vectors, y, splits, (0.01, 100.0))
    np.testing.assert_array_equal(firm.coefficients, fit_logistic(vectors, shuffled, 6, 0.01).coefficients)
    np.testing.assert_array_equal(loose.coefficients, fit_logistic(vectors, y, 6, 100.0).coefficients)
    first = fit_logistic(vectors[splits[0].train], y[splits[0].train], 6, 100.0)
    np.testing.assert_array_equal(held_out[:12], first.scores(vectors[splits[0].held_out]))


def test_one_row_is_scored_as_among_many() -> None:
    vectors, _ = around(np.eye(6), 10)
    scorer = LogisticScorer(np.random.default_rng(0).normal(size=(6, 6)).astype(np.float32), np.arange(6.0))
    alone = np.vstack([scorer.scores(vectors[i : i + 1]) for i in range(len(vectors))])
    np.testing.assert_allclose(alone, scorer.scores(vectors), atol=1e-9)
