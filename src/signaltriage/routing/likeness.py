"""When are two signals the same thing said twice? By their words, or by their meaning.

By words: the same words but for case, punctuation, order, courtesies, and slips of the keys: four in five misspellings
are a single one (Damerau 1964). By meaning: a cosine at least as large as that at which
labelled signals share their team as often as asked (`near_duplicate_limit`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
CONFIDENCE = 0.95
STEP = 0.01
"""Width of the bands of similarity that are judged one by one, going down."""
UNRELATED = 0.999
"""The limit stays above this share of the similarities of signals of different teams."""
MOST_ROWS = 8000
_BLOCK = 1000
_TINY, _SHORT = 3, 5
"""Letters up to which a word allows no slip ("on" is not "in"), and up to which it allows one, else two: much as
Lucene's automatic fuzziness."""

_PHRASES = """
    hi hello hey dear greetings there team everyone folks sir madam please pls kindly
    thank thanks thx you many cheers regards kind best help sincerely hallo liebe lieber guten bitte danke vielen dank
    gruß grüße freundlichen bonjour bonsoir merci svp cordialement hola gracias favor saludos ciao grazie saluti olá
    obrigado obrigada
"""
COURTESIES = frozenset(_PHRASES.split())
"""Words that come and go with manners, not with what is meant."""
_WHOLE = re.compile(r"\b(?:in advance|good (?:morning|afternoon|evening|day))\b")
_WORD = re.compile(r"\w+")
_JOINTS = re.compile(r"[-'’`´_]")


def key_words(text: str) -> tuple[str, ...]:
    """The words that tell one signal from another, sorted: no case, no marks, no courtesies (unless nothing else)."""
    folded = _WHOLE.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    words = sorted(_WORD.findall(_JOINTS.sub("", folded)))
    return tuple(word for word in words if word not in COURTESIES) or tuple(words)


def same_words(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two texts, as `key_words`, say the same words but for slips, in every second word at most."""
    if a == b:
        return bool(a)
    if len(a) != len(b):
        return False
    left, right = Counter(a) - Counter(b), list((Counter(b) - Counter(a)).elements())
    if 2 * len(right) > len(a) + 1:  # more than every second word: another sentence
        return False
    for word in sorted(left.elements()):
        twin = next((other for other in right if _slip(word, other)), None)
        if twin is None:
            return False
        right.remove(twin)
    return True


def _slip(a: str, b: str) -> bool:
    """Whether one word is the other mistyped: one slip, or two in words of six letters or more. Digits never slip."""
    short, long = sorted((len(a), len(b)))
    allowed = 2 if short > _SHORT else 1
    if long <= _TINY or long - short > allowed or any(map(str.isdigit, a + b)):
        return False
    return _distance(a, b) <= allowed


def _distance(a: str, b: str) -> int:
    """Letters to add, drop, change, or swap with their neighbour (optimal string alignment)."""
    before, row = list(range(len(b) + 1)), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for k, y in enumerate(b, 1):
            cost = min(before[k] + 1, row[k - 1] + 1, before[k - 1] + (x != y))
            if i > 1 and k > 1 and x == b[k - 2] and a[i - 2] == y:
                cost = min(cost, older[k - 2] + 1)
            row.append(cost)
    return row[-1]


def near_duplicate_limit(vectors: NDArray[np.float32], y: NDArray[np.int64], target: float) -> float:
    """The least cosine at which two labelled signals share their team at least as often as `target` asks.

    The share is fitted as an increasing function of similarity (isotonic regression: Ayer et al. 1955) and judged level
    by level from 1 down, by a one-sided Clopper-Pearson bound. (Pairs hang together by their rows, so the bound is a
    guide and no promise.) Never below what nearly all pairs of different teams stay under, nor what `target` of the
    pairs of one team do: near-duplicates are rare even among one team's signals. Where no level bears it out, by few
    rows or by labels that contradict each other, halfway from the nearest pair of different teams to 1.

    Args:
        vectors: unit vectors, shape (n, dimension).
        y: team codes, shape (n,).
        target: share of pairs, 0-1.

    Returns:
        A cosine, at most 1.
    """
    rows = np.arange(len(y))
    if len(y) > MOST_ROWS:  # evenly over the rows as they are ordered: the caller's order must not be by chance
        rows = np.linspace(0, len(y) - 1, MOST_ROWS).astype(np.int64)
    same, other = _pairs_per_band(vectors[rows], y[rows])
    if not other.sum() or not same.sum():
        return 1.0
    edges = np.arange(len(same) + 1) * STEP - 1
    found = _least_level(same, other, target)
    if found is None:
        nearest = edges[np.flatnonzero(other)[-1]] + STEP
        return round(float(1 + min(1.0, nearest)) / 2, 6)
    floor = max(_quantile(other, UNRELATED), _quantile(same, target))
    return round(float(min(1.0, edges[max(found, floor)])), 6)


def _least_level(same: NDArray[np.int64], other: NDArray[np.int64], target: float) -> int | None:
    """The lowest band down to which every level of the fitted share bears the target out; None: not even the top."""
    from sklearn.isotonic import IsotonicRegression

    held = np.flatnonzero(same + other)
    pairs = (same + other)[held]
    levels = IsotonicRegression().fit_transform(held, same[held] / pairs, sample_weight=pairs)
    found, n_same, n_other = None, 0, 0
    for level in np.unique(levels)[::-1]:
        bands = held[levels == level]
        n_same, n_other = n_same + int(same[bands].sum()), n_other + int(other[bands].sum())
        if n_same + n_other < _least_pairs(target):
            continue  # too few to be judged alone: judged with the level below
        if _lower_bound(n_same, n_other) < target:
            break
        found, n_same, n_other = int(bands[0]), 0, 0
    return found


def _quantile(counts: NDArray[np.int64], share: float) -> int:
    """The band above the one in which this share of the pairs is reached."""
    return int(np.searchsorted(np.cumsum(counts), share * counts.sum())) + 1


def _pairs_per_band(vectors: NDArray[np.float32], y: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many pairs of one team, and of different teams, each band of similarity holds."""
    n_bands = round(2 / STEP)
    same, other = np.zeros(n_bands, np.int64), np.zeros(n_bands, np.int64)
    for start in range(0, len(y), _BLOCK):
        block = (vectors[start : start + _BLOCK] @ vectors.T).astype(np.float64).round(6)
        later = np.arange(len(y))[None, :] > np.arange(start, start + len(block))[:, None]
        bands = np.clip(((block + 1) / STEP + 1e-6).astype(np.int64), 0, n_bands - 1)
        alike = y[start : start + len(block), None] == y[None, :]
        same += np.bincount(bands[later & alike], minlength=n_bands)
        other += np.bincount(bands[later & ~alike], minlength=n_bands)
    return same, other


def _least_pairs(target: float) -> int:
    """Pairs that must all share their team before that bears out the target."""
    return int(np.ceil(np.log(1 - CONFIDENCE) / np.log(min(max(target, 1e-3), 1 - 1e-6))))


def _lower_bound(hits: int, misses: int) -> float:
    """Clopper-Pearson, one-sided."""
    from scipy.stats import beta

    return float(beta.ppf(1 - CONFIDENCE, hits, misses + 1)) if hits else 0.0
