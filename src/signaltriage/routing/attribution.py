"""How much each word of a text spoke for its best guess, without asking the encoder again.

Two parts, in the shares that the router gives them. To first order, deleting a word takes away the wording scorer's
share of its columns: the word, the word pairs it is in, and its character n-grams. And the meaning scorer's vector is
a mean over the words, so that each adds about one n-th of what it says alone (`lexicon`). Both count as what they add
to the log-odds of the best guess against its rivals, each rival counting as it is probable.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.lexicon import Lexicon
from signaltriage.routing.ngrams import tokens_of, words_of
from signaltriage.routing.router import Router
from signaltriage.routing.words import Word, words_in

FloatArray = NDArray[np.float64]


def word_weights(
    router: Router,
    lexicon: Lexicon,
    terms: tuple[NDArray[np.int32], NDArray[np.float32]],
    text: str,
    words: Sequence[Word],
    leaders: tuple[FloatArray, NDArray[np.intp]],
) -> FloatArray:
    """Weight of each word, shape (len(words),): what it adds to the log-odds of the best guess.

    Args:
        router: whose decision it is.
        lexicon: what words mean to it by themselves.
        terms: columns and values of the text's TF-IDF row, columns sorted.
        text: as the router saw it.
        words: its distinct words.
        leaders: probabilities of the most probable teams and their positions, best first, shapes (t,) and (t,).
    """
    probabilities, teams = leaders
    columns, values = terms
    if not len(words) or len(teams) < 2:
        return np.zeros(len(words))
    direction = np.concatenate([[1.0], -probabilities[1:] / max(probabilities[1:].sum(), 1e-12)])
    by_itself = lexicon.leads([word.key for word in words], teams, direction)
    meaning, wording = router.fusion[:2]
    weights = meaning * by_itself * [len(word.places) for word in words] / sum(len(word.places) for word in words)
    if not len(columns):
        return np.asarray(weights)
    moved = values * (router.words.coefficients[columns[:, None], teams] @ direction)
    of_word = _by_word(router, columns, moved, text)
    of_token = _by_token(router, columns, moved, text)
    return np.asarray(weights + wording * np.array([_weight(word, of_word, of_token) for word in words]))


def _weight(word: Word, of_word: dict[str, float], of_token: dict[str, float]) -> float:
    parts = set(words_of(word.key))
    return sum(of_word.get(part, 0.0) for part in parts) + of_token.get(word.key, 0.0)


def _by_word(router: Router, columns: NDArray[np.int32], moved: FloatArray, text: str) -> dict[str, float]:
    """What each word adds by itself and in pairs with its neighbours."""
    words = words_of(text)
    total = dict.fromkeys(words, 0.0)
    for term in dict.fromkeys(words):
        total[term] += _at(router.wording.word_column(term), columns, moved)
    for left, right in dict.fromkeys(pairwise(words)):
        both = _at(router.wording.word_column(f"{left} {right}"), columns, moved)
        for word in {left, right}:
            total[word] += both
    return total


def _at(column: int | None, columns: NDArray[np.int32], moved: FloatArray) -> float:
    return 0.0 if column is None else float(moved[int(np.searchsorted(columns, column))])


def _by_token(router: Router, columns: NDArray[np.int32], moved: FloatArray, text: str) -> dict[str, float]:
    """What the character n-grams of each word add; one that stands in several tokens is shared among them."""
    tokens = list(dict.fromkeys(tokens_of(text)))
    parts = [router.wording.char_columns(token) for token in tokens]
    places = np.searchsorted(columns, np.concatenate(parts))
    shared = moved / np.maximum(np.bincount(places, minlength=len(columns)), 1)
    ends = np.concatenate([[0.0], np.cumsum(shared[places])])
    stops = np.cumsum([len(part) for part in parts])
    total: dict[str, float] = {}
    for token, part, stop in zip(tokens, parts, stops, strict=True):
        gained = float(ends[stop] - ends[stop - len(part)])
        for word in words_in(token):
            total[word.key] = total.get(word.key, 0.0) + gained
    return total
