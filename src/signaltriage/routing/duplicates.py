"""Rows that say the same: nearest neighbours, and near-duplicates whose labels contradict one another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
NONE_NEAR = 1.01
"""A similarity that nothing reaches: only equal words make a duplicate."""
_ENOUGH_PAIRS = 20
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


@dataclass(frozen=True)
class Doubts:
    """What is thought of each row's label. Shapes (n,)."""

    trust: FloatArray
    """Probability that it is right, 0-1."""
    suspect: BoolArray
    rival: IntArray
    """The label it should have if it is wrong."""


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
    """From which similarity on rows are near-duplicates: the median of pairs that differ in case, marks or spaces.

    The median, because a mark moves the vector of a very short text far. Where there are too few pairs, nothing is one.
    """
    words = [_words(text) for text in texts]
    same = [
        float(s)
        for i, (others, similar) in enumerate(zip(near.rows, near.similarity, strict=True))
        for j, s in zip(others, similar, strict=True)
        if j > i and words[i] and words[i] == words[j]
    ]
    return float(np.median(same)) if len(same) >= _ENOUGH_PAIRS else NONE_NEAR


def contradictions(
    texts: Sequence[str], y: IntArray, near: Neighbours, doubts: Doubts, least: float
) -> dict[int, Contradiction]:
    """Rows whose duplicates carry another label.

    Among rows of the same words each votes with its trust, and the outvoted contradict. Rows that are only similar may
    rightly differ ("to" is not "from"): there a row contradicts if it is a suspect besides, and its near-duplicate
    carries the very label that is suspected.
    """
    found: dict[int, Contradiction] = {}
    for i in np.flatnonzero(doubts.suspect):
        for j, similarity in zip(near.rows[i].tolist(), near.similarity[i].tolist(), strict=True):
            if similarity >= least and y[j] == doubts.rival[i]:
                found[int(i)] = Contradiction(int(y[j]), j, similarity)
                break
    for rows in _same_words(texts):
        labels = np.unique(y[rows])
        if len(labels) < 2:
            continue
        votes = [round(float(doubts.trust[rows][y[rows] == label].sum()), 6) for label in labels]
        winner = int(labels[int(np.argmax(votes))])
        for row in rows[y[rows] != winner].tolist():
            other = max(rows[y[rows] == winner].tolist(), key=lambda j: (texts[j] == texts[row], -j))
            known = dict(zip(near.rows[row].tolist(), near.similarity[row].tolist(), strict=True))
            found[row] = Contradiction(winner, other, 1.0 if texts[other] == texts[row] else known.get(other, 1.0))
    return found


def _same_words(texts: Sequence[str]) -> list[IntArray]:
    """Rows that differ in case, marks and spaces at most; rows that are alone are left out."""
    families: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        families[_words(text) or (text,)].append(i)
    return [np.array(rows, dtype=np.int64) for rows in families.values() if len(rows) > 1]


def _words(text: str) -> tuple[str, ...]:
    """Words and numbers alike: “error 404” is not “error 500”."""
    return tuple(re.findall(r"\w+", text.casefold()))
