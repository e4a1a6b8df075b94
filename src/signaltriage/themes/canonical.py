"""Rows as their content orders them, each said once: what makes the same rows give the same themes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import InputError
from signaltriage.themes.neighbours import Neighbours, nearest_rows

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
NEAR = 0.98
"""Cosine from which on two rows are copies of one text: names, numbers or marks differ."""
_SPARE = 10
"""Neighbours looked up beyond those that are wanted, because copies will be struck out."""
_PASSES = 4
_BLOCK = 8192
"""Pairs compared at a time: there may be as many as rows and neighbours."""


@dataclass(frozen=True)
class Shape:
    """The m rows that give themes their shape, with their neighbours among one another."""

    rows: IntArray
    """Which of the vectors, shape (m,)."""
    of: IntArray
    """The place in `rows` that stands for each vector, shape (n,)."""
    neighbours: IntArray
    """As places in `rows`, nearest first, shape (m, k); -1 where there are fewer."""


def check(vectors: FloatArray, counts: IntArray | None) -> None:
    """Raise InputError where vectors (n, dimension) and counts (n,) cannot be used."""
    if vectors.ndim != 2:
        raise InputError(f"vectors have {vectors.ndim} dimensions.", remedy="Give an array (rows, dimension).")
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InputError(f"{len(bad)} vectors are not finite, the first in row {bad[0]}.", remedy="Encode them again.")
    if counts is not None and (np.shape(counts) != (len(vectors),) or (np.asarray(counts) < 1).any()):
        raise InputError("counts do not fit the vectors.", remedy="Give a whole number, 1 or more, for each row.")


def canonical(vectors: FloatArray) -> tuple[IntArray, IntArray]:
    """Distinct rows in an order that follows from their content alone.

    Returns:
        Rows to take, one for each distinct vector, shape (m,); and for each row its place among those, shape (n,).
    """
    if not vectors.size:
        return np.zeros(min(len(vectors), 1), dtype=np.int64), np.zeros(len(vectors), dtype=np.int64)
    plain = np.ascontiguousarray(vectors, dtype=np.float32) + np.float32(0)  # -0 becomes 0
    # The first two numbers tell nearly all rows apart; only where they do not is the rest looked at.
    start = np.zeros((len(plain), 2), dtype=np.float32)
    start[:, : plain.shape[1]] = plain[:, :2]
    _, run, size = np.unique(start.view(np.uint64).ravel(), return_inverse=True, return_counts=True)
    run = run.reshape(-1)
    within = np.zeros(len(plain), dtype=np.int64)
    tied = np.flatnonzero(size[run] > 1)
    if len(tied):
        whole = np.ascontiguousarray(plain[tied]).view(np.dtype((np.void, plain.shape[1] * plain.itemsize)))
        within[tied] = np.unique(whole.ravel(), return_inverse=True)[1].reshape(-1)
    order = np.lexsort((within, run))
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (np.diff(run[order]) != 0) | (np.diff(within[order]) != 0)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(begins) - 1
    return order[begins].astype(np.int64), place


def shape_of(vectors: FloatArray, reduced: FloatArray, k: int) -> Shape:
    """Strike out near-copies, the first of each family stands for it; find the k neighbours of what remains.

    Args:
        vectors: distinct unit vectors in canonical order, shape (n, dimension).
        reduced: the same rows in fewer dimensions, in which neighbours are looked up, shape (n, fewer).
        k: neighbours wanted.
    """
    leader = np.arange(len(vectors))
    near = nearest_rows(reduced, k + _SPARE)
    rows = leader
    for _ in range(_PASSES):
        follows = _families(vectors[rows], near)
        if (follows == np.arange(len(rows))).all():
            break
        kept = np.flatnonzero(follows == np.arange(len(rows)))
        leader = rows[follows[np.searchsorted(rows, leader)]]
        near = _without(near, kept, reduced[rows[kept]], k)
        rows = rows[kept]
    return Shape(rows, np.searchsorted(rows, leader), near.rows[:, :k])


def _families(vectors: FloatArray, near: Neighbours) -> IntArray:
    """For each row the row that stands for it: the first one that is near enough, or itself."""
    follows = np.arange(len(vectors))
    if not near.rows.size:
        return follows
    # Copies are close in fewer dimensions too: only such pairs are worth a look in all of them.
    left, place = np.nonzero((near.similarity >= NEAR - 0.02) & (near.rows >= 0))
    right = near.rows[left, place]
    similar = np.empty(len(left), dtype=np.bool_)
    for start in range(0, len(left), _BLOCK):
        some = slice(start, start + _BLOCK)
        similar[some] = np.einsum("nd,nd->n", vectors[left[some]], vectors[right[some]]).round(5) >= NEAR
    pairs = np.stack([left, right], axis=1)[similar]
    pairs = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    taken = np.zeros(len(vectors), dtype=np.bool_)
    starts = np.searchsorted(pairs[:, 0], np.arange(len(vectors) + 1))
    for i in np.unique(pairs[:, 0]).tolist():
        if taken[i]:
            continue
        taken[i] = True
        others = pairs[starts[i] : starts[i + 1], 1]
        others = others[~taken[others]]
        follows[others], taken[others] = i, True
    return follows


def _without(near: Neighbours, kept: IntArray, reduced: FloatArray, k: int) -> Neighbours:
    """Neighbours among the rows kept; lists that have become too short are made anew."""
    number = np.full(len(near.rows) + 1, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    rows = number[near.rows[kept]]
    order = np.argsort(rows < 0, axis=1, kind="stable")
    rows = np.take_along_axis(rows, order, axis=1)
    similarity = np.take_along_axis(near.similarity[kept], order, axis=1)
    short = np.flatnonzero((rows >= 0).sum(axis=1) < min(k, len(kept) - 1))
    if len(short):
        again = nearest_rows(reduced, near.rows.shape[1], short)
        width = again.rows.shape[1]
        rows[short], similarity[short] = -1, -1
        rows[short, :width], similarity[short, :width] = again.rows, again.similarity
    return Neighbours(rows, similarity)
