"""Articles that can be asked: cut into titles, headings and passages, found by words and by meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.errors import InputError
from signaltriage.gaps.fields import FIELDS, PASSAGE, Asked, Blind, Fields, FloatArray, Units, whole
from signaltriage.gaps.lens import Lens
from signaltriage.gaps.lexical import Bags, terms
from signaltriage.gaps.passages import Passage, cut, token_counter
from signaltriage.types import Article

BLOCK_CELLS = 40_000_000
"""Cells of a matrix of queries × units that are held at once: 160 MB."""
MOST_QUERIES = 256
"""Queries that are asked at once."""


@dataclass(frozen=True)
class Entry:
    """One article, cut and encoded."""

    article: Article
    headings: tuple[str, ...]
    passages: tuple[Passage, ...]
    vectors: tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]
    """Of the title, the headings, the passages."""
    words: tuple[Bags, Bags]
    """Of the title, of the passages."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a search found."""

    article_id: str
    relevance: float
    """Weighted mean of cosines and shares of BM25 over the fields, up to 1: ranks the hits of one query."""
    similarity: float
    """Cosine to the nearest of title, headings and passages, -1 to 1."""
    dense_rank: int
    """Place among all articles by cosine alone, from 1."""
    lexical_rank: int
    """Place by BM25 alone, from 1; equal values share the better place."""
    passage: int
    """The nearest passage, from 0 within the article; -1: it has none."""
    heading: str
    """The heading that passage stands under."""
    text: str


