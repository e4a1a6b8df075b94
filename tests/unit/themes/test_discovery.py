"""Themes are found, as many as there are, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from signaltriage.errors import InputError
from signaltriage.settings import ThemeSettings
from signaltriage.themes.discovery import areas, directions, discover, principal, steps

Blobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def test_groups_are_found_without_being_told_how_many(blobs: Blobs) -> None:
    vectors, labels = blobs(12, 60)
    found = discover(vectors)
    assert len(found.centres) == 12
    assert adjusted_rand_score(labels, found.nearest) > 0.99
    assert found.coverage > 0.9


def test_order_and_seed_change_nothing(blobs: Blobs) -> None:
    vectors, _ = blobs(8, 40, spread=1.2)
    found = discover(vectors)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(vectors))
        again = discover(vectors[order], seed=seed)
        assert (again.nearest == found.nearest[order]).all()
        assert (again.member == found.member[order]).all()
        assert again.centres.tobytes() == found.centres.tobytes()
        assert again.areas.tolist() == found.areas.tolist()


def test_every_row_has_a_nearest_theme_and_what_is_left_over_is_said(blobs: Blobs) -> None:
    vectors, _ = blobs(5, 50)
    stranger = np.zeros((1, vectors.shape[1]), dtype=np.float32)
    stranger[0, 0] = 1
    found = discover(np.concatenate([vectors, -vectors[:1], stranger]))
    assert (found.nearest >= 0).all()
    assert not found.member[-2:].any()
    assert (found.theme[-2:] == -1).all()
    assert (found.similarity >= found.min_similarity[found.nearest])[found.member].all()


def test_the_same_text_many_times_counts_once_for_shape(blobs: Blobs) -> None:
    vectors, _ = blobs(6, 40)
    many = np.concatenate([vectors, np.repeat(vectors[:1], 400, axis=0)])
    once, often = discover(vectors), discover(many)
    assert (often.nearest[: len(vectors)] == once.nearest).all()
    assert (often.nearest[len(vectors) :] == once.nearest[0]).all()
    counts = np.ones(len(vectors), dtype=np.int64)
    counts[0] = 401
    assert (discover(vectors, counts=counts).nearest == once.nearest).all()


def test_near_copies_count_once_for_shape_too(blobs: Blobs) -> None:
    vectors, _ = blobs(6, 40)
    noise = np.random.default_rng(0).normal(scale=0.005, size=(300, vectors.shape[1]))
    copies = vectors[:1] + noise
    copies /= np.linalg.norm(copies, axis=1, keepdims=True)
    found = discover(np.concatenate([vectors, copies.astype(np.float32)]))
    assert len(found.centres) == 6
    assert len(set(found.nearest[len(vectors) :].tolist())) == 1


@pytest.mark.parametrize(("groups", "each"), [(10, 100), (40, 25), (80, 12)])
def test_few_rows_may_speak_of_many_things(groups: int, each: int, blobs: Blobs) -> None:
    vectors, labels = blobs(groups, each)
    found = discover(vectors)
    assert groups / 1.2 <= len(found.centres) <= groups * 1.2
    assert adjusted_rand_score(labels, found.nearest) > 0.85


def paraphrases() -> np.ndarray:
    """Six subjects, each said in three tight ways that have much in common, shape (540, 96)."""
    rng = np.random.default_rng(3)
    subject, way = np.eye(6, 96).repeat(90, axis=0), np.eye(18, 96, 6).repeat(30, axis=0)
    vectors = 0.85 * subject + 0.4 * way + 0.25 * rng.normal(size=(540, 96)) / 96**0.5
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_the_same_in_other_words_is_one_theme_unless_finer_ones_are_asked_for() -> None:
    vectors = paraphrases()
    assert len(discover(vectors).centres) == 6
    assert len(discover(vectors, settings=ThemeSettings(granularity=3)).centres) >= 12


def test_an_encoder_to_which_all_texts_are_alike_is_no_reason_to_find_one_theme(blobs: Blobs) -> None:
    vectors, labels = blobs(12, 60)
    shared = np.concatenate([vectors, np.full((len(vectors), 1), 2.0)], axis=1)
    shared /= np.linalg.norm(shared, axis=1, keepdims=True)
    assert (shared[:200] @ shared[-200:].T).min() > 0.6
    found = discover(shared.astype(np.float32))
    assert adjusted_rand_score(labels, found.nearest) > 0.99


def test_granularity_says_how_fine(blobs: Blobs) -> None:
    vectors, _ = blobs(20, 60, spread=1.0)
    k = {g: len(discover(vectors, settings=ThemeSettings(granularity=g)).centres) for g in (0.5, 1.0, 2.0)}
    assert k[0.5] <= 0.6 * k[1.0]
    assert k[2.0] >= 1.3 * k[1.0]


def test_hdbscan_can_be_chosen(blobs: Blobs) -> None:
    vectors, labels = blobs(8, 60)
    found = discover(vectors, settings=ThemeSettings(method="hdbscan"))
    assert adjusted_rand_score(labels[found.member], found.nearest[found.member]) > 0.9


@pytest.mark.parametrize("n", [0, 1, 3, 7, 25, 480])
def test_hdbscan_does_not_depend_on_the_order_of_rows(n: int, blobs: Blobs) -> None:
    vectors, settings = blobs(8, 60, spread=1.2)[0][:n], ThemeSettings(method="hdbscan")
    order = np.random.default_rng(0).permutation(n)
    one, other = discover(vectors, settings=settings), discover(vectors[order], settings=settings)
    assert (other.nearest == one.nearest[order]).all()
    assert other.centres.tobytes() == one.centres.tobytes()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 10, 25])
def test_few_rows_are_no_trouble(n: int, blobs: Blobs) -> None:
    vectors, _ = blobs(2, 20)
    found = discover(vectors[:n])
    k = len(found.centres)
    assert len(found.nearest) == len(found.similarity) == len(found.member) == n
    assert found.nearest.max(initial=-1) < max(k, 1)
    if k == 0:
        assert not found.member.any()
        assert (found.nearest == -1).all()


def test_few_texts_that_have_nothing_in_common_are_no_theme() -> None:
    found = discover(np.eye(9, 32, dtype=np.float32))
    assert len(found.centres) == 0
    assert found.coverage == 0


def test_one_text_said_often_is_a_theme() -> None:
    same = np.repeat(np.eye(1, 16, dtype=np.float32), 30, axis=0)
    found = discover(same)
    assert len(found.centres) == 1
    assert found.member.all()


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(InputError, match="not finite"):
        discover(np.full((3, 4), np.nan, dtype=np.float32))
    with pytest.raises(InputError, match="counts"):
        discover(np.eye(3, dtype=np.float32), counts=np.array([1, 2]))
    with pytest.raises(InputError, match="dimensions"):
        discover(np.zeros(3, dtype=np.float32))


def test_principal_axes_keep_what_varies(blobs: Blobs) -> None:
    vectors, _ = blobs(3, 30, dimension=40)
    reduced = principal(vectors, 5)
    assert reduced.shape == (90, 5)
    assert np.allclose(np.linalg.norm(reduced, axis=1), 1, atol=1e-5)
    assert principal(vectors[:1]).shape == (1, 1)


def test_steps_dissolve_small_groups_and_leave_none_empty(blobs: Blobs) -> None:
    vectors, labels = blobs(3, 20)
    labels = labels.copy()
    labels[0] = 3
    found = steps(vectors, labels, 3, 5)
    assert sorted(set(found.tolist())) == [0, 1, 2]
    assert found[0] == found[1]


def test_directions_are_mean_directions() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, -1]], dtype=np.float32)
    assert np.allclose(directions(vectors, np.array([0, 0, -1])), [[0.5**0.5, 0.5**0.5]])


def test_areas_join_themes_that_are_near() -> None:
    rng = np.random.default_rng(0)
    far = np.eye(3, 30)
    centres = np.repeat(far, 6, axis=0) + 0.2 * rng.normal(size=(18, 30)) / 30**0.5
    centres = (centres / np.linalg.norm(centres, axis=1, keepdims=True)).astype(np.float32)
    found = areas(centres, np.full(18, 10))
    assert found.reshape(3, 6).tolist() == [[found[6 * i]] * 6 for i in range(3)]
    assert len(set(found.tolist())) == 3
    assert areas(centres[:1], np.array([4])).tolist() == [0]
