"""The steps of discovery, each beside a plain way to do it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from signaltriage.errors import SettingsError
from signaltriage.settings import ThemeSettings
from signaltriage.themes import neighbours
from signaltriage.themes.canonical import canonical, shape_of
from signaltriage.themes.communities import Cuts, cuts, louvain
from signaltriage.themes.density import dense_regions
from signaltriage.themes.discovery import principal
from signaltriage.themes.granularity import levels, number_of_areas, number_of_themes, usual_number
from signaltriage.themes.graph import shared_neighbours, smooth
from signaltriage.themes.membership import kept_themes, limits, members
from signaltriage.themes.merging import SIZE_WEIGHT, alike, merge
from signaltriage.themes.partition import Partition, places, unit
from signaltriage.themes.silhouette import silhouettes
from signaltriage.threads import each

Blobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def plain_nearest(vectors: np.ndarray, k: int) -> np.ndarray:
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -2)
    return np.argsort(-similar, axis=1, kind="stable")[:, :k]


def test_nearest_rows_are_those_of_brute_force(blobs: Blobs) -> None:
    vectors, _ = blobs(4, 30)
    found = neighbours.nearest_rows(vectors, 7)
    assert (np.sort(found.rows) == np.sort(plain_nearest(vectors, 7))).all()
    assert (np.diff(found.similarity) <= 0).all()
    some = neighbours.nearest_rows(vectors, 7, np.array([5, 100]))
    assert (some.rows == found.rows[[5, 100]]).all()
    assert neighbours.nearest_rows(vectors[:3], 7).rows.shape == (3, 2)
    assert neighbours.nearest_rows(vectors[:1], 7).rows.shape == (1, 0)


def test_cells_find_nearly_all_neighbours(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = blobs(60, 50, spread=0.9)
    monkeypatch.setattr(neighbours, "EXACT", 100)
    found = neighbours.nearest_rows(vectors, 10)
    plain = plain_nearest(vectors, 10)
    shared = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.rows.tolist(), plain.tolist(), strict=True)])
    assert shared > 0.95
    assert (found.rows != np.arange(len(vectors))[:, None]).all()


def test_canonical_order_is_that_of_content() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    vectors = np.concatenate([vectors, vectors[:5], -np.zeros((1, 4), dtype=np.float32), np.zeros((1, 4), np.float32)])
    rows, place = canonical(vectors)
    assert len(rows) == 21
    assert (vectors[rows][place] == vectors).all()
    order = np.random.default_rng(1).permutation(len(vectors))
    again, _ = canonical(vectors[order])
    assert (vectors[order][again] == vectors[rows]).all()


def test_near_copies_are_struck_out_and_neighbours_made_up_for(blobs: Blobs) -> None:
    vectors, _ = blobs(5, 30)
    noise = np.random.default_rng(0).normal(scale=0.004, size=(80, vectors.shape[1]))
    every = unit(np.concatenate([vectors, vectors[:1] + noise]))
    shape = shape_of(every, principal(every), 10)
    assert len(shape.rows) == 150
    assert (shape.neighbours >= 0).all()
    assert len(set(shape.of[[0, *range(150, 230)]].tolist())) == 1


def test_shared_neighbours_are_jaccard() -> None:
    rows = np.array([[1, 2], [0, 2], [0, 1], [2, 1]])
    graph = shared_neighbours(rows).toarray()
    near = [{i, *row} for i, row in enumerate(rows.tolist())]
    for i in range(4):
        for j in range(4):
            linked = i != j and (j in near[i] or i in near[j])
            assert graph[i, j] == pytest.approx(len(near[i] & near[j]) / len(near[i] | near[j]) if linked else 0)


def test_smoothing_draws_linked_rows_together() -> None:
    vectors = np.eye(3, dtype=np.float32)
    graph = sparse.csr_matrix(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=np.float32))
    found = smooth(vectors, graph, 2)
    assert found[0] @ found[1] > 0.9
    assert (found[2] == vectors[2]).all()


def test_louvain_parts_two_cliques() -> None:
    block = 1 - np.eye(6)
    graph = np.block([[block, np.zeros((6, 6))], [np.zeros((6, 6)), block]])
    graph[5, 6] = graph[6, 5] = 1
    assert louvain(sparse.csr_matrix(graph), 1.0).tolist() == [0] * 6 + [1] * 6
    assert louvain(sparse.csr_matrix((4, 4)), 1.0).tolist() == [0, 1, 2, 3]


def test_cuts_are_modularity() -> None:
    from sknetwork.clustering import get_modularity

    rng = np.random.default_rng(0)
    graph = rng.random((12, 12)) * (rng.random((12, 12)) < 0.4)
    graph = sparse.csr_matrix(np.triu(graph, 1) + np.triu(graph, 1).T)
    groups = np.arange(12) // 2
    levels = {6: np.arange(6), 3: np.array([0, 0, 2, 2, 4, 4])}
    found = cuts(graph, groups, levels)
    assert found.k.tolist() == [3, 6]
    for k, quality in zip(found.k.tolist(), found.modularity(1.0), strict=True):
        assert quality == pytest.approx(get_modularity(graph, levels[k][groups], weights="degree"))


def test_silhouettes_are_those_of_scikit_learn(blobs: Blobs) -> None:
    from sklearn.metrics import silhouette_score

    vectors, _ = blobs(4, 30, spread=2.0)
    groups = np.repeat(np.arange(12), 10)
    merged = {12: np.arange(12), 4: np.repeat([0, 3, 6, 9], 3), 1: np.zeros(12, dtype=np.int64)}
    found = silhouettes(vectors, groups, merged, [12, 4, 1])
    for k, value in zip((12, 4), found[:2], strict=True):
        assert value == pytest.approx(silhouette_score(vectors, merged[k][groups], metric="cosine"), abs=1e-5)
    assert found[2] == 0


def test_silhouettes_of_every_other_row_are_nearly_those_of_all(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, groups = blobs(6, 50, spread=1.5)
    merged = {6: np.arange(6), 3: np.array([0, 0, 2, 2, 4, 4])}
    every = silhouettes(vectors, groups, merged, [3, 6])
    monkeypatch.setattr("signaltriage.themes.silhouette._ROWS", 150)
    assert silhouettes(vectors, groups, merged, [3, 6]) == pytest.approx(every, abs=0.03)


def test_the_most_alike_are_joined_until_none_are_alike_enough() -> None:
    means = np.array([[1, 0, 0], [0.9, 0.1, 0], [0.5, 0.7, 0], [0, 0, 1]])
    sizes = np.array([4.0, 2.0, 2.0, 3.0])
    sums = means * sizes[:, None]
    assert alike(sums, sizes, 0.95).tolist() == [0, 1, 2, 3]
    assert alike(sums, sizes, 0.8).tolist() == [0, 0, 1, 2]
    assert alike(sums, sizes, 0.5).tolist() == [0, 0, 0, 1]
    assert alike(sums, sizes, -1.0).tolist() == [0, 0, 0, 0]
    assert alike(sums[:1], sizes[:1], 0.0).tolist() == [0]
    assert len(alike(sums[:0], sizes[:0], 0.0)) == 0


def test_merging_takes_the_cheapest_pair_each_time() -> None:
    rng = np.random.default_rng(0)
    sizes = np.array([3.0, 1.0, 5.0, 2.0, 2.0])
    means = rng.normal(size=(5, 3))
    tree = merge(means * sizes[:, None], sizes)
    parts = [[i] for i in range(5)]
    for k in (4, 3, 2, 1):
        costs = {}
        for a in range(len(parts)):
            for b in range(a + 1, len(parts)):
                n, m = sizes[parts[a]].sum(), sizes[parts[b]].sum()
                gap = np.average(means[parts[a]], axis=0, weights=sizes[parts[a]]) - np.average(
                    means[parts[b]], axis=0, weights=sizes[parts[b]]
                )
                costs[a, b] = (n * m / (n + m)) ** SIZE_WEIGHT * (gap**2).sum()
        a, b = min(costs, key=costs.__getitem__)
        assert tree.cost[k] == pytest.approx(costs[a, b], abs=1e-6)
        parts[a] += parts.pop(b)
        found = {frozenset(np.flatnonzero(tree.merged[k] == part).tolist()) for part in set(tree.merged[k].tolist())}
        assert found == {frozenset(part) for part in parts}


def test_the_number_of_themes_lies_between_what_rows_and_smoothed_rows_say() -> None:
    numbers = levels(60)
    assert numbers[0] == 2
    assert numbers[-1] == 60
    assert (np.diff(numbers) >= 1).all()
    k = np.array(numbers)
    at_10, at_40 = -(np.log(k / 10) ** 2) + 1, -(np.log(k / 40) ** 2) + 1
    assert number_of_themes(numbers, at_10, at_10, 50) == pytest.approx(10, rel=0.05)
    assert 10 < number_of_themes(numbers, at_10, at_40, 50) < 20
    plateau = np.where((k >= 20) & (k <= 30), 0.9, 0.6)
    assert 23 <= number_of_themes(numbers, plateau, plateau, 50) <= 26
    assert levels(2) == [2]
    assert number_of_themes([2], np.ones(1), np.ones(1), 50) == pytest.approx(2)


def test_without_structure_the_number_is_the_usual_one() -> None:
    numbers = levels(60)
    rising = np.array(numbers) / 60
    assert number_of_themes(numbers, 0.1 * rising, rising, 15) == pytest.approx(15)
    assert 15 < number_of_themes(numbers, 0.2 * rising, rising, 15) < 55
    k = np.arange(2, 60)
    cut = Cuts(k, np.where((k >= 20) & (k <= 30), 0.9, 0.6), np.zeros(len(k)))
    assert 23 <= usual_number(cut, 100_000) <= 26
    assert usual_number(cut, 100) == pytest.approx(7.5)


def test_areas_are_cut_where_the_cost_jumps() -> None:
    centres = np.repeat(np.eye(4) * 10, 4, axis=0) + np.random.default_rng(0).normal(scale=0.1, size=(16, 4))
    assert number_of_areas(merge(centres, np.ones(16)), 16) == 4
    assert number_of_areas(merge(centres[:3], np.ones(3)), 3) == 1


def test_a_theme_has_a_limit_of_its_own() -> None:
    similarity = np.array([0.8, 0.82, 0.84, 0.86, 0.3, 0.7, 0.7, 0.7, 0.7], dtype=np.float32)
    theme = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])
    least = limits(similarity, theme, 3)
    assert 0.3 < least[0] < 0.8
    assert least[1] == pytest.approx(0.7)
    assert least[2] == pytest.approx(0.2)
    assert members(similarity, theme, least).tolist() == [True] * 4 + [False] + [True] * 4


def test_likeness_to_the_others_is_that_of_the_vectors(blobs: Blobs) -> None:
    vectors, _ = blobs(1, 6, spread=2.0)
    centre = unit(vectors.sum(axis=0)[None])[0]
    similarity = vectors @ centre
    found = members(similarity, np.zeros(6, dtype=np.int64), np.array([-1.0], dtype=np.float32))
    plain = [float(unit(np.delete(vectors, i, axis=0).sum(axis=0)[None])[0] @ vectors[i]) >= 0.2 for i in range(6)]
    assert found.tolist() == plain


def test_a_theme_needs_enough_rows_or_one_said_often() -> None:
    theme = np.array([0, 0, 0, 1, 2, -1])
    member = np.array([True, True, True, True, True, False])
    assert kept_themes(theme, member, np.array([1, 1, 1, 1, 3, 9]), 3, 3).tolist() == [True, False, True]


def test_dense_regions_leave_noise_over(blobs: Blobs) -> None:
    vectors, labels = blobs(4, 50, spread=0.3)
    noise = unit(np.random.default_rng(0).normal(size=(10, vectors.shape[1])))
    found = dense_regions(np.concatenate([vectors, noise]), 5, 1.0)
    assert len(set(found[: len(labels)].tolist()) - {-1}) == 4
    assert (found[len(labels) :] == -1).mean() > 0.5
    assert (dense_regions(vectors[:4], 5, 1.0) == 0).all()


def test_places_are_the_nearest_centre_and_its_limit() -> None:
    centres = np.eye(2, dtype=np.float32)
    rows = unit(np.array([[1, 0.1], [0.1, 1], [1, 1]]))
    found = places(rows, centres, np.array([0.9, 0.999], dtype=np.float32))
    assert found.nearest.tolist() == [0, 1, 0]
    assert found.member.tolist() == [True, False, False]
    assert found.theme.tolist() == [0, -1, -1]
    none = places(rows, centres[:0], np.zeros(0, dtype=np.float32))
    assert none.nearest.tolist() == [-1, -1, -1]
    assert not none.member.any()


def test_a_partition_assigns_from_several_threads(blobs: Blobs) -> None:
    vectors, labels = blobs(4, 20)
    centres = unit(np.array([vectors[labels == i].mean(axis=0) for i in range(4)]))
    whole = places(vectors, centres, np.zeros(4, dtype=np.float32))
    part = Partition(whole.nearest, whole.similarity, whole.member, centres, np.zeros(4, np.float32), np.zeros(4, int))
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(part.assign(vectors).nearest)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((nearest == labels).all() for nearest in found)
    assert len(found) == 4


def test_each_does_all_the_work_and_raises_what_was_raised() -> None:
    done: list[int] = []
    each(done.append, range(20))
    assert sorted(done) == list(range(20))
    with pytest.raises(ZeroDivisionError):
        each(lambda n: done.append(1 // n), [1, 0])


@pytest.mark.parametrize("wrong", [{"granularity": 0}, {"granularity": "fine"}, {"method": "magic"}, {"min_size": 1}])
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        ThemeSettings(**wrong)  # type: ignore[arg-type]