class KnowledgeIndex:
    """Articles, ready to be searched. Never changes: `updated` gives another index, and encodes only what is new."""

    def __init__(
        self, entries: Iterable[Entry], encoder: Encoder, vocabulary: dict[str, int], weights: Sequence[float]
    ) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.article.id))
        self.encoder = encoder
        self.vocabulary = vocabulary
        self.weights = tuple(weights)
        """Of each field in `relevance`, summing to 1."""
        self.ids = tuple(entry.article.id for entry in self.entries)
        self.row_of = {name: row for row, name in enumerate(self.ids)}
        self._terms: dict[int, frozenset[str]] = {}
        self.fields = _compiled(self.entries, vocabulary, encoder.dimension)

    @classmethod
    def build(cls, articles: Sequence[Article], encoder: Encoder, *, seed: int = 0) -> Self:
        """Cut, encode and index articles, and learn from them how much each field says.

        Raises:
            InputError: two articles have one id.
        """
        from signaltriage.gaps.fusion import PLAIN, learn_weights

        vocabulary: dict[str, int] = {}
        index = cls(_entries(articles, encoder, vocabulary), encoder, vocabulary, PLAIN)
        return cls(index.entries, encoder, vocabulary, learn_weights(index, seed=seed))

    def updated(self, articles: Sequence[Article] = (), *, without: Iterable[str] = ()) -> Self:
        """The index with these articles added (or in place of those with their ids) and some ids left out.

        Raises:
            InputError: two of the articles have one id, or an id to leave out is not there.
        """
        gone = set(without)
        if unknown := sorted(gone - set(self.ids)):
            raise InputError(f"There is no article {unknown[0]!r}.", remedy="Give the id of an article that is there.")
        new = _entries(articles, self.encoder, self.vocabulary)
        gone |= {entry.article.id for entry in new}
        kept = [entry for entry in self.entries if entry.article.id not in gone]
        return type(self)([*kept, *new], self.encoder, self.vocabulary, self.weights)

    def through(self, lens: Lens) -> Self:
        """The same index, what articles and queries mean seen through a lens."""
        seen = copy(self)
        seen.fields = self.fields.through(lens)
        return seen

    def search(self, queries: Sequence[str], k: int = 5) -> list[list[Hit]]:
        """The k best articles for each query, best first; fewer where there are fewer articles."""
        found: list[list[Hit]] = []
        for asked, fields in self.blocks(self.ask(queries)):
            found.extend(self.hits(asked.part(slice(row, row + 1)), fields[row], k) for row in range(len(fields)))
        return found

    def ask(self, queries: Sequence[str], blind: Sequence[Blind] = ()) -> Asked:
        """Queries encoded and split into terms."""
        return Asked(whole(self.encoder.encode(queries)), [terms(query) for query in queries], blind)

    def blocks(self, asked: Asked) -> Iterator[tuple[Asked, FloatArray]]:
        """Some queries at a time, with their fields, shape (queries, articles, fields): memory stays bounded."""
        units = max(1, len(self.fields.units[PASSAGE].vectors), self.fields.articles * len(FIELDS))
        step = max(1, min(MOST_QUERIES, BLOCK_CELLS // units))
        for start in range(0, len(asked.terms), step):
            part = asked.part(slice(start, start + step))
            yield part, self.fields.of(part)

    def relevance(self, fields: FloatArray) -> FloatArray:
        """Fused fields, shape (..., articles), rounded to six digits so that ties are ties."""
        total = np.zeros(fields.shape[:-1], dtype=np.float32)
        for k, weight in enumerate(self.weights):
            total += fields[..., k] * np.float32(weight)
        return np.round(total, 6)

    def terms_of(self, row: int) -> frozenset[str]:
        """The terms of an article, title and headings too."""
        if row not in self._terms:
            article = self.entries[row].article
            heads = "\n".join(section.heading for section in article.sections)
            texts = (article.title, heads, article.body, *(passage.text for passage in self.entries[row].passages))
            self._terms[row] = frozenset(term for text in texts for term in terms(text))
        return self._terms[row]

    def hits(self, asked: Asked, fields: FloatArray, k: int) -> list[Hit]:
        """The k best articles for the first query asked, whose fields have shape (articles, fields)."""
        relevance = self.relevance(fields)
        dense = np.maximum(np.maximum(fields[:, 0], fields[:, 1]), fields[:, 2])
        lexical = np.maximum(fields[:, 3], fields[:, 4])
        best = top(relevance, k)
        return [self._hit(asked, row, (relevance, dense, lexical)) for row in best.tolist()]

    def _hit(self, asked: Asked, row: int, values: tuple[FloatArray, FloatArray, FloatArray]) -> Hit:
        relevance, dense, lexical = values
        entry = self.entries[row]
        number = self.fields.best_passage(asked, row)
        passage = entry.passages[number] if number >= 0 else None
        return Hit(
            entry.article.id,
            round(float(relevance[row]), 6),
            round(self.fields.similarity(asked, row), 6),
            int((dense > dense[row]).sum()) + 1,
            int((lexical > lexical[row]).sum()) + 1,
            number,
            passage.heading if passage else "",
            passage.text if passage else "",
        )


def top(values: FloatArray, k: int) -> NDArray[np.int64]:
    """Places of the k largest values, largest first; of equal ones the first comes first."""
    k = min(k, len(values))
    if not k:
        return np.zeros(0, np.int64)
    limit = np.partition(values, len(values) - k)[len(values) - k]
    near = np.flatnonzero(values >= limit)
    return near[np.argsort(-values[near], kind="stable")][:k]


def _entries(articles: Sequence[Article], encoder: Encoder, vocabulary: dict[str, int]) -> list[Entry]:
    ordered = sorted(articles, key=lambda article: article.id)
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise InputError(f"Two articles have the id {one.id!r}.", remedy="Give every article an id of its own.")
    count = token_counter(encoder)
    cuts = [cut(article, count) for article in ordered]
    heads = [tuple(dict.fromkeys(s.heading for s in article.sections if s.heading.strip())) for article in ordered]
    texts = [
        [article.title, *(f"{article.title}\n{h}" for h in head), *(_titled(article.title, p) for p in passages)]
        for article, head, passages in zip(ordered, heads, cuts, strict=True)
    ]
    vectors = whole(encoder.encode([text for some in texts for text in some]))
    found, at = [], 0
    for article, head, passages in zip(ordered, heads, cuts, strict=True):
        ends = np.cumsum([at, 1, len(head), len(passages)])
        words = (
            Bags.of([terms(article.title)], vocabulary),
            Bags.of([terms(f"{p.heading}\n{p.text}") for p in passages], vocabulary),
        )
        parts = tuple(vectors[a:b] for a, b in pairwise(ends))
        found.append(Entry(article, head, tuple(passages), (parts[0], parts[1], parts[2]), words))
        at = int(ends[-1])
    return found


def _titled(title: str, passage: Passage) -> str:
    """What is encoded of a passage: alone it often does not say what it is about."""
    return "\n".join(part for part in (title, passage.heading, passage.text) if part)


def _compiled(entries: Sequence[Entry], vocabulary: dict[str, int], dimension: int) -> Fields:
    units = []
    for kind in range(3):
        parts = [entry.vectors[kind] for entry in entries]
        first = np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64)
        units.append(Units(np.concatenate(parts) if parts else np.zeros((0, dimension), np.int16), first))
    words = [Bags.stacked([entry.words[kind] for entry in entries]) for kind in range(2)]
    return Fields(units, words, vocabulary)
