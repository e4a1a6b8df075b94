"""Signals that came together and are like nothing that was there: new themes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from signaltriage.themes.canonical import Shape, canonical, shape_of
from signaltriage.themes.communities import louvain
from signaltriage.themes.discovery import directions, principal, sums
from signaltriage.themes.graph import shared_neighbours
from signaltriage.themes.membership import limits, members
from signaltriage.themes.merging import merge
from signaltriage.themes.partition import DECIMALS, FloatArray, IntArray, unit
from signaltriage.threads import one_thread

_NEIGHBOURS = 15
_SURE = 3.0
"""Standard errors by which a neighbourhood must be newer than chance makes it."""
_MOST_THEMES = 0.95
"""Share of the themes that are no more scattered than what may be taken for one new theme."""


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


def new_groups(around: Surroundings, theme: IntArray, min_size: int) -> IntArray:
    """Groups of rows in whose neighbourhood there is hardly anything old.

    Were the new rows like the old ones, a neighbourhood would hold as many of them as chance has it. Rows that have
    far more around them lie where nothing was before. They are grouped by their links, and the groups merged as far
    as the parts of the themes that are there would be.

    Args:
        around: all rows.
        theme: of each row; -1 for rows that are new, or were in no theme before, shape (n,).
        min_size: fewest distinct rows of a group.

    Returns:
        Group of each row, -1 for none, shape (n,).
    """
    fresh = theme < 0
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
    of_place = np.full(len(around.row), -1, dtype=np.int64)
    of_place[around.place] = theme
    of_place[is_fresh] = -1
    groups = np.full(len(around.row), -1, dtype=np.int64)
    groups[found] = _grouped(around, found, of_place, min_size)
    groups = _like_the_rest(unit(around.vectors[around.row]), _large(groups, min_size))
    return np.where(fresh, _large(groups, min_size)[around.place], -1)


def _large(groups: IntArray, min_size: int) -> IntArray:
    """Groups of at least `min_size` rows, numbered anew; -1 for the other rows."""
    kept = np.flatnonzero(np.bincount(groups[groups >= 0]) >= min_size)
    number = np.full(int(groups.max(initial=-1)) + 2, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return number[groups]


def _like_the_rest(vectors: FloatArray, groups: IntArray) -> IntArray:
    """Rows leave a group of which they would be no members, had it been found in a first run."""
    k = int(groups.max(initial=-1)) + 1
    if not k:
        return groups
    centres = directions(vectors, groups)
    similarity = np.where(groups >= 0, np.einsum("nd,nd->n", vectors, centres[groups]), 0).round(DECIMALS)
    return np.where(members(similarity, groups, limits(similarity, groups, k)), groups, -1)


def _grouped(around: Surroundings, found: IntArray, theme: IntArray, min_size: int) -> IntArray:
    """Communities of the rows found, merged as themes are, up to the cost at which the parts of old themes merge."""
    with one_thread():
        links = shared_neighbours(around.shape.neighbours)
        vectors = unit(around.vectors[around.row])
        parts = _communities(links[found][:, found])
        size = np.bincount(parts)
        several = np.flatnonzero(size > 1)
        if len(several) < 2:
            return parts
        most = _usual_cost(vectors, links, theme, min_size)
        tree = merge(sums(vectors[found], parts)[several], size[several].astype(np.float64))
        k = len(several)
        while k > 1 and tree.cost[k - 1] <= most:
            k -= 1
        target = np.arange(len(size)) + len(several)
        target[several] = tree.merged[k]
        return np.unique(target[parts], return_inverse=True)[1].astype(np.int64)


def _communities(links: sparse.csr_matrix) -> IntArray:
    """Groups of rows that links hold together, 0 to g - 1; rows without a path between them are never in one."""
    _, islands = sparse.csgraph.connected_components(links, directed=False)
    parts = np.stack([islands, louvain(links.tocsr(), 1.0)], axis=1)
    return np.unique(parts, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _usual_cost(vectors: FloatArray, links: sparse.csr_matrix, theme: IntArray, min_size: int) -> float:
    """Cost up to which parts merge: nineteen in twenty themes, taken apart in the same way, become one again.

    So what is called one new theme is as scattered as what is called one theme already: in some sets themes are narrow
    and far apart, in others broad and close, and no similarity tells both.

    Args:
        vectors: distinct rows, shape (m, dimension).
        links: between them, shape (m, m).
        theme: of each of them, -1 for none, shape (m,).
        min_size: fewest rows of a part that counts.
    """
    order = np.argsort(theme, kind="stable")
    bounds = np.searchsorted(theme[order], np.arange(int(theme.max(initial=-1)) + 2))
    costs = [0.0]
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        own = order[start:end]
        if len(own) >= 2 * min_size:
            parts = _communities(links[own][:, own])
            size = np.bincount(parts)
            large = np.flatnonzero(size >= min_size)
            tree = merge(sums(vectors[own], parts)[large], size[large].astype(np.float64))
            costs.append(max(tree.cost.values(), default=0.0))
    return float(np.quantile(costs, _MOST_THEMES))


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
