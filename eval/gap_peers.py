"""What a knowledge base is searched with elsewhere: BM25 alone, dense titles alone, both fused by rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.gaps.lexical import Bags, Bm25, terms
from signaltriage.types import Article

Relevance = NDArray[np.float64]
"""Of queries against articles, shape (queries, articles)."""
_RRF = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""


def bm25(articles: Sequence[Article], queries: Sequence[str], encoder: Encoder) -> Relevance:
    """BM25 over title and body, as the share of what a query could reach at most."""
    del encoder
    vocabulary: dict[str, int] = {}
    bags = Bags.of([terms(f"{article.title}\n{article.body}") for article in articles], vocabulary)
    return Bm25(bags, vocabulary).scores([terms(query) for query in queries]).astype(np.float64)


def titles(articles: Sequence[Article], queries: Sequence[str], encoder: Encoder) -> Relevance:
    """Cosine to the titles."""
    return (encoder.encode(queries) @ encoder.encode([article.title for article in articles]).T).astype(np.float64)


def plain_fusion(articles: Sequence[Article], queries: Sequence[str], encoder: Encoder) -> Relevance:
    """The two fused by rank; what judges an answer is the mean of the two, for ranks cannot."""
    both = [bm25(articles, queries, encoder), titles(articles, queries, encoder)]
    ranks = [np.argsort(np.argsort(-part, axis=1, kind="stable"), axis=1) for part in both]
    fused = sum(1.0 / (_RRF + 1 + rank) for rank in ranks)
    return np.asarray(fused + 1e-9 * (both[0] + both[1]), dtype=np.float64)


PEERS: Final[dict[str, Callable[[Sequence[Article], Sequence[str], Encoder], Relevance]]] = {
    "BM25 alone": bm25,
    "dense titles alone": titles,
    "plain fusion (RRF)": plain_fusion,
}


def told_by(name: str, articles: Sequence[Article], queries: Sequence[str], encoder: Encoder) -> NDArray[np.float64]:
    """What a peer has to tell answered queries from others: its best relevance, shape (queries,)."""
    if name == "plain fusion (RRF)":
        both = bm25(articles, queries, encoder) + titles(articles, queries, encoder)
        best = plain_fusion(articles, queries, encoder).argmax(axis=1)
        return np.asarray(both[np.arange(len(queries)), best])
    return np.asarray(PEERS[name](articles, queries, encoder).max(axis=1))
