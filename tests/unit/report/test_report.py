"""An evaluation as numbers, then as a page."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from signaltriage.report.evaluation import CONFUSIONS_SHOWN, evaluate
from signaltriage.report.page import evaluation_page, write_page
from signaltriage.types import Prediction


def said(guess: str, probability: float = 0.9, routed: bool = True) -> Prediction:
    return Prediction(
        guess if routed else None, "routed" if routed else "needs_human", probability, guess, (), "because", "v1"
    )


LABELS = ["a", "a", "a", "b", "b", "c", "", " a ", "none", "none"]
PREDICTIONS = [
    said("a"),
    said("a", 0.6, routed=False),
    said("b"),
    said("b"),
    said("a", 0.4, routed=False),
    said("b"),
    said("a"),
    said("a"),
    said("a", 0.3, routed=False),
    said("b", 0.8),
]


def test_the_numbers_by_hand() -> None:
    e = evaluate(LABELS, PREDICTIONS, ["a", "b"], "none")
    assert (e.rows, e.labelled, e.unlabelled, e.none_rows) == (10, 7, 1, 2)
    assert e.accuracy == pytest.approx(4 / 7)
    assert e.share_routed == pytest.approx(5 / 7)
    assert e.error_among_routed == pytest.approx(2 / 5)
    assert e.none_held == 0.5
    assert e.unknown_labels == ("c",)
    assert [(c.team, c.guess, c.rows) for c in e.confusions] == [("a", "b", 1), ("b", "a", 1), ("c", "b", 1)]
    assert [(t.team, t.support, t.routed, t.known) for t in e.teams] == [
        ("a", 4, 2, True),
        ("b", 2, 3, True),
        ("c", 1, 0, False),
    ]
    assert [t.error_among_routed for t in e.teams] == [0.0, pytest.approx(2 / 3), None]


def test_the_numbers_against_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, guess = rng.choice(list("abcd"), 300), rng.choice(list("abc"), 300)
    p = rng.random(300)
    e = evaluate(truth.tolist(), [said(g, float(q)) for g, q in zip(guess, p, strict=True)], list("abc"))
    precision, recall, f1, support = precision_recall_fscore_support(truth, guess, zero_division=0)
    np.testing.assert_allclose([t.precision for t in e.teams], precision)
    np.testing.assert_allclose([t.recall for t in e.teams], recall)
    np.testing.assert_allclose([t.f1 for t in e.teams], f1)
    assert [t.support for t in e.teams] == support.tolist()
    assert e.macro_f1 == pytest.approx(f1_score(truth, guess, average="macro"))
    assert e.weighted_f1 == pytest.approx(f1_score(truth, guess, average="weighted"))
    assert e.none_held is None
    assert sum(b.n for b in e.reliability) == 300


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = np.random.default_rng(1).permutation(len(LABELS))
    shuffled = evaluate([LABELS[i] for i in order], [PREDICTIONS[i] for i in order], ["a", "b"], "none")
    assert shuffled == evaluate(LABELS, PREDICTIONS, ["a", "b"], "none")


@pytest.mark.parametrize("labels", [[], [""], ["none"]])
def test_nothing_to_judge(labels: list[str]) -> None:
    e = evaluate(labels, [said("a")] * len(labels), ["a"], "none")
    assert (e.labelled, e.accuracy, e.teams, e.reliability, e.error_among_routed) == (0, 0.0, (), (), None)
    assert "Evaluation of x" in evaluation_page(e, "x", "v1")


def test_labels_and_predictions_must_match() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate(["a", "b"], [said("a")], ["a"])


def test_confusions_are_the_most_frequent_ones() -> None:
    labels = [f"t{i:02}" for i in range(30) for _ in range(i)]
    e = evaluate(labels, [said("x")] * len(labels), ["x"])
    assert [c.team for c in e.confusions] == [f"t{i:02}" for i in range(29, 29 - CONFUSIONS_SHOWN, -1)]


def test_the_page_escapes_every_value_and_computes_nothing() -> None:
    nasty = "<script>alert('x')</script>\"&"
    e = evaluate([nasty, "a"], [said("a"), said("a")], ["a"])
    page = evaluation_page(e, nasty, nasty)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4
    assert "50.0%" in page
    assert "http" not in page


def test_a_page_without_confusions_says_so() -> None:
    assert "every best guess was right" in evaluation_page(evaluate(["a"], [said("a")], ["a"]), "x", "v1")


def test_the_page_is_written_as_utf8(tmp_path) -> None:
    path = tmp_path / "new" / "page.html"
    write_page(path, evaluate(["Zürich"], [said("Zürich")], ["Zürich"]), "日本", "v1")
    assert "Zürich" in path.read_text(encoding="utf-8")
