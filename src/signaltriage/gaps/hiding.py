"""What hiding articles teaches: how much each feature says of whether the article that answers is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.features import COSINE, CROSS, IDENTIFIERS, NAMES, SIGNS, WORDS
from signaltriage.gaps.fields import SCALE, TITLE, Fields

SAME = 0.9
"""Titles that are nearer than this ask the same (cosine): they are hidden together, or the answer would still be there.
"""
USUAL = {COSINE: 1.0, WORDS: 0.2, IDENTIFIERS: -0.2}
"""How much each feature counts. Words: worn titles keep more of them than askers do, so no base can tell; of .1 to .4
all do within .01 AUROC on four sets. Identifiers: to lack all that were asked for costs twice the spread of articles
that do not answer; no set at hand has enough of them to learn it from."""

FloatArray = NDArray[np.float64]


def hidden_too(fields: Fields, article: int) -> NDArray[np.int64]:
    """The article and those whose titles ask the same."""
    titles = fields.units[TITLE].vectors.astype(np.float64)
    return np.flatnonzero((titles @ titles[article] >= SAME * SCALE**2) | (np.arange(len(titles)) == article))


def usual_scale() -> tuple[float, ...]:
    """How much each feature counts in nearness without a cross-encoder."""
    return tuple(USUAL.get(feature, 0.0) for feature in range(len(NAMES)))


def learn_scale(present: FloatArray, gone: FloatArray, articles: NDArray[np.int64]) -> tuple[float, ...]:
    """How much each feature counts in nearness, that of the cosine being 1, where a cross-encoder takes part.

    Its share is that of a logistic model with signs as they must be, whose ridge is chosen by cross-validation over
    articles.

    Args:
        present: features of queries with their article there, shape (n, features).
        gone: the same queries with it hidden.
        articles: which article each query is of, shape (n,).
    """
    scale = list(usual_scale())
    columns = [COSINE, WORDS, CROSS]
    if len(np.unique(articles)) >= 2:
        fitted = _logistic(np.concatenate([present, gone])[:, columns], SIGNS[columns], articles)
        scale[CROSS] = round(float(fitted[-1] / max(fitted[0], 1e-6)), 4)
    return tuple(scale)


def _logistic(features: FloatArray, signs: FloatArray, articles: NDArray[np.int64]) -> FloatArray:
    """Coefficients, shape (columns,): none against its sign. The first half of the rows is answered."""
    truth = np.repeat([1.0, 0.0], len(features) // 2)
    fold = np.tile(np.unique(articles, return_inverse=True)[1] % 5, 2)
    ridges = (1e-4, 1e-3, 1e-2)
    losses = []
    for ridge in ridges:
        total = 0.0
        for k in range(5):
            held = fold == k
            if held.any() and not held.all():
                found = _fit(features[~held], signs, truth[~held], ridge)
                odds = features[held] @ found[:-1] + found[-1]
                total += float((np.logaddexp(0, odds) - truth[held] * odds).sum())
        losses.append(total)
    return _fit(features, signs, truth, ridges[int(np.argmin(np.round(losses, 6)))])[:-1]


def _fit(features: FloatArray, signs: FloatArray, truth: FloatArray, ridge: float) -> FloatArray:
    from scipy.optimize import minimize

    x = np.column_stack([features, np.ones(len(features))])

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        odds = x @ weights
        slope = x.T @ (1 / (1 + np.exp(-odds)) - truth) / len(x)
        held = np.append(weights[:-1], 0.0)
        value = float((np.logaddexp(0, odds) - truth * odds).mean() + ridge * held @ held)
        return value, np.asarray(slope + 2 * ridge * held)

    bounds = [(0.0, None) if sign > 0 else (None, 0.0) for sign in signs]
    found = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    return np.asarray(found.x, dtype=np.float64)
