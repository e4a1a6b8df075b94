"""Where the signals of themes lie on a map: themes that are alike lie near one another, and no two points overlap.

Theme centres are laid out by their distances along a graph of nearest centres (Tenenbaum et al., "A global geometric
framework for nonlinear dimensionality reduction", 2000), from classical scaling, by stress majorization (Gansner,
Koren and North, "Graph drawing by stress majorization", 2005), and pushed apart until their discs do not touch. A
theme's signals fill its disc from the most typical at the middle outwards, each on the side of the themes it leans to.
Same vectors, same map: whatever the order of the rows and the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DECIMALS = 2
_NEIGHBOURS = 6
"""Nearest centres that a centre is joined to; and, of a signal, those that it may lean to."""
_BLOCK = 8192
"""Signals whose similarities to all themes are held at a time."""
_STEPS = 80
_PUSHES = 400
_FILLED = 0.45
"""Share of the map that discs cover, before they are pushed apart."""
_WIDTH = 1.45
"""Width of the map by its height."""
_GAP = 1.6
"""Between discs, and between a theme's own signals and those that are only near it, in distances of points."""
_NOISE = 5
"""Decimals of a similarity that are above the noise of summation order."""


@dataclass(frozen=True)
class Placed:
    """What is to be placed: n signals of k themes."""

    vectors: NDArray[np.float32]
    """Unit vectors, shape (n, d)."""
    ids: tuple[str, ...]
    """Of the signals: they settle ties, so that the order of the rows does not."""
    nearest: IntArray
    """The nearest theme of each signal, shape (n,)."""
    member: NDArray[np.bool_]
    """Whether a signal is in it, shape (n,)."""
    centres: NDArray[np.float32]
    """Unit vectors, shape (k, d)."""


@dataclass(frozen=True)
class Layout:
    """Places on the map, in distances of neighbouring points; rounded to two decimals."""

    points: FloatArray
    """Shape (n, 2)."""
    centres: FloatArray
    """Shape (k, 2)."""
    radii: FloatArray
    """Of each theme's disc, without the signals that are only near it, shape (k,)."""


def lay_out(placed: Placed) -> Layout:
    """The map of all signals; without themes, one disc of signals in the order of their ids."""
    from threadpoolctl import threadpool_limits

    n, k = len(placed.ids), len(placed.centres)
    rank = np.empty(n, dtype=np.int64)
    rank[np.array(sorted(range(n), key=placed.ids.__getitem__), dtype=np.int64)] = np.arange(n)
    if k == 0 or n == 0:
        alone = _fill(np.zeros(n, dtype=np.int64), rank, 2.4 * rank.astype(np.float64))
        return Layout(alone.round(DECIMALS), np.zeros((k, 2)), np.full(k, 0.5))
    with threadpool_limits(limits=1):
        own = np.einsum("nd,nd->n", placed.vectors, placed.centres[placed.nearest], dtype=np.float64).round(_NOISE)
        between = (placed.centres @ placed.centres.T).astype(np.float64).round(_NOISE)
        rings = _rings(placed, own, rank)
        inner, outer = _radii(placed, rings)
        middle = _push_apart(_scaled(_relax(_distances(between)), outer), outer)
        blocks = [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]
        angle = np.concatenate([_leaning(placed, block, middle) for block in blocks])
    spots = _on_rings(placed.nearest, rings, angle, rank, placed.member)
    points = middle[placed.nearest] + spots
    shift = (middle.min(axis=0) + middle.max(axis=0)) / 2
    return Layout((points - shift).round(DECIMALS), (middle - shift).round(DECIMALS), inner.round(DECIMALS))


def _distances(similarity: FloatArray) -> FloatArray:
    """Along the graph of nearest centres and a spanning tree, which keeps it in one piece; shape (k, k)."""
    from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path

    k = len(similarity)
    angle = np.arccos(np.clip(similarity, -1, 1)) + 1e-3  # equal centres are apart all the same
    np.fill_diagonal(angle, 0)
    if k < 3:
        return angle
    near = np.argsort(angle, axis=1, kind="stable")[:, 1 : _NEIGHBOURS + 1]
    graph = np.zeros((k, k))
    np.put_along_axis(graph, near, np.take_along_axis(angle, near, axis=1), axis=1)
    graph = np.maximum(graph, minimum_spanning_tree(angle).toarray())
    found: FloatArray = shortest_path(np.maximum(graph, graph.T), directed=False)
    return found


