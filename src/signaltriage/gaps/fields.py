"""What a query has in common with every article, field by field: cosines and shares of BM25, as arrays.

Vectors are rounded to whole multiples of 1/4000 and multiplied as whole numbers. All partial sums stay below 2^24, so
float32 adds them without any rounding, and a cosine is the same to the bit whatever the threads, the company or the
order it is computed in. What rounding costs is about 0.0001 of a cosine.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.lens import Lens
from signaltriage.gaps.lexical import Bags, Bm25
from signaltriage.gaps.sieve import Sieve

SCALE = 4000.0
FIELDS = ("title, cosine", "heading, cosine", "passage, cosine", "title, BM25", "passage, BM25")
TITLE, HEADING, PASSAGE, TITLE_WORDS, PASSAGE_WORDS = range(5)
QUERY = 3
"""What a lens calls a query, beside the first three."""

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


def whole(vectors: FloatArray) -> NDArray[np.int16]:
    """Unit vectors as whole multiples of 1/SCALE."""
    return np.asarray(np.rint(vectors * SCALE), dtype=np.int16)


def fractions(vectors: NDArray[np.int16]) -> FloatArray:
    """What `whole` was given, as far as it was kept."""
    return np.asarray(vectors / SCALE, dtype=np.float32)


@dataclass(frozen=True)
class Units:
    """Titles, headings or passages of all articles, those of one article side by side."""

    vectors: NDArray[np.int16]
    """Shape (units, dimension), multiples of 1/SCALE."""
    first: IntArray
    """Where the units of each article begin, shape (articles + 1,)."""

    @property
    def owner(self) -> IntArray:
        """The article of each unit."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


@dataclass(frozen=True)
class Blind:
    """What one query is not to see: units that it was made from."""

    article: int = -1
    """The whole article; -1: none."""
    title: int = -1
    """The article whose title."""
    headings: tuple[int, ...] = ()
    passages: tuple[int, ...] = ()


SEEING = Blind()
"""A query that sees everything."""


@dataclass(frozen=True)
class Asked:
    """Queries as the index reads them."""

    vectors: NDArray[np.int16]
    """Multiples of 1/SCALE, shape (queries, dimension)."""
    terms: Sequence[Sequence[str]]
    blind: Sequence[Blind] = ()
    """Empty, or one a query."""
    turned: NDArray[np.int16] | None = None
    """The vectors through a lens, if there is one."""

    @property
    def seen(self) -> NDArray[np.int16]:
        """The vectors that meanings are compared by."""
        return self.vectors if self.turned is None else self.turned

    def through(self, lens: Lens) -> Asked:
        """The same queries through a lens."""
        return replace(self, turned=whole(lens.seen(fractions(self.vectors), QUERY)))

    def part(self, rows: slice) -> Asked:
        """Only these queries."""
        turned = None if self.turned is None else self.turned[rows]
        return Asked(self.vectors[rows], self.terms[rows], self.blind[rows], turned)


class Fields:
    """The arrays of an index, ready to be asked."""

    def __init__(self, units: Sequence[Units], words: Sequence[Bags], vocabulary: dict[str, int]) -> None:
        self.units = tuple(units)
        """Titles, headings, passages."""
        self._dense = [unit.vectors.astype(np.float32) for unit in units]
        self._sieve = Sieve.of(self._dense[PASSAGE])
        self.words = tuple(Bm25(bags, vocabulary) for bags in words)
        """Of titles, of passages."""
        self.articles = len(units[0].first) - 1

    def through(self, lens: Lens) -> Fields:
        """The same articles, their meanings seen through a lens."""
        seen = copy(self)
        plain = [fractions(unit.vectors) for unit in self.units]
        seen._dense = [whole(lens.seen(part, kind)).astype(np.float32) for kind, part in enumerate(plain)]
        seen._sieve = Sieve.of(seen._dense[PASSAGE])
        return seen

    def of(self, asked: Asked) -> FloatArray:
        """Best value of each field in each article, shape (queries, articles, fields). 0 where an article has no such
        unit, or it is hidden; where the article is, every field is -1."""
        found = np.zeros((len(asked.vectors), self.articles, len(FIELDS)), dtype=np.float32)
        for field, matrix, unit in self._matrices(asked):
            _hide(matrix, field, asked.blind)
            full = np.flatnonzero(np.diff(unit.first) > 0)
            if len(full):
                found[:, full, field] = np.maximum.reduceat(matrix, unit.first[full], axis=1)
        for row, blind in enumerate(asked.blind):
            if blind.article >= 0:
                found[row, blind.article] = -1
        return found

    def best_passage(self, asked: Asked, article: int) -> int:
        """The passage of an article that is nearest to the first query, counted from 0 within the article; -1: none."""
        unit = self.units[PASSAGE]
        start, end = unit.first[article : article + 2]
        if start == end:
            return -1
        return int((self._dense[PASSAGE][start:end] @ asked.seen[0].astype(np.float32)).argmax())

    def similarity(self, asked: Asked, article: int) -> float:
        """Cosine of the first query to the nearest unit of an article, whatever the lens; 0 where it has none."""
        query = asked.vectors[0].astype(np.float32)
        found = [
            unit.vectors[slice(*unit.first[article : article + 2])].astype(np.float32) @ query for unit in self.units
        ]
        every = np.concatenate(found)
        return float(every.max(initial=-np.inf)) / SCALE**2 if len(every) else 0.0

    def _cosines(self, field: int, vectors: FloatArray) -> FloatArray:
        if field == PASSAGE and self._sieve is not None:
            return self._sieve.products(vectors, self._dense[PASSAGE])
        return np.asarray(vectors @ self._dense[field].T, dtype=np.float32)

    def _matrices(self, asked: Asked) -> list[tuple[int, FloatArray, Units]]:
        vectors = asked.seen.astype(np.float32)
        scale = np.float32(SCALE * SCALE)
        dense = [(field, self._cosines(field, vectors) / scale, self.units[field]) for field in range(3)]
        words = [
            (TITLE_WORDS, self.words[0].scores(asked.terms), self.units[TITLE]),
            (PASSAGE_WORDS, self.words[1].scores(asked.terms), self.units[PASSAGE]),
        ]
        return dense + words


def _hide(matrix: FloatArray, field: int, blind: Sequence[Blind]) -> None:
    for row, hidden in enumerate(blind):
        if field in (TITLE, TITLE_WORDS) and hidden.title >= 0:
            matrix[row, hidden.title] = 0
        elif field == HEADING:
            matrix[row, list(hidden.headings)] = 0
        elif field in (PASSAGE, PASSAGE_WORDS):
            matrix[row, list(hidden.passages)] = 0
