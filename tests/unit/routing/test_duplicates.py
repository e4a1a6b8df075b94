from __future__ import annotations

import numpy as np

from signaltriage.routing.duplicates import NONE_NEAR, Doubts, Neighbours, contradictions, min_similarity, nearest_rows


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def doubts(trust, suspects=(), rival=0) -> Doubts:
    n = len(trust)
    return Doubts(np.array(trust), np.isin(np.arange(n), suspects), np.full(n, rival))


def test_neighbours_are_those_of_a_full_sort_and_never_of_the_own_group() -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(60, 8)))
    groups = [f"g{i // 3}" for i in range(60)]
    near = nearest_rows(vectors, groups, 4)
    similarity = (vectors @ vectors.T).round(5)
    for i in range(60):
        others = [j for j in range(60) if groups[j] != groups[i]]
        expected = sorted(others, key=lambda j: (-similarity[i, j], j))[:4]
        assert near.rows[i].tolist() == expected


def test_where_all_rows_are_of_one_group_nobody_is_near() -> None:
    near = nearest_rows(unit(np.ones((3, 2))), ["a", "a", "a"], 2)
    assert (near.rows == -1).all()


def test_similarity_comes_from_rows_of_equal_words_or_not_at_all() -> None:
    texts = [text for i in range(30) for text in (f"Printer {i} jams!", f"printer {i} jams")]
    rows = np.array([[i ^ 1] for i in range(60)])
    near = Neighbours(rows, np.full((60, 1), 0.97))
    assert min_similarity(texts, near) == 0.97
    assert min_similarity([f"text number {i}" for i in range(60)], near) == NONE_NEAR


def test_the_outvoted_row_contradicts_and_the_others_do_not() -> None:
    texts = ["vpn down", "VPN down!", "vpn down", "salary late"]
    nobody = Neighbours(np.full((4, 1), -1), np.full((4, 1), -1.0))
    found = contradictions(texts, np.array([0, 0, 1, 1]), nobody, doubts([1.0] * 4), NONE_NEAR)
    assert set(found) == {2}
    assert found[2].suggested == 0
    assert found[2].other == 0  # the row of the very same text, not that of the same words


def test_a_trusted_row_outvotes_two_that_are_not() -> None:
    nobody = Neighbours(np.full((3, 1), -1), np.full((3, 1), -1.0))
    found = contradictions(["same"] * 3, np.array([0, 0, 1]), nobody, doubts([0.1, 0.1, 0.9]), NONE_NEAR)
    assert set(found) == {0, 1}


def test_near_duplicates_contradict_from_the_limit_on_and_only_suspects() -> None:
    texts = ["the vpn is down", "our vpn is down"]
    near = Neighbours(np.array([[1], [0]]), np.array([[0.95], [0.95]]))
    y, doubted = np.array([0, 1]), doubts([0.9, 0.2], [1])
    assert contradictions(texts, y, near, doubted, 0.96) == {}
    assert contradictions(texts, y, near, doubts([0.9, 0.2]), 0.95) == {}
    found = contradictions(texts, y, near, doubted, 0.95)
    assert set(found) == {1}
    assert (found[1].suggested, found[1].similarity) == (0, 0.95)


def test_texts_that_differ_in_a_number_are_not_the_same() -> None:
    nobody = Neighbours(np.full((2, 1), -1), np.full((2, 1), -1.0))
    assert contradictions(["error 404", "error 500"], np.array([0, 1]), nobody, doubts([1.0] * 2), NONE_NEAR) == {}
