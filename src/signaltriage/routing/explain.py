"""Why a signal got its team: the words that carried it, and the nearest known examples with their teams."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.routing.attribution import word_weights
from signaltriage.routing.lexicon import Lexicon
from signaltriage.routing.products import inner_products
from signaltriage.routing.router import Router
from signaltriage.routing.words import Word, how_many, presentable, words_in
from signaltriage.types import Neighbour, RunnerUp

EXAMPLE_CHARACTERS = 90
NEAR = 4
"""Most probable teams among whose examples the nearest is looked for."""


@dataclass(frozen=True)
class Examples:
    """Known signals of each team, to explain by: texts and their unit vectors, row by row."""

    texts: tuple[str, ...]
    team_codes: NDArray[np.int32]
    """Shape (n,): position of the team in `Router.classes`."""
    vectors: NDArray[np.float16]
    """Shape (n, dimension). Half precision: a similarity is shown with two decimals."""
    lexicon: Lexicon = field(default_factory=Lexicon)
    """What words mean to the router by themselves."""

    @cached_property
    def of_team(self) -> dict[int, tuple[NDArray[np.intp], NDArray[np.float64]]]:
        """Row numbers and vectors of each team's examples, worked out once."""
        groups = {int(code): np.flatnonzero(self.team_codes == code) for code in np.unique(self.team_codes)}
        return {code: (rows, self.vectors[rows].astype(np.float64)) for code, rows in groups.items()}

    @classmethod
    def choose(
        cls, texts: Sequence[str], y: NDArray[np.int64], vectors: NDArray[np.float32], per_team: int
    ) -> Examples:
        """The rows that stand closest to their team's mean, at most `per_team` each: typical ones explain best."""
        kept: list[int] = []
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            typical = vectors[rows].astype(np.float64) @ vectors[rows].mean(axis=0, dtype=np.float64)
            kept += rows[np.argsort(-typical.round(6), kind="stable")][:per_team].tolist()
        shown = tuple(shorten(texts[i]) for i in kept)
        return cls(shown, y[kept].astype(np.int32), vectors[kept].astype(np.float16))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What spoke for one best guess."""

    words: tuple[str, ...]
    """As typed, the weightiest first."""
    neighbours: tuple[Neighbour, ...]
    """The nearest known example; where it is of another team, also the nearest of the best guess. Empty where the
    model keeps no examples."""


@dataclass(frozen=True)
class Leaders:
    """The most probable teams of each row, best first. Shapes (n, t)."""

    teams: NDArray[np.intp]
    probabilities: NDArray[np.float64]


def find_evidence(
    router: Router,
    examples: Examples,
    texts: Sequence[str],
    rows_and_vectors: tuple[sparse.csr_matrix, NDArray[np.float32]],
    leaders: Leaders,
) -> list[Evidence]:
    """Evidence for each row's best guess; examples are looked for among its most probable teams."""
    rows, vectors = rows_and_vectors
    neighbours = _neighbours(router, examples, vectors, leaders.teams[:, :NEAR])
    out = []
    for i, text in enumerate(texts):
        own = slice(rows.indptr[i], rows.indptr[i + 1])
        words = words_in(text)
        terms = rows.indices[own], rows.data[own]
        ranked = leaders.probabilities[i], leaders.teams[i]
        weights = word_weights(router, examples.lexicon, terms, text, words, ranked)
        out.append(Evidence(_telling_words(words, weights), neighbours[i]))
    return out


def _telling_words(words: Sequence[Word], weights: NDArray[np.float64]) -> tuple[str, ...]:
    """The words that spoke most for the best guess, as typed; at most half of the text's words.

    Where none seems to, the one that spoke least against it: the guess is of something in the text.
    """
    shown = [k for k in np.argsort(-weights.round(6), kind="stable") if presentable(words[k])]
    telling = [k for k in shown if weights[k] > 0] or shown[:1]
    return tuple(words[k].typed for k in telling[: how_many(words)])


def _neighbours(
    router: Router, examples: Examples, vectors: NDArray[np.float32], teams: NDArray[np.intp]
) -> list[tuple[Neighbour, ...]]:
    """Nearest example of each row among its teams, shape (n, t), best guess first; see `Evidence.neighbours`."""
    similarity = np.full(teams.shape, -np.inf)
    place = np.zeros(teams.shape, dtype=np.intp)
    for code in np.unique(teams):
        if int(code) not in examples.of_team:
            continue
        known, known_vectors = examples.of_team[int(code)]
        rows, columns = np.nonzero(teams == code)
        found = inner_products(vectors[rows], known_vectors).round(6)
        nearest = found.argmax(axis=1)
        place[rows, columns] = known[nearest]
        similarity[rows, columns] = np.clip(found[np.arange(len(rows)), nearest], -1, 1)
    out = []
    for near, which, codes in zip(similarity, place, teams, strict=True):
        best = int(near.argmax())
        shown = [k for k in dict.fromkeys([best, 0]) if near[k] > -np.inf]
        out.append(tuple(Neighbour(examples.texts[which[k]], router.classes[codes[k]], float(near[k])) for k in shown))
    return out


def nearest_of_all(router: Router, examples: Examples, vector: NDArray[np.float32], n: int) -> tuple[Neighbour, ...]:
    """The `n` nearest examples of any team to one vector of shape (dimension,), nearest first."""
    if not len(examples.texts):
        return ()
    similarity = inner_products(vector[None], examples.vectors)[0].round(6)
    order = np.argsort(-similarity, kind="stable")[:n]
    return tuple(
        Neighbour(examples.texts[k], router.classes[examples.team_codes[k]], float(np.clip(similarity[k], -1, 1)))
        for k in order
    )


def describe(
    probability: float,
    min_probability: float,
    best_guess: str,
    evidence: Evidence,
    runners_up: Sequence[RunnerUp],
    n_known: int,
) -> str:
    """One line for a person: the comparison that decided, then what spoke for the best guess, and what against it."""
    if min_probability > 1:
        decided = f"{_percent(probability)} sure; held-out data allow no limit at which this model may route alone"
    elif probability >= min_probability:
        decided = f"{_percent(probability)} sure, {min_probability:.0%} needed"
    else:
        decided = f"only {_percent(probability)} sure, {min_probability:.0%} needed"
        if runners_up:
            decided += f"; next {runners_up[0].team} {_percent(runners_up[0].probability)}"
    parts = [decided]
    if not n_known:
        parts.append("no word of it occurs in the training data")
    elif evidence.words:
        parts.append("words: " + ", ".join(evidence.words))
    for known in evidence.neighbours:
        label = known.team if known.team == best_guess else f"yet of {known.team}"
        parts.append(f"like ({known.similarity:.2f}, {label}): “{known.text}”")
    return "; ".join(parts)


def describe_none(none_probability: float) -> str:
    """The first words about a signal that was turned away."""
    return f"likely none of the known teams ({_percent(none_probability)})"


def _percent(probability: float) -> str:
    """Whole percent, cut off rather than rounded: 89.6 % must not read as the 90 % that were needed."""
    return f"{math.floor(probability * 100 + 1e-9)}%"


def shorten(text: str) -> str:
    """One line of at most `EXAMPLE_CHARACTERS`."""
    line = " ".join(text.split())
    return line if len(line) <= EXAMPLE_CHARACTERS else line[: EXAMPLE_CHARACTERS - 1].rstrip() + "…"
