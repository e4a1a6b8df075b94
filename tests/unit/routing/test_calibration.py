"""Calibration keeps the order, keeps the best guess, keeps the sum, and makes probabilities mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from signaltriage.metrics import expected_calibration_error
from signaltriage.routing.calibration import TopLabelCalibration

CURVES = st.builds(TopLabelCalibration, st.floats(0.05, 5), st.floats(-10, 10))
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


@given(CURVES)
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


def test_no_rows_are_calibrated_into_no_rows() -> None:
    assert TopLabelCalibration(1.0, 0.0).apply(np.empty((0, 3))).shape == (0, 3)
