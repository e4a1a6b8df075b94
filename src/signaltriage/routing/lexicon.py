"""What each word of the training texts means to the router by itself: for naming words that the wording cannot weigh.

A word that stood in one training text is in no vocabulary of the wording scorer, and yet the encoder knows it. So each
word is encoded alone, once, in training, and what the meaning scorer says of it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.kernel import KernelScorer
from signaltriage.routing.words import presentable, words_in

MOST_ENTRIES = 1_000_000
"""Words times teams: 2 MB. Beyond that the most frequent words are kept."""
_CHUNK = 1000


@dataclass(frozen=True)
class Lexicon:
    """Words, and what each says of every team."""

    words: tuple[str, ...] = ()
    """Lower-cased, sorted."""
    meanings: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float16))
    """Shape (len(words), classes): scores of the meaning scorer for the word alone, less their mean over all words."""

    @cached_property
    def _place(self) -> dict[str, int]:
        return {word: k for k, word in enumerate(self.words)}

    @classmethod
    def learn(
        cls, texts: Sequence[str], meaning: KernelScorer, encode: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> Lexicon:
        """The words of the texts, as many as there is room for."""
        counts = Counter(word.key for text in texts for word in words_in(text) if presentable(word))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        words = sorted(ranked[: MOST_ENTRIES // meaning.weights.shape[1]])
        if not words:
            return cls()
        vectors = encode(words)
        scores = [meaning.scores(vectors[start : start + _CHUNK]) for start in range(0, len(words), _CHUNK)]
        meanings = np.concatenate(scores)
        return cls(tuple(words), (meanings - meanings.mean(axis=0)).astype(np.float16))

    def leads(
        self, words: Sequence[str], teams: NDArray[np.intp], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Of each word: its scores for the teams (t,), summed by `direction` (t,); 0 for one that is not known."""
        places = np.array([self._place.get(word, -1) for word in words], dtype=np.intp)
        known = places >= 0
        out = np.zeros(len(words))
        if known.any():
            out[known] = self.meanings[places[known][:, None], teams].astype(np.float64) @ direction
        return out
