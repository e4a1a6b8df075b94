"""The evaluation of "none of the known teams": its figures, on rows small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from eval.novelty import Rows, auroc, baselines, table


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(0)
    known, strange = rng.integers(0, 9, 40).astype(float), rng.integers(3, 12, 30).astype(float)
    pairs = [(s > k) + 0.5 * (s == k) for k in known for s in strange]
    assert auroc(known, strange) == pytest.approx(np.mean(pairs))
    assert auroc(np.zeros(3), np.ones(2)) == 1


def test_every_baseline_is_higher_for_a_row_far_from_all() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(2), 20)
    train = (np.eye(8)[y] + 0.1 * rng.normal(size=(40, 8))).astype(np.float32)
    train /= np.linalg.norm(train, axis=1, keepdims=True)
    vectors = np.stack([train[0], np.eye(8, dtype=np.float32)[7]])
    probabilities, scores = np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[4.0, 0.0], [0.1, 0.1]])
    rows = Rows(probabilities, scores, vectors, np.zeros(2), np.zeros(2, bool))
    for name, (near, far) in baselines(train, y, rows).items():
        assert far > near, name


def test_the_table_names_the_best_of_the_others() -> None:
    other = {"auroc": 0.8, "turned_away": 0.4, "turned_away_keeping_95": 0.6}
    figures = {
        "rows": 10,
        "turned_away": 0.9,
        "auroc": 0.99,
        "baselines": {"energy": other, "Mahalanobis": {**other, "auroc": 0.7}},
    }
    found = {
        "limit": 0.5,
        "accuracy": 0.95,
        "accuracy_after": 0.94,
        "turned_away": 0.02,
        "strangers": {"keyboard noise": figures},
    }
    assert "best other: energy 0.400, 0.8000" in table({"some set": found})
    assert "0.940 with turning away" in table({"some set": found})
