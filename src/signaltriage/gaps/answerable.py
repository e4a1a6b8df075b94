"""Does the best article resolve the need, or is it only about the same thing? A calibrated probability, learned from a
base's own articles by hiding them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.belief import Labelled, believe
from signaltriage.gaps.features import IDENTIFIERS, NAMES, Nearest, lacking, nearest
from signaltriage.gaps.fields import SEEING, Asked, Blind, FloatArray
from signaltriage.gaps.fusion import made_of
from signaltriage.gaps.hiding import hidden_too, learn_scale
from signaltriage.gaps.knowledge import Hit, KnowledgeIndex
from signaltriage.gaps.lexical import telling_words, terms

CrossEncoder = Callable[[Sequence[tuple[str, str]]], NDArray[np.float64]]
"""Pairs of (query, text of an article) to how well each answers, the higher the better, about -1 to 1 or 0 to 1."""

HIDDEN_MEAN = 0.3
"""Nearness of hidden titles, where a base has too few articles to tell: about the mean of six sets."""
FEWEST = 8
"""Articles that are needed to learn from hiding them."""


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
    scale: tuple[float, ...]
    """Of the features in nearness, that of the cosine being 1: nearness is counted in cosines."""
    hidden: float
    """Mean nearness of titles whose article is hidden."""
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
        """Hide articles and learn to notice. `pairs` are queries with the id of the article that answers them; those
        with an id that is not there are left out."""
        bare = cls(index, _bare_scale(), HIDDEN_MEAN, Labelled(), cross_encoder)
        if index.fields.articles < FEWEST:
            return bare
        made = made_of(index, seed)
        texts, articles = [query.text for query in made], np.array([query.article for query in made])
        present, gone = bare._both(texts, articles, [query.blind for query in made])
        worn = np.array([query.blind == SEEING for query in made])
        scale = learn_scale(present[worn], gone[worn], articles[worn], crossed=cross_encoder is not None)
        titles = np.array([query.kind == "title" for query in made])
        hidden = round(float((gone[titles] @ np.array(scale)).mean()), 6)
        learned = replace(bare, scale=scale, hidden=hidden)
        return replace(learned, labelled=learned._labelled(pairs))

    def judge(self, queries: Sequence[str], k: int = 5) -> list[Answer]:
        """What the base has to say to each query, in order, with its k best articles.

        The probabilities are those of searches that come together: how near they come, on the whole, says how people
        phrase things here. Their order does not matter, nor how often each occurs.
        """
        distinct = sorted(set(queries))
        rows: dict[str, tuple[tuple[Hit, ...], float, tuple[str, ...]]] = {}
        asked = self.index.ask(distinct)
        at = 0
        for part, fields in self.index.blocks(asked):
            features = self._nearest(distinct[at : at + len(fields)], part, fields).features
            for row, near in enumerate(np.round(features @ np.array(self.scale), 6).tolist()):
                rows[distinct[at]] = self._found(distinct[at], part.part(slice(row, row + 1)), fields[row], near, k)
                at += 1
        says = np.array([bool(terms(query)) and bool(rows[query][0]) for query in distinct], dtype=bool)
        nearness = np.array([rows[query][1] for query in distinct], dtype=np.float64)
        belief = believe(self.hidden, nearness[says], self.labelled)
        probability = np.where(says, belief.of(nearness), 0.0)
        said = dict(zip(distinct, probability.tolist(), strict=True))
        return [self._answer(rows[query], said[query], belief.min_probability) for query in queries]

    def nearness(self, queries: Sequence[str]) -> NDArray[np.float64]:
        """How near the best article comes to each query, in cosines, shape (n,): what ranks answered queries before
        others, and depends on no other query."""
        found, at = [np.zeros(0)], 0
        for asked, fields in self.index.blocks(self.index.ask(queries)):
            features = self._nearest(queries[at : at + len(fields)], asked, fields).features
            found.append(np.round(features @ np.array(self.scale), 6))
            at += len(fields)
        return np.concatenate(found)

    def record(self) -> dict[str, Any]:
        """What was learned, as plain data. A cross-encoder is not part of it."""
        labelled = {"answered": list(self.labelled.answered), "missing": list(self.labelled.missing)}
        return {"scale": dict(zip(NAMES, self.scale, strict=True)), "hidden": self.hidden, "labelled": labelled}

    @classmethod
    def of_record(
        cls, index: KnowledgeIndex, record: dict[str, Any], cross_encoder: CrossEncoder | None = None
    ) -> Self:
        """What `record` gave, over an index.

        Raises:
            KeyError, TypeError, ValueError: the record is none.
        """
        scale = tuple(float(record["scale"][name]) for name in NAMES)
        parts = {name: tuple(float(value) for value in record["labelled"][name]) for name in ("answered", "missing")}
        return cls(index, scale, float(record["hidden"]), Labelled(**parts), cross_encoder)

    def _both(
        self, texts: Sequence[str], articles: NDArray[np.int64], blind: Sequence[Blind]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Features of queries with their article there and with it, and what is the same in other words, hidden."""
        present, gone, at = [], [], 0
        for asked, fields in self.index.blocks(self.index.ask(texts, blind)):
            rows = slice(at, at + len(fields))
            present.append(self._nearest(texts[rows], asked, fields).features)
            masked = fields.copy()
            for row, article in enumerate(articles[rows].tolist()):
                masked[row, hidden_too(self.index.fields, article)] = -1
            gone.append(self._nearest(texts[rows], asked, masked).features)
            at += len(fields)
        return np.concatenate(present), np.concatenate(gone)

    def _nearest(self, texts: Sequence[str], asked: Asked, fields: FloatArray) -> Nearest:
        if not fields.shape[1]:
            return Nearest(np.zeros(len(fields), np.int64), np.zeros((len(fields), len(NAMES))))
        found = nearest(fields, self.index.relevance(fields))
        for row, best in enumerate(found.rows.tolist()):
            if any(sign.isdigit() for sign in texts[row]):
                found.features[row, IDENTIFIERS] = lacking(asked.terms[row], self.index.terms_of(best))
        if self.cross_encoder is not None:
            pairs = [(text, self._evidence(asked, row, int(found.rows[row]))) for row, text in enumerate(texts)]
            found.features[:, -1] = np.round(np.asarray(self.cross_encoder(pairs), dtype=np.float64), 6)
        return found

    def _evidence(self, asked: Asked, row: int, article: int) -> str:
        entry = self.index.entries[article]
        number = self.index.fields.best_passage(asked.part(slice(row, row + 1)), article)
        return f"{entry.article.title}\n{entry.passages[number].text if number >= 0 else ''}".strip()

    def _labelled(self, pairs: Sequence[tuple[str, str]]) -> Labelled:
        known = sorted({(query, name) for query, name in pairs if name in self.index.row_of and terms(query)})
        if not known:
            return Labelled()
        texts, articles = [query for query, _ in known], np.array([self.index.row_of[name] for _, name in known])
        found = [np.round(part @ np.array(self.scale), 6) for part in self._both(texts, articles, [])]
        return Labelled(tuple(found[0].tolist()), tuple(found[1].tolist()))

    def _found(
        self, query: str, asked: Asked, fields: FloatArray, nearness: float, k: int
    ) -> tuple[tuple[Hit, ...], float, tuple[str, ...]]:
        hits = tuple(self.index.hits(asked, fields, k))
        if not hits:
            return (), 0.0, ()
        has = self.index.terms_of(self.index.row_of[hits[0].article_id])
        lacks = tuple(dict.fromkeys(word for word in telling_words(query) if not has.issuperset(terms(word))))
        return hits, nearness, lacks

    def _answer(
        self, found: tuple[tuple[Hit, ...], float, tuple[str, ...]], probability: float, limit: float
    ) -> Answer:
        hits, _, lacks = found
        if not hits:
            return Answer("", 0.0, 0.0, limit, (), ())
        return Answer(hits[0].article_id, hits[0].similarity, round(probability, 6), limit, lacks, hits)


def _bare_scale() -> tuple[float, ...]:
    return learn_scale(np.zeros((0, len(NAMES))), np.zeros((0, len(NAMES))), np.zeros(0, np.int64))
