"""Themes stay themselves from run to run; new ones are found; ids are never used again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from signaltriage.errors import InputError
from signaltriage.themes import edits
from signaltriage.themes.arrivals import absorbed, new_groups, surroundings
from signaltriage.themes.founding import by_size
from signaltriage.themes.identity import Continued, continue_themes, found_themes
from signaltriage.themes.partition import Partition

Blobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def names(n: int, start: int = 0) -> list[str]:
    return [f"s{i:05d}" for i in range(start, start + n)]


def of_row(run: Continued) -> list[str]:
    return [run.theme_ids[t] if t >= 0 else "" for t in run.partition.theme.tolist()]


def test_the_first_run_numbers_themes_by_size(blobs: Blobs) -> None:
    vectors, labels = blobs(6, 40)
    rows = np.concatenate([np.flatnonzero(labels == i)[: 40 - 4 * i] for i in (3, 0, 5, 1, 4, 2)])
    run = found_themes(names(len(rows)), vectors[rows])
    sizes = [of_row(run).count(id) for id in run.theme_ids]
    assert run.theme_ids == [f"T000{i}" for i in range(1, 7)]
    assert sizes == sorted(sizes, reverse=True)
    assert [(event.kind, event.theme_id) for event in run.events] == [("birth", id) for id in run.theme_ids]
    assert run.events[0].rows == sizes[0]


def test_counts_are_for_size(blobs: Blobs) -> None:
    vectors, labels = blobs(3, 30)
    counts = np.where(labels == 2, 5, 1)
    run = found_themes(names(90), vectors, counts=counts)
    assert of_row(run)[-1] == "T0001"
    assert run.events[0].rows == sum(counts[i] for i, id in enumerate(of_row(run)) if id == "T0001")


def test_the_order_of_rows_changes_nothing(blobs: Blobs) -> None:
    vectors, _ = blobs(6, 40, spread=1.1)
    ids = names(len(vectors))
    order = np.random.default_rng(0).permutation(len(ids))
    first, again = found_themes(ids, vectors), found_themes([ids[i] for i in order], vectors[order])
    assert of_row(again) == [of_row(first)[i] for i in order]
    assert again.state.past.ids == first.state.past.ids
    more, _ = blobs(7, 30, seed=5)
    both, extra = np.concatenate([vectors, more]), names(len(more), 5000)
    one = continue_themes(first.state, ids + extra, both)
    order = np.random.default_rng(1).permutation(len(both))
    other = continue_themes(again.state, [(ids + extra)[i] for i in order], both[order])
    assert of_row(other) == [of_row(one)[i] for i in order]
    assert other.state.anchors.centres.tobytes() == one.state.anchors.centres.tobytes()


def test_old_rows_keep_their_theme_and_new_ones_join(blobs: Blobs) -> None:
    vectors, labels = blobs(8, 50)
    old = np.random.default_rng(0).permutation(len(vectors))[:350]
    run = found_themes([f"r{i}" for i in old], vectors[old])
    after = continue_themes(run.state, [f"r{i}" for i in range(len(vectors))], vectors)
    assert after.theme_ids == run.theme_ids
    assert [of_row(after)[i] for i in old] == of_row(run)
    of_label = {label: {of_row(after)[i] for i in np.flatnonzero(labels == label)} - {""} for label in range(8)}
    assert all(len(found) == 1 for found in of_label.values())
    assert {event.kind for event in after.events} == {"join"}
    assert sum(event.rows for event in after.events) >= 40
    assert after.state.run == 2


def test_only_the_new_rows_need_be_given(blobs: Blobs) -> None:
    vectors, labels = blobs(5, 40)
    run = found_themes(names(160), vectors[labels < 4])
    after = continue_themes(run.state, names(40, 160), vectors[labels == 4])
    assert len(after.partition.nearest) == 40
    born = [event for event in after.events if event.kind == "birth"]
    assert [event.theme_id for event in born] == ["T0005"]
    assert of_row(after).count("T0005") >= 36
    assert "like nothing before" in born[0].reason


def test_a_new_topic_founds_a_theme_among_others_that_go_on(blobs: Blobs) -> None:
    vectors, labels = blobs(9, 60)
    more, of_more = blobs(9, 8, seed=3)
    old = labels != 4
    run = found_themes(names(int(old.sum())), vectors[old])
    arriving = np.concatenate([vectors[~old], more[of_more != 4]])
    after = continue_themes(run.state, names(len(arriving), 9000), arriving)
    assert [event.kind for event in after.events].count("birth") == 1
    found = of_row(after)
    assert found[:60].count("T0009") >= 55
    assert "T0009" not in found[60:]


@pytest.mark.parametrize(("kinds_in_a_theme", "themes"), [(3, 1), (1, 3)])
def test_what_is_one_theme_among_the_old_is_one_among_the_new(kinds_in_a_theme: int, themes: int, blobs: Blobs) -> None:
    vectors, kind = blobs(36, 30, spread=0.3)
    topic = np.random.default_rng(7).normal(size=(12, vectors.shape[1]))
    topic /= np.linalg.norm(topic, axis=1, keepdims=True)
    mixed = topic[kind // 3] + 0.8 * vectors
    mixed = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    groups = new_groups(surroundings(mixed), np.where(kind < 33, kind // kinds_in_a_theme, -1), 5)
    assert (groups[kind < 33] == -1).all()
    found, size = np.unique(groups[(kind >= 33) & (groups >= 0)], return_counts=True)
    assert len(found) == themes
    assert size.sum() >= 80


def test_two_new_topics_are_two_themes(blobs: Blobs) -> None:
    vectors, labels = blobs(10, 60)
    old = labels < 8
    run = found_themes(names(int(old.sum())), vectors[old])
    after = continue_themes(run.state, names(120, 5000), vectors[~old])
    born = [event.theme_id for event in after.events if event.kind in ("birth", "split")]
    assert born == ["T0009", "T0010"]
    found = np.array(of_row(after))
    assert all(len(set(found[labels[~old] == label]) - {""}) == 1 for label in (8, 9))


def test_stragglers_do_not_join_a_new_theme_they_are_unlike(blobs: Blobs) -> None:
    vectors, labels = blobs(9, 60)
    old = labels < 8
    run = found_themes(names(int(old.sum())), vectors[old])
    odd = np.random.default_rng(5).normal(size=(6, vectors.shape[1]))
    odd = (odd / np.linalg.norm(odd, axis=1, keepdims=True)).astype(np.float32)
    after = continue_themes(run.state, names(66, 5000), np.concatenate([vectors[~old], odd]))
    found = of_row(after)
    assert found[:60].count("T0009") >= 55
    assert "T0009" not in found[60:]


def test_left_over_rows_wait_until_there_are_enough(blobs: Blobs) -> None:
    vectors, labels = blobs(5, 30)
    few = np.flatnonzero(labels == 4)
    run = found_themes(names(120), vectors[labels < 4])
    first = continue_themes(run.state, names(4, 500), vectors[few[:4]])
    assert set(of_row(first)) == {""}
    second = continue_themes(first.state, names(10, 600), vectors[few[4:14]])
    assert [event.theme_id for event in second.events if event.kind == "birth"] == ["T0005"]
    third = continue_themes(second.state, names(4, 500), vectors[few[:4]])
    assert set(of_row(third)) == {"T0005"}


def test_ids_are_never_used_again(blobs: Blobs) -> None:
    vectors, labels = blobs(6, 30)
    run = found_themes(names(150), vectors[labels < 5])
    state = edits.merge(run.state, "T0001", ["T0005"])
    after = continue_themes(state, names(30, 150), vectors[labels == 5])
    assert after.theme_ids == ["T0001", "T0002", "T0003", "T0004", "T0006"]
    assert after.state.next_number == 7


def test_nothing_new_changes_nothing(blobs: Blobs) -> None:
    vectors, _ = blobs(4, 30)
    run = found_themes(names(120), vectors)
    after = continue_themes(run.state, names(120), vectors)
    assert of_row(after) == of_row(run)
    assert after.events == []
    none = continue_themes(run.state, [], vectors[:0])
    assert none.theme_ids == run.theme_ids


def test_a_first_run_without_themes_is_gone_on_from(blobs: Blobs) -> None:
    vectors, _ = blobs(3, 30)
    run = found_themes(["a"], vectors[:1])
    assert run.theme_ids == []
    after = continue_themes(run.state, names(89), vectors[1:])
    assert after.theme_ids == ["T0001", "T0002", "T0003"]
    assert len(after.partition.nearest) == 89
    assert after.state.run == 2
    assert "a" in after.state.past.ids


def test_themes_that_have_grown_together_become_one(blobs: Blobs) -> None:
    vectors, labels = blobs(4, 60)
    run = found_themes(names(240), vectors)
    assert len(run.theme_ids) == 4
    # As if half of one group had once been taken for a theme of its own, at random.
    state = run.state
    own = np.flatnonzero(state.past.theme == 0)
    theme = state.past.theme.copy()
    theme[own[::3]] = 3
    state = replace(state, past=replace(state.past, theme=theme, member=np.ones(240, dtype=np.bool_)))
    gone = state.past.theme[np.flatnonzero(labels == labels[0])]
    assert len(gone)
    more, _ = blobs(4, 5, seed=8)
    after = continue_themes(state, names(20, 900), more)
    merged = [event for event in after.events if event.kind == "merge"]
    for event in merged:
        assert event.others[0] not in after.theme_ids
        assert "neighbours" in event.reason
    assert all(id in after.theme_ids or any(id in e.others for e in merged) for id in run.theme_ids)


def test_a_theme_whose_rows_lie_within_another_is_absorbed(blobs: Blobs) -> None:
    vectors, labels = blobs(3, 60)
    theme = labels.copy()
    theme[np.flatnonzero(labels == 0)[::6]] = 3
    found = absorbed(surroundings(vectors), theme, 4)
    assert [(a, b) for a, b, _ in found] == [(3, 0)]
    assert found[0][2] > 0.9
    assert absorbed(surroundings(vectors), labels, 3) == []


def test_rows_like_the_old_ones_found_nothing(blobs: Blobs) -> None:
    vectors, labels = blobs(6, 60)
    fresh = np.zeros(len(vectors), dtype=np.bool_)
    fresh[np.random.default_rng(0).permutation(len(vectors))[:90]] = True
    assert (new_groups(surroundings(vectors), np.where(fresh, -1, labels), 5) == -1).all()


def test_sorting_by_size_keeps_what_belongs_together() -> None:
    centres = np.eye(3, dtype=np.float32)
    nearest = np.array([2, 2, 2, 0, 0, 1])
    found = Partition(nearest, np.ones(6, np.float32), np.ones(6, bool), centres, np.arange(3.0), np.array([0, 1, 1]))
    after, sizes = by_size(found, np.array([2, 1, 3]))
    assert after.nearest.tolist() == [0, 0, 0, 1, 1, 2]
    assert sizes.tolist() == [3, 2, 1]
    assert after.min_similarity.tolist() == [2.0, 0.0, 1.0]
    assert after.areas.tolist() == [0, 1, 0]


def test_ids_that_cannot_be_used_are_refused(blobs: Blobs) -> None:
    vectors, _ = blobs(1, 3)
    with pytest.raises(InputError, match="several rows"):
        found_themes(["a", "a", "b"], vectors)
    with pytest.raises(InputError, match="2 ids for 3"):
        found_themes(["a", "b"], vectors)
