"""Signals that came together and are like nothing that was there: new themes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from signaltriage.themes.canonical import Shape, canonical, shape_of
from signaltriage.themes.communities import louvain
from signaltriage.themes.discovery import directions, principal
from signaltriage.themes.graph import shared_neighbours
from signaltriage.themes.partition import BoolArray, FloatArray, IntArray, unit
from signaltriage.threads import one_thread

_NEIGHBOURS = 15
_SURE = 3.0
"""Standard errors by which a neighbourhood must be newer than chance makes it."""


@dataclass(frozen=True)
class Surroundings:
    """All rows, old and new, and who is near whom."""

    vectors: FloatArray
    """Unit vectors, shape (n, dimension)."""
    shape: Shape
    """Of the distinct rows; `stands_for` says which those are."""
    row: IntArray
    """For each distinct row without near-copies, a row of `vectors` that it is, shape (m,)."""
    place: IntArray
    """For each row of `vectors`, its place among those, shape (n,)."""


def surroundings(vectors: FloatArray) -> Surroundings:
    """Look up the neighbours of rows, near-copies counted once."""
    with one_thread():
        order, of_row = canonical(vectors)
        distinct = unit(vectors[order])
        shape = shape_of(distinct, principal(distinct), _NEIGHBOURS)
    return Surroundings(vectors, shape, order[shape.rows], shape.of[of_row])


def new_groups(around: Surroundings, fresh: BoolArray, centres: FloatArray, min_size: int) -> IntArray:
    """Groups of rows in whose neighbourhood there is hardly anything old.

    Were the new rows like the old ones, a neighbourhood would hold as many of them as chance has it. Rows that have
    far more around them lie where nothing was before. They are grouped by their links; groups nearer to one another
    than themes that stand well apart are one.

    Args:
        around: all rows.
        fresh: rows that are new, or were in no theme before, shape (n,).
        centres: of the themes that are there, shape (k, dimension).
        min_size: fewest distinct rows of a group.

    Returns:
        Group of each row, -1 for none, shape (n,).
    """
    none = np.full(len(fresh), -1, dtype=np.int64)
    is_fresh = np.ones(len(around.row), dtype=np.bool_)
    np.logical_and.at(is_fresh, around.place, fresh)
    near = around.shape.neighbours
    if not near.size or not is_fresh.any():
        return none
    there = near >= 0
    share = (is_fresh[near] & there).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    rate = float(is_fresh.mean())
    least = max(0.5, rate + _SURE * (rate * (1 - rate) / near.shape[1]) ** 0.5)
    found = np.flatnonzero(is_fresh & (share >= min(least, 1.0)))
    if len(found) < min_size:
        return none
    labels = _grouped(around, found, _usual_nearness(centres))
    kept = np.flatnonzero(np.bincount(labels) >= min_size)
    number = np.full(int(labels.max()) + 1, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    of_place = np.full(len(around.row), -1, dtype=np.int64)
    of_place[found] = number[labels]
    return np.where(fresh, of_place[around.place], -1)


def _grouped(around: Surroundings, found: IntArray, nearness: float) -> IntArray:
    """Communities of the rows found, merged while their centres are nearer than themes usually are."""
    with one_thread():
        links = shared_neighbours(around.shape.neighbours)[found][:, found]
        _, islands = sparse.csgraph.connected_components(links, directed=False)
        parts = louvain(links.tocsr(), 1.0)
        _, parts = np.unique(np.stack([islands, parts]), axis=1, return_inverse=True)
        parts = parts.reshape(-1).astype(np.int64)
        vectors = unit(around.vectors[around.row[found]])
        while parts.max() > 0:
            centres = directions(vectors, parts)
            similar = (centres @ centres.T).round(5)
            np.fill_diagonal(similar, -1)
            a, b = divmod(int(similar.argmax()), len(centres))
            if similar[a, b] < nearness:
                break
            parts[parts == max(a, b)] = min(a, b)
            parts = np.unique(parts, return_inverse=True)[1].astype(np.int64)
    return parts


def _usual_nearness(centres: FloatArray) -> float:
    """Similarity to the nearest other theme, of the themes that stand apart: the lowest quarter."""
    if len(centres) < 2:
        return 0.5
    similar = centres @ centres.T
    np.fill_diagonal(similar, -1)
    return float(np.quantile(similar.max(axis=1), 0.25))


def absorbed(around: Surroundings, theme: IntArray, k: int) -> list[tuple[int, int, float]]:
    """Themes that have lost themselves in another: most of their rows have most of their neighbours there.

    Args:
        around: all rows.
        theme: of each row, -1 for none, shape (n,).
        k: number of themes.

    Returns:
        The theme absorbed, the one that absorbs it, the share of its rows that say so; each theme at most once.
    """
    of_place = np.full(len(around.row), -1, dtype=np.int64)
    of_place[around.place] = theme
    near = around.shape.neighbours
    if not near.size or k < 2:
        return []
    own = np.flatnonzero(of_place >= 0)
    other = np.where(near[own] >= 0, of_place[near[own]], -1)
    rows = np.repeat(own, near.shape[1])[other.ravel() >= 0]
    votes = sparse.csr_matrix((np.ones(len(rows)), (rows, other.ravel()[other.ravel() >= 0])), shape=(len(near), k))
    most = np.asarray(votes.argmax(axis=1)).ravel()
    strong = np.asarray(votes.max(axis=1).todense()).ravel() > near.shape[1] / 2
    table = np.zeros((k, k))
    np.add.at(table, (of_place[own], most[own]), strong[own].astype(np.float64))
    size = np.maximum(np.bincount(of_place[own], minlength=k), 1)
    np.fill_diagonal(table, 0)
    share = table / size[:, None]
    found: list[tuple[int, int, float]] = []
    for a in np.argsort(-share.max(axis=1), kind="stable").tolist():
        b = int(share[a].argmax())
        taken = {x for pair in found for x in pair[:2]}
        if share[a, b] > 0.5 and a not in taken and b not in taken:
            found.append((a, b, float(share[a, b])))
    return found
