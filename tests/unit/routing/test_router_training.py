"""Fitting a router: what is chosen, what is held out, and that nothing depends on the order of the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from signaltriage.errors import InputError
from signaltriage.metrics import expected_calibration_error
from signaltriage.routing.fusion import fuse, softmax
from signaltriage.routing.state import to_state
from signaltriage.routing.training import NOT_HELD_OUT, Grid, Trained, TrainingRows, train_router
from support import FRESH, TEAMS, TEXTS, WordsEncoder

DAY = 86_400.0
QUICK = Grid(kernel_widths=(1.0,), kernel_penalties=(0.3,), linear_cs=(0.3,), half_life_shares=(0.5,))
TIMES = np.random.default_rng(0).permutation(len(TEXTS)) * DAY


def fit(rows: list[int] | None = None, *, grid: Grid = QUICK, seed: int = 0, folds: int = 5, **more) -> Trained:
    chosen = list(range(len(TEXTS))) if rows is None else rows
    texts, labels = [TEXTS[i] for i in chosen], [TEAMS[i] for i in chosen]
    columns = {name: None if column is None else [column[i] for i in chosen] for name, column in more.items()}
    if columns.get("times") is not None:
        columns["times"] = np.array(columns["times"])
    rows_ = TrainingRows(texts, labels, WordsEncoder().encode(texts), **columns)
    return train_router(rows_, folds=folds, seed=seed, grid=grid)


def same(one: Trained, other: Trained, small) -> bool:
    states = [to_state(trained.router, small.examples) for trained in (one, other)]
    arrays = [{name: array.tobytes() for name, array in state.arrays.items()} for state in states]
    return arrays[0] == arrays[1] and states[0].record == states[1].record


def test_it_learns(small) -> None:
    router = small.trained.router
    assert router.classes == tuple(sorted(set(TEAMS)))
    found = router.probabilities(router.rows(FRESH), small.encoder.encode(FRESH))
    assert [router.classes[k] for k in found[:4].argmax(axis=1)] == ["network", "payments", "payroll", "identity"]
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_probabilities_are_the_calibrated_softmax_of_the_fused_scores(small) -> None:
    router = small.trained.router
    rows, vectors = router.rows(FRESH), small.encoder.encode(FRESH)
    parts = [router.meaning.scores(vectors), router.words.scores(rows)]
    parts += [router.topics.scores(rows)] if router.topics else []
    expected = router.calibration.apply(softmax(fuse(parts, router.fusion)))
    np.testing.assert_allclose(router.probabilities(rows, vectors), expected, atol=1e-6)


def test_each_row_is_held_out_once_and_was_not_seen(small) -> None:
    held_out = small.trained.held_out
    assert sorted(held_out.rows.tolist()) == list(range(len(TEXTS)))
    classes = small.trained.router.classes
    assert [classes[code] for code in held_out.y] == [TEAMS[i] for i in held_out.rows]
    assert held_out.probabilities.shape == (len(TEXTS), len(classes))
    # A vague text is nobody's by its words: only having seen it could make every guess right.
    assert (held_out.probabilities.argmax(axis=1) == held_out.y).mean() < 0.98


@pytest.mark.parametrize("timed", [False, True], ids=["stratified", "forward"])
def test_shuffled_rows_give_the_same_bytes(small, timed: bool) -> None:
    times = TIMES.tolist() if timed else None
    order = np.random.default_rng(1).permutation(len(TEXTS)).tolist()
    one, other = fit(times=times), fit(order, times=times)
    assert same(one, other, small)
    assert [order[i] for i in other.held_out.rows] == one.held_out.rows.tolist()
    assert one.held_out.probabilities.tobytes() == other.held_out.probabilities.tobytes()


def test_the_number_of_threads_changes_no_byte(small) -> None:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        one = fit()
    assert same(one, fit(), small)


def test_another_seed_is_another_draw_of_landmarks(small) -> None:
    few = replace(QUICK, landmarks=20, scout_landmarks=20)
    assert not same(fit(grid=few, seed=0), fit(grid=few, seed=1), small)
    assert len(fit(grid=few).router.meaning.landmarks) == 20


def test_with_times_the_newest_rows_are_held_out() -> None:
    trained = fit(times=TIMES.tolist())
    assert trained.choice.split == "forward in time"
    held_out = TIMES[trained.held_out.rows]
    trained_only = np.setdiff1d(TIMES, held_out)
    assert held_out.min() > trained_only.max()


def test_times_that_do_not_differ_are_no_times() -> None:
    trained = fit(times=[5.0] * len(TEXTS))
    assert trained.choice.split == "stratified"
    assert trained.choice.half_life_days is None


def test_where_the_world_has_changed_old_rows_fade() -> None:
    """From the middle on, the same words belong to the other team."""
    words = ("lamp", "door", "pump", "gate") * 30
    texts = [f"{word} {word} {word} {i}" for i, word in enumerate(words)]
    labels = ["works", "works", "office", "office"] * 15 + ["office", "office", "works", "works"] * 15
    rows = TrainingRows(texts, labels, WordsEncoder().encode(texts), np.arange(120) * DAY)
    trained = train_router(rows, grid=replace(QUICK, half_life_shares=(0.0625,)))
    assert trained.choice.half_life_days is not None
    assert trained.choice.half_life_days < 119


def test_rows_of_one_group_stay_together() -> None:
    groups = [f"account {i % 8}" for i in range(len(TEXTS))]
    trained = fit(groups=groups, folds=4)
    assert sorted(trained.held_out.rows.tolist()) == list(range(len(TEXTS)))
    assert trained.choice.split == "stratified"


@pytest.mark.parametrize(
    "columns",
    [{"groups": ["one"] * len(TEXTS)}, {"groups": ["one"] * len(TEXTS), "times": TIMES.tolist()}],
    ids=["stratified", "forward"],
)
def test_one_group_alone_leaves_nothing_to_hold_out_and_says_so(columns) -> None:
    assert fit(**columns).choice.split == NOT_HELD_OUT


def test_equal_texts_stay_together_also_where_their_groups_differ() -> None:
    texts = ["alpha one", "beta two", "gamma three", "delta four"] * 6
    groups = [f"account {i}" for i in range(24)]
    trained = train_router(TrainingRows(texts, ["a", "b"] * 12, WordsEncoder().encode(texts), None, groups), grid=QUICK)
    held_out = [texts[i] for i in trained.held_out.rows]
    blocks = [held_out.index(text) for text in held_out]
    assert blocks == sorted(blocks)  # the six copies of a text follow one another: they were held out at once


def test_equal_texts_are_one_group() -> None:
    texts = ["the same words"] * 12
    labels = ["a", "b"] * 6
    trained = train_router(TrainingRows(texts, labels, WordsEncoder().encode(texts)), grid=QUICK)
    assert trained.choice.split == NOT_HELD_OUT


def test_a_class_of_one_row_and_two_rows_in_all() -> None:
    router = fit([*range(20), 95]).router
    assert router.classes == ("app", "identity", "payments")
    two = train_router(TrainingRows(["lamp", "door"], ["b", "a"], WordsEncoder().encode(["lamp", "door"])))
    assert two.router.classes == ("a", "b")
    found = two.router.probabilities(two.router.rows(["lamp"]), WordsEncoder().encode(["lamp"]))
    assert np.isfinite(found).all()


def test_a_hundred_folds_of_few_rows() -> None:
    trained = fit(folds=10_000_000)
    assert len(trained.held_out.rows) == len(TEXTS)


@pytest.mark.parametrize(("labels", "said"), [(["a", "a"], "only the label 'a'"), ([], "no labelled rows")])
def test_fewer_than_two_labels_are_refused(labels: list[str], said: str) -> None:
    texts = ["some text"] * len(labels)
    with pytest.raises(InputError, match=said):
        train_router(TrainingRows(texts, labels, WordsEncoder().encode(texts)))


def test_lone_surrogates_and_no_shared_word_train_too() -> None:
    texts = ["\ud800 alpha", "beta \udfff", "gamma", "delta"]
    trained = train_router(TrainingRows(texts, ["a", "b", "a", "b"], WordsEncoder().encode(texts)), grid=QUICK)
    assert trained.router.wording.words == ()


def test_probabilities_mean_what_they_say_on_rows_that_come_later() -> None:
    """Fresh rows, drawn like the training rows, some of them mislabelled: ten or so in a hundred is the noise here."""
    rng = np.random.default_rng(8)
    words = np.array([f"{team}{i}" for team in "abcd" for i in range(6)]).reshape(4, 6)

    def sample(n: int) -> tuple[list[str], list[str]]:
        y = rng.integers(0, 4, n)
        mixed = np.where(rng.random((n, 5)) < 0.5, y[:, None], rng.integers(0, 4, (n, 5)))
        texts = [" ".join(words[team, rng.integers(0, 6)] for team in row) for row in mixed]
        return texts, [f"team {k}" for k in y]

    encoder = WordsEncoder()
    texts, labels = sample(700)
    trained = train_router(TrainingRows(texts, labels, encoder.encode(texts)), grid=QUICK)
    texts, labels = sample(1500)
    router = trained.router
    fresh = router.probabilities(router.rows(texts), encoder.encode(texts))
    right = np.array([router.classes[k] for k in fresh.argmax(axis=1)]) == np.array(labels)
    assert 0.6 < right.mean() < 0.95
    assert expected_calibration_error(fresh.max(axis=1), right) < 0.06
    held_out = trained.held_out
    promised = (held_out.probabilities.argmax(axis=1) == held_out.y).mean()
    assert promised == pytest.approx(right.mean(), abs=0.05)
