"""Rows that say the same: nearest neighbours, and near-duplicates whose labels contradict one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.ngrams import words_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NONE_NEAR = 1.01
"""A similarity that nothing reaches: only equal words make a duplicate."""
_ENOUGH_PAIRS = 20
_QUANTILE = 0.05
_BLOCK = 2_000_000
"""Similarities worked out at a time."""


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows of other groups, nearest first."""

    rows: IntArray
    """Shape (n, k); -1 where there are fewer."""
    similarity: FloatArray
    """Cosine, shape (n, k); -1 where there is none."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A row whose near-duplicates carry, taken together, another label."""

    suggested: int
    other: int
    """The most similar row that carries the suggested label."""
    similarity: float


def nearest_rows(vectors: NDArray[np.float32], groups: Sequence[str], k: int) -> Neighbours:
    """The k nearest rows of another group, by cosine of unit vectors."""
    n = len(vectors)
    _, group = np.unique(np.array(groups, dtype=object), return_inverse=True)
    largest = int(np.bincount(group).max())
    # Rows of one's own group are struck out afterwards, so that many more are looked at.
    wanted = min(n, k + min(largest, 5 * k))
    rows, similarity = np.full((n, k), -1, dtype=np.int64), np.full((n, k), -1.0)
    step = max(1, _BLOCK // max(n, 1))
    for start in range(0, n, step):
        block = (vectors[start : start + step] @ vectors.T).round(5)
        mine = group[start : start + step]
        block[mine[:, None] == group[None, :]] = -1
        near = np.argpartition(-block, wanted - 1, axis=1)[:, :wanted]
        close = np.take_along_axis(block, near, axis=1)
        for i in range(len(block)):
            order = np.lexsort((near[i], -close[i]))[:k]
            order = order[mine[i] != group[near[i][order]]]
            rows[start + i, : len(order)] = near[i][order]
            similarity[start + i, : len(order)] = close[i][order]
    return Neighbours(rows, similarity)


def min_similarity(texts: Sequence[str], near: Neighbours) -> float:
    """From which similarity on rows are near-duplicates: as near as rows that differ in case, marks and spaces only.

    All but the least `_QUANTILE` of such pairs in this data lie above it; where there are too few, nothing does.
    """
    words = [tuple(words_of(text)) for text in texts]
    same = [
        float(s)
        for i, (others, similar) in enumerate(zip(near.rows, near.similarity, strict=True))
        for j, s in zip(others, similar, strict=True)
        if j > i and words[i] and words[i] == words[j]
    ]
    return float(np.quantile(same, _QUANTILE)) if len(same) >= _ENOUGH_PAIRS else NONE_NEAR


def contradictions(
    texts: Sequence[str], y: IntArray, near: Neighbours, trust: FloatArray, least: float
) -> dict[int, Contradiction]:
    """Rows outvoted by their duplicates, equal texts and near ones; each row votes with its `trust`, 0-1."""
    parts = _families(texts, near, least)
    found: dict[int, Contradiction] = {}
    for rows in parts:
        labels = np.unique(y[rows])
        if len(labels) < 2:
            continue
        votes = [round(float(trust[rows][y[rows] == label].sum()), 6) for label in labels]
        winner = int(labels[int(np.argmax(votes))])
        for row in rows[y[rows] != winner]:
            similarity = dict(zip(near.rows[row].tolist(), near.similarity[row].tolist(), strict=True))
            others = rows[y[rows] == winner].tolist()
            other = max(others, key=lambda j: (texts[j] == texts[row], similarity.get(j, -1.0), -j))
            known = 1.0 if texts[other] == texts[row] else similarity.get(other, least)
            found[int(row)] = Contradiction(winner, other, known)
    return found


def _families(texts: Sequence[str], near: Neighbours, least: float) -> list[IntArray]:
    """Rows joined by equal text, equal words or similarity; families of one are left out."""
    leader = list(range(len(texts)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = i = leader[leader[i]]
        return i

    def join(i: int, j: int) -> None:
        a, b = sorted((find(i), find(j)))
        leader[b] = a

    first: dict[tuple[str, ...], int] = {}
    for i, text in enumerate(texts):
        join(i, first.setdefault(tuple(words_of(text)) or (text,), i))
    for i, j in np.argwhere(near.similarity >= least):
        join(int(i), int(near.rows[i, j]))
    families: dict[int, list[int]] = defaultdict(list)
    for i in range(len(texts)):
        families[find(i)].append(i)
    return [np.array(rows, dtype=np.int64) for rows in families.values() if len(rows) > 1]
