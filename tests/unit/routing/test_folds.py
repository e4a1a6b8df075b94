"""What is held out: groups stay whole, row order does not matter, the past never learns from the future."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from signaltriage.routing.folds import (
    FORWARD_TRAIN_SHARE,
    canonical_order,
    forward_splits,
    joined_groups,
    stratified_splits,
)

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), min_size=1, max_size=60)
FOLDS = st.integers(2, 6)


def parts(rows: list[tuple[int, int]]) -> tuple[np.ndarray, list[str]]:
    return np.array([label for label, _ in rows]), [f"group {group}" for _, group in rows]


@given(ROWS, FOLDS)
def test_stratified_folds_hold_out_each_row_once_and_keep_groups_whole(rows: list[tuple[int, int]], k: int) -> None:
    y, groups = parts(rows)
    splits = stratified_splits(y, groups, k)
    assert sorted(np.concatenate([split.held_out for split in splits]).tolist()) == list(range(len(y)))
    for split in splits:
        assert sorted([*split.train, *split.held_out]) == list(range(len(y)))
        assert not {groups[i] for i in split.train} & {groups[i] for i in split.held_out}


@given(ROWS, FOLDS, st.randoms())
def test_the_fold_of_a_row_depends_on_its_content_only(rows: list[tuple[int, int]], k: int, random) -> None:
    def contents(shuffled: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
        y, groups = parts(shuffled)
        return [sorted(shuffled[i] for i in split.held_out) for split in stratified_splits(y, groups, k)]

    before = contents(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert contents(shuffled) == before


def test_each_class_is_spread_evenly() -> None:
    y = np.repeat([0, 1, 2], [40, 13, 7])
    splits = stratified_splits(y, [f"text {i}" for i in range(len(y))], 5)
    counts = np.array([np.bincount(y[split.held_out], minlength=3) for split in splits])
    assert np.ptp(counts, axis=0).max() <= 1
    assert np.ptp(counts.sum(axis=1)) <= 3


def test_classes_of_one_row_do_not_all_fall_into_one_fold() -> None:
    splits = stratified_splits(np.arange(10), [f"text {i}" for i in range(10)], 5)
    assert [len(split.held_out) for split in splits] == [2] * 5


@given(ROWS, FOLDS, st.lists(st.integers(0, 15), min_size=60, max_size=60))
def test_forward_splits_train_on_the_past_only(rows: list[tuple[int, int]], k: int, times: list[int]) -> None:
    _, groups = parts(rows)
    moments = np.array(times[: len(rows)], dtype=np.float64)
    seen: set[int] = set()
    for split in forward_splits(moments, groups, k):
        assert len(split.train)
        assert len(split.held_out)
        assert moments[split.train].max() <= moments[split.held_out].min()
        assert not {groups[i] for i in split.train} & {groups[i] for i in split.held_out}
        assert not seen & set(split.held_out.tolist())
        seen |= set(split.held_out.tolist())
    assert len(seen) <= len(rows)


def test_forward_splits_hold_out_the_newest_rows_in_steps() -> None:
    times = np.arange(100.0)[::-1]
    splits = forward_splits(times, [str(i) for i in range(100)], 4)
    assert len(splits) == 4
    assert sorted(len(split.train) for split in splits) == [60, 70, 80, 90]
    assert times[np.concatenate([split.held_out for split in splits])].min() == 100 * FORWARD_TRAIN_SHARE
    assert [np.sort(split.held_out).tolist() == split.held_out.tolist() for split in splits] == [True] * 4


def test_one_row_and_rows_that_were_all_seen_before_give_no_forward_split() -> None:
    assert forward_splits(np.array([1.0]), ["a"], 5) == []
    assert forward_splits(np.arange(10.0), ["same"] * 10, 5) == []


@given(st.lists(st.tuples(st.text(max_size=3), st.sampled_from("ab"), st.integers(0, 3)), max_size=20), st.randoms())
def test_canonical_order_is_the_same_whatever_the_row_order(rows: list[tuple[str, str, int]], random) -> None:
    def ordered(shuffled: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
        texts, labels, times = ([row[i] for row in shuffled] for i in range(3))
        return [shuffled[i] for i in canonical_order(texts, labels, np.array(times, dtype=np.float64))]

    before = ordered(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert ordered(shuffled) == before
    assert [row[2] for row in before] == sorted(row[2] for row in rows)


def test_canonical_order_without_times_takes_lone_surrogates() -> None:
    order = canonical_order(["\ud800", "b", "a"], ["x", "x", "x"], None)
    assert sorted(order.tolist()) == [0, 1, 2]


def connected(texts: list[str], groups: list[str]) -> list[int]:
    """Brute force: rows are relabelled until no two that share a text or a group differ."""
    label = list(range(len(texts)))
    changed = True
    while changed:
        changed = False
        for i in range(len(texts)):
            for j in range(len(texts)):
                linked = texts[i] == texts[j] or (groups[i] and groups[i] == groups[j])
                if linked and label[i] != label[j]:
                    label[i] = label[j] = min(label[i], label[j])
                    changed = True
    return label


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from(["", *"12345"])), max_size=12), st.randoms())
def test_rows_hang_together_by_group_or_by_equal_text(rows: list[tuple[str, str]], random) -> None:
    texts, groups = [text for text, _ in rows], [group for _, group in rows]
    found, expected = joined_groups(texts, groups), connected(texts, groups)
    assert len(found) == len(rows)
    for i in range(len(rows)):
        for j in range(len(rows)):
            assert (found[i] == found[j]) == (expected[i] == expected[j])
    order = list(range(len(rows)))
    random.shuffle(order)
    assert joined_groups([texts[i] for i in order], [groups[i] for i in order]) == [found[i] for i in order]


def test_a_group_named_like_a_text_is_not_that_text() -> None:
    found = joined_groups(["a", "b", "c"], ["b", "x", "y"])
    assert len(set(found)) == 3


def test_a_long_chain_is_one_group() -> None:
    texts = [f"t{i // 2}" for i in range(4000)]
    groups = [f"g{(i + 1) // 2}" for i in range(4000)]
    assert len(set(joined_groups(texts, groups))) == 1


def test_equal_texts_join_groups_and_groups_join_texts() -> None:
    texts = ["a", "b", "a", "c", "d", "e"]
    groups = ["g1", "g1", "g2", "g2", "", ""]
    joined = joined_groups(texts, groups)
    assert len(set(joined[:4])) == 1
    assert len({joined[0], joined[4], joined[5]}) == 3
    assert joined_groups(texts, [""] * 6)[0] == joined_groups(texts, [""] * 6)[2]
