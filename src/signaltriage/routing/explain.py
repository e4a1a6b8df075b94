"""Why a signal got its team: the words that spoke for it, and the nearest known example of the team."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.routing.products import inner_products
from signaltriage.routing.router import Router
from signaltriage.types import RunnerUp

WORDS_SHOWN = 3
EXAMPLE_CHARACTERS = 90


@dataclass(frozen=True)
class Examples:
    """Known signals of each team, to explain by: texts and their unit vectors, row by row."""

    texts: tuple[str, ...]
    team_codes: NDArray[np.int32]
    """Shape (n,): position of the team in `Router.classes`."""
    vectors: NDArray[np.float16]
    """Shape (n, dimension). Half precision: a similarity is shown with two decimals."""

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
    example: str
    """Empty where the model keeps no examples."""
    similarity: float
    """Cosine of the signal to the example, -1 to 1."""


def find_evidence(
    router: Router,
    examples: Examples,
    rows: sparse.csr_matrix,
    vectors: NDArray[np.float32],
    best_and_second: NDArray[np.intp],
) -> list[Evidence]:
    """Evidence for each row's best guess against its runner-up; `best_and_second` has shape (n, 2)."""
    nearest = _nearest_examples(examples, vectors, best_and_second[:, 0])
    out = []
    for i, (best, second) in enumerate(best_and_second):
        row, similarity = nearest[i]
        out.append(
            Evidence(
                _telling_words(router, rows, i, (int(best), int(second))),
                examples.texts[row] if row >= 0 else "",
                similarity,
            )
        )
    return out


def _telling_words(router: Router, rows: sparse.csr_matrix, i: int, pair: tuple[int, int]) -> tuple[str, ...]:
    """The word n-grams that moved the linear scorer most from the runner-up to the best guess."""
    columns = rows.indices[rows.indptr[i] : rows.indptr[i + 1]]
    weights = rows.data[rows.indptr[i] : rows.indptr[i + 1]]
    words = columns < router.wording.n_words
    columns, weights = columns[words], weights[words]
    best, second = pair
    coefficients = router.words.coefficients[columns]
    moved = weights * (coefficients[:, best] - (coefficients[:, second] if second != best else 0))
    order = np.lexsort((columns, -moved))
    chosen: list[str] = []
    for k in order:
        if len(chosen) == WORDS_SHOWN or moved[k] <= 0:
            break
        term = router.wording.words[columns[k]]
        if any(len(word) == 1 for word in term.split()):  # the "t" of "can't" tells a reader nothing
            continue
        if not any(f" {term} " in f" {other} " or f" {other} " in f" {term} " for other in chosen):
            chosen.append(term)
    return tuple(chosen)


def _nearest_examples(
    examples: Examples, vectors: NDArray[np.float32], codes: NDArray[np.intp]
) -> list[tuple[int, float]]:
    out: list[tuple[int, float]] = [(-1, 0.0)] * len(vectors)
    for code in np.unique(codes):
        if int(code) not in examples.of_team:
            continue
        known, known_vectors = examples.of_team[int(code)]
        rows = np.flatnonzero(codes == code)
        similarity = inner_products(vectors[rows], known_vectors).round(6)
        best = similarity.argmax(axis=1)
        for k, row in enumerate(rows):
            out[row] = int(known[best[k]]), float(np.clip(similarity[k, best[k]], -1, 1))
    return out


def describe(
    probability: float, min_probability: float, evidence: Evidence, runners_up: Sequence[RunnerUp], n_known: int
) -> str:
    """One line for a person: the comparison that decided, then what spoke for the best guess."""
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
    if evidence.example:
        parts.append(f"like ({evidence.similarity:.2f}): “{evidence.example}”")
    return "; ".join(parts)


def _percent(probability: float) -> str:
    """Whole percent, cut off rather than rounded: 89.6 % must not read as the 90 % that were needed."""
    return f"{math.floor(probability * 100 + 1e-9)}%"


def shorten(text: str) -> str:
    """One line of at most `EXAMPLE_CHARACTERS`."""
    line = " ".join(text.split())
    return line if len(line) <= EXAMPLE_CHARACTERS else line[: EXAMPLE_CHARACTERS - 1].rstrip() + "…"
