"""Near-duplicates: by words, and the limit on meaning that labelled rows bear out."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.likeness import key_words, near_duplicate_limit, same_words


def alike(a: str, b: str) -> bool:
    return same_words(key_words(a), key_words(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("My card was charged twice", "MY CARD WAS CHARGED TWICE!!!"),
        ("My card was charged twice", "Hello there, my card was charged twice. Thank you in advance"),
        ("My card was charged twice", "my crad was charged twice"),
        ("My card was charged twice", "my card was chargd twice please"),
        ("I can't log in. It says locked.", "It says locked; I cant log in"),
        ("thanks", "Thanks!"),
    ],
)
def test_the_same_words(a: str, b: str) -> None:
    assert alike(a, b)
    assert alike(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("switch it on", "switch it of"),
        ("order 1234 is late", "order 1235 is late"),
        ("refund my order", "refund my order to the old card"),
        ("lost card here", "cost cart hers"),
        ("", "vpn"),
        ("", ""),
        ("hello", "thanks"),
    ],
)
def test_other_words(a: str, b: str) -> None:
    assert not alike(a, b)
    assert not alike(b, a)


def clusters(n_teams: int, each: int, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(n_teams), each)
    rows = rng.normal(size=(n_teams, 32))[y] + rng.normal(size=(len(y), 32)) * spread
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), y


def test_above_the_limit_pairs_share_their_team_as_often_as_asked() -> None:
    vectors, y = clusters(12, 60, 0.9)
    similarity = vectors @ vectors.T
    pairs = np.triu(np.ones_like(similarity, dtype=bool), 1)
    same = y[:, None] == y[None, :]
    limits = [near_duplicate_limit(vectors, y, target) for target in (0.5, 0.8, 0.9, 0.95)]
    assert limits == sorted(limits)
    for target, limit in zip((0.5, 0.8, 0.9, 0.95), limits, strict=True):
        above = pairs & (similarity >= limit)
        assert above.sum() > 30
        assert same[above].mean() >= target


def test_the_order_of_the_rows_is_irrelevant() -> None:
    vectors, y = clusters(6, 40, 0.8)
    order = np.random.default_rng(1).permutation(len(y))
    assert near_duplicate_limit(vectors, y, 0.9) == near_duplicate_limit(vectors[order], y[order], 0.9)


def test_labels_at_random_allow_only_what_is_the_same() -> None:
    vectors, y = clusters(6, 60, 0.5)
    shuffled = np.random.default_rng(2).permutation(y)
    assert near_duplicate_limit(vectors, shuffled, 0.9) > 0.95


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_too_few_rows_for_a_limit_are_careful(n: int) -> None:
    vectors, y = clusters(5, 1, 0.1)
    assert 0.5 < near_duplicate_limit(vectors[:n], y[:n], 0.9) <= 1
    assert near_duplicate_limit(vectors[:n], np.zeros(n, dtype=np.int64), 0.9) == 1


def test_equal_texts_of_different_teams_allow_only_what_is_the_same() -> None:
    vectors = np.tile(np.array([[1, 0]], dtype=np.float32), (200, 1))
    assert near_duplicate_limit(vectors, np.array([0] * 199 + [1]), 0.9) > 0.98
