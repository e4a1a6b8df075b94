from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from signaltriage.routing.audit import Audit, AuditRows, AuditSettings, audit_labels

N, TEAMS = 400, 5
SETTINGS = AuditSettings(kernel_width=1.0, kernel_penalty=0.3)


def make(share: float, seed: int = 3) -> tuple[AuditRows, set[int], list[str]]:
    """Clouds of rows in a ring of teams; some labels are moved to the next team."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, TEAMS, N)
    centres = rng.normal(size=(TEAMS, 16)) * 1.2
    vectors = centres[true] + 0.4 * rng.normal(size=(N, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    moved = set(rng.permutation(N)[: round(share * N)].tolist())
    names = [f"team {t}" for t in true]
    labels = [f"team {(t + 1) % TEAMS}" if i in moved else names[i] for i, t in enumerate(true)]
    texts = [f"signal of word{i} and word{i * 7}" for i in range(N)]
    probabilities = np.full((N, TEAMS), 1 / TEAMS)
    return AuditRows(texts, labels, vectors.astype(np.float32), probabilities), moved, names


@pytest.fixture(scope="module")
def noisy() -> tuple[AuditRows, set[int], list[str], Audit]:
    rows, moved, names = make(0.1)
    return rows, moved, names, audit_labels(rows, SETTINGS)


def suspects(audit: Audit) -> set[int]:
    return {finding.row for finding in audit.findings if finding.suspect}


def test_moved_labels_are_found_and_their_own_are_suggested(noisy) -> None:
    _, moved, names, audit = noisy
    found = suspects(audit)
    assert len(found & moved) >= 0.9 * len(moved)
    assert len(found & moved) >= 0.9 * len(found)
    assert all(f.suggested == names[f.row] for f in audit.findings if f.row in found & moved)


def test_every_row_has_one_finding_the_most_suspect_first(noisy) -> None:
    _, _, _, audit = noisy
    assert sorted(f.row for f in audit.findings) == list(range(N))
    flags = [f.suspect for f in audit.findings]
    assert flags == sorted(flags, reverse=True)
    chances = [f.wrong_probability for f in audit.findings]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)


def test_the_reason_names_both_labels_and_the_neighbours(noisy) -> None:
    rows, _, _, audit = noisy
    first = audit.findings[0]
    assert rows.labels[first.row] in first.why
    assert first.suggested in first.why
    assert "nearest rows" in first.why
    assert "“signal of word" in first.why


def test_a_clean_set_is_left_alone() -> None:
    rows, _, _ = make(0.0)
    assert len(suspects(audit_labels(rows, SETTINGS))) <= 0.01 * N


def test_labels_without_any_sense_are_not_called_wrong() -> None:
    rows, _, _ = make(0.0)
    shuffled = [rows.labels[i] for i in np.random.default_rng(0).permutation(N)]
    assert len(suspects(audit_labels(replace(rows, labels=shuffled), SETTINGS))) <= 0.05 * N


def test_a_contradiction_comes_first_however_sure_the_rest(noisy) -> None:
    rows, moved, _, _ = noisy
    labels, texts, vectors = list(rows.labels), list(rows.texts), rows.vectors.copy()
    same = [i for i in range(N) if i not in moved and labels[i] == "team 0"][:3]
    for i in same:
        texts[i], vectors[i] = "the very same words", vectors[same[0]]
    labels[same[2]] = "team 1"
    audit = audit_labels(replace(rows, labels=labels, texts=texts, vectors=vectors), SETTINGS)
    first = audit.findings[0]
    assert (first.row, first.kind, first.suggested) == (same[2], "contradiction", "team 0")
    assert first.why == "the same text is labelled team 0"


def test_the_order_of_the_rows_changes_nothing(noisy) -> None:
    rows, _, _, audit = noisy
    order = np.random.default_rng(1).permutation(N)
    shuffled = AuditRows(
        [rows.texts[i] for i in order],
        [rows.labels[i] for i in order],
        rows.vectors[order],
        rows.probabilities[order],
    )
    again = audit_labels(shuffled, SETTINGS)
    assert [replace(f, row=int(order[f.row])) for f in again.findings] == list(audit.findings)


def test_two_rows_are_enough_to_run() -> None:
    rows = AuditRows(["a b", "c d"], ["x", "y"], np.eye(2, dtype=np.float32), np.full((2, 2), 0.5))
    audit = audit_labels(rows, SETTINGS)
    assert len(audit.findings) == 2
    assert not suspects(audit)
