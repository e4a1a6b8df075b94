from __future__ import annotations

import numpy as np
import pytest

from signaltriage.encode.batches import TOKENS_A_BATCH, by_length


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_each_text_once_and_only_equal_lengths_together(workers: int) -> None:
    lengths = np.random.default_rng(0).integers(2, 40, 1000).tolist()
    batches = by_length(lengths, workers=workers)
    assert sorted(np.concatenate(batches).tolist()) == list(range(1000))
    for batch in batches:
        assert len({lengths[row] for row in batch}) == 1
        assert len(batch) * lengths[batch[0]] <= TOKENS_A_BATCH


def test_costliest_first() -> None:
    lengths = [3, 9, 3, 12, 9]
    assert [lengths[batch[0]] for batch in by_length(lengths)] == [12, 9, 3]


def test_a_text_longer_than_the_budget_runs_alone() -> None:
    assert [batch.tolist() for batch in by_length([700, 700], most_tokens=512)] == [[0], [1]]


def test_few_texts_are_shared_out() -> None:
    assert len(by_length([16] * 32, workers=1)) == 1
    assert len(by_length([16] * 32, workers=2)) >= 2


def test_nothing_gives_nothing() -> None:
    assert by_length([]) == []
    assert by_length([], workers=4) == []
