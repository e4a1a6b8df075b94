"""How much an old row counts."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.recency import recency_weights

DAY = 86_400.0


def test_a_row_counts_half_after_each_half_life() -> None:
    weights = recency_weights(np.array([0.0, 10.0, 20.0, 30.0]) * DAY, 10.0, 4)
    np.testing.assert_allclose(weights / weights[-1], [1 / 8, 1 / 4, 1 / 2, 1])
    assert weights.mean() == pytest.approx(1)


def test_very_old_rows_keep_a_floor() -> None:
    weights = recency_weights(np.array([0.0, 10_000.0]) * DAY, 1.0, 2)
    assert weights[0] / weights[1] == pytest.approx(1e-3)


def test_only_ages_count_not_dates() -> None:
    times = np.array([3.0, 1.0, 2.0]) * DAY
    np.testing.assert_allclose(recency_weights(times, 2.0, 3), recency_weights(times + 1e9, 2.0, 3))


@pytest.mark.parametrize(("times", "half_life"), [(None, 5.0), (np.arange(3.0), None), (np.arange(3.0), 0.0)])
def test_without_times_or_half_life_all_rows_count_the_same(times: np.ndarray | None, half_life: float | None) -> None:
    np.testing.assert_array_equal(recency_weights(times, half_life, 3), np.ones(3))
