"""Does the best article resolve the need, or is it only about the same thing? A calibrated probability.

No labels are needed: with the best article of a search hidden, the next best is what is left, and what searches look
like that nothing answers is learned from that, in the base that is asked and for the searches that are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.belief import Labelled, believe
from signaltriage.gaps.features import CROSS, IDENTIFIERS, NAMES, Nearest, lacking, nearest
from signaltriage.gaps.fields import SCALE, SEEING, Asked, FloatArray, fractions
from signaltriage.gaps.fusion import made_of
from signaltriage.gaps.hiding import hidden_too, learn_scale, usual_scale
from signaltriage.gaps.knowledge import Hit, KnowledgeIndex
from signaltriage.gaps.lens import FEW, Lens
from signaltriage.gaps.lexical import telling_words, terms

FloatVector = NDArray[np.float64]
FloatMatrix = NDArray[np.float64]

CrossEncoder = Callable[[Sequence[tuple[str, str]]], NDArray[np.float64]]
"""Pairs of (query, text of an article) to how well each answers, the higher the better, about -1 to 1 or 0 to 1."""

FEWEST = 8
"""Articles that are needed to learn from hiding them."""
USUAL_ARTICLES = 300
"""Articles whose titles tell how searches usually are put, at most."""


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
    """The limit of the base and these searches: from it on, the article is taken to answer."""
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
    """What was learned of an index; complete once it exists."""

    index: KnowledgeIndex
    usual: FloatVector
    """Mean vector of searches as they are usually put: of worn titles, shape (d,)."""
    scale: tuple[float, ...]
    """Of the features in nearness, that of the cosine being 1: nearness is counted in cosines."""
    labelled: Labelled
    """Nearness of the pairs that were given."""
    cross_encoder: CrossEncoder | None = None

    @classmethod
    def learn(
        cls,
        index: KnowledgeIndex,
        *,
        pairs: Sequence[tuple[str, str]] = (),
        cross_encoder: CrossEncoder | None = None,
        seed: int = 0,
    ) -> Self:
        """Learn from the articles themselves. `pairs` are queries with the id of the article that answers them; those
        with an id that is not there are left out."""
        bare = cls(index, np.zeros(index.encoder.dimension), usual_scale(), Labelled(), cross_encoder)
        if not index.fields.articles:
            return bare
        made = [query for query in made_of(index, seed, USUAL_ARTICLES) if query.blind == SEEING]
        vectors = index.ask([query.text for query in made]).vectors.astype(np.float64)
        usual = vectors.sum(axis=0) / SCALE / (len(made) + FEW)
        learned = replace(bare, usual=np.round(usual, 6))
        if cross_encoder is not None and index.fields.articles >= FEWEST:
            named = [(query.text, index.ids[query.article]) for query in made]
            present, gone = learned._both(named)
            rows = np.array([query.article for query in made])
            learned = replace(learned, scale=learn_scale(present, gone, rows))
        return replace(learned, labelled=learned._labelled(pairs))

    def judge(self, queries: Sequence[str], k: int = 5) -> list[Answer]:
        """What the base has to say to each query, in order, with its k best articles.

        Queries are searches that come together: how they are put, and how near they come on the whole, says how people
        ask here. Their order does not matter, nor how often each occurs.
        """
        distinct = sorted(set(queries))
        found = self._found(distinct, k)
        asks = (bool(terms(query)) and bool(hits) for query, hits in zip(distinct, found.hits, strict=True))
        says = np.fromiter(asks, dtype=np.bool_, count=len(distinct))
        belief = believe(found.nearness[says], found.next_best[says], self.labelled)
        probability = np.where(says, belief.of(found.nearness), 0.0)
        answers = [
            self._answer(query, hits, chance, belief.min_probability)
            for query, hits, chance in zip(distinct, found.hits, probability.tolist(), strict=True)
        ]
        said = dict(zip(distinct, answers, strict=True))
        return [said[query] for query in queries]

    def nearness(self, queries: Sequence[str]) -> tuple[FloatVector, FloatVector]:
        """How near the best and the next best article come to each query, in cosines, shapes (n,): what `judge` makes
        probabilities of. Queries are searches that come together, as for `judge`."""
        distinct = sorted(set(queries))
        found, place = self._found(distinct, 1), {query: i for i, query in enumerate(distinct)}
        rows = [place[query] for query in queries]
        return found.nearness[rows], found.next_best[rows]

    def record(self) -> dict[str, Any]:
        """What was learned, as plain data. A cross-encoder is not part of it."""
        labelled = {"answered": list(self.labelled.answered), "missing": list(self.labelled.missing)}
        scale = dict(zip(NAMES, self.scale, strict=True))
        return {"scale": scale, "usual": self.usual.tolist(), "labelled": labelled}

    @classmethod
    def of_record(
        cls, index: KnowledgeIndex, record: dict[str, Any], cross_encoder: CrossEncoder | None = None
    ) -> Self:
        """What `record` gave, over an index.

        Raises:
            KeyError, TypeError, ValueError: the record is none.
        """
        scale = tuple(float(record["scale"][name]) for name in NAMES)
        usual = np.array([float(value) for value in record["usual"]])
        if usual.shape != (index.encoder.dimension,):
            raise ValueError(f"usual queries have {len(usual)} dimensions")
        parts = {name: tuple(float(value) for value in record["labelled"][name]) for name in ("answered", "missing")}
        return cls(index, usual, scale, Labelled(**parts), cross_encoder)

    def _found(self, queries: Sequence[str], k: int) -> _Found:
        """What is found for different queries, in order, seen through the lens of all of them."""
        index, asked = self._seen_with(self.index.ask(queries))
        hits: list[tuple[Hit, ...]] = []
        nearness, next_best = [np.zeros(0)], [np.zeros(0)]
        for part, fields in index.blocks(asked):
            near = self._nearest(index, queries[len(hits) : len(hits) + len(fields)], part, fields)
            nearness.append(np.round(near.features @ np.array(self.scale), 6))
            next_best.append(np.round(near.next_features @ np.array(self.scale), 6))
            hits.extend(tuple(index.hits(part.part(slice(i, i + 1)), fields[i], k)) for i in range(len(fields)))
        return _Found(hits, np.concatenate(nearness), np.concatenate(next_best))

    def _seen_with(self, asked: Asked) -> tuple[KnowledgeIndex, Asked]:
        """The index and these queries through the lens of both."""
        if not self.index.fields.articles:
            return self.index, asked
        units = [fractions(unit.vectors) for unit in self.index.fields.units]
        lens = Lens.of(units, fractions(asked.vectors), self.usual)
        return self.index.through(lens), asked.through(lens)

    def _both(self, named: Sequence[tuple[str, str]]) -> tuple[FloatMatrix, FloatMatrix]:
        """Features of queries with the article that answers them there, and with it and its like hidden."""
        texts = [query for query, _ in named]
        index, asked = self._seen_with(self.index.ask(texts))
        present, gone, at = [], [], 0
        for part, fields in index.blocks(asked):
            some = named[at : at + len(fields)]
            present.append(self._nearest(index, texts[at : at + len(fields)], part, fields).features)
            masked = fields.copy()
            for row, (_, name) in enumerate(some):
                masked[row, hidden_too(self.index.fields, self.index.row_of[name])] = -1
            gone.append(self._nearest(index, texts[at : at + len(fields)], part, masked).features)
            at += len(fields)
        return np.concatenate(present), np.concatenate(gone)

    def _nearest(self, index: KnowledgeIndex, texts: Sequence[str], asked: Asked, fields: FloatArray) -> Nearest:
        if not fields.shape[1]:
            nothing = np.zeros((len(fields), len(NAMES)))
            return Nearest(np.zeros(len(fields), np.int64), nothing, nothing)
        found = nearest(fields, index.relevance(fields))
        for row, best in enumerate(found.rows.tolist()):
            if any(sign.isdigit() for sign in texts[row]):
                found.features[row, IDENTIFIERS] = lacking(asked.terms[row], index.terms_of(best))
        if self.cross_encoder is not None:
            pairs = [(text, _evidence(index, asked, row, int(found.rows[row]))) for row, text in enumerate(texts)]
            found.features[:, CROSS] = np.round(np.asarray(self.cross_encoder(pairs), dtype=np.float64), 6)
        return found

    def _labelled(self, pairs: Sequence[tuple[str, str]]) -> Labelled:
        known = sorted({(query, name) for query, name in pairs if name in self.index.row_of and terms(query)})
        if not known:
            return Labelled()
        found = [np.round(part @ np.array(self.scale), 6) for part in self._both(known)]
        return Labelled(tuple(found[0].tolist()), tuple(found[1].tolist()))

    def _answer(self, query: str, hits: tuple[Hit, ...], probability: float, limit: float) -> Answer:
        if not hits:
            return Answer("", 0.0, 0.0, limit, (), ())
        has = self.index.terms_of(self.index.row_of[hits[0].article_id])
        lacks = tuple(dict.fromkeys(word for word in telling_words(query) if not has.issuperset(terms(word))))
        return Answer(hits[0].article_id, hits[0].similarity, round(probability, 6), limit, lacks, hits)


@dataclass(frozen=True)
class _Found:
    """Of n queries."""

    hits: list[tuple[Hit, ...]]
    nearness: FloatVector
    next_best: FloatVector


def _evidence(index: KnowledgeIndex, asked: Asked, row: int, article: int) -> str:
    entry = index.entries[article]
    number = index.fields.best_passage(asked.part(slice(row, row + 1)), article)
    return f"{entry.article.title}\n{entry.passages[number].text if number >= 0 else ''}".strip()
