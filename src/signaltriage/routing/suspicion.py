"""How probably each label is wrong, learnt from errors of our own making.

Evidence on a row comes from ridge machines that never saw it: the margin by which they prefer another label once the
rows they doubt have been taken out of their training; whether the nearest rows carry the label; and how often this very
pair of labels is mixed up (the joint of given and likely labels of confident learning: Northcutt, Jiang & Chuang 2021).
How much each counts, and where suspicion begins, this data says itself: some of its labels are moved to the class
nearest to theirs, the error hardest to see, and the limit that finds *those* best (F1) is used on the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.duplicates import Neighbours
from signaltriage.routing.folds import Split
from signaltriage.routing.kernel import KernelSpace

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
NEVER = 1.01
"""A limit that no row reaches."""
_ROUNDS = 3
_FEWEST_PLANTED = 5
_DECIMALS = 4
"""Evidence is rounded here, above the noise of floating-point summation order."""


@dataclass(frozen=True)
class Ground:
    """What stays the same however the rows are labelled."""

    space: KernelSpace
    penalty: float
    splits: list[Split]
    near: Neighbours
    vectors: NDArray[np.float32]
    n_classes: int

    def held_out(self, targets: FloatArray) -> FloatArray:
        """Scores by machines that did not see the row, shape (n, classes)."""
        even = np.ones(len(targets))
        fit = self.space.cross_fit(targets.astype(np.float32), self.splits, even, (self.penalty,))[0]
        scores = np.zeros(targets.shape)
        for split, part in zip(self.splits, fit.held_out, strict=True):
            scores[split.held_out] = part
        return scores

    def around(self, targets: FloatArray) -> FloatArray:
        """Mean target of the neighbours, shape (n, classes)."""
        found = np.zeros(targets.shape)
        for j in range(self.near.rows.shape[1]):
            found += (self.near.rows[:, j] >= 0)[:, None] * targets[self.near.rows[:, j]]
        return np.asarray(found / np.maximum((self.near.rows >= 0).sum(axis=1), 1)[:, None])


@dataclass(frozen=True)
class Suspicion:
    """What is made of each row. Shapes (n,)."""

    wrong: FloatArray
    """Probability that the label is wrong, 0-1."""
    rival: IntArray
    """The label that speaks loudest against it."""
    agreeing: FloatArray
    """Share of the neighbours that carry the label, 0-1."""
    limit: float
    """`wrong` from which on a row is a suspect."""
    planted: int
    """Errors planted in the last round, of which these shares were found rightly / at all."""
    precision: float
    recall: float


def suspect(ground: Ground, y: IntArray, seed: int) -> Suspicion:
    """Judge labels. The first round plants errors into the labels as they are, as many as there are doubted rows; each
    later one into labels mended by the round before, as many as that found: so the error rate comes to be like the
    true one. `y` has rows of at least two classes, 0…K-1.
    """
    n = np.arange(len(y))
    targets = np.eye(ground.n_classes)[y]
    found = _evidence(ground, y)
    nearest = _nearest_class(ground, y, found.doubted)
    around = ground.around(targets)[n, y]
    mended, share = y, float(found.doubted.mean())
    wrong, limit, quality = np.zeros(len(y)), NEVER, (0.0, 0.0)
    planted = np.zeros(len(y), dtype=bool)
    for turn in range(_ROUNDS):
        planted = _choose(len(y), share, seed + turn)
        if not planted.any():
            break
        moved = np.where(planted, nearest[mended], mended)
        seen = _evidence(ground, moved)
        judge = _Judge.fit(seen.features, planted)
        limit, quality = _best_limit(judge.probability(seen.features), planted)
        wrong = judge.probability(found.features)
        mended = np.where(wrong >= limit, found.rival, y)
        share = float((wrong >= limit).mean())
    return Suspicion(wrong, found.rival, around, limit, int(planted.sum()), *quality)


@dataclass(frozen=True)
class _Evidence:
    """What speaks against each label."""

    rival: IntArray
    doubted: BoolArray
    """Whether the held-out machine prefers the rival."""
    features: FloatArray
    """Shape (n, 3): margin, margin among the neighbours, log share of this mix-up."""


def _evidence(ground: Ground, y: IntArray) -> _Evidence:
    n = np.arange(len(y))
    targets = np.eye(ground.n_classes)[y]
    scores = ground.held_out(targets)
    # A doubted row then teaches the others only what they think of it themselves.
    softened = np.where((_margin(scores, y)[0] > 0)[:, None], scores, targets)
    margin, rival = _margin(ground.held_out(softened), y)
    around = ground.around(softened)
    doubted = margin > 0
    mixed_up = np.zeros((ground.n_classes, ground.n_classes))
    np.add.at(mixed_up, (y[doubted], rival[doubted]), 1)
    # Half a row more than was seen (Jeffreys), so that a pair never mixed up has a logarithm too.
    share = (mixed_up + 0.5) / (np.bincount(y, minlength=ground.n_classes)[:, None] + 1)
    features = np.column_stack([margin, around[n, rival] - around[n, y], np.log(share[y, rival])])
    return _Evidence(rival, doubted, features.round(_DECIMALS))


def _margin(scores: FloatArray, y: IntArray) -> tuple[FloatArray, IntArray]:
    """By how much the best other label is ahead of the given one, and which it is."""
    n = np.arange(len(y))
    others = scores.round(6)
    own = others[n, y].copy()
    others[n, y] = -np.inf
    rival = others.argmax(axis=1)
    return np.asarray(others[n, rival] - own), np.asarray(rival, dtype=np.int64)


def _nearest_class(ground: Ground, y: IntArray, doubted: BoolArray) -> IntArray:
    """The class whose centre is nearest to each class's own; doubted rows do not count where others are left."""
    centres = np.zeros((ground.n_classes, ground.vectors.shape[1]))
    for label in range(ground.n_classes):
        rows = (y == label) & ~doubted
        centres[label] = ground.vectors[rows if rows.any() else y == label].mean(axis=0, dtype=np.float64)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    similarity = (centres @ centres.T).round(6)
    np.fill_diagonal(similarity, -np.inf)
    return np.asarray(similarity.argmax(axis=1), dtype=np.int64)


