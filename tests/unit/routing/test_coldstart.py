"""Teams are told apart by what they are called, and the better the more is known."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.errors import InputError
from signaltriage.routing.coldstart import Profiles, fit_profiles, teach, team_means
from signaltriage.routing.explain import Examples
from signaltriage.routing.folds import Split
from signaltriage.routing.state import from_state, to_state
from signaltriage.routing.training import TrainingRows, train_router
from signaltriage.routing.untaught import NO_ROWS, untaught_router

K, D = 6, 24


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class World:
    """Teams on a sphere; their names lie beside their signals, some nearer than others."""

    def __init__(self, seed: int = 0, off: float = 0.9) -> None:
        self.rng = np.random.default_rng(seed)
        self.places = self.rng.normal(size=(K, D))
        common = self.rng.normal(size=D)
        self.names = unit(self.places + off * self.rng.normal(size=(K, D)) + common)
        self.common = common

    def signals(self, each: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.repeat(np.arange(K), each)
        return unit(self.places[y] + 0.9 * self.rng.normal(size=(len(y), D)) + self.common), y

    def profiles(self, unlabelled: int = 0) -> Profiles:
        seen = self.signals(unlabelled)[0] if unlabelled else np.empty((0, D), dtype=np.float32)
        teams = tuple(f"team {k}" for k in range(K))
        return Profiles(teams, tuple(f"name {k}" for k in range(K)), np.arange(K), self.names, seen)


def test_names_alone_tell_most_signals_apart() -> None:
    world = World()
    vectors, y = world.signals(30)
    found = fit_profiles(world.profiles(), np.empty((0, D), dtype=np.float32)).scores(vectors)
    assert (found.argmax(axis=1) == y).mean() > 0.7
    assert np.abs(found).max() <= 1 + 1e-9


def test_unlabelled_signals_help() -> None:
    world = World(off=1.6)
    vectors, y = world.signals(60)
    nothing = np.empty((0, D), dtype=np.float32)
    alone = (fit_profiles(world.profiles(), nothing).scores(vectors).argmax(axis=1) == y).mean()
    seen = (fit_profiles(world.profiles(60), nothing).scores(vectors).argmax(axis=1) == y).mean()
    assert seen > alone


def test_a_team_with_several_views_is_near_when_one_of_them_is() -> None:
    views = unit(np.eye(5)[:4])
    profiles = Profiles(("a", "b"), ("1", "2", "3", "4"), np.array([0, 1, 0, 1]), views, views[:0])
    scores = fit_profiles(profiles, views[:0]).scores(views)
    assert scores.argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert team_means(profiles).shape == (2, 5)


def test_held_out_rows_do_not_move_the_team_they_are_judged_by() -> None:
    world = World()
    vectors, y = world.signals(4)
    rows = np.arange(len(y))
    split = Split(rows[rows % 4 != 0], rows[rows % 4 == 0])
    before = teach(world.profiles(), vectors, y, [split]).held_out
    wrong = np.where(rows % 4 == 0, (y + 1) % K, y)
    assert np.array_equal(before, teach(world.profiles(), vectors, wrong, [split]).held_out)


def test_profiles_that_say_nothing_teach_nothing_but_a_team_without_rows_always_learns_from_its_own() -> None:
    world = World()
    vectors, y = world.signals(10)
    profiles = world.profiles()
    split = [Split(np.arange(len(y)), np.arange(len(y)))]
    assert teach(profiles, vectors, y, split).y.tolist() == list(range(K))
    noise = Profiles(
        profiles.teams,
        profiles.texts,
        profiles.of_team,
        unit(np.random.default_rng(5).normal(size=(K, D)) + 50 * world.common),
        profiles.unlabelled,
    )
    assert not len(teach(noise, vectors, np.random.default_rng(1).permutation(y), split).y)
    some = y != 2
    assert 2 in teach(noise, vectors[some], y[some], [Split(np.arange(some.sum()), np.arange(3))]).y


def test_a_router_without_a_row_ranks_by_profiles_and_has_no_evidence() -> None:
    world = World()
    trained = untaught_router(world.profiles())
    vectors, y = world.signals(30)
    router = trained.router
    found = router.probabilities(router.rows(["name 1"] * len(y)), vectors)
    assert (found.argmax(axis=1) == y).mean() > 0.7
    assert np.allclose(found.sum(axis=1), 1, atol=1e-4)
    assert trained.choice.split == NO_ROWS
    assert len(trained.held_out.y) == 0


def test_one_team_is_no_choice() -> None:
    one = Profiles(("a",), ("a",), np.zeros(1, dtype=np.int64), unit(np.ones((1, D))), unit(np.ones((1, D)))[:0])
    with pytest.raises(InputError):
        untaught_router(one)


def test_a_team_without_a_row_is_considered_beside_teams_with_rows() -> None:
    world = World(off=0.4)
    vectors, y = world.signals(8)
    kept = np.flatnonzero(y != 3)
    rows = TrainingRows(
        [f"signal {i} of {y[i]}" for i in kept],
        [f"team {y[i]}" for i in kept],
        vectors[kept],
        profiles=world.profiles(),
    )
    router = train_router(rows).router
    assert router.classes == tuple(f"team {k}" for k in range(K))
    found = router.probabilities(router.rows(["signal"] * 8), vectors[y == 3])
    others = router.probabilities(router.rows(["signal"] * len(kept)), vectors[kept])
    assert found[:, 3].mean() > others[:, 3].mean() > 0


def test_row_order_changes_nothing() -> None:
    world = World()
    vectors, y = world.signals(5)
    texts = [f"signal {i} of {k}" for i, k in enumerate(y)]
    some = np.random.default_rng(3).permutation(len(y))
    routers = [
        train_router(
            TrainingRows([texts[i] for i in o], [f"team {y[i]}" for i in o], vectors[o], profiles=world.profiles())
        ).router
        for o in (np.arange(len(y)), some)
    ]
    first, second = (r.probabilities(r.rows(texts), vectors) for r in routers)
    assert np.array_equal(first, second)


def test_a_scorer_of_profiles_travels() -> None:
    router = untaught_router(World().profiles()).router
    examples = Examples.choose([], np.empty(0, dtype=np.int64), np.empty((0, D), dtype=np.float32), 5)
    state = to_state(router, examples)
    again, _ = from_state(state.arrays, state.record)
    vectors, _ = World().signals(3)
    rows = router.rows(["name 1"] * len(vectors))
    assert np.array_equal(router.probabilities(rows, vectors), again.probabilities(rows, vectors))
    broken = {**state.arrays, "profiles.of_team": state.arrays["profiles.of_team"][:-1]}
    with pytest.raises(ValueError, match="do not fit"):
        from_state(broken, state.record)


def test_views_that_few_rows_do_not_show_stay() -> None:
    """A team that owns two things is still found by the second when its labelled rows are all of the first."""
    world = World()
    elsewhere = unit(world.rng.normal(size=(1, D)) + world.common)
    profiles = world.profiles()
    several = Profiles(
        profiles.teams,
        (*profiles.texts, "another thing"),
        np.append(np.arange(K), 0),
        np.concatenate([profiles.vectors, elsewhere]),
        profiles.unlabelled,
    )
    vectors, y = world.signals(3)
    taught = teach(several, vectors, y, [Split(np.arange(len(y)), np.arange(len(y)))])
    assert taught.scorer.scores(elsewhere).argmax() == 0


def test_the_first_labelled_rows_do_not_undo_what_names_tell() -> None:
    world = World()
    test, truth = world.signals(40)
    vectors, y = world.signals(1)
    nothing = np.empty((0, D), dtype=np.float32)
    names = (fit_profiles(world.profiles(), nothing).scores(test).argmax(axis=1) == truth).mean()
    rows = TrainingRows(
        [f"text {i}" for i in range(len(y))], [f"team {k}" for k in y], vectors, profiles=world.profiles()
    )
    router = train_router(rows).router
    scores = router.scores(router.rows(["text"] * len(test)), test)
    assert (scores.argmax(axis=1) == truth).mean() >= names - 0.02
