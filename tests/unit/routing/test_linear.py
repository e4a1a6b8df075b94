"""The linear machine: classes that are absent, two classes, one class, no terms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from signaltriage.routing import linear
from signaltriage.routing.folds import Split
from signaltriage.routing.linear import cross_fit_linear, fit_linear


def make(n_classes: int, n: int = 60) -> tuple[sparse.csr_matrix, np.ndarray]:
    rng = np.random.default_rng(n_classes)
    y = np.arange(n) % n_classes
    dense = rng.random((n, 12)) * (rng.random((n, 12)) < 0.3)
    dense[np.arange(n), y] += 1
    return sparse.csr_matrix(dense.astype(np.float32)), y


def by_scikit_learn(rows: sparse.csr_matrix, y: np.ndarray, weights: np.ndarray, c: float) -> np.ndarray:
    machine = LinearSVC(C=c, tol=linear._TOLERANCE, random_state=0)
    return machine.fit(rows, y, sample_weight=weights / weights.mean()).decision_function(rows)


def test_scores_are_those_of_one_against_the_rest() -> None:
    rows, y = make(4)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(y))
    scores = fit_linear(rows, y, 4, 0.3, weights).scores(rows)
    np.testing.assert_allclose(scores, by_scikit_learn(rows, y, weights, 0.3), atol=1e-5)


def test_two_classes_have_opposite_scores() -> None:
    rows, y = make(2)
    scores = fit_linear(rows, y, 2, 1.0, np.ones(len(y))).scores(rows)
    np.testing.assert_allclose(scores[:, 1], by_scikit_learn(rows, y, np.ones(len(y)), 1.0), atol=1e-5)
    np.testing.assert_allclose(scores[:, 0], -scores[:, 1], atol=1e-6)
    assert (scores.argmax(axis=1) == y).mean() > 0.9


def test_a_class_without_a_row_never_wins() -> None:
    rows, y = make(3)
    codes = np.array([0, 2, 4])[y]  # 1 and 3 are known elsewhere, and absent here
    scores = fit_linear(rows, codes, 5, 1.0, np.ones(len(y))).scores(rows)
    assert scores.shape == (60, 5)
    np.testing.assert_array_equal(scores[:, [1, 3]], -1.0)
    assert set(scores.argmax(axis=1)) == {0, 2, 4}


def test_two_classes_of_more_keep_their_places() -> None:
    rows, y = make(2)
    scores = fit_linear(rows, np.array([1, 3])[y], 4, 1.0, np.ones(len(y))).scores(rows)
    assert (np.array([1, 3])[y] == scores.argmax(axis=1)).mean() > 0.9
    np.testing.assert_array_equal(scores[:, [0, 2]], -1.0)


def test_one_class_alone_wins_everywhere() -> None:
    rows, y = make(3)
    scores = fit_linear(rows, np.full(len(y), 2), 3, 1.0, np.ones(len(y))).scores(rows)
    np.testing.assert_array_equal(scores, np.tile([-1.0, -1.0, 1.0], (60, 1)))


def test_rows_without_a_single_term_say_nothing() -> None:
    scores = fit_linear(sparse.csr_matrix((4, 0), dtype=np.float32), np.array([0, 1, 0, 1]), 3, 1.0, np.ones(4))
    np.testing.assert_array_equal(scores.scores(sparse.csr_matrix((2, 0))), np.tile([1.0, 1.0, -1.0], (2, 1)))


def test_only_the_ratio_of_the_weights_counts() -> None:
    rows, y = make(3)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(y))
    once, scaled = (fit_linear(rows, y, 3, 0.5, weights * factor).scores(rows) for factor in (1, 8))
    np.testing.assert_allclose(once, scaled, atol=1e-6)


@pytest.mark.parametrize("large", [False, True], ids=["one by one", "side by side"])
def test_cross_fit_equals_fitting_by_hand(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, y = make(3)
    weights = np.random.default_rng(0).uniform(0.5, 2, len(y))
    splits = [Split(np.arange(20, 60), np.arange(20)), Split(np.arange(40), np.arange(40, 60))]
    jobs = [(0.1, splits[0]), (1.0, splits[1]), (1.0, splits[0])]
    if large:  # as for a large job, but with threads: starting processes is joblib's business, not ours
        from joblib import parallel_config

        monkeypatch.setattr(linear, "_LARGE", 0)
        with parallel_config(backend="threading"):
            found = cross_fit_linear(rows, y, jobs, weights)
    else:
        found = cross_fit_linear(rows, y, jobs, weights)
    for (c, split), scores in zip(jobs, found, strict=True):
        machine = fit_linear(rows[split.train], y[split.train], 3, c, weights[split.train])
        np.testing.assert_array_equal(scores, machine.scores(rows[split.held_out]))
