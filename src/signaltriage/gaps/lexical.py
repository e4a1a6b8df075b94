"""Texts as bags of terms, and BM25 over them (Robertson & Zaragoza 2009), as arrays that grow and shrink by rows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

K1, B = 1.2, 0.75
"""BM25's constants, at the values of its authors' review."""

_TOKEN = re.compile(r"\w+(?:[-_./:+#']\w+)*[+#]*")
_PART = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""Scripts written without spaces: cut into pairs of characters."""
_VOWEL = re.compile(r"[aeiouy]")

_FUNCTION_WORDS = """
    a about after all also am an and any are as at be been before being best between both but by can could did
    do does doing done during each for from get had has have having he her here him his how i if in into is it
    its just know let like may me might mine more most must my need no nor not of off on once only or other our
    out over own please shall she should so some such than that the their them then there these they this those
    through to too under up us very want was way ways we were what when where which while who whom whose why
    will with would you your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""English words that say nothing of the subject. Words of other languages count as telling, weighed by rarity alone."""

FloatArray = NDArray[np.float32]


def terms(text: str) -> list[str]:
    """Terms of a text, in order: words folded and stemmed, and identifiers (error codes, versions, paths) once more
    as a whole, so that `ERR-1042` is found by itself and by its parts."""
    found: list[str] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text).casefold()):
        token = match[0].replace("'s", "").replace("'", "")
        parts = _PART.findall(token)
        if is_identifier(token) and len(parts) > 1:
            found.append(f"={token}")
        for part in parts:
            found.extend(_pairs(part) if _UNSPACED.search(part) else [stem(part)])
    return found


def is_identifier(token: str) -> bool:
    """Whether a token is a name given by machines or people, such as `err-1042`, `v2.3` or `s3`: it has a digit and
    something else, or signs within."""
    return (any(sign.isdigit() for sign in token) and not token.isdecimal()) or any(sign in token for sign in "_/#+")


def telling_words(text: str) -> list[str]:
    """The words of a text that tell what it is about, as typed, in order; all of them where none does."""
    words = [match[0] for match in _TOKEN.finditer(text)]
    return [word for word in words if word.casefold() not in FUNCTION_WORDS] or words


def stem(word: str) -> str:
    """A word without its English endings (plural, -ing, -ed, final e); words of other scripts as they are."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@dataclass(frozen=True)
class Bags:
    """Texts as counts of terms, a row a text."""

    indptr: NDArray[np.int64]
    """Where each row's terms begin, shape (rows + 1,)."""
    codes: NDArray[np.int32]
    """Which term, in the vocabulary the rows share."""
    counts: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> Bags:
        """Bags of texts given as terms. New terms are added to the vocabulary."""
        indptr, codes, counts = [0], [], []
        for text in texts:
            for term, count in Counter(text).items():
                codes.append(vocabulary.setdefault(term, len(vocabulary)))
                counts.append(count)
            indptr.append(len(codes))
        return cls(np.array(indptr, np.int64), np.array(codes, np.int32), np.array(counts, np.int32))

    @classmethod
    def stacked(cls, parts: Sequence[Bags]) -> Bags:
        """The rows of all parts, in order."""
        if not parts:
            return cls.of([], {})
        sizes = np.concatenate([np.diff(part.indptr) for part in parts])
        return cls(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.concatenate([part.codes for part in parts]),
            np.concatenate([part.counts for part in parts]),
        )


class Bm25:
    """BM25 over bags, each query's sum divided by the most any text could have: 0 (no term) to 1 (all of them, often).

    Built from counts alone: adding a row means stacking it and building again, which costs a pass over the counts.
    """

    def __init__(self, bags: Bags, vocabulary: Mapping[str, int]) -> None:
        rows, size = len(bags.indptr) - 1, len(vocabulary)
        self._vocabulary = vocabulary
        frequency = np.bincount(bags.codes, minlength=size)
        self._idf = np.log1p((rows - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self._unseen = float(np.log1p((rows + 0.5) / 0.5))
        length = np.add.reduceat(np.append(bags.counts, 0), bags.indptr[:-1]) if rows else np.zeros(0)
        length = np.where(np.diff(bags.indptr) > 0, length, 0)
        norm = K1 * (1 - B + B * length / max(1e-9, float(length.mean() if rows else 0)))
        weight = bags.counts * (K1 + 1) / (bags.counts + np.repeat(norm, np.diff(bags.indptr)))
        weights = (weight * self._idf[bags.codes]).astype(np.float32)
        self._rows = sparse.csr_matrix((weights, bags.codes, bags.indptr), shape=(rows, size)).tocsc().T.tocsr()

    def idf(self, term: str) -> float:
        """Inverse document frequency: that of a term in no row where it is not known."""
        code = self._vocabulary.get(term)
        return self._unseen if code is None or code >= len(self._idf) else float(self._idf[code])

    def scores(self, queries: Sequence[Sequence[str]]) -> FloatArray:
        """Of queries, given as terms, against every row, shape (queries, rows)."""
        size = self._rows.shape[0]
        indptr, codes, best = [0], [], np.zeros(len(queries))
        for row, query in enumerate(queries):
            distinct = sorted(set(query))
            best[row] = (K1 + 1) * sum(self.idf(term) for term in distinct)
            known = [self._vocabulary[term] for term in distinct if self._vocabulary.get(term, size) < size]
            codes.extend(known)
            indptr.append(len(codes))
        asked = sparse.csr_matrix((np.ones(len(codes), np.float32), codes, indptr), shape=(len(queries), size))
        found = np.asarray((asked @ self._rows).toarray(), dtype=np.float32)
        return np.asarray(found / np.maximum(best, 1e-9)[:, None], dtype=np.float32)


def _pairs(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(max(1, len(word) - 1))]
