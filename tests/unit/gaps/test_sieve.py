"""The sieve lets the nearest passages pass."""

from __future__ import annotations

import numpy as np

from signaltriage.gaps.sieve import DIRECTIONS, Sieve


def test_the_nearest_pass_with_their_full_products() -> None:
    rng = np.random.default_rng(0)
    basis = rng.normal(size=(160, 300)) * np.linspace(2, 0.05, 160)[:, None]
    vectors = (rng.normal(size=(3000, 160)) @ basis).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = vectors[:20] + 0.02 * rng.normal(size=(20, 300)).astype(np.float32)
    sieve = Sieve.of(vectors, many=1000)
    assert sieve is not None
    assert sieve.coarse.shape == (DIRECTIONS, 3000)
    exact = queries @ vectors.T
    found = sieve.products(queries, vectors, kept=200)
    for row in range(20):
        best = np.argsort(-exact[row])[:10]
        np.testing.assert_allclose(found[row, best], exact[row, best], rtol=1e-4)
        assert (found[row] != 0).sum() == 200


def test_few_passages_need_none() -> None:
    assert Sieve.of(np.zeros((10, 384), np.float32)) is None
    assert Sieve.of(np.zeros((10, 48), np.float32), many=1) is None