def _relax(distance: FloatArray) -> FloatArray:
    """Positions whose distances are about those given, shape (k, 2); the wider way across."""
    k = len(distance)
    if k == 1:
        return np.zeros((1, 2))
    middle = np.eye(k) - 1 / k
    values, axes = np.linalg.eigh(-middle @ (distance**2) @ middle / 2)
    axes = axes[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 1e-9))
    largest = np.abs(axes.round(6)).argmax(axis=0)
    where: FloatArray = axes * np.where(axes[largest, [0, 1]] < 0, -1.0, 1.0)
    apart = distance + np.eye(k)
    weight = apart**-2 * (1 - np.eye(k))
    laplacian = np.diag(weight.sum(axis=1)) - weight
    solve = np.linalg.pinv(laplacian)
    for _ in range(_STEPS):
        there = np.sqrt(((where[:, None] - where[None]) ** 2).sum(axis=2)) + np.eye(k)
        pull = -weight * distance / np.maximum(there, 1e-9)
        np.fill_diagonal(pull, 0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        where = solve @ (pull @ where)
    return where


def _scaled(where: FloatArray, radii: FloatArray) -> FloatArray:
    """The same positions in a wider frame, so far apart that the discs cover a given share of the map."""
    if len(where) < 2:
        return where
    spread = np.maximum(where.std(axis=0), 0.2 * where.std(axis=0).max())
    wide = where / where.std(axis=0).max() if len(where) < 3 else where / spread * np.sqrt([_WIDTH, 1 / _WIDTH])
    # Of an evenly filled ellipse the half axes are twice the standard deviations, so this one has the area 4 pi.
    scaled: FloatArray = wide * np.sqrt(float((radii**2).sum()) / 4 / _FILLED)
    return scaled


def _push_apart(where: FloatArray, radii: FloatArray) -> FloatArray:
    """Move discs that overlap away from one another, the smaller further, while all are drawn back to their places."""
    k = len(where)
    x, y = where.T.copy()
    least = radii[:, None] + radii[None] + _GAP
    upper = np.triu(np.ones((k, k), dtype=np.bool_), 1)
    turns = np.arange(k) * 2.399963  # for discs in one place, which know no way apart
    x, y = x + 1e-6 * np.cos(turns), y + 1e-6 * np.sin(turns)
    for turn in range(_PUSHES):
        dx, dy = x[:, None] - x[None], y[:, None] - y[None]
        i, j = np.nonzero(upper & (dx * dx + dy * dy < least * least))
        there = np.maximum(np.sqrt(dx[i, j] ** 2 + dy[i, j] ** 2), 1e-9)
        overlap = least[i, j] - there
        if turn > _PUSHES // 2 and not (overlap > 0.01).any():
            break
        moves = radii[j] ** 2 / (radii[i] ** 2 + radii[j] ** 2)  # of i; the rest is j's
        push_x, push_y = 0.6 * overlap * dx[i, j] / there, 0.6 * overlap * dy[i, j] / there
        x = x + np.bincount(i, push_x * moves, k) - np.bincount(j, push_x * (1 - moves), k)
        y = y + np.bincount(i, push_y * moves, k) - np.bincount(j, push_y * (1 - moves), k)
        if turn < _PUSHES // 2:
            x, y = x + 0.02 * (where[:, 0] - x), y + 0.02 * (where[:, 1] - y)
    return np.stack([x, y], axis=1)


def _rings(placed: Placed, own: FloatArray, rank: IntArray) -> IntArray:
    """The ring of its theme's disc that each signal is on, members first: 0 is the middle, ring i has room for 6 i."""
    order = np.lexsort((rank, -own, ~placed.member, placed.nearest))
    place = np.empty(len(rank), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(placed.nearest, minlength=len(placed.centres)))[:-1]])
    place[order] = np.arange(len(rank)) - starts[placed.nearest[order]]
    return _ring_of(place)


def _ring_of(place: IntArray) -> IntArray:
    """Rings 0, 1, 2 … hold 1, 6, 12 … places."""
    ring: IntArray = np.ceil((np.sqrt(9 + 12 * place.astype(np.float64)) - 3) / 6 - 1e-9).astype(np.int64)
    return ring


def _radii(placed: Placed, rings: IntArray) -> tuple[FloatArray, FloatArray]:
    """The radius of each theme's members, and of all that is near it."""
    inner, outer = np.full((2, len(placed.centres)), 0.5)
    np.maximum.at(inner, placed.nearest[placed.member], rings[placed.member] + 0.5)
    np.maximum.at(outer, placed.nearest, rings + 0.5 + _GAP * ~placed.member)
    return inner, outer


def _leaning(placed: Placed, block: slice, middle: FloatArray) -> FloatArray:
    """The direction in which the next best themes of each signal of a block lie, in radians."""
    k, nearest = len(middle), placed.nearest[block]
    if k == 1:
        return np.zeros(len(nearest))
    others = (placed.vectors[block] @ placed.centres.T).astype(np.float64).round(_NOISE)
    others[np.arange(len(nearest)), nearest] = -2
    wanted = min(_NEIGHBOURS, k - 1)
    near = np.argsort(-others, axis=1, kind="stable")[:, :wanted]
    close = np.take_along_axis(others, near, axis=1)
    weight = np.exp(10 * (close - close[:, :1]))
    away = middle[near] - middle[nearest][:, None]
    away /= np.maximum(np.sqrt((away**2).sum(axis=2, keepdims=True)), 1e-9)
    pull = (weight[:, :, None] * away).sum(axis=1)
    angle: FloatArray = np.arctan2(pull[:, 1], pull[:, 0]).round(_NOISE)
    return angle


def _on_rings(
    nearest: IntArray, rings: IntArray, angle: FloatArray, rank: IntArray, member: NDArray[np.bool_]
) -> FloatArray:
    """Offsets from the theme's middle, shape (n, 2): evenly spaced on each ring, in the order of their angles."""
    outside = ~member
    order = np.lexsort((rank, angle, outside, rings, nearest))
    key = np.stack([nearest, rings, outside.astype(np.int64)], axis=1)[order]
    new = np.concatenate([[True], (key[1:] != key[:-1]).any(axis=1)])[: len(key)]
    group = np.cumsum(new) - 1
    count = np.bincount(group)
    slot = (np.arange(len(order)) - np.flatnonzero(new)[group]) / count[group]
    turned = angle[order] - 2 * np.pi * slot
    sums: Any = [np.bincount(group, weights=f(turned)) for f in (np.cos, np.sin)]
    offset = np.arctan2(sums[1], sums[0]).round(_NOISE)
    around = 2 * np.pi * slot + offset[group]
    radius = rings[order] + _GAP * outside[order]
    spots = np.empty((len(order), 2))
    spots[order] = np.stack([radius * np.cos(around), radius * np.sin(around)], axis=1)
    return spots


def _fill(nearest: IntArray, rank: IntArray, angle: FloatArray) -> FloatArray:
    """One disc of all signals."""
    return _on_rings(nearest, _ring_of(rank), angle, rank, np.ones(len(rank), dtype=np.bool_))
