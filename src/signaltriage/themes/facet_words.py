"""Friction that no pattern knows: a linear model of the words and of the sentence vector (`facet_weights.npz`).

For each kind of facet a logistic regression over the tf-idf of a text's words and pairs of words, for some kinds
another over its sentence vector, both learned by `python -m eval.facet_training`. Where there are two, their log-odds
are averaged; without a vector the words decide alone, and must be surer.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

import numpy as np
import regex
from numpy.typing import NDArray

_FILE: Final = "facet_weights.npz"
MIN_LOG_ODDS: Final = 0.5
"""Of words and vector: best for held-out signals whose patterns had not been bettered on them."""
MIN_LOG_ODDS_OF_WORDS: Final = 0.6
"""Of the words alone, likewise."""
_FEWEST: Final = 2
"""Known words and pairs that a text must have: fewer say nothing."""
_FEWEST_ALONE: Final = 12
"""So many without a vector: one word then weighs too much in a short text."""
_DAYS: Final = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|wed|thu|fri|january|february|march|april|june|july|august|"
    r"september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|spring|easter|christmas|summer|"
    r"autumn"
)
_NUMBERS: Final = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty"
_TOKEN: Final = regex.compile(
    rf"(?P<day>\b(?:{_DAYS})\b)|(?P<number>\d[\d.,:]*|\b(?:{_NUMBERS})\b)|[^\W\d_]+(?:'[^\W\d_]+)?|[?!,;.\n\"]"
)


@dataclass(frozen=True)
class Weights:
    """What was learned, for k kinds of facets."""

    kinds: tuple[str, ...]
    number: dict[str, int]
    """Of each word or pair of words."""
    rarity: NDArray[np.float32]
    """Inverse document frequency of each, shape (w,)."""
    of_words: NDArray[np.float32]
    """Shape (w, k)."""
    words_start: NDArray[np.float32]
    """Log-odds of a text without words, shape (k,)."""
    of_vector: NDArray[np.float32]
    """Shape (d, k)."""
    vector_start: NDArray[np.float32]
    """Shape (k,)."""
    with_vector: NDArray[np.bool_]
    """The kinds whose vector is asked, shape (k,)."""


@lru_cache(maxsize=1)
def weights() -> Weights:
    """Those of the file."""
    with files(__package__).joinpath(_FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    words = bytes(arrays["words"]).decode("utf-8").split("\t")
    numbers = ("rarity", "of_words", "words_start", "of_vector", "vector_start")
    return Weights(
        kinds=tuple(bytes(arrays["kinds"]).decode("utf-8").split("\t")),
        number={word: i for i, word in enumerate(words)},
        with_vector=arrays["with_vector"].astype(np.bool_),
        **{name: arrays[name].astype(np.float32) for name in numbers},
    )


def pieces(text: str) -> list[str]:
    """Words and pairs of words in small letters; numbers are `#`, days and months `<day>`. Apostrophes are straight."""
    words = []
    for match in _TOKEN.finditer(text.lower()):
        kind = match.lastgroup
        words.append("<day>" if kind == "day" else "#" if kind == "number" else match.group().replace("\n", "\\n"))
    return [*words, *(f"{one} {next_}" for one, next_ in pairwise(words))]


def log_odds(text: str, vector: NDArray[np.float32] | None = None) -> NDArray[np.float32] | None:
    """How likely each kind of facet is, less the limit: above zero it is there. Shape (k,); None: too few words.

    Args:
        text: With straight apostrophes.
        vector: The text's unit vector, of the encoder that ships, shape (d,); one of another length is not looked at.
    """
    learned = weights()
    counts = Counter(number for piece in pieces(text) if (number := learned.number.get(piece)) is not None)
    if len(counts) < _FEWEST:
        return None
    rows = np.fromiter(counts, dtype=np.int64, count=len(counts))
    weight = np.array([1 + math.log(count) for count in counts.values()], dtype=np.float32) * learned.rarity[rows]
    words: NDArray[np.float32] = (weight / np.linalg.norm(weight)) @ learned.of_words[rows] + learned.words_start
    alone = words - np.float32(MIN_LOG_ODDS_OF_WORDS if len(counts) >= _FEWEST_ALONE else np.inf)
    if vector is None or vector.shape != learned.of_vector.shape[:1]:
        return alone
    both = (words + vector @ learned.of_vector + learned.vector_start) / 2 - np.float32(MIN_LOG_ODDS)
    return np.where(learned.with_vector, both, alone)


def telling(clauses: list[str], kind: str) -> int:
    """Which of the clauses speaks most for a kind of facet; the first of those that do so equally."""
    learned = weights()
    column = learned.of_words[:, learned.kinds.index(kind)] * learned.rarity
    of_clause = [
        sum(float(column[number]) for piece in set(pieces(clause)) if (number := learned.number.get(piece)) is not None)
        for clause in clauses
    ]
    return int(np.argmax(of_clause))
