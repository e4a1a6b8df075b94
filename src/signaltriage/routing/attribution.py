"""How much each word of a text spoke for its best guess, without asking the encoder again.

Two parts, in the shares that the router gives them. To first order, deleting a word takes away the wording scorer's
share of its columns: the word, the word pairs it is in, and its character n-grams. And the meaning scorer's vector is
a mean over the words, so that each adds about one n-th of what it says alone (`lexicon`). Both count as what they add
to the log-odds of the best guess against its rivals, each rival counting as it is probable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
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
    rivals = probabilities[1:] / max(probabilities[1:].sum(), 1e-12)
    direction = np.concatenate([[1.0], -rivals])
    by_itself = lexicon.leads([word.key for word in words], teams, direction)
    times = np.array([len(word.places) for word in words])
    weights = router.fusion[0] * by_itself * times / times.sum()
    if len(columns):
        moved = values * (router.words.coefficients[columns[:, None], teams] @ direction)
        weights += router.fusion[1] * _wording(router, (columns, moved), text, words)
    return np.asarray(weights)


def _wording(
    router: Router, terms: tuple[NDArray[np.int32], FloatArray], text: str, words: Sequence[Word]
) -> FloatArray:
    """What each word adds to the wording scorer's lead; a character n-gram of several tokens is shared among them."""
    columns, moved = terms
    owners: dict[str, list[int]] = {}
    for k, word in enumerate(words):
        for part in _parts(word.key):
            owners.setdefault(part, []).append(k)
    of_term = _of_terms(router, words_of(text), owners)
    tokens = list(dict.fromkeys(tokens_of(text)))
    parts = [router.wording.char_columns(token) for token in tokens]
    places = np.searchsorted(columns, np.concatenate(parts))
    shared = moved / np.maximum(np.bincount(places, minlength=len(columns)), 1)
    ends = np.concatenate([[0.0], np.cumsum(shared[places])])[np.cumsum([0, *map(len, parts)])]
    place_of = {word.key: k for k, word in enumerate(words)}
    of_token = [(place_of[key], i) for i, token in enumerate(tokens) for key in _keys(token) if key in place_of]
    total = np.zeros(len(words))
    if of_term:
        term_columns, term_owners = np.array(of_term).T
        total += np.bincount(term_owners, moved[np.searchsorted(columns, term_columns)], minlength=len(words))
    if of_token:
        token_owners, of = np.array(of_token).T
        total += np.bincount(token_owners, np.diff(ends)[of], minlength=len(words))
    return total


def _of_terms(router: Router, said: Sequence[str], owners: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """Columns of the text's words and word pairs, each with every word that it goes with when that is deleted."""
    found = []
    column_of = router.wording.word_column
    for term in dict.fromkeys(said):
        if (column := column_of(term)) is not None:
            found += [(column, k) for k in owners.get(term, ())]
    for left, right in dict.fromkeys(pairwise(said)):
        if (column := column_of(f"{left} {right}")) is not None:
            found += [(column, k) for k in {*owners.get(left, ()), *owners.get(right, ())}]
    return found


@lru_cache(maxsize=100_000)
def _parts(key: str) -> frozenset[str]:
    """What the wording scorer takes a word for: "e-mail" is two words to it."""
    return frozenset(words_of(key))


@lru_cache(maxsize=100_000)
def _keys(token: str) -> tuple[str, ...]:
    """The words that stand in one token."""
    return tuple(word.key for word in words_in(token))
