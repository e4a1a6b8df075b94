"""The kernel machine against plain linear algebra in double precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from signaltriage.routing.folds import Split, forward_splits, stratified_splits
from signaltriage.routing.kernel import KernelScorer, KernelSpace
from signaltriage.routing.products import inner_products

GAMMA, PENALTY = 1.5, 0.3


@dataclass(frozen=True)
class Rows:
    vectors: np.ndarray
    y: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


@pytest.fixture(scope="module")
def rows() -> Rows:
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 60)
    centres = rng.normal(size=(3, 10))
    vectors = centres[y] + rng.normal(size=(60, 10))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Rows(vectors.astype(np.float32), y, np.eye(3, dtype=np.float32)[y], rng.uniform(0.2, 2.0, 60))


def kernel(left: np.ndarray, right: np.ndarray, gamma: float = GAMMA) -> np.ndarray:
    distances = ((left[:, None].astype(np.float64) - right[None].astype(np.float64)) ** 2).sum(axis=2)
    return np.exp(-gamma * distances / 2)  # x·z - 1 = -|x - z|² / 2 for unit vectors


def kernel_ridge(train: Rows, new: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """Weighted kernel ridge regression with a free intercept, solved as one saddle-point system."""
    n = len(train.y)
    weights = train.weights / train.weights.mean()
    system = np.zeros((n + 1, n + 1))
    system[:n, :n] = kernel(train.vectors, train.vectors) + penalty * np.diag(1 / weights)
    system[:n, n] = system[n, :n] = 1
    solved = np.linalg.solve(system, np.vstack([train.targets, np.zeros((1, train.targets.shape[1]))]))
    return kernel(new, train.vectors) @ solved[:n] + solved[n]


def feature_ridge(space: KernelSpace, train: Rows, split: Split, penalty: float) -> np.ndarray:
    """Weighted ridge on the space's features, fitted on one split with nothing shared with the others."""
    x = space.features[split.train].astype(np.float64)
    x = np.hstack([x, np.ones((len(x), 1))])
    w = train.weights[split.train] / train.weights[split.train].mean()
    penalties = np.diag([penalty] * (x.shape[1] - 1) + [0.0])
    solved = np.linalg.solve((x.T * w) @ x + penalties, (x.T * w) @ train.targets[split.train])
    held_out = space.features[split.held_out].astype(np.float64)
    return held_out @ solved[:-1] + solved[-1]


def test_with_every_row_a_landmark_it_is_kernel_ridge_regression(rows: Rows) -> None:
    new = np.random.default_rng(1).normal(size=(25, 10)).astype(np.float32)
    new /= np.linalg.norm(new, axis=1, keepdims=True)
    scorer = KernelSpace(rows.vectors, np.arange(60), GAMMA).fit(rows.targets, rows.weights, PENALTY)
    np.testing.assert_allclose(scorer.scores(new), kernel_ridge(rows, new), atol=2e-3)
    np.testing.assert_allclose(scorer.scores(rows.vectors), kernel_ridge(rows, rows.vectors), atol=2e-3)


def test_the_fitted_scorer_equals_ridge_on_the_features(rows: Rows) -> None:
    space = KernelSpace(rows.vectors, np.arange(0, 60, 3), GAMMA)
    everything = Split(np.arange(60), np.arange(60))
    expected = feature_ridge(space, rows, everything, PENALTY)
    scorer = space.fit(rows.targets, rows.weights, PENALTY)
    np.testing.assert_allclose(scorer.scores(rows.vectors), expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["stratified", "forward"])
def test_cross_fit_equals_fitting_every_split_by_hand(rows: Rows, kind: str) -> None:
    groups = [str(i) for i in range(60)]
    splits = (
        stratified_splits(rows.y, groups, 4) if kind == "stratified" else forward_splits(np.arange(60.0), groups, 4)
    )
    space = KernelSpace(rows.vectors, np.arange(0, 60, 2), GAMMA)
    penalties = (0.03, 1.0)
    fits = space.cross_fit(rows.targets, splits, rows.weights, penalties)
    assert [fit.penalty for fit in fits] == list(penalties)
    for fit in fits:
        for split, found in zip(splits, fit.held_out, strict=True):
            assert found.shape == (len(split.held_out), 3)
            np.testing.assert_allclose(found, feature_ridge(space, rows, split, fit.penalty), atol=1e-4)


def test_only_the_ratio_of_the_weights_counts(rows: Rows) -> None:
    space = KernelSpace(rows.vectors, np.arange(30), GAMMA)
    once = space.fit(rows.targets, rows.weights, PENALTY).scores(rows.vectors)
    scaled = space.fit(rows.targets, rows.weights * 64, PENALTY).scores(rows.vectors)
    np.testing.assert_allclose(once, scaled, atol=1e-6)


def test_a_row_of_double_weight_counts_like_two_rows(rows: Rows) -> None:
    doubled = np.ones(60)
    doubled[7] = 2
    twice = np.append(np.arange(60), 7)
    weighted = KernelSpace(rows.vectors, np.arange(60), GAMMA).fit(rows.targets, doubled, PENALTY)
    # Weights are rescaled to mean one, so 61 rows bear 61/60 of the penalty of 60.
    repeated = KernelSpace(rows.vectors[twice], np.arange(60), GAMMA).fit(
        rows.targets[twice], np.ones(61), PENALTY * 61 / 60
    )
    np.testing.assert_allclose(weighted.scores(rows.vectors), repeated.scores(rows.vectors), atol=1e-4)


def test_equal_rows_among_the_landmarks_do_no_harm(rows: Rows) -> None:
    vectors = np.vstack([rows.vectors[:20]] * 3)
    targets = np.vstack([rows.targets[:20]] * 3)
    scorer = KernelSpace(vectors, np.arange(60), GAMMA).fit(targets, np.ones(60), PENALTY)
    assert np.isfinite(scorer.scores(vectors)).all()


def test_scores_do_not_depend_on_how_many_rows_travel_together(rows: Rows) -> None:
    scorer = KernelSpace(rows.vectors, np.arange(60), GAMMA).fit(rows.targets, rows.weights, PENALTY)
    together = scorer.scores(rows.vectors)
    for n in (1, 2, 7, 8, 9, 33):
        np.testing.assert_allclose(scorer.scores(rows.vectors[:n]), together[:n], atol=1e-11)
    assert scorer.scores(rows.vectors[:0]).shape == (0, 3)


def test_a_scorer_is_its_arrays(rows: Rows) -> None:
    fitted = KernelSpace(rows.vectors, np.arange(10), GAMMA).fit(rows.targets, rows.weights, PENALTY)
    again = KernelScorer(fitted.landmarks.copy(), fitted.gamma, fitted.weights.copy(), fitted.intercept.copy())
    assert again.scores(rows.vectors).tobytes() == fitted.scores(rows.vectors).tobytes()
    assert fitted.landmarks.tobytes() == rows.vectors[:10].tobytes()


@pytest.mark.parametrize("n", [0, 1, 8, 9, 30])
def test_inner_products_for_few_rows_and_for_many(n: int) -> None:
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(n, 6)).astype(np.float32), rng.normal(size=(4, 6)).astype(np.float16)
    before = left.copy()
    expected = [[sum(float(a) * float(b) for a, b in zip(x, z, strict=True)) for z in right] for x in left]
    found = inner_products(left, right)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, np.array(expected).reshape(n, 4), atol=1e-12)
    assert left.tobytes() == before.tobytes()
