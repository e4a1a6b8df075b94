"""How near an article comes to a query, by what tells an answer from something about the same subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.fields import PASSAGE, PASSAGE_WORDS, TITLE, TITLE_WORDS, FloatArray

NAMES = ("cosine", "words", "identifiers", "cross-encoder")
COSINE, WORDS, IDENTIFIERS, CROSS = range(4)
SIGNS = np.array([1.0, 1.0, -1.0, 1.0])
"""Whether more of a feature speaks for an answer."""


@dataclass(frozen=True)
class Nearest:
    """The best article of each query, and the next best."""

    rows: NDArray[np.int64]
    """Of the index, shape (queries,)."""
    features: NDArray[np.float64]
    """Shape (queries, len(NAMES)): cosine to its title and its nearest passage, both and the better of them in equal
    parts; share of the query's words, weighed by rarity; share of its identifiers that the article lacks; what a
    cross-encoder says (0 without one)."""
    next_features: NDArray[np.float64]
    """The first two of the next best article, the others 0; all 0 where there is none."""


def nearest(fields: FloatArray, relevance: FloatArray) -> Nearest:
    """The best articles of each query, and the features that need no text.

    Args:
        fields: shape (queries, articles, fields); at least one article.
        relevance: shape (queries, articles).
    """
    every = np.arange(len(fields))
    best = relevance.argmax(axis=1)
    others = relevance.copy()
    others[every, best] = -np.inf
    second = others.argmax(axis=1)
    features = [_of(fields[every, rows]) for rows in (best, second)]
    if fields.shape[1] < 2:
        features[1][:] = 0
    return Nearest(best, features[0], features[1])


def lacking(asked: Sequence[str], has: frozenset[str]) -> float:
    """Share of the identifiers among a query's terms that an article's terms lack, 0-1; 0 where it has none.

    Identifiers are whole ones (`=err-1042`, `=3.12`), else words that begin with a letter and hold a digit (`s3`). Mere
    numbers are none: "10 days" asks for no article with a 10 in it.
    """
    names = [term for term in asked if term.startswith("=")]
    names = names or [term for term in asked if term[:1].isalpha() and any(sign.isdigit() for sign in term)]
    return sum(name not in has for name in names) / len(names) if names else 0.0


def _of(fields: FloatArray) -> NDArray[np.float64]:
    """Features of one article a query, whose fields have shape (queries, fields)."""
    title, passage = fields[:, TITLE].astype(np.float64), fields[:, PASSAGE].astype(np.float64)
    features = np.zeros((len(fields), len(NAMES)))
    features[:, COSINE] = (np.maximum(title, passage) + (title + passage) / 2) / 2
    features[:, WORDS] = np.maximum(fields[:, TITLE_WORDS], fields[:, PASSAGE_WORDS])
    return np.round(features, 6)
