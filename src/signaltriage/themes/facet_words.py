"""How sure it is that a text tells of a kind of friction: patterns, words and sentence vector weighed together.

Each kind of facet has four witnesses, all learned by `python -m eval.facet_training` (`facet_weights.npz`):

    patterns   the most trusted expression that matches; trust is the log-odds that labels bear it out
    words      a logistic regression over the tf-idf of the whole text's words and pairs of words
    clause     another over those of one clause; the clause that speaks most for the kind counts (multiple instances:
               Dietterich et al. 1997), so that a long text does not drown the one clause that tells
    vector     a third over the text's sentence vector, where it is at hand

The last three are averaged, half the patterns' trust is added, and one limit for all kinds is taken off: another where
there is no vector. Weights of their own for each kind did no better on held-out signals. Of a short text without its
vector one word would weigh too much: there the patterns decide alone. No encoder is called.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
import regex
from numpy.typing import NDArray

from signaltriage.themes.facet_patterns import Expression

_FILE: Final = "facet_weights.npz"
UNTRUSTED: Final = -3.0
"""The patterns' word where none matches, in log-odds."""
_FEWEST_ALONE: Final = 20
"""Known words and pairs of words, about ten words, that make a text long enough to be judged without its vector."""
OF_TRUST: Final = 0.5
"""What the patterns' word counts beside the others' average: best of .5 and .8 out of fold."""
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
    """Of whole texts, shape (w, k)."""
    words_start: NDArray[np.float32]
    """Log-odds of a text without words, shape (k,)."""
    of_clause: NDArray[np.float32]
    """Of clauses, shape (w, k)."""
    clause_start: NDArray[np.float32]
    """Shape (k,)."""
    of_vector: NDArray[np.float32]
    """Shape (d, k)."""
    vector_start: NDArray[np.float32]
    """Shape (k,)."""
    trust: dict[int, float]
    """Log-odds that an expression which matches is right, by its `key`."""
    usual_trust: NDArray[np.float32]
    """Of an expression that was not met in learning, shape (k,)."""
    limit: NDArray[np.float32]
    """Above it a kind is there: without a vector, and with one. Shape (2,)."""


@lru_cache(maxsize=1)
def weights() -> Weights:
    """Those of the file."""
    with files(__package__).joinpath(_FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    words = bytes(arrays.pop("words")).decode("utf-8").split("\t")
    kinds = bytes(arrays.pop("kinds")).decode("utf-8").split("\t")
    keys, trust = arrays.pop("trust_keys").tolist(), arrays.pop("trust").tolist()
    return Weights(
        kinds=tuple(kinds),
        number={word: i for i, word in enumerate(words)},
        trust=dict(zip(keys, trust, strict=True)),
        **{name: array.astype(np.float32) for name, array in arrays.items()},
    )


def key(expression: Expression) -> int:
    """A number of 32 bits by which an expression's trust is found again."""
    return crc32(f"{expression.kind}\t{expression.source}".encode())


def pieces(text: str) -> list[str]:
    """Words and pairs of words in small letters; numbers are `#`, days and months `<day>`. Apostrophes are straight."""
    words = []
    for match in _TOKEN.finditer(text.lower()):
        kind = match.lastgroup
        words.append("<day>" if kind == "day" else "#" if kind == "number" else match.group().replace("\n", "\\n"))
    return [*words, *(f"{one} {next_}" for one, next_ in pairwise(words))]


@dataclass(frozen=True)
class Heard:
    """What the witnesses say of a text."""

    log_odds: NDArray[np.float32]
    """How likely each kind of facet is, less the limit: above zero it is there. Shape (k,)."""
    clause: NDArray[np.int64]
    """The clause that speaks most for each kind, shape (k,); 0 where there is no clause."""


def hear(
    text: str,
    clauses: Sequence[str],
    matched: Iterable[Expression],
    vector: NDArray[np.float32] | None = None,
) -> Heard:
    """What all witnesses together say.

    Args:
        text: With straight apostrophes.
        clauses: Its clauses.
        matched: The expressions that match in it.
        vector: Its unit vector, of the encoder that ships, shape (d,); one of another length is not looked at.
    """
    learned = weights()
    of_clause = learned.clause_start[None, :]
    if clauses:
        of_clause = np.stack([_of(clause, learned.of_clause, learned.clause_start) for clause in clauses])
    said = [_of(text, learned.of_words, learned.words_start), of_clause.max(axis=0)]
    trust = _of_patterns(matched)
    limit = learned.limit[0]
    if vector is not None and vector.shape == learned.of_vector.shape[:1]:
        limit = learned.limit[1]
        said.append(vector @ learned.of_vector + learned.vector_start)
    elif len(_known(text)) < _FEWEST_ALONE:
        said, limit = [np.zeros_like(trust)], (UNTRUSTED + trust.dtype.type(1)) * OF_TRUST
    log_odds = OF_TRUST * trust + np.mean(said, axis=0) - limit
    return Heard(log_odds.astype(np.float32), of_clause.argmax(axis=0).astype(np.int64))


def _of_patterns(matched: Iterable[Expression]) -> NDArray[np.float32]:
    learned = weights()
    out = np.full(len(learned.kinds), UNTRUSTED, dtype=np.float32)
    for expression in matched:
        k = learned.kinds.index(expression.kind)
        out[k] = max(out[k], learned.trust.get(key(expression), float(learned.usual_trust[k])))
    return out


def _known(text: str) -> Counter[int]:
    """How often each known word or pair of words is there, by its number."""
    number = weights().number
    return Counter(known for piece in pieces(text) if (known := number.get(piece)) is not None)


def _of(text: str, of_words: NDArray[np.float32], start: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-odds by the words of a text, shape (k,)."""
    counts = _known(text)
    if not counts:
        return start
    rows = np.fromiter(counts, dtype=np.int64, count=len(counts))
    weight = np.array([1 + math.log(count) for count in counts.values()], dtype=np.float32) * weights().rarity[rows]
    found: NDArray[np.float32] = (weight / np.linalg.norm(weight)) @ of_words[rows] + start
    return found
