"""Texts → sparse TF-IDF rows over word and character n-grams: the wording of a signal.

scikit-learn's vectorizers would do the same, but importing them costs more than the whole budget of a service's first
prediction. Character n-grams stay inside a word, so what a word contributes depends on the word alone: it is worked
out once per distinct word and remembered, which makes this several times faster than walking every text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_WORD = re.compile(r"\w+")
CHAR_SIZES = (3, 4, 5)
MIN_DOCUMENTS = 2
"""A term must occur in this many training texts: a term seen once cannot generalise."""
MAX_TERMS = 200_000
"""Of each kind, the most frequent; keeps memory bounded on large corpora."""


def word_ngrams(words: Sequence[str]) -> Iterator[str]:
    """Unigrams, then bigrams, of a text's words."""
    yield from words
    for left, right in pairwise(words):
        yield f"{left} {right}"


def char_ngrams(token: str) -> list[str]:
    """Character 3- to 5-grams of one whitespace-separated token, with its borders marked by a space."""
    padded = f" {token} "
    return [padded[i : i + size] for size in CHAR_SIZES for i in range(len(padded) - size + 1)]


def tokens_of(text: str) -> list[str]:
    """Whitespace-separated tokens of the lower-cased text; very long ones (base64, blobs) are cut."""
    return [token[:60] for token in text.lower().split()]


@lru_cache(maxsize=100_000)
def _words_in(token: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(token))


def words_of(text: str) -> list[str]:
    """The words of a text, lower-cased, in order."""
    return [word for token in tokens_of(text) for word in _words_in(token)]


def _kept(document_counts: Mapping[str, int]) -> list[str]:
    frequent = [term for term, count in document_counts.items() if count >= MIN_DOCUMENTS]
    if len(frequent) > MAX_TERMS:
        frequent = sorted(frequent, key=lambda term: (-document_counts[term], term))[:MAX_TERMS]
    return sorted(frequent)


def _inverse_frequency(terms: Iterable[str], document_counts: Mapping[str, int], n: int) -> NDArray[np.float32]:
    """Smoothed idf: ln((1 + n) / (1 + df)) + 1."""
    counts = np.array([document_counts[term] for term in terms], dtype=np.float64)
    return (np.log((1 + n) / (1 + counts)) + 1).astype(np.float32)


@dataclass(frozen=True)
class Wording:
    """A fixed vocabulary of word and character n-grams with their inverse document frequencies."""

    words: tuple[str, ...]
    chars: tuple[str, ...]
    idf: NDArray[np.float32]
    """Shape (len(words) + len(chars),)."""
    _word_column: dict[str, int] = field(init=False, repr=False, compare=False)
    _char_column: dict[str, int] = field(init=False, repr=False, compare=False)
    _char_memory: dict[str, NDArray[np.int32]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_word_column", {term: i for i, term in enumerate(self.words)})
        start = len(self.words)
        object.__setattr__(self, "_char_column", {term: start + i for i, term in enumerate(self.chars)})

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Wording:
        """Collect the terms that occur in at least `MIN_DOCUMENTS` of the texts."""
        word_counts: Counter[str] = Counter()
        token_counts: Counter[frozenset[str]] = Counter()
        for text in texts:
            tokens = tokens_of(text)
            word_counts.update(set(word_ngrams([word for token in tokens for word in _words_in(token)])))
            token_counts[frozenset(tokens)] += 1
        char_counts: Counter[str] = Counter()
        memory: dict[str, list[str]] = {}
        for tokens_set, times in token_counts.items():
            grams: set[str] = set()
            for token in tokens_set:
                grams.update(memory.setdefault(token, char_ngrams(token)))
            for gram in grams:
                char_counts[gram] += times
        words, chars = _kept(word_counts), _kept(char_counts)
        n = len(texts)
        idf = np.concatenate([_inverse_frequency(words, word_counts, n), _inverse_frequency(chars, char_counts, n)])
        return cls(tuple(words), tuple(chars), idf)

    @property
    def n_words(self) -> int:
        """How many of the columns are word n-grams; the character n-grams follow them."""
        return len(self.words)

    def rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """TF-IDF rows, shape (len(texts), n_terms), float32; word and character parts each of unit length.

        Term frequency is sublinear, 1 + ln(tf) (Manning, Raghavan & Schütze 2008, section 6.4.1).
        """
        indices: list[NDArray[np.int32]] = []
        values: list[NDArray[np.float32]] = []
        ends = np.zeros(len(texts) + 1, dtype=np.int64)
        for i, text in enumerate(texts):
            columns, weights = self._row(text)
            indices.append(columns)
            values.append(weights)
            ends[i + 1] = ends[i] + len(columns)
        shape = (len(texts), len(self.idf))
        if not texts:
            return sparse.csr_matrix(shape, dtype=np.float32)
        return sparse.csr_matrix((np.concatenate(values), np.concatenate(indices), ends), shape=shape)

    def _row(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        tokens = tokens_of(text)
        column_of = self._word_column.get
        words = [word for token in tokens for word in _words_in(token)]
        found = [column for gram in word_ngrams(words) if (column := column_of(gram)) is not None]
        parts = [np.array(found, dtype=np.int32), *(self.char_columns(token) for token in tokens)]
        columns, counts = np.unique(np.concatenate(parts), return_counts=True)
        weights = (1 + np.log(counts)) * self.idf[columns]
        split = int(np.searchsorted(columns, self.n_words))
        for part in (weights[:split], weights[split:]):
            part /= max(float(np.sqrt((part * part).sum())), 1e-12)
        return columns, weights.astype(np.float32)

    def word_column(self, term: str) -> int | None:
        """Column of a word or a pair of words; None where the vocabulary lacks it."""
        return self._word_column.get(term)

    def char_columns(self, token: str) -> NDArray[np.int32]:
        """Columns of the character n-grams of one token, one entry for each occurrence."""
        known = self._char_memory.get(token)
        if known is None:
            columns = (self._char_column.get(gram) for gram in char_ngrams(token))
            known = np.array([column for column in columns if column is not None], dtype=np.int32)
            if len(self._char_memory) < 200_000:  # a bounded memory; a lost race only repeats the work
                self._char_memory[token] = known
        return known
