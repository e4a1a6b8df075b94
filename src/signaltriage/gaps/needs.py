"""Queries that mean the same, as one need: grouped by meaning, and by having been tried one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.folding import words_of

MOST_AT_ONCE = 3000
"""Queries that are grouped by all pairs; more of them are gathered around the most asked ones first."""
SAME = 0.5
"""Mean cosine of two groups from which on they are one need."""
_TRIED_IN_TURN = 0.15
"""What it adds to a cosine that one asker put one query for the other."""


def group_needs(
    queries: Sequence[str],
    vectors: NDArray[np.float32],
    askers: Sequence[int],
    in_turn: Sequence[tuple[int, int]] = (),
) -> NDArray[np.int64]:
    """The need of each query, from 0, shape (n,): average linkage (Sokal & Michener 1958) over cosines.

    Args:
        queries: folded, sorted and different.
        vectors: unit vectors of them, shape (n, d).
        askers: of each, shape (n,); the most asked come first where there are too many to compare in pairs.
        in_turn: pairs of places of queries that one asker tried one after the other.
    """
    n = len(queries)
    if n < 2:
        return np.zeros(n, np.int64)
    centre = _gathered(queries, vectors, askers) if n > MOST_AT_ONCE else np.arange(n)
    chosen = np.unique(centre)
    group = _linked(vectors[chosen], [(int(i), int(j)) for i, j in _among(chosen, centre, in_turn)])
    return np.asarray(group[np.searchsorted(chosen, centre)], dtype=np.int64)


def name_need(queries: Sequence[str], askers: Sequence[int], vectors: NDArray[np.float32]) -> int:
    """The place of the query that says best what all want: near their middle, asked often, neither bare nor long."""
    weight = np.asarray(askers, dtype=np.float64)
    middle = (vectors * weight[:, None]).sum(axis=0)
    near = vectors @ (middle / max(float(np.linalg.norm(middle)), 1e-9))
    length = np.array([len(words_of(query)) for query in queries])
    plain = np.where(length < 2, -0.1, np.where(length > 8, -0.02 * (length - 8), 0.0))
    value = np.round(near + plain + 0.05 * np.log1p(weight), 5)
    return min(range(len(queries)), key=lambda i: (-value[i], len(queries[i]), queries[i]))


def keywords(queries: Sequence[str], askers: Sequence[int], others: Counter[str], most: int = 6) -> tuple[str, ...]:
    """Words that these queries have and others seldom, most telling first. `others` counts queries by word."""
    own: Counter[str] = Counter()
    for query, n in zip(queries, askers, strict=True):
        for word in set(words_of(query)):
            own[word] += n
    total = max(sum(others.values()), 1)
    value = {w: n * np.log(total / (1 + others[w])) for w, n in own.items() if len(w) > 2}
    return tuple(sorted(value, key=lambda w: (-round(float(value[w]), 6), w))[:most])


def _gathered(queries: Sequence[str], vectors: NDArray[np.float32], askers: Sequence[int]) -> NDArray[np.int64]:
    """Each query's representative: the most asked one near enough, else the nearest of those there is room for."""
    order = sorted(range(len(queries)), key=lambda i: (-askers[i], queries[i]))
    chosen: list[int] = []
    free = np.ones(len(queries), dtype=np.bool_)
    for place in order:
        if len(chosen) == MOST_AT_ONCE:
            break
        if free[place]:
            chosen.append(place)
            free &= np.round(vectors @ vectors[place], 5) < (1 + SAME) / 2
    leaders = np.array(sorted(chosen))
    found = np.empty(len(queries), dtype=np.int64)
    for start in range(0, len(queries), 4096):
        similarity = np.round(vectors[start : start + 4096] @ vectors[leaders].T, 5)
        found[start : start + 4096] = leaders[similarity.argmax(axis=1)]
    found[leaders] = leaders
    return found


def _among(chosen: NDArray[np.int64], centre: NDArray[np.int64], pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    found = np.array([(centre[i], centre[j]) for i, j in pairs if centre[i] != centre[j]], dtype=np.int64)
    return np.searchsorted(chosen, found.reshape(-1, 2))


def _linked(vectors: NDArray[np.float32], in_turn: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(vectors) < 2:
        return np.zeros(len(vectors), np.int64)
    similarity = np.round((vectors @ vectors.T).astype(np.float64), 5)
    for i, j in in_turn:
        similarity[i, j] = similarity[j, i] = min(1.0, similarity[i, j] + _TRIED_IN_TURN)
    distance = np.clip(1 - similarity, 0, 2)
    np.fill_diagonal(distance, 0)
    found = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - SAME, "distance")
    _, first = np.unique(found, return_index=True)
    number = np.empty(int(found.max()) + 1, dtype=np.int64)
    number[found[np.sort(first)]] = np.arange(len(first))
    return np.asarray(number[found], dtype=np.int64)
