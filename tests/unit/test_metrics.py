"""Every figure by hand once, against scikit-learn on random input, and the properties that hold for any input."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from signaltriage import metrics
from signaltriage.errors import UsageError
from signaltriage.metrics import ClassMetrics, Interval, ReliabilityBin, RiskPoint

# a: 2 rows, 1 found, guessed twice → precision 1/2, recall 1/2, F1 1/2
# b: 3 rows, 2 found, guessed 3 times → 2/3, 2/3, 2/3
# new: 1 row, a label the model does not know → 0
TRUTH = ["a", "a", "b", "b", "b", "new"]
GUESS = ["a", "b", "b", "b", "a", "c"]

labels = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcde")), min_size=1, max_size=60)
scored = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def test_accuracy_by_hand() -> None:
    assert metrics.accuracy(TRUTH, GUESS) == pytest.approx(3 / 6)


def test_macro_f1_by_hand_counts_unseen_and_never_true_labels_as_zero() -> None:
    assert metrics.macro_f1(TRUTH, GUESS) == pytest.approx((1 / 2 + 2 / 3 + 0 + 0) / 4)


def test_weighted_f1_by_hand() -> None:
    assert metrics.weighted_f1(TRUTH, GUESS) == pytest.approx((2 * 1 / 2 + 3 * 2 / 3 + 1 * 0) / 6)


def test_per_class_by_hand() -> None:
    assert metrics.per_class(TRUTH, GUESS) == (
        ClassMetrics("a", 2, 0.5, 0.5, 0.5),
        ClassMetrics("b", 3, pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3)),
        ClassMetrics("c", 0, 0.0, 0.0, 0.0),
        ClassMetrics("new", 1, 0.0, 0.0, 0.0),
    )


def test_ece_by_hand() -> None:
    # Two bins: (0, .5] holds .5 and .3 (mean .4, one of two right), (.5, 1] holds .9 and .7 (mean .8, both right).
    probability, right = [0.9, 0.5, 0.7, 0.3], [True, True, True, False]
    assert metrics.expected_calibration_error(probability, right, bins=2) == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)
    assert metrics.reliability_table(probability, right, bins=2) == (
        ReliabilityBin(0.0, 0.5, 2, pytest.approx(0.4), 0.5),
        ReliabilityBin(0.5, 1.0, 2, pytest.approx(0.8), 1.0),
    )


def test_bins_have_equal_width_and_belong_to_their_upper_edge() -> None:
    edges = np.linspace(0, 1, 16)
    table = metrics.reliability_table(edges, np.ones(16, dtype=bool))
    assert [b.n for b in table] == [2] + [1] * 14
    assert {round(b.high - b.low, 9) for b in table} == {round(1 / 15, 9)}


def test_an_empty_bin_has_no_means() -> None:
    low, high = metrics.reliability_table([0.9], [True], bins=2)
    assert (low.n, low.mean_probability, low.accuracy) == (0, None, None)
    assert high.n == 1


def test_risk_coverage_by_hand_routes_equal_probabilities_together() -> None:
    assert metrics.risk_coverage([0.9, 0.6, 0.6, 0.2], [True, True, False, False]) == (
        RiskPoint(0.9, 0.25, 0.0),
        RiskPoint(0.6, 0.75, pytest.approx(1 / 3)),
        RiskPoint(0.2, 1.0, 0.5),
    )


def test_bootstrap_interval_of_a_share_is_about_its_normal_interval() -> None:
    hit = np.arange(400) % 5 != 0
    found = metrics.bootstrap_interval(lambda h: float(h.mean()), hit)
    spread = 1.96 * (0.8 * 0.2 / 400) ** 0.5
    assert found.value == 0.8
    assert found.low == pytest.approx(0.8 - spread, abs=0.008)
    assert found.high == pytest.approx(0.8 + spread, abs=0.008)
    assert found == metrics.bootstrap_interval(lambda h: float(h.mean()), hit)


def test_bootstrap_draws_the_rows_of_all_arrays_together() -> None:
    truth = np.array([0, 1, 2, 3] * 10)
    assert metrics.bootstrap_interval(metrics.accuracy, truth, truth, n_resamples=50) == Interval(1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.accuracy([], []),
        lambda: metrics.macro_f1(["a"], ["a", "b"]),
        lambda: metrics.expected_calibration_error([], []),
        lambda: metrics.expected_calibration_error([0.5], [True, False]),
        lambda: metrics.expected_calibration_error([1.5], [True]),
        lambda: metrics.expected_calibration_error([float("nan")], [True]),
        lambda: metrics.reliability_table([0.5], [True], bins=0),
        lambda: metrics.bootstrap_interval(np.mean, []),
        lambda: metrics.bootstrap_interval(metrics.accuracy, [1], [1, 2]),
    ],
)
def test_input_that_cannot_be_measured_is_a_usage_error(call) -> None:
    with pytest.raises(UsageError):
        call()


def test_records_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        RiskPoint(0.5, 1.0, 0.0).error = 1.0  # type: ignore[misc]


def test_importing_loads_neither_scikit_learn_nor_scipy() -> None:
    code = "import sys, signaltriage.metrics; print([m for m in ('sklearn', 'scipy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@given(labels)
def test_f1_agrees_with_scikit_learn(rows: list[tuple[str, str]]) -> None:
    truth, guess = zip(*rows, strict=True)
    assert metrics.macro_f1(truth, guess) == pytest.approx(f1_score(truth, guess, average="macro", zero_division=0))
    assert metrics.weighted_f1(truth, guess) == pytest.approx(
        f1_score(truth, guess, average="weighted", zero_division=0)
    )


@given(labels)
def test_per_class_holds_every_row_and_agrees_with_the_means(rows: list[tuple[str, str]]) -> None:
    truth, guess = zip(*rows, strict=True)
    classes = metrics.per_class(truth, guess)
    assert sum(c.support for c in classes) == len(rows)
    assert [c.label for c in classes] == sorted(set(truth) | set(guess))
    assert np.mean([c.f1 for c in classes]) == pytest.approx(metrics.macro_f1(truth, guess))
    assert sum(c.recall * c.support for c in classes) / len(rows) == pytest.approx(metrics.accuracy(truth, guess))


@given(labels, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant_to_label_figures(rows, random) -> None:
    shuffled = random.sample(rows, len(rows))
    (truth, guess), (truth2, guess2) = zip(*rows, strict=True), zip(*shuffled, strict=True)
    for figure in (metrics.accuracy, metrics.macro_f1, metrics.weighted_f1, metrics.per_class):
        assert figure(truth, guess) == figure(truth2, guess2)


@given(scored, st.randoms(use_true_random=False), st.integers(1, 20))
def test_the_order_of_rows_is_irrelevant_to_probability_figures_to_the_last_bit(rows, random, bins) -> None:
    shuffled = random.sample(rows, len(rows))
    (p, right), (p2, right2) = zip(*rows, strict=True), zip(*shuffled, strict=True)
    assert metrics.expected_calibration_error(p, right, bins) == metrics.expected_calibration_error(p2, right2, bins)
    assert metrics.reliability_table(p, right, bins) == metrics.reliability_table(p2, right2, bins)
    assert metrics.risk_coverage(p, right) == metrics.risk_coverage(p2, right2)


@given(st.lists(st.booleans(), min_size=1, max_size=50), st.integers(1, 30))
def test_a_deterministic_model_that_is_never_mistaken_about_itself_has_no_calibration_error(right, bins) -> None:
    # With one bin for everything, mean probability = accuracy as well.
    assert metrics.expected_calibration_error([float(r) for r in right], right, bins) == 0


@given(scored, st.integers(1, 30))
def test_ece_lies_between_the_overall_gap_and_one(rows, bins) -> None:
    p, right = zip(*rows, strict=True)
    ece = metrics.expected_calibration_error(p, right, bins)
    assert abs(np.mean(p) - np.mean(right)) - 1e-9 <= ece <= 1 + 1e-9


@given(scored, st.integers(1, 30))
def test_the_reliability_table_holds_every_row_and_gives_the_ece(rows, bins) -> None:
    p, right = zip(*rows, strict=True)
    table = metrics.reliability_table(p, right, bins)
    assert (len(table), sum(b.n for b in table)) == (bins, len(rows))
    gaps = [b.n * abs(b.accuracy - b.mean_probability) for b in table if b.accuracy is not None]
    assert sum(gaps) / len(rows) == pytest.approx(metrics.expected_calibration_error(p, right, bins))


@given(scored)
def test_risk_coverage_grows_to_everything_and_matches_brute_force(rows) -> None:
    p, right = (np.array(column) for column in zip(*rows, strict=True))
    curve = metrics.risk_coverage(p, right)
    assert [point.min_probability for point in curve] == sorted(set(p.tolist()), reverse=True)
    assert curve[-1].coverage == 1.0
    assert curve[-1].error == pytest.approx(1 - right.mean())
    for point in curve:
        routed = p >= point.min_probability
        assert point.coverage == pytest.approx(routed.mean())
        assert point.error == pytest.approx((~right[routed]).mean())


@settings(max_examples=25)
@given(scored)
def test_a_bootstrap_interval_is_in_order_and_within_what_the_rows_allow(rows) -> None:
    p, _ = zip(*rows, strict=True)
    found = metrics.bootstrap_interval(lambda x: float(np.mean(x)), p, n_resamples=50)
    assert min(p) - 1e-9 <= found.low <= found.high <= max(p) + 1e-9


def test_the_worst_class_is_the_one_whose_guesses_are_most_misstated() -> None:
    guess = np.repeat([0, 1, 2], [60, 60, 10])
    probability = np.where(guess == 0, 0.9, 0.5)
    right = np.concatenate([np.arange(60) < 54, np.arange(60) < 18, np.zeros(10, bool)])
    assert metrics.worst_class_gap(probability, right, guess) == (pytest.approx(0.2), 1)
    assert metrics.worst_class_gap(probability, right, guess, min_rows=10) == (pytest.approx(0.5), 2)
    assert metrics.worst_class_gap(probability, right, guess, min_rows=61) is None
