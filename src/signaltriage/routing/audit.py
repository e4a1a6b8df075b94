"""The label audit: rows whose label is probably wrong, what it should be, and why. Arrays in, findings out.

Near-duplicates that carry different labels come first (`duplicates`), then rows whose label a model that never saw them
holds for wrong (`suspicion`); all others follow, ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.duplicates import (
    Contradiction,
    Doubts,
    Neighbours,
    contradictions,
    min_similarity,
    nearest_rows,
)
from signaltriage.routing.explain import shorten
from signaltriage.routing.folds import canonical_order, joined_groups, stratified_splits
from signaltriage.routing.kernel import KernelSpace
from signaltriage.routing.suspicion import Ground, Suspicion, suspect
from signaltriage.threads import one_thread

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
LANDMARKS = 2000
NEIGHBOURS = 10
Kind = Literal["contradiction", "unlikely", "none"]


@dataclass(frozen=True)
class AuditRows:
    """Rows to audit, row by row."""

    texts: Sequence[str]
    """Cleaned."""
    labels: Sequence[str]
    vectors: NDArray[np.float32]
    """Unit rows of shape (n, dimension)."""
    probabilities: FloatArray
    """Calibrated, of models that did not see the row, shape (n, classes); classes are the labels in sorted order."""
    groups: Sequence[str] | None = None
    """Rows of one group (a thread, an account) say nothing about one another."""


@dataclass(frozen=True)
class AuditSettings:
    """Of the machines that judge each row: width and penalty of the kernel as training chose them."""

    kernel_width: float
    kernel_penalty: float
    folds: int = 5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What the audit says of one row."""

    row: int
    kind: Kind
    """"contradiction" and "unlikely" are suspects; "none": nothing speaks for an error, or too little."""
    suggested: str
    """The label it should probably have; its strongest rival where it is no suspect."""
    wrong_probability: float
    """That its label is wrong, 0-1, as learnt from planted errors."""
    label_probability: float
    """Held-out probability of the label it has, 0-1."""
    suggested_probability: float
    """Held-out probability of the suggested label, 0-1."""
    why: str

    @property
    def suspect(self) -> bool:
        """Whether a person should look."""
        return self.kind != "none"


@dataclass(frozen=True)
class Audit:
    """All rows, the most suspect first, and what the ranking rests on."""

    findings: tuple[Finding, ...]
    min_wrong_probability: float
    """From which on a row is a suspect; above 1 where errors cannot be told from hard rows."""
    min_similarity: float
    """From which on rows are near-duplicates; above 1 where only equal words make one."""
    planted: int
    """Errors planted to learn from."""
    planted_precision: float
    """Share of what the limit flagged that was planted, all other rows taken for right, 0-1."""
    planted_recall: float
    """Share of the planted errors that the limit found, 0-1."""


@dataclass(frozen=True)
class _Case:
    """Rows in canonical order with what was found out about them."""

    texts: list[str]
    y: IntArray
    classes: list[str]
    probabilities: FloatArray
    near: Neighbours
    suspicion: Suspicion
    contradictions: dict[int, Contradiction]


def audit_labels(rows: AuditRows, settings: AuditSettings) -> Audit:
    """Rank all rows by how probably their label is wrong. Needs rows of at least two labels.

    The order of the rows, and the number of threads, change nothing but the row numbers.
    """
    classes = sorted(set(rows.labels))
    code = {label: i for i, label in enumerate(classes)}
    order = canonical_order(rows.texts, rows.labels, None)
    texts = [rows.texts[i] for i in order]
    y = np.array([code[rows.labels[i]] for i in order], dtype=np.int64)
    groups = texts if rows.groups is None else joined_groups(texts, [rows.groups[i] for i in order])
    vectors = rows.vectors[order]
    with one_thread():  # summation order, and so the last bits, would follow the number of threads
        near = nearest_rows(vectors, groups, NEIGHBOURS)
        suspicion = suspect(_ground(vectors, y, groups, (near, settings)), y, settings.seed)
    least = min_similarity(texts, near)
    doubts = Doubts(1 - suspicion.wrong, suspicion.wrong >= suspicion.limit, suspicion.rival)
    found = contradictions(texts, y, near, doubts, least)
    case = _Case(texts, y, classes, rows.probabilities[order], near, suspicion, found)
    findings = [_finding(case, i, int(order[i])) for i in _ranked(case)]
    return Audit(tuple(findings), suspicion.limit, least, suspicion.planted, suspicion.precision, suspicion.recall)


def _ground(
    vectors: NDArray[np.float32], y: IntArray, groups: Sequence[str], rest: tuple[Neighbours, AuditSettings]
) -> Ground:
    near, settings = rest
    n = len(y)
    landmarks = np.sort(np.random.default_rng(settings.seed).choice(n, size=min(LANDMARKS, n), replace=False))
    return Ground(
        space=KernelSpace(vectors, landmarks.astype(np.int64), settings.kernel_width),
        penalty=settings.kernel_penalty,
        splits=stratified_splits(y, groups, settings.folds),
        near=near,
        vectors=vectors,
        n_classes=int(y.max()) + 1,
    )


def _ranked(case: _Case) -> list[int]:
    """Contradictions, then the rest, by how probably they are wrong."""
    first = np.array([i in case.contradictions for i in range(len(case.y))])
    own = case.probabilities[np.arange(len(case.y)), case.y].round(6)
    return [int(i) for i in np.lexsort((own, -case.suspicion.wrong, ~first))]


def _finding(case: _Case, i: int, row: int) -> Finding:
    wrong = float(case.suspicion.wrong[i])
    clash = case.contradictions.get(i)
    kind: Kind = "contradiction" if clash else "unlikely" if wrong >= case.suspicion.limit else "none"
    suggested = clash.suggested if clash else int(case.suspicion.rival[i])
    why = _clash(case, i, clash) if clash else _doubt(case, i, suggested)
    own, other = (round(float(case.probabilities[i, k]), 6) for k in (case.y[i], suggested))
    return Finding(row, kind, case.classes[suggested], wrong, own, other, why)


def _clash(case: _Case, i: int, clash: Contradiction) -> str:
    same = case.texts[clash.other] == case.texts[i]
    what = "the same text" if same else f"a near-duplicate (similarity {clash.similarity:.2f})"
    told = f"{what} is labelled {case.classes[clash.suggested]}"
    return told if same else f"{told}: “{shorten(case.texts[clash.other])}”"


def _doubt(case: _Case, i: int, suggested: int) -> str:
    """The held-out probabilities, the neighbours, and the nearest row that carries the suggested label."""
    given, rival = case.classes[case.y[i]], case.classes[suggested]
    p = case.probabilities[i]
    parts = [f"without this row the model gives {given} {p[case.y[i]]:.0%}, {rival} {p[suggested]:.0%}"]
    there = case.near.rows[i] >= 0
    if there.any():
        n = int(there.sum())
        parts.append(f"{round(float(case.suspicion.agreeing[i]) * n)} of the {n} nearest rows are {given}")
    alike = [k for k in np.flatnonzero(there) if case.y[case.near.rows[i, k]] == suggested]
    if alike:
        other, similarity = case.near.rows[i, alike[0]], case.near.similarity[i, alike[0]]
        parts.append(f"{rival} is, at similarity {similarity:.2f}: “{shorten(case.texts[other])}”")
    return "; ".join(parts)
