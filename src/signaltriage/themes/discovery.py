"""Vectors in, themes out; how many is read off the data.

Rows in the order of their content, near-copies once → 50 principal axes → neighbours → links weighed by shared
neighbours → rows smoothed along the links → fine communities → merged two by two → cut where silhouettes are best → a
few steps of spherical k-means → themes that say the same joined. Every step is deterministic: the same rows give the
same themes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from signaltriage.settings import ThemeSettings
from signaltriage.themes.canonical import canonical, check, shape_of
from signaltriage.themes.communities import cuts, louvain
from signaltriage.themes.density import dense_regions
from signaltriage.themes.granularity import levels, number_of_areas, number_of_themes, usual_number
from signaltriage.themes.graph import shared_neighbours, smooth
from signaltriage.themes.membership import kept_themes, limits, members
from signaltriage.themes.merging import Hierarchy, alike, merge
from signaltriage.themes.partition import DECIMALS, FloatArray, IntArray, Partition, unit
from signaltriage.themes.silhouette import silhouettes
from signaltriage.threads import one_thread

AXES = 50
"""Principal axes kept: what texts share lies in few of them, the rest blurs neighbourhoods."""
_NEIGHBOURS = (10, 20)
_SMOOTHINGS = 6
_FINE = 12.0
"""Resolution of the groups that merging begins with."""
_STEPS = 5
_ALIKE = 0.6
"""Mean cosine of two themes' texts from which on they are one theme in other words. Of all pairs of labels that people
made in five sets, one comes to more."""
_ALIKE_BEYOND = 0.4
"""The same for an encoder to which all texts are alike: this share of the way from what any two texts have to 1."""
_BLOCK = 32_768
"""Rows compared with all centres at a time."""
_FEW = 4


@dataclass(frozen=True)
class _Landscape:
    """Rows as the search sees them."""

    vectors: FloatArray
    """In all dimensions."""
    reduced: FloatArray
    graph: sparse.csr_matrix
    smoothed: FloatArray
    neighbours: int
    """Of each row."""


def discover(
    vectors: FloatArray,
    *,
    counts: IntArray | None = None,
    settings: ThemeSettings | None = None,
    seed: int = 0,
) -> Partition:
    """Find the themes of rows.

    The same rows give the same themes, whatever their order, the seed and the number of threads.

    Args:
        vectors: unit vectors, shape (n, dimension).
        counts: how often each row was said, shape (n,); it never changes the shape of themes. None: once each.
        settings: how fine, by which method.
        seed: without effect, because nothing is drawn.

    Raises:
        InputError: a vector that is not finite, or shapes that do not fit.
    """
    del seed
    settings = settings or ThemeSettings()
    check(vectors, counts)
    with one_thread():
        order, of_row = canonical(vectors)
        distinct = unit(vectors[order])
        often = np.ones(len(vectors)) if counts is None else np.asarray(counts, dtype=np.float64)
        said = np.bincount(of_row, weights=often, minlength=len(distinct)).astype(np.int64)
        few = len(distinct) < _FEW
        labels = np.arange(len(distinct)) if few else _labels(distinct, settings)
        return _partition(distinct, _large_enough(distinct, labels, said, settings.min_size), of_row)


def principal(vectors: FloatArray, axes: int = AXES) -> FloatArray:
    """Rows on their first principal axes, of length one again, shape (n, at most `axes`)."""
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = (centred.T @ centred).astype(np.float64)
    _, found = np.linalg.eigh(spread)
    kept = min(axes, vectors.shape[1], max(len(vectors) - 1, 1))
    return unit(centred @ found[:, ::-1][:, :kept].astype(np.float32))


def steps(vectors: FloatArray, labels: IntArray, times: int, min_size: int) -> IntArray:
    """Rows move to the nearest mean direction, several times; groups below `min_size` give up their rows.

    Returns:
        Labels 0 to k - 1, none empty, shape (n,).
    """
    for _ in range(times):
        size = np.bincount(labels)
        kept = np.flatnonzero(size >= min(min_size, size.max()))
        centres = directions(vectors, labels)[kept]
        labels = np.concatenate([_nearest(vectors[i : i + _BLOCK], centres) for i in range(0, len(vectors), _BLOCK)])
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _nearest(vectors: FloatArray, centres: FloatArray) -> IntArray:
    return np.asarray((vectors @ centres.T).round(DECIMALS).argmax(axis=1), dtype=np.int64)


def directions(vectors: FloatArray, labels: IntArray) -> FloatArray:
    """Mean directions of the groups 0 to k - 1; rows labelled -1 are left out. Shape (k, dimension)."""
    return unit(sums(vectors, labels))


def sums(vectors: FloatArray, labels: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Sums of the rows of the groups 0 to k - 1; rows labelled -1 are left out. Shape (k, dimension)."""
    rows = np.flatnonzero(labels >= 0)
    k = int(labels.max(initial=-1)) + 1
    belongs = sparse.csr_matrix((np.ones(len(rows)), (labels[rows], rows)), shape=(k, len(vectors)))
    return np.asarray(belongs @ vectors.astype(np.float64))


