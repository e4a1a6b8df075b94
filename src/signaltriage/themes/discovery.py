"""Vectors in, themes out; how many is read off the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import InputError
from signaltriage.settings import ThemeSettings
from signaltriage.themes.communities import louvain
from signaltriage.themes.graph import shared_neighbours
from signaltriage.themes.neighbours import nearest_rows
from signaltriage.themes.partition import FloatArray, IntArray, Partition, places, unit

_NEIGHBOURS = 15
_STEPS = 5


def discover(
    vectors: FloatArray, *, counts: IntArray | None = None, settings: ThemeSettings | None = None, seed: int = 0
) -> Partition:
    """Find the themes of rows.

    The same rows give the same themes, whatever their order, the seed and the number of threads: rows are put into an
    order of their own content first, and nothing is drawn.

    Args:
        vectors: unit vectors, shape (n, dimension).
        counts: how often each row was said, shape (n,); for size, never for shape. None: once each.
        settings: how fine, by which method.
        seed: taken for the sake of the interface.

    Raises:
        InputError: a vector that is not finite, or shapes that do not fit.
    """
    settings = settings or ThemeSettings()
    check(vectors, counts)
    order, distinct = canonical(vectors)
    shape = unit(vectors[order])
    labels = _labels(shape, settings)
    centres, labels = refine(shape, labels, settings.min_size)
    found = places(shape, centres, np.full(len(centres), -1, dtype=np.float32))
    limits = np.zeros(len(centres), dtype=np.float32)
    member = found.similarity >= limits[found.nearest] if len(centres) else found.member
    whole = Partition(found.nearest, found.similarity, member, centres, limits, np.zeros(len(centres), dtype=np.int64))
    return replace(
        whole, nearest=whole.nearest[distinct], similarity=whole.similarity[distinct], member=whole.member[distinct]
    )


def check(vectors: FloatArray, counts: IntArray | None) -> None:
    """Raise InputError where vectors (n, dimension) and counts (n,) cannot be used."""
    if vectors.ndim != 2:
        raise InputError(f"vectors have {vectors.ndim} dimensions.", remedy="Give an array (rows, dimension).")
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InputError(f"{len(bad)} vectors are not finite, the first in row {bad[0]}.", remedy="Encode them again.")
    if counts is not None and (counts.shape != (len(vectors),) or (counts < 1).any()):
        raise InputError("counts do not fit the vectors.", remedy="Give a whole number, 1 or more, for each row.")


def canonical(vectors: FloatArray) -> tuple[IntArray, IntArray]:
    """Distinct rows in an order that follows from their content alone.

    Returns:
        Rows to take, one for each distinct vector, shape (m,); and for each row its place among those, shape (n,).
    """
    if not vectors.size:
        return np.zeros(min(len(vectors), 1), dtype=np.int64), np.zeros(len(vectors), dtype=np.int64)
    plain = np.ascontiguousarray(vectors, dtype=np.float32) + np.float32(0)  # -0 becomes 0
    keys = plain.view(np.dtype((np.void, plain.shape[1] * 4))).ravel()
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.astype(np.int64)


def refine(vectors: FloatArray, labels: IntArray, min_size: int) -> tuple[FloatArray, IntArray]:
    """A few steps of spherical k-means from groups; groups that are too small give up their rows."""
    for _ in range(_STEPS):
        centres = centres_of(vectors, labels, min_size)
        if not len(centres):
            break
        labels = (vectors @ centres.T).round(5).argmax(axis=1)
    return centres_of(vectors, labels, min_size), labels


def centres_of(vectors: FloatArray, labels: NDArray[np.int64], min_size: int) -> FloatArray:
    """Mean directions of the groups of at least `min_size` rows, shape (k, dimension)."""
    found, place, size = np.unique(labels, return_inverse=True, return_counts=True)
    sums = np.zeros((len(found), vectors.shape[1]))
    np.add.at(sums, place, vectors.astype(np.float64))
    return unit(sums[size >= min_size])


def _labels(vectors: FloatArray, settings: ThemeSettings) -> IntArray:
    if len(vectors) < 3:
        return np.arange(len(vectors), dtype=np.int64)
    near = nearest_rows(vectors, _NEIGHBOURS)
    return louvain(shared_neighbours(near.rows), settings.granularity)
