"""What a detector knows of held-out rows: of teams it has met, and of teams that were hidden from it.

Teams that resemble one another are hidden together, a fifth of all at a time: for a detector that knows only the rest,
their rows are nobody's, and held-out rows of the rest are not (openness by hidden classes: Scheirer et al. 2013; Shu,
Xu & Liu 2018).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.folds import Split
from signaltriage.routing.kernel import KernelSpace
from signaltriage.routing.novelty import Background, Seen, views_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
GROUPS = 5
"""Groups of like teams, hidden one after the other."""
_SHRINKAGE = 0.5
"""Half: between a tenth and nine tenths it hardly matters."""


@dataclass(frozen=True)
class KnownRows:
    """Training rows of known teams in canonical order, and what is known of them."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    y: IntArray
    weights: FloatArray
    splits: Sequence[Split]
    held_out: FloatArray
    """Fused scores of the held-out rows, split after split: shape (held-out rows, teams)."""


@dataclass(frozen=True)
class Machines:
    """Kernel machines of the router over the same rows."""

    landmark_rows: IntArray
    """The known rows that signals are compared with."""
    scout: KernelSpace
    """A small one: it is fitted again for every group of hidden teams."""
    penalty: float


@dataclass(frozen=True)
class Junk:
    """Rows labelled as nobody's, as the finished router sees them; there may be none."""

    texts: Sequence[str]
    seen: Seen


def fit_background(vectors: NDArray[np.float32], y: IntArray) -> Background:
    """Team means, their common covariance, and that of all rows, from unit vectors (n, dimension) and labels (n,)."""
    present, code = np.unique(y, return_inverse=True)
    wide = vectors.astype(np.float64)
    means = np.stack([wide[code == k].mean(axis=0) for k in range(len(present))])
    overall = wide.mean(axis=0)
    within = np.linalg.inv(_shrunk(wide - means[code]))
    total = np.linalg.inv(_shrunk(wide - overall))
    lines = 2 * (means @ within - overall @ total)
    offsets = overall @ total @ overall - np.einsum("kd,kd->k", means @ within, means)
    return Background((within - total).astype(np.float32), lines.astype(np.float32), offsets)


def _shrunk(centred: FloatArray) -> FloatArray:
    """Covariance of centred rows, drawn towards a ball of the same size (Friedman 1989)."""
    covariance = centred.T @ centred / len(centred)
    size = max(float(np.trace(covariance)) / len(covariance), 1e-9)
    return np.asarray((1 - _SHRINKAGE) * covariance + _SHRINKAGE * size * np.eye(len(covariance)))


def views_of_held_out(known: KnownRows, machines: Machines, junk: Junk, split: Split, scores: FloatArray) -> FloatArray:
    """Views of the held-out rows by what the training rows of the split know."""
    landmarks = machines.landmark_rows[np.isin(machines.landmark_rows, split.train)]
    near = known.vectors[landmarks if len(landmarks) else split.train]
    vectors = known.vectors[split.held_out]
    background = fit_background(known.vectors[split.train], known.y[split.train])
    return views_of(background, junk.seen.vectors, Seen(vectors, scores, vectors @ near.T))


@dataclass(frozen=True)
class Trial:
    """Views of held-out rows of teams that were known, and of rows of teams that were hidden."""

    known: FloatArray
    hidden: FloatArray


def hide_groups(known: KnownRows, machines: Machines, junk: Junk, seed: int) -> list[Trial]:
    """One trial a split, each with another group hidden; none where too few teams would be left."""
    group = groups_of_like(known, seed)[known.y]
    splits: list[Split] = []
    counts: list[int] = []
    for k, split in enumerate(known.splits):
        hidden = group == k % GROUPS
        train = split.train[~hidden[split.train]]
        inside = split.held_out[~hidden[split.held_out] & np.isin(known.y[split.held_out], known.y[train])]
        if len(np.unique(known.y[train])) > 1 and len(inside) and hidden.any():
            splits.append(Split(train, np.concatenate([inside, np.flatnonzero(hidden)])))
            counts.append(len(inside))
    if not splits:
        return []
    targets = np.eye(int(known.y.max()) + 1, dtype=np.float32)[known.y]
    (fit,) = machines.scout.cross_fit(targets, splits, known.weights, [machines.penalty])
    trials = []
    for split, n, scores in zip(splits, counts, fit.held_out, strict=True):
        views = views_of_held_out(known, machines, junk, split, scores[:, np.unique(known.y[split.train])])
        trials.append(Trial(views[:n], views[n:]))
    return trials


def groups_of_like(known: KnownRows, seed: int) -> IntArray:
    """A group for each team, by k-means over the teams' mean vectors. Their names do not matter."""
    from sklearn.cluster import KMeans

    n_classes = int(known.y.max()) + 1
    first = [""] * n_classes
    for text, label in zip(known.texts, known.y, strict=True):
        key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        first[label] = min(first[label] or key, key)
    order = np.argsort(first, kind="stable")
    means = np.stack([known.vectors[known.y == k].mean(axis=0, dtype=np.float64) for k in order])
    groups = np.empty(n_classes, dtype=np.int64)
    if n_classes <= GROUPS:
        groups[order] = np.arange(n_classes)
    else:
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        groups[order] = KMeans(GROUPS, n_init=5, random_state=seed).fit_predict(means)
    return groups
