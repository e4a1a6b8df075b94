"""Calibration keeps the order, keeps the best guess, keeps the sum, and makes probabilities mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from signaltriage.metrics import expected_calibration_error, worst_class_gap
from signaltriage.routing.calibration import TopLabelCalibration

OWN = st.one_of(st.just(()), st.tuples(*[st.floats(-3, 3)] * 6))
CURVES = st.builds(TopLabelCalibration, st.floats(0.05, 5), st.floats(-10, 10), OWN)
ALIKE = st.builds(TopLabelCalibration, st.floats(0.05, 5), st.floats(-10, 10))
SCORES = st.integers(2, 6).flatmap(lambda k: arrays(np.float64, (5, k), elements=st.floats(-30, 30)))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@given(CURVES, SCORES)
def test_rows_sum_to_one_and_the_best_guess_stays(curve: TopLabelCalibration, scores: np.ndarray) -> None:
    before = softmax(scores)
    after = curve.apply(before)
    np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-9)
    assert ((after >= 0) & (after <= 1)).all()
    np.testing.assert_array_equal(after.argmax(axis=1), before.argmax(axis=1))
    # As served, rounded: the best guess is still strictly ahead of what comes after it.
    np.testing.assert_array_equal(after.round(6).argmax(axis=1), before.argmax(axis=1))


@given(CURVES, SCORES)
def test_the_others_keep_their_proportions(curve: TopLabelCalibration, scores: np.ndarray) -> None:
    before = softmax(scores)
    after = curve.apply(before)
    for b, a in zip(before, after, strict=True):
        rest = np.arange(len(b)) != b.argmax()
        np.testing.assert_allclose(a[rest] * b[rest].sum(), b[rest] * a[rest].sum(), atol=1e-12)


@given(ALIKE)
def test_with_two_classes_it_never_decreases(curve: TopLabelCalibration) -> None:
    top = np.linspace(0.5, 1 - 1e-9, 400)
    after = curve.apply(np.column_stack([top, 1 - top]))
    assert (np.diff(after[:, 0]) >= -1e-12).all()
    assert (after[:, 0] > 0.5).all()
    mirrored = curve.apply(np.column_stack([1 - top, top]))
    assert (mirrored[1:, 1] > 0.5).all()


@given(st.floats(0.05, 5), st.floats(0, 10))
def test_with_many_classes_it_increases(slope: float, offset: float) -> None:
    top = np.linspace(0.3, 1 - 1e-6, 200)
    after = TopLabelCalibration(slope, offset).apply(np.column_stack([top, *[(1 - top) / 5] * 5]))
    assert (np.diff(after[:, 0]) >= -1e-12).all()


@pytest.mark.parametrize("row", [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1e-310, 0.0], [1 / 3] * 3, [0.0, 1.0]])
def test_certainty_and_ties_are_calibrated_too(row: list[float]) -> None:
    after = TopLabelCalibration(0.5, -1.0).apply(np.array([row]))
    assert after.sum() == pytest.approx(1, abs=1e-9)
    assert after.argmax() == np.argmax(row)
    assert (after >= 0).all()
    assert after.max() < 1


def miscalibrated(power: float, n: int = 6000, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from true probabilities, and what a model says that is too sure (power > 1) or too modest (< 1)."""
    rng = np.random.default_rng(11)
    true = softmax(rng.normal(scale=2.0, size=(n, classes)))
    y = (rng.random((n, 1)) > true.cumsum(axis=1)).sum(axis=1).clip(max=classes - 1)
    said = true**power
    return said / said.sum(axis=1, keepdims=True), y


@pytest.mark.parametrize("power", [0.4, 3.0])
def test_it_mends_miscalibrated_probabilities_on_rows_it_has_not_seen(power: float) -> None:
    said, y = miscalibrated(power)
    curve = TopLabelCalibration.fit(said[:3000], y[:3000])

    def error(probabilities: np.ndarray) -> float:
        return expected_calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == y[3000:])

    before, after = error(said[3000:]), error(curve.apply(said[3000:]))
    assert before > 0.08
    assert after < 0.03


def test_what_is_calibrated_already_stays_nearly_as_it_is() -> None:
    said, y = miscalibrated(1.0)
    curve = TopLabelCalibration.fit(said, y)
    assert curve.slope == pytest.approx(1, abs=0.1)
    assert curve.offset == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("right", [True, False], ids=["all right", "none right"])
def test_it_stays_modest_where_every_guess_was_right_or_none_was(right: bool) -> None:
    said = np.tile([0.9, 0.1], (40, 1))
    curve = TopLabelCalibration.fit(said, np.zeros(40, dtype=np.int64) if right else np.ones(40, dtype=np.int64))
    assert np.isfinite([curve.slope, curve.offset]).all()
    top = curve.apply(said)[0, 0]
    # Platt's targets: forty right of forty is as if one more right and one wrong had been seen.
    assert top == pytest.approx(41 / 42, abs=0.005) if right else top == pytest.approx(0.5, abs=1e-5)


def uneven(lift: np.ndarray, n: int = 9000) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a model that is too modest of some classes and too sure of others, and the labels."""
    rng = np.random.default_rng(5)
    k = len(lift)
    said = softmax(rng.normal(scale=1.5, size=(n, k)))
    top, guess = said.max(axis=1), said.argmax(axis=1)
    right = rng.random(n) < 1 / (1 + np.exp(-(np.log(top / (1 - top)) + lift[guess])))
    return said, np.where(right, guess, (guess + 1) % k)


def test_classes_that_are_understated_or_overstated_are_mended_each_by_itself() -> None:
    said, y = uneven(np.array([1.0, 0.0, -0.8, 0.5, -0.6, 0.0]))
    curve = TopLabelCalibration.fit(said[:6000], y[:6000])
    assert len(curve.of_class) == 6

    def gap(probabilities: np.ndarray) -> float:
        guess = probabilities.argmax(axis=1)
        found = worst_class_gap(probabilities.max(axis=1), guess == y[6000:], guess)
        assert found is not None
        return found[0]

    assert gap(said[6000:]) > 0.12
    assert gap(curve.apply(said[6000:])) < 0.06


def test_classes_that_differ_by_chance_only_are_not_told_apart() -> None:
    said, y = uneven(np.zeros(6), n=60_000)
    curve = TopLabelCalibration.fit(said, y)
    assert curve.of_class == () or np.abs(curve.of_class).max() < 0.1


def test_a_class_that_was_hardly_guessed_stays_near_the_common_curve() -> None:
    said, y = uneven(np.array([0.8, -0.8, 0.8, -0.8, 0.8, -0.8]))
    guess = said.argmax(axis=1)
    few = np.flatnonzero(guess == 1)[3:]
    kept = np.setdiff1d(np.arange(len(y)), few)
    own = TopLabelCalibration.fit(said[kept], y[kept]).of_class
    whole = TopLabelCalibration.fit(said, y).of_class
    assert abs(own[1]) < abs(whole[1])


def test_a_class_that_was_never_guessed_is_on_the_common_curve() -> None:
    said, y = uneven(np.array([0.8, -0.8, 0.8, -0.8, 0.8, -0.8]))
    kept = said.argmax(axis=1) != 2
    assert TopLabelCalibration.fit(said[kept], y[kept]).of_class[2] == 0.0


def test_no_rows_are_calibrated_into_no_rows() -> None:
    assert TopLabelCalibration(1.0, 0.0).apply(np.empty((0, 3))).shape == (0, 3)
