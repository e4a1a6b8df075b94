"""The largest values of each row, and the nearest rows that they tell."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.themes.neighbours import largest


@pytest.mark.parametrize("shape", [(1, 5), (7, 40), (30, 900), (3, 5000), (513, 1234)])
@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("ties", [False, True])
def test_they_are_those_of_a_full_sort(shape: tuple[int, int], k: int, ties: bool) -> None:
    rng = np.random.default_rng(shape[1] + k)
    values = rng.normal(size=shape).astype(np.float32)
    if ties:
        values = np.round(values, 1)
    columns, found = largest(values, k)
    by_hand = np.argsort(-values, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(columns, by_hand)
    np.testing.assert_array_equal(found, np.take_along_axis(values, by_hand, axis=1))


def test_rows_of_one_value_give_the_first_columns() -> None:
    columns, found = largest(np.full((4, 3000), 0.5, dtype=np.float32), 6)
    np.testing.assert_array_equal(columns, np.tile(np.arange(6), (4, 1)))
    assert (found == 0.5).all()
