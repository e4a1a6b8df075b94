"""None of the known teams: recognised without having seen one such row, and rarely said of a team's own signals."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from signaltriage.routing.decision import Decider
from signaltriage.routing.explain import Examples
from signaltriage.routing.novelty import NEVER, Background, Seen, views_of
from signaltriage.routing.novelty_training import MAX_TURNED_AWAY, choose_limit
from signaltriage.routing.novelty_trials import KnownRows, fit_background, groups_of_like
from signaltriage.routing.state import from_state, to_state
from signaltriage.routing.training import Grid, Trained, TrainingRows, train_router
from support import WordsEncoder

QUICK = Grid(kernel_widths=(1.0,), kernel_penalties=(0.3,), linear_cs=(0.3,))
N_TEAMS, ROWS, WORDS, COMMON = 9, 40, 14, 30


def say(rng: np.random.Generator, subject: str, n: int) -> list[str]:
    """Texts of four words of a subject and four that anybody uses."""
    return [
        " ".join(
            [
                *(f"{subject}{k}" for k in rng.choice(WORDS, 4, replace=False)),
                *(f"common{k}" for k in rng.choice(COMMON, 4)),
            ]
        )
        for _ in range(n)
    ]


@dataclass(frozen=True)
class World:
    texts: list[str]
    teams: list[str]
    trained: Trained
    encoder: WordsEncoder

    def none(self, texts: list[str], trained: Trained | None = None) -> np.ndarray:
        router = (trained or self.trained).router
        vectors = self.encoder.encode(texts)
        return router.none_probabilities(router.scores(router.rows(texts), vectors), vectors)


@pytest.fixture(scope="module")
def world() -> World:
    rng = np.random.default_rng(1)
    texts, teams = [], []
    for k in range(N_TEAMS):
        texts += say(rng, f"subject{chr(97 + k)}", ROWS)
        teams += [f"team {k}"] * ROWS
    encoder = WordsEncoder()
    trained = train_router(TrainingRows(texts, teams, encoder.encode(texts)), grid=QUICK)
    return World(texts, teams, trained, encoder)


def fresh(team: int, n: int = 30) -> list[str]:
    return say(np.random.default_rng(50 + team), f"subject{chr(97 + team)}", n)


def test_strangers_are_turned_away_and_a_teams_own_signals_are_not(world: World) -> None:
    limit = world.trained.router.none_limit
    assert 0.5 <= limit < 1
    strangers = say(np.random.default_rng(9), "elsewhere", 100)
    own = [text for k in range(N_TEAMS) for text in fresh(k)]
    assert (world.none(strangers) >= limit).mean() > 0.9
    assert (world.none(own) >= limit).mean() < 2 * MAX_TURNED_AWAY


def test_probabilities_are_between_zero_and_one_for_anything(world: World) -> None:
    found = world.none(["", "?", "xq zt", "subjecta1 " * 500, "wo ist der bahnhof"])
    assert ((found >= 0) & (found <= 1)).all()


def test_a_text_alone_and_in_a_batch_gets_the_same_probability(world: World) -> None:
    texts = [*fresh(0), *say(np.random.default_rng(9), "elsewhere", 30)]
    np.testing.assert_allclose(world.none(texts), [world.none([text])[0] for text in texts], atol=2e-6)


def test_what_is_turned_away_goes_to_a_person_with_the_reason_and_a_best_guess(world: World) -> None:
    router = world.trained.router
    y = np.array([router.classes.index(team) for team in world.teams])
    examples = Examples.choose(world.texts, y, world.encoder.encode(world.texts), 5)
    decider = Decider(router, examples, dict.fromkeys(router.classes, 0.0), np.full(N_TEAMS, 1 / N_TEAMS), "v")
    texts = [*say(np.random.default_rng(9), "elsewhere", 20), *fresh(3)]
    for p, none in zip(decider.decide(texts, world.encoder.encode(texts)), world.none(texts), strict=True):
        assert p.none_probability == pytest.approx(none, abs=2e-6)
        assert p.best_guess in router.classes
        novel = p.none_probability >= router.none_limit
        assert (p.outcome, p.team) == (("needs_human", None) if novel else ("routed", p.best_guess))
        assert p.reason.startswith("likely none of the known teams (") == novel


def test_labelled_junk_is_recognised_although_it_is_made_of_words_that_teams_use(world: World) -> None:
    rng = np.random.default_rng(4)
    junk = [" ".join(f"common{k}" for k in rng.choice(6, 5)) for _ in range(60)]
    rows = TrainingRows(
        world.texts, world.teams, world.encoder.encode(world.texts), junk=(junk, world.encoder.encode(junk))
    )
    trained = train_router(rows, grid=QUICK)
    unseen = [" ".join(f"common{k}" for k in rng.choice(6, 5)) for _ in range(60)]
    assert (world.none(unseen, trained) >= trained.router.none_limit).mean() > 0.9
    own = [text for k in range(N_TEAMS) for text in fresh(k)]
    assert (world.none(own, trained) >= trained.router.none_limit).mean() < 2 * MAX_TURNED_AWAY
    assert trained.junk.probabilities.shape == (60, N_TEAMS)
    assert (trained.junk.none_probability >= trained.router.none_limit).mean() > 0.9


def test_no_row_of_a_team_is_needed_or_changed_for_junk(world: World) -> None:
    junk = ["ok thanks"] * 3
    rows = TrainingRows(
        world.texts, world.teams, world.encoder.encode(world.texts), junk=(junk, world.encoder.encode(junk))
    )
    with_junk, without = train_router(rows, grid=QUICK), world.trained
    assert with_junk.router.classes == without.router.classes
    np.testing.assert_array_equal(with_junk.held_out.probabilities, without.held_out.probabilities)


def test_it_comes_back_from_a_model_folder(world: World) -> None:
    examples = Examples((), np.empty(0, np.int32), np.empty((0, 48), np.float16))
    state = to_state(world.trained.router, examples)
    router, _ = from_state(state.arrays, json.loads(json.dumps(state.record)))
    back = replace(world.trained, router=router)
    texts = [*fresh(1), "something else"]
    np.testing.assert_array_equal(world.none(texts, back), world.none(texts))
    broken = {**state.arrays, "novelty.lines": state.arrays["novelty.lines"][:, 1:]}
    with pytest.raises(ValueError, match="novelty"):
        from_state(broken, state.record)


@pytest.mark.parametrize("n_teams", [2, 3])
def test_a_handful_of_teams_is_enough(world: World, n_teams: int) -> None:
    rows = [i for i, team in enumerate(world.teams) if int(team[-1]) < n_teams]
    texts = [world.texts[i] for i in rows] + [text for k in range(n_teams) for text in fresh(k, 60)]
    teams = [world.teams[i] for i in rows] + [f"team {k}" for k in range(n_teams) for _ in range(60)]
    trained = train_router(TrainingRows(texts, teams, world.encoder.encode(texts)), grid=QUICK)
    strangers = say(np.random.default_rng(9), "elsewhere", 50)
    assert (world.none(strangers, trained) >= trained.router.none_limit).mean() > 0.8


def test_too_few_rows_allow_no_limit(small) -> None:
    assert small.trained.router.none_limit == NEVER


def test_the_limit_turns_away_no_more_than_it_may() -> None:
    rng = np.random.default_rng(0)
    broken = 0
    for _ in range(300):
        everything = rng.beta(0.6, 1.2, 20_000)
        limit = choose_limit(rng.choice(everything, 400))
        broken += (everything >= limit).mean() > MAX_TURNED_AWAY
    assert broken <= 28  # 5 % of 300, and the noise of 300 draws
    assert choose_limit(np.linspace(0, 0.3, 1000)) == 0.5
    assert choose_limit(np.zeros(148)) == NEVER
    assert choose_limit(np.zeros(149)) == 0.5
    assert choose_limit(np.empty(0)) == NEVER


def test_strangeness_is_the_difference_of_two_mahalanobis_distances() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(3), 50)
    vectors = (rng.normal(size=(3, 6))[y] + 0.3 * rng.normal(size=(150, 6))).astype(np.float32)
    background = fit_background(vectors, y)
    means = np.stack([vectors[y == k].mean(axis=0) for k in range(3)])

    def distance(x: np.ndarray, centre: np.ndarray, centred: np.ndarray) -> float:
        covariance = centred.T @ centred / len(centred)
        halfway = 0.5 * covariance + 0.5 * np.trace(covariance) / 6 * np.eye(6)
        return float((x - centre) @ np.linalg.inv(halfway) @ (x - centre))

    for x, found in zip(vectors[:10], background.strangeness(vectors[:10]), strict=True):
        nearest = min(distance(x, mean, vectors - means[y]) for mean in means)
        overall = vectors.mean(axis=0)
        assert found == pytest.approx(nearest - distance(x, overall, vectors - overall), rel=1e-3, abs=1e-2)


def test_the_names_of_teams_do_not_matter(world: World) -> None:
    codes = np.array([int(team[-1]) for team in world.teams])
    vectors = world.encoder.encode(world.texts)
    renamed = np.random.default_rng(3).permutation(N_TEAMS)
    groups = [
        groups_of_like(KnownRows(world.texts, vectors, y, np.ones(len(y)), [], np.empty((0, N_TEAMS))), 0)
        for y in (codes, renamed[codes])
    ]
    np.testing.assert_array_equal(groups[0], groups[1][renamed])
    assert len(set(groups[0].tolist())) == 5
    found = [fit_background(vectors, y).strangeness(vectors) for y in (codes, renamed[codes])]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-3, atol=1e-3)


def test_every_view_is_higher_for_the_novel() -> None:
    background = Background(np.eye(2, dtype=np.float32), np.array([[2.0, 0.0]], dtype=np.float32), np.zeros(1))
    known, novel = np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32)
    junk = np.array([[0.0, 1.0]], np.float32)
    near = views_of(background, junk, Seen(known, np.array([[5.0, 1.0]]), np.array([[1.0, 0.9]])))
    far = views_of(background, junk, Seen(novel, np.array([[0.5, 0.4]]), np.array([[0.1, 0.0]])))
    assert near.shape == far.shape == (1, 4)
    assert (far > near).all()
