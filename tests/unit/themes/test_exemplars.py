from __future__ import annotations

import numpy as np

from signaltriage.themes.exemplars import exemplars


def unit(rows: list[list[float]]) -> np.ndarray:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ring(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    vectors = unit((np.array([1.0, 0, 0, 0]) + rng.normal(0, 0.4, (n, 4))).tolist())
    centre = vectors.mean(axis=0, keepdims=True)
    return vectors, centre / np.linalg.norm(centre), [f"signal number {i} says something" for i in range(n)]


def of(vectors: np.ndarray, centre: np.ndarray, texts: list[str]) -> tuple[tuple[str, ...], str | None]:
    zero = np.zeros(len(texts), dtype=np.int64)
    (found,) = exemplars(vectors, zero, zero, vectors @ centre[0], centre, texts)
    return tuple(texts[row] for row in found.typical), None if found.edge is None else texts[found.edge]


def test_three_typical_that_differ_and_one_from_the_edge() -> None:
    vectors, centre, texts = ring(60)
    typical, edge = of(vectors, centre, texts)
    assert len(set(typical)) == 3
    assert edge is not None
    assert edge not in typical
    near = vectors @ centre[0]
    assert typical[0] == texts[int(near.argmax())]
    assert near[texts.index(edge)] < np.median(near)
    rows = [texts.index(text) for text in typical]
    assert max(float(vectors[a] @ vectors[b]) for a in rows for b in rows if a < b) < 0.95


def test_near_duplicates_are_shown_once() -> None:
    vectors, centre, texts = ring(20)
    double = np.concatenate([vectors, vectors + 1e-4, vectors])
    typical, edge = of(
        unit(double.tolist()), centre, [*texts, *[text + "!" for text in texts], *[t.upper() for t in texts]]
    )
    stems = {text.casefold().rstrip("!") for text in (*typical, edge or "")}
    assert len(stems) == 4


def test_the_order_of_rows_is_of_no_account() -> None:
    vectors, centre, texts = ring(50)
    order = np.random.default_rng(1).permutation(50)
    assert of(vectors, centre, texts) == of(vectors[order], centre, [texts[i] for i in order])


def test_small_and_empty_themes() -> None:
    vectors = unit([[1, 0], [1, 0], [0, 1]])
    member_of, nearest = np.array([0, 0, -1]), np.array([0, 0, 1])
    found = exemplars(
        vectors, member_of, nearest, np.ones(3), unit([[1, 0], [0, 1], [1, 1]]), ["same text", "Same  text", "x"]
    )
    assert found[0].typical == (0,)
    assert found[0].edge is None
    assert found[1].typical == (2,)  # no member: the nearest serves
    assert found[2].typical == ()
    empty = exemplars(vectors[:1], np.array([0]), np.array([0]), np.ones(1), unit([[1, 0]]), [" "])
    assert empty[0].typical == ()