def _choose(n: int, share: float, seed: int) -> BoolArray:
    """The rows whose labels are moved: by their place in the canonical order and the seed."""
    size = min(max(round(share * n), _FEWEST_PLANTED), n // 3)
    planted = np.zeros(n, dtype=bool)
    planted[np.random.default_rng(seed).permutation(n)[:size]] = True
    return planted


@dataclass(frozen=True)
class _Judge:
    """Logistic curve over the evidence."""

    weights: FloatArray
    offset: float

    @classmethod
    def fit(cls, features: FloatArray, planted: BoolArray) -> _Judge:
        from sklearn.linear_model import LogisticRegression

        fitted = LogisticRegression(max_iter=1000).fit(features, planted)
        return cls(fitted.coef_[0], float(fitted.intercept_[0]))

    def probability(self, features: FloatArray) -> FloatArray:
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.offset)))).round(_DECIMALS)


def _best_limit(probability: FloatArray, planted: BoolArray) -> tuple[float, tuple[float, float]]:
    """A limit, with precision and recall: the strictest whose F1 is no more than a standard error below the best
    (Breiman et al. 1984, section 3.4.3, on the rows between the two limits), among those where at least half of what
    is flagged was planted. Where the curve is flat that asks a person fewer questions.
    """
    limits = np.unique(probability)[::-1]
    ranked = np.argsort(-probability, kind="stable")
    flagged = np.searchsorted(-probability[ranked], -limits, side="right")
    hits = np.concatenate([[0], np.cumsum(planted[ranked])])[flagged]
    total = int(planted.sum())
    f1 = np.where(2 * hits >= flagged, 2 * hits / (flagged + total), 0.0)
    best = int(np.argmax(f1))
    if not f1[best]:
        return NEVER, (0.0, 0.0)
    between, right = (flagged[best] - flagged)[:best], (hits[best] - hits)[:best]
    error = 2 * np.sqrt(right * (between - right) / np.maximum(between, 1)) / (flagged[best] + total)
    near = np.flatnonzero((f1[:best] > 0) & (f1[:best] >= f1[best] - error))
    chosen = int(near[0]) if len(near) else best
    below = limits[chosen + 1] if chosen + 1 < len(limits) else limits[chosen]
    # Halfway across the gap to the next row: where errors stand apart, one a little less plain than these is one too.
    return float(limits[chosen] + below) / 2, (float(hits[chosen] / flagged[chosen]), float(hits[chosen] / total))