def _labels(distinct: FloatArray, settings: ThemeSettings) -> IntArray:
    """The theme of each distinct row, -1 for none."""
    reduced = principal(distinct)
    k = int(np.clip(round(len(distinct) ** 0.5 / 5), *_NEIGHBOURS))
    shape = shape_of(distinct, reduced, k)
    graph = shared_neighbours(shape.neighbours)
    rows = reduced[shape.rows]
    land = _Landscape(distinct[shape.rows], rows, graph, smooth(rows, graph, _SMOOTHINGS), k)
    if settings.method == "hdbscan":
        labels = dense_regions(land.smoothed, settings.min_size, settings.granularity)
    else:
        labels = _merged(land, settings)
    return labels[shape.of]


def _merged(land: _Landscape, settings: ThemeSettings) -> IntArray:
    # In a small graph links are few: at a high resolution no two rows would stay together.
    together = len(land.smoothed) / (4 * land.neighbours)
    fine = louvain(land.graph, max(1.0, min(_FINE * max(settings.granularity, 1.0), together)))
    fine = steps(land.smoothed, fine, 3, 3)
    tree = merge(sums(land.smoothed, fine), np.bincount(fine).astype(np.float64))
    k = _number(land, fine, tree, settings.granularity)
    _, coarse = np.unique(tree.merged[k], return_inverse=True)
    found = steps(land.smoothed, coarse[fine].astype(np.int64), _STEPS, settings.min_size)
    mean = float((land.vectors.mean(axis=0, dtype=np.float64) ** 2).sum())
    least = max(_ALIKE, mean + _ALIKE_BEYOND * (1 - mean))
    # Who asks for finer themes wants such told apart, too.
    least = 1 - (1 - least) / max(settings.granularity, 1.0)
    return alike(sums(land.vectors, found), np.bincount(found).astype(np.float64), least)[found]


def _number(land: _Landscape, fine: IntArray, tree: Hierarchy, granularity: float) -> int:
    """The number of groups at which to cut the tree: the data's own, times the granularity."""
    most = max(tree.merged)
    if most < 2:
        return most
    numbers = levels(most)
    plain, smoothed = (silhouettes(rows, fine, tree.merged, numbers) for rows in (land.reduced, land.smoothed))
    usual = usual_number(cuts(land.graph, fine, tree.merged), len(fine))
    found = round(granularity * number_of_themes(numbers, plain, smoothed, usual))
    return int(np.clip(found, min(tree.merged), most))


def _large_enough(distinct: FloatArray, labels: IntArray, said: IntArray, min_size: int) -> IntArray:
    """Labels of themes with enough members, numbered anew; -1 for the other rows."""
    centres = directions(distinct, labels)
    k = len(centres)
    similarity = _own_similarity(distinct, centres, labels)
    member = members(similarity, labels, limits(similarity, labels, k))
    kept = kept_themes(labels, member, said, k, min_size)
    number = np.full(k + 1, -1, dtype=np.int64)
    number[:-1][kept] = np.arange(int(kept.sum()))
    return number[labels]


def _own_similarity(distinct: FloatArray, centres: FloatArray, labels: IntArray) -> FloatArray:
    if not len(centres):
        return np.zeros(len(distinct), dtype=np.float32)
    own = np.einsum("nd,nd->n", distinct, centres[labels], dtype=np.float64)
    return np.asarray(own.round(DECIMALS), dtype=np.float32)


def _partition(distinct: FloatArray, labels: IntArray, of_row: IntArray) -> Partition:
    """Centres in all dimensions, limits, areas; rows without a theme go to the nearest, as no members."""
    centres = directions(distinct, labels)
    k = len(centres)
    nearest = labels.copy()
    astray = np.flatnonzero(labels < 0)
    if k and len(astray):
        nearest[astray] = (distinct[astray] @ centres.T).round(DECIMALS).argmax(axis=1)
    similarity = _own_similarity(distinct, centres, nearest)
    least = limits(similarity, labels, k)
    member = members(similarity, labels, least)
    return Partition(
        nearest=nearest[of_row],
        similarity=similarity[of_row],
        member=member[of_row],
        centres=centres,
        min_similarity=least,
        areas=areas(centres, np.bincount(labels[labels >= 0], minlength=k)),
    )


def areas(centres: FloatArray, sizes: IntArray) -> IntArray:
    """The area of each theme, shape (k,): themes merged further, by their centres and sizes."""
    k = len(centres)
    if k < 2:
        return np.zeros(k, dtype=np.int64)
    size = np.maximum(sizes, 1).astype(np.float64)
    tree = merge(centres.astype(np.float64) * size[:, None], size)
    found = tree.merged[max(1, number_of_areas(tree, k))]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
