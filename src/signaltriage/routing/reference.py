"""What a model keeps of its held-out rows so that incoming signals can be compared with them later.

Held out, because predictions of rows a model has learnt from are surer than those of any row to come. No text is kept:
vectors of a sample, how often each word of the model's vocabulary occurred, and what was guessed with what success.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.routing.ngrams import Wording

if TYPE_CHECKING:
    from signaltriage.routing.training import Trained

MOST_VECTORS = 2000
"""Vectors kept: 1.5 MB at 384 dimensions."""
MOST_GUESSES = 20_000


@dataclass(frozen=True)
class Reference:
    """A sample of the held-out rows, as arrays."""

    vectors: NDArray[np.float16]
    """Shape (at most `MOST_VECTORS`, dimension)."""
    guess: NDArray[np.int32]
    """Shape (g,), g at most `MOST_GUESSES`: position of the best guess in the list of teams."""
    probability: NDArray[np.float32]
    """Of the best guess, calibrated, shape (g,)."""
    right: NDArray[np.bool_]
    """Shape (g,)."""
    word_counts: NDArray[np.int32]
    """In how many of the rows each word n-gram of the vocabulary occurs, shape (words,)."""
    rows: int
    """Held-out rows that were counted for it."""

    @classmethod
    def choose(
        cls, trained: Trained, texts: Sequence[str], vectors: NDArray[np.float32], seed: int
    ) -> Reference | None:
        """Draw the sample; None where nothing could be held out.

        Args:
            trained: the router and its held-out predictions.
            texts: cleaned, of all training rows, in the order they were passed to training.
            vectors: theirs, shape (n, dimension).
            seed: of the draw. The order of the rows does not matter.
        """
        from signaltriage.routing.training import NOT_HELD_OUT

        if trained.choice.split == NOT_HELD_OUT:
            return None
        held_out, wording = trained.held_out, trained.router.wording
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(held_out.rows))
        some, guessed = np.sort(order[:MOST_VECTORS]), np.sort(order[:MOST_GUESSES])
        best = held_out.probabilities[guessed].argmax(axis=1)
        return cls(
            vectors=vectors[held_out.rows[some]].astype(np.float16),
            guess=best.astype(np.int32),
            probability=held_out.probabilities[guessed].max(axis=1).astype(np.float32),
            right=best == held_out.y[guessed],
            word_counts=word_counts(wording, wording.rows([texts[i] for i in held_out.rows])),
            rows=len(held_out.rows),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Named arrays, to be written."""
        return {
            "vectors": self.vectors,
            "guess": self.guess,
            "probability": self.probability,
            "right": self.right.astype(np.uint8),
            "word_counts": self.word_counts,
            "rows": np.array([self.rows], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Reference:
        """Build from what `to_arrays` gave.

        Raises:
            KeyError, ValueError: an array is missing, or they do not fit one another.
        """
        found = cls(
            arrays["vectors"],
            arrays["guess"],
            arrays["probability"],
            arrays["right"].astype(np.bool_),
            arrays["word_counts"],
            int(arrays["rows"][0]),
        )
        if not found.guess.shape == found.probability.shape == found.right.shape or found.vectors.ndim != 2:
            raise ValueError("the arrays of the drift reference do not fit one another")
        return found


def word_counts(wording: Wording, rows: sparse.csr_matrix) -> NDArray[np.int32]:
    """In how many TF-IDF rows each word n-gram occurs, shape (words,)."""
    counts = np.bincount(rows.indices, minlength=len(wording.idf))
    return counts[: wording.n_words].astype(np.int32)
