"""How near the best article comes to a query, by what tells an answer from something about the same subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.fields import PASSAGE, PASSAGE_WORDS, TITLE, TITLE_WORDS, FloatArray

NEIGHBOURS = 8
"""Articles next to the best one, whose mean cosine says how near a query comes to this base anyway (as in CSLS,
Conneau et al. 2018)."""
NAMES = ("cosine", "background", "words", "identifiers", "cross-encoder")
COSINE, BACKGROUND, WORDS, IDENTIFIERS, CROSS = range(5)
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, 1.0])
"""Whether more of a feature speaks for an answer."""


@dataclass(frozen=True)
class Nearest:
    """The best article of each query."""

    rows: NDArray[np.int64]
    """Of the index, shape (queries,)."""
    features: NDArray[np.float64]
    """Shape (queries, len(NAMES)): cosine to its title or nearest passage; mean cosine to the next articles; share of
    the query's words, weighed by rarity; share of its identifiers that the article lacks; what a cross-encoder says (0
    without one)."""


def nearest(fields: FloatArray, relevance: FloatArray) -> Nearest:
    """The best article of each query, and the features that need no text.

    Args:
        fields: shape (queries, articles, fields); at least one article.
        relevance: shape (queries, articles).
    """
    best = relevance.argmax(axis=1)
    every = np.arange(len(fields))
    cosine = np.maximum(fields[..., TITLE], fields[..., PASSAGE])
    words = np.maximum(fields[..., TITLE_WORDS], fields[..., PASSAGE_WORDS])
    others = cosine.copy()
    others[every, best] = -1
    count = min(NEIGHBOURS, fields.shape[1] - 1)
    near = np.sort(np.partition(others, others.shape[1] - count - 1, axis=1)[:, others.shape[1] - count :], axis=1)
    features = np.zeros((len(fields), len(NAMES)))
    features[:, COSINE] = cosine[every, best]
    features[:, BACKGROUND] = np.maximum(near.astype(np.float64), 0.0).sum(axis=1) / max(1, count)
    features[:, WORDS] = words[every, best]
    return Nearest(best, np.round(features, 6))


def lacking(asked: Sequence[str], has: frozenset[str]) -> float:
    """Share of the identifiers among a query's terms that an article's terms lack, 0-1; 0 where it has none.

    Identifiers are whole ones (`=err-1042`, `=3.12`), else words that begin with a letter and hold a digit (`s3`). Mere
    numbers are none: "10 days" asks for no article with a 10 in it.
    """
    names = [term for term in asked if term.startswith("=")]
    names = names or [term for term in asked if term[:1].isalpha() and any(sign.isdigit() for sign in term)]
    return sum(name not in has for name in names) / len(names) if names else 0.0
