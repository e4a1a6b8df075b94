"""Does the best article resolve the need, or is it only about the same thing? A calibrated probability, learned from a
base's own articles by hiding them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.fields import Asked, Blind, FloatArray
from signaltriage.gaps.knowledge import Hit, KnowledgeIndex
from signaltriage.gaps.lexical import terms
from signaltriage.gaps.pseudo import pseudo_queries

CrossEncoder = Callable[[Sequence[tuple[str, str]]], NDArray[np.float64]]
"""Pairs of (query, passage) to how well each answers, any unit, the higher the better."""

MOST_PSEUDO = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a base has to say to one query."""

    article_id: str
    """The best article, whether it answers or not; empty only where the base is."""
    similarity: float
    """Cosine of the query to the nearest unit of that article, -1 to 1."""
    answer_probability: float
    """Calibrated, 0-1: that this article resolves the need."""
    min_probability: float
    """The base's own limit: from it on, the article is taken to answer."""
    lacks: tuple[str, ...]
    """Telling words of the query, as typed, that the article lacks."""
    hits: tuple[Hit, ...]
    """The best articles, best first."""

    @property
    def answered(self) -> bool:
        """Whether the probability reaches the limit."""
        return bool(self.article_id) and self.answer_probability >= self.min_probability


@dataclass(frozen=True)
class Answerability:
    """A small model over an index; complete once it exists."""

    index: KnowledgeIndex
    coefficients: tuple[float, ...]
    """Of the features, none negative; the intercept last."""
    min_probability: float

    @classmethod
    def learn(
        cls,
        index: KnowledgeIndex,
        *,
        pairs: Sequence[tuple[str, str]] = (),
        cross_encoder: CrossEncoder | None = None,
        seed: int = 0,
    ) -> Self:
        """Hide articles and learn to notice. `pairs` are queries with the id of the article that answers them."""
        made = pseudo_queries(index, most=MOST_PSEUDO, seed=seed)
        features, truth = [], []
        for gone in (False, True):
            blind = [Blind(q.article if gone else -1, q.blind.title, q.blind.headings, q.blind.passages) for q in made]
            asked = index.ask([query.text for query in made], blind)
            for _, fields in index.blocks(asked):
                features.append(_features(index, fields))
            truth.extend([not gone] * len(made))
        if index.fields.articles < 2 or not made:
            return cls(index, (10.0, 0.0, -5.0), 0.5)
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=10.0).fit(np.concatenate(features), truth)
        return cls(index, (*model.coef_[0].tolist(), float(model.intercept_[0])), 0.5)

    def judge(self, queries: Sequence[str], k: int = 5) -> list[Answer]:
        """What the base has to say to each query, in order."""
        found: list[Answer] = []
        at = 0
        for asked, fields in self.index.blocks(self.index.ask(queries)):
            x = np.c_[_features(self.index, fields), np.ones(len(fields))]
            probability = 1 / (1 + np.exp(-x @ np.array(self.coefficients)))
            for row in range(len(fields)):
                found.append(self._answer(queries[at], asked.part(slice(row, row + 1)), fields[row], probability[row], k))
                at += 1
        return found

    def _answer(self, query: str, asked: Asked, fields: FloatArray, probability: float, k: int) -> Answer:
        hits = tuple(self.index._hits(asked, fields, k))
        if not hits:
            return Answer("", 0.0, 0.0, self.min_probability, (), ())
        entry = self.index.entries[self.index.row_of[hits[0].article_id]]
        has = set(terms(f"{entry.article.title}\n{entry.article.body}"))
        lacks = tuple(w for w in query.split() if terms(w) and not has & set(terms(w)))
        return Answer(
            hits[0].article_id, hits[0].similarity, round(float(probability), 6), self.min_probability, lacks, hits
        )


def _features(index: KnowledgeIndex, fields: FloatArray) -> NDArray[np.float64]:
    if not fields.shape[1]:
        return np.zeros((len(fields), 2))
    relevance = index.relevance(fields)
    best = np.sort(relevance, axis=1)[:, ::-1]
    margin = best[:, 0] - best[:, 1] if best.shape[1] > 1 else best[:, 0]
    return np.stack([best[:, 0], margin], axis=1).astype(np.float64)
