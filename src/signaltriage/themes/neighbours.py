"""The nearest rows of each row, by cosine: exact for few rows, within near cells for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.threads import each

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
EXACT = 20_000
"""Rows up to which every pair is looked at."""
_BLOCK = 512
"""Rows compared at a time: a fixed number, because the last bits of a product follow its shape."""
_GROUP = 16
"""Columns of which one maximum is taken."""
_CELLS_SEARCHED = 20
_ROUNDS = 4


@dataclass(frozen=True)
class Neighbours:
    """The nearest other rows, nearest first; ties go to the earlier row."""

    rows: IntArray
    """Shape (n, k); -1 where there are fewer."""
    similarity: FloatArray
    """Cosine, shape (n, k); -1 where there is none."""


def nearest_rows(vectors: FloatArray, k: int, queries: IntArray | None = None) -> Neighbours:
    """The k nearest other rows of unit vectors (n, dimension); fewer, where there are fewer.

    Args:
        vectors: in canonical order.
        k: neighbours wanted.
        queries: rows to find neighbours of; None: all.
    """
    n = len(vectors)
    asked = np.arange(n) if queries is None else queries
    k = max(min(k, n - 1), 0)
    found = Neighbours(np.full((len(asked), k), -1, dtype=np.int64), np.full((len(asked), k), -1, dtype=np.float32))
    if not k or not len(asked):
        return found
    jobs = _blocks(len(asked)) if n <= EXACT else _cells(vectors, asked)

    def search(job: tuple[IntArray, IntArray | None]) -> None:
        places, candidates = job
        _search(vectors, asked[places], candidates, (found, places))

    each(search, jobs)
    return found


Job = tuple[IntArray, IntArray | None]
"""Places among the queries, and the rows they are compared with; None: all."""


def _blocks(asked: int) -> list[Job]:
    return [(np.arange(start, min(start + _BLOCK, asked)), None) for start in range(0, asked, _BLOCK)]


def _cells(vectors: FloatArray, asked: IntArray) -> list[Job]:
    """Rows by cell, each cell compared with the cells around it (Jégou et al. 2011: an inverted file)."""
    centres, cell = cells(vectors)
    around = np.argsort(-(centres @ centres.T), axis=1, kind="stable")[:, :_CELLS_SEARCHED]
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(len(centres) + 1))
    inside = [order[bounds[c] : bounds[c + 1]] for c in range(len(centres))]
    places = np.argsort(cell[asked], kind="stable")
    of_cell = np.searchsorted(cell[asked][places], np.arange(len(centres) + 1))
    jobs: list[Job] = []
    for c in range(len(centres)):
        mine = places[of_cell[c] : of_cell[c + 1]]
        candidates = np.sort(np.concatenate([inside[other] for other in around[c]]))
        jobs += [(mine[start : start + _BLOCK], candidates) for start in range(0, len(mine), _BLOCK)]
    return jobs


def cells(vectors: FloatArray) -> tuple[FloatArray, IntArray]:
    """About √n cells, by spherical k-means begun at every √n-th row: their centres, and the cell of each row."""
    n = len(vectors)
    size = round(n**0.5)
    centres = vectors[:: max(n // size, 1)].copy()
    cell = np.empty(n, dtype=np.int64)

    def place(start: int) -> None:
        cell[start : start + _BLOCK] = (vectors[start : start + _BLOCK] @ centres.T).argmax(axis=1)

    for turn in range(_ROUNDS):
        each(place, range(0, n, _BLOCK))
        if turn < _ROUNDS - 1:
            order = np.argsort(cell, kind="stable")
            found, starts = np.unique(cell[order], return_index=True)
            sums = np.add.reduceat(vectors[order], starts, axis=0)
            centres[found] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return centres, cell


def _search(vectors: FloatArray, rows: IntArray, candidates: IntArray | None, out: tuple[Neighbours, IntArray]) -> None:
    """Write the neighbours of `rows` among the candidates to their places."""
    among = vectors if candidates is None else vectors[candidates]
    similar = vectors[rows] @ among.T
    own = rows if candidates is None else np.searchsorted(candidates, rows)
    similar[np.arange(len(rows)), own] = -2
    found, places = out
    k = min(found.rows.shape[1], len(among) - 1)
    if k < 1:
        return
    near, close = largest(similar, k)
    found.rows[places, :k] = near if candidates is None else candidates[near]
    found.similarity[places, :k] = close


def largest(values: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """Columns of the k largest values of each row, largest first, ties to the earlier column; and the values.

    Of the maxima of groups of columns the k-th is no more than the k-th of all, and few columns reach it: only these
    are sorted, which takes an eighth of the time of partitioning whole rows.

    Args:
        values: shape (n, m), m at least k.
        k: at least 1.
    """
    n, m = values.shape
    width = m // _GROUP
    if width <= 4 * k:
        near = np.argsort(-values, axis=1, kind="stable")[:, :k]
        return near, np.take_along_axis(values, near, axis=1)
    peaks = values[:, : _GROUP * width].reshape(n, _GROUP, width).max(axis=1)
    least = np.partition(peaks, width - k, axis=1)[:, width - k]
    reach = np.flatnonzero(values >= least[:, None])
    row, column = np.divmod(reach, m)
    value = values.ravel()[reach]
    order = np.lexsort((column, -value, row))
    place = np.searchsorted(row, np.arange(n))[:, None] + np.arange(k)  # `row` ascends as it is
    return column[order][place], value[order][place]
