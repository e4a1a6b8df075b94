"""How likely it is that a signal belongs to none of the known teams.

Three views, none of which has to be shown a single row of that kind:

- *stranger*: its vector as that of a team never met against that of the nearest known one, all teams being Gaussians
  of one covariance (the relative Mahalanobis distance of Ren et al. 2021)
- *undecided*: no team's fused score is high (maximum logit: Hendrycks et al. 2022)
- *remote*: no known row is near (deep nearest neighbours: Sun et al. 2022)

They count alike, each measured by its spread on rows of known teams (Stouffer's sum); a logistic curve makes a
probability of their mean. Where rows are labelled as nobody's, a second curve looks at *junk* too: is one of those
nearer than any known row? A signal is as likely nobody's as the higher of the two says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.products import inner_products

FloatArray = NDArray[np.float64]
NEIGHBOURS = 5
"""Known rows that must be near for a signal not to be remote."""
NEVER = 1.01
"""A limit that no probability reaches: nothing is turned away."""
DECIMALS = 6
"""Probabilities are rounded here, above the noise of floating-point summation order."""


@dataclass(frozen=True)
class Background:
    """Known teams as Gaussians of one covariance, and one Gaussian over all rows.

    2 ln p(x | any row) / p(x | nearest team), up to a constant: a quadratic form that all teams share, less the largest
    of one line a team.
    """

    quadratic: NDArray[np.float32]
    """Shape (dimension, dimension), symmetric."""
    lines: NDArray[np.float32]
    """Shape (teams, dimension)."""
    offsets: FloatArray
    """Shape (teams,)."""

    def strangeness(self, vectors: NDArray[np.float32]) -> FloatArray:
        """That ratio for vectors of shape (n, dimension), shape (n,): high where no known team explains them."""
        shared = (inner_products(vectors, self.quadratic) * vectors).sum(axis=1)
        return np.asarray(shared - (inner_products(vectors, self.lines) + self.offsets).max(axis=1))


@dataclass(frozen=True)
class Seen:
    """Signals as the parts of a router see them, n rows each."""

    vectors: NDArray[np.float32]
    """Unit vectors, shape (n, dimension)."""
    scores: FloatArray
    """Fused, before calibration: shape (n, teams)."""
    similarity: NDArray[np.floating]
    """Cosine to each known row at hand, shape (n, known rows)."""


@dataclass(frozen=True)
class Curve:
    """Views → probability."""

    centre: FloatArray
    """Of each view on rows of known teams: stranger, undecided, remote and, where there is any, junk."""
    scale: FloatArray
    weights: FloatArray
    """Shape (1 or 2, 3): of the mean of the first three views, of the junk view, and the intercept; first for what is
    new, then, where there is any, for what is like junk."""

    def evidence(self, views: FloatArray) -> FloatArray:
        """What is weighed: the mean of the first three views, the junk view, and one; shape (n, 3)."""
        measured = (views - self.centre) / self.scale
        junk = measured[:, 3] if measured.shape[1] > 3 else np.zeros(len(measured))
        return np.stack([measured[:, :3].mean(axis=1), junk, np.ones(len(measured))], axis=1)

    def probability(self, views: FloatArray) -> FloatArray:
        """Shape (n,), 0-1: the higher of the two, for what is new need not be like known junk, nor that be new."""
        log_odds = (self.evidence(views) @ self.weights.T).max(axis=1)
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))).round(DECIMALS)


@dataclass(frozen=True)
class NoveltyDetector:
    """The views' parameters, how they are weighed, and from which probability on a person must look."""

    background: Background
    junk: NDArray[np.float32]
    """Vectors of rows labelled as nobody's, shape (j, dimension); j may be 0."""
    curve: Curve
    limit: float
    """The least probability at which a signal is turned away; `NEVER`: held-out rows allow no limit."""

    def probability(self, seen: Seen) -> FloatArray:
        """That each signal is none of the known teams', shape (n,), 0-1."""
        return self.curve.probability(views_of(self.background, self.junk, seen))


def views_of(background: Background, junk: NDArray[np.float32], seen: Seen) -> FloatArray:
    """Stranger, undecided, remote and, where there is any, junk: shape (n, 3) or (n, 4), high for the novel."""
    views = [background.strangeness(seen.vectors), -seen.scores.max(axis=1), -_nearest_mean(seen.similarity)]
    if len(junk):
        views.append(inner_products(seen.vectors, junk).max(axis=1) - seen.similarity.max(axis=1))
    return np.stack(views, axis=1)


def _nearest_mean(similarity: NDArray[np.floating]) -> FloatArray:
    """Mean similarity of the `NEIGHBOURS` nearest, shape (n,), from similarities of shape (n, m)."""
    k = min(NEIGHBOURS, similarity.shape[1])
    return np.asarray(np.partition(similarity, -k, axis=1)[:, -k:].mean(axis=1))
