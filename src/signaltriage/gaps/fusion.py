"""How much each field says: weights learned from a base's own pseudo-queries, as far as they hold on other articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.fields import FIELDS, FloatArray
from signaltriage.gaps.pseudo import PseudoQuery, Source, pseudo_queries

if TYPE_CHECKING:
    from signaltriage.gaps.knowledge import KnowledgeIndex

PLAIN = (0.2, 0.05, 0.35, 0.2, 0.2)
"""Before anything is learned, or where there is too little to learn from: meaning twice the words, title like body."""
ARTICLES = 300
"""Articles that queries are made of, at most."""
RIVALS = 15
"""Articles that the right one has to be told from, at most."""
FOLDS = 5
KEPT = (0.5, 0.75)
"""Shares of the plain weights that are tried in the mixture with the learned ones; 1 is tried too. Never less than a
half: worn titles keep the words of their titles, as askers do not, so what is learned from them trusts words too much.
"""
FEWEST = 8

FloatMatrix = NDArray[np.float64]


def made_of(index: KnowledgeIndex, seed: int, most: int = ARTICLES) -> list[PseudoQuery]:
    """Pseudo-queries of an index."""
    sources = [
        Source(row, entry.article.title, entry.headings, [passage.text for passage in entry.passages])
        for row, entry in enumerate(index.entries)
    ]
    return pseudo_queries(sources, index.fields.units, most=most, rng=np.random.default_rng(seed))


def learn_weights(index: KnowledgeIndex, *, seed: int = 0) -> tuple[float, ...]:
    """Weights of the fields, none negative, summing to 1: the mixture of learned and plain ones that ranks the right
    article best on articles it was not learned from (mean reciprocal rank)."""
    if index.fields.articles < FEWEST:
        return PLAIN
    made = made_of(index, seed)
    asked = index.ask([query.text for query in made], [query.blind for query in made])
    right, rivals, at = [], [], 0
    for _, fields in index.blocks(asked):
        for row in range(len(fields)):
            mine = made[at].article
            right.append(fields[row, mine])
            rivals.append(_rivals(index.relevance(fields[row]), fields[row], mine))
            at += 1
    return chosen(np.array(right, np.float64), np.array(rivals, np.float64), np.array([q.article for q in made]))


def chosen(right: FloatMatrix, rivals: FloatMatrix, articles: NDArray[np.int64]) -> tuple[float, ...]:
    """The weights.

    Args:
        right: fields of the right article, shape (queries, fields).
        rivals: fields of others, shape (queries, rivals, fields).
        articles: which article each query is of: folds are cut by article, shape (queries,).
    """
    fold = np.unique(articles, return_inverse=True)[1] % FOLDS
    plain = np.array(PLAIN)
    ranks = np.zeros((len(KEPT) + 1, len(right)))
    for k in range(FOLDS):
        held = fold == k
        if held.all() or not held.any():
            continue
        learned = _fit(right[~held], rivals[~held])
        for row, share in enumerate([*KEPT, 1.0]):
            ranks[row, held] = reciprocal_ranks(right[held], rivals[held], share * plain + (1 - share) * learned)
    best = int(np.round(ranks.mean(axis=1), 6).argmax())
    share = [*KEPT, 1.0][best]
    weights = share * plain + (1 - share) * _fit(right, rivals)
    return tuple(np.round(weights / weights.sum(), 4).tolist())


def reciprocal_ranks(right: FloatMatrix, rivals: FloatMatrix, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / place of the right article among its rivals, shape (queries,); rivals of equal relevance come first."""
    return np.asarray(1.0 / (1 + (rivals @ weights >= (right @ weights)[:, None]).sum(axis=1)), dtype=np.float64)


def _rivals(relevance: FloatArray, fields: FloatArray, mine: int) -> FloatArray:
    order = np.argsort(-relevance, kind="stable")
    best = order[order != mine][:RIVALS]
    padded = np.full((RIVALS, len(FIELDS)), -1.0, dtype=np.float32)
    padded[: len(best)] = fields[best]
    return padded


def _fit(right: FloatMatrix, rivals: FloatMatrix) -> NDArray[np.float64]:
    """Conditional logit (McFadden 1974) with weights that are not negative, scaled to sum 1."""
    from scipy.optimize import minimize

    gap = rivals - right[:, None, :]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = np.exp(np.minimum(gap @ weights, 50.0))
        total = 1 + odds.sum(axis=1)
        slope = np.einsum("nr,nrf->nf", odds / total[:, None], gap).mean(axis=0)
        return float(np.log(total).mean() + 1e-3 * weights @ weights), slope + 2e-3 * weights

    found = minimize(loss, np.ones(right.shape[1]), jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * right.shape[1])
    weights: NDArray[np.float64] = np.asarray(found.x, dtype=np.float64)
    return np.asarray(weights / weights.sum() if weights.sum() > 0 else PLAIN, dtype=np.float64)
