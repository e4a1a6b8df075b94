"""Where signals lie on the map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from signaltriage.report.layout import Layout, Placed, lay_out


def placed(n: int, k: int, seed: int = 0, left_over: float = 0.1) -> Placed:
    """Signals around k centres."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(k, 32))
    nearest = rng.choice(k, size=n, p=np.arange(1, k + 1) / (k * (k + 1) / 2))
    vectors = centres[nearest] + rng.normal(size=(n, 32)) * 0.3
    unit = [a / np.linalg.norm(a, axis=1, keepdims=True) for a in (vectors, centres)]
    member = rng.random(n) > left_over
    ids = tuple(f"s{i}" for i in rng.permutation(n))
    return Placed(unit[0].astype(np.float32), ids, nearest.astype(np.int64), member, unit[1].astype(np.float32))


@pytest.fixture(scope="module")
def signals() -> Placed:
    return placed(1500, 20)


@pytest.fixture(scope="module")
def layout(signals: Placed) -> Layout:
    return lay_out(signals)


def test_every_signal_has_a_place_of_its_own(signals: Placed, layout: Layout) -> None:
    assert layout.points.shape == (1500, 2)
    assert np.isfinite(layout.points).all()
    from scipy.spatial import cKDTree

    nearest = cKDTree(layout.points).query(layout.points, k=2)[0][:, 1]
    assert nearest.min() > 0.5  # a point is drawn with a radius below one half


def test_discs_of_themes_do_not_touch(layout: Layout) -> None:
    far = np.sqrt(((layout.centres[:, None] - layout.centres[None]) ** 2).sum(axis=2))
    apart = far - layout.radii[:, None] - layout.radii[None]
    assert apart[np.triu_indices(20, 1)].min() > 0


def test_members_lie_in_their_disc_and_the_others_around_it(signals: Placed, layout: Layout) -> None:
    far = np.sqrt(((layout.points - layout.centres[signals.nearest]) ** 2).sum(axis=1))
    radius = layout.radii[signals.nearest]
    assert (far[signals.member] <= radius[signals.member]).all()
    assert (far[~signals.member] > radius[~signals.member]).all()


def test_the_most_typical_signal_is_in_the_middle(signals: Placed, layout: Layout) -> None:
    similarity = (signals.vectors @ signals.centres.T)[np.arange(1500), signals.nearest]
    mine = np.flatnonzero((signals.nearest == 19) & signals.member)
    far = np.sqrt(((layout.points[mine] - layout.centres[19]) ** 2).sum(axis=1))
    assert far[similarity[mine].argmax()] == far.min() == 0
    assert np.corrcoef(far, similarity[mine])[0, 1] < -0.9


def test_alike_themes_are_near_one_another() -> None:
    rng = np.random.default_rng(1)
    areas = rng.normal(size=(4, 32))
    centres = np.repeat(areas, 5, axis=0) + rng.normal(size=(20, 32)) * 0.4
    centres = (centres / np.linalg.norm(centres, axis=1, keepdims=True)).astype(np.float32)
    each = np.repeat(np.arange(20), 30)
    where = lay_out(
        Placed(centres[each], tuple(map(str, range(600))), each, np.ones(600, dtype=np.bool_), centres)
    ).centres
    far = np.sqrt(((where[:, None] - where[None]) ** 2).sum(axis=2)) + 1e9 * np.eye(20)
    near = far.argsort(axis=1)[:, :4]
    assert (near // 5 == np.arange(20)[:, None] // 5).mean() > 0.6  # 0.21 by chance


def test_neither_the_order_of_the_rows_nor_the_threads_matter(signals: Placed, layout: Layout) -> None:
    order = np.random.default_rng(2).permutation(1500)
    shuffled = replace(
        signals,
        vectors=signals.vectors[order],
        ids=tuple(signals.ids[i] for i in order),
        nearest=signals.nearest[order],
        member=signals.member[order],
    )
    with threadpool_limits(limits=2):
        again = lay_out(shuffled)
    np.testing.assert_array_equal(again.points, layout.points[order])
    np.testing.assert_array_equal(again.centres, layout.centres)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (7, 1), (2, 2), (5, 3), (0, 0), (4, 0), (0, 2)])
def test_small_maps(n: int, k: int) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(n + k, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = np.arange(n) % k if k else np.full(n, -1)
    found = lay_out(
        Placed(vectors[:n], tuple(map(str, range(n))), nearest, np.full(n, k > 0, dtype=np.bool_), vectors[n:])
    )
    assert found.points.shape == (n, 2)
    assert found.centres.shape == (k, 2)
    assert np.isfinite(found.points).all()
    assert np.isfinite(found.centres).all()
    assert len({tuple(point) for point in found.points}) == n


def test_equal_centres_are_told_apart() -> None:
    centres = np.ones((3, 4), dtype=np.float32) / 2
    each = np.repeat(np.arange(3), 10)
    found = lay_out(Placed(centres[each], tuple(map(str, range(30))), each, np.ones(30, dtype=np.bool_), centres))
    assert len({tuple(point) for point in found.points}) == 30
