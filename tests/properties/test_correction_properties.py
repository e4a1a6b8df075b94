"""What holds for every history of corrections."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from signaltriage.routing.corrections import Correction, CorrectionMemory
from signaltriage.routing.overlay import OWN, Signals, Surroundings, apply_corrections, find_matches, forbidden_teams
from signaltriage.types import Prediction, RunnerUp

TEAMS = ("a", "b", "c")
TEXTS = ("vpn is down", "Hello, VPN is down!", "bill wrong", "bill worng", "login loops", "tunnel broken", "other")
VECTORS = (
    np.random.default_rng(0).normal(size=(3, 8))[[0, 0, 1, 1, 2, 0, 2]]
    + np.random.default_rng(1).normal(size=(7, 8)) * np.array([0, 0.1, 0, 0.5, 0, 0.2, 0.3])[:, None]
)
VECTORS = (VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)).astype(np.float32)
EXAMPLES = np.random.default_rng(2).normal(size=(6, 8))
AROUND = Surroundings(
    TEAMS,
    0.9,
    0.9,
    (EXAMPLES / np.linalg.norm(EXAMPLES, axis=1, keepdims=True)).astype(np.float16),
    np.arange(6, dtype=np.int32) % 3,
)


@st.composite
def corrections(draw) -> tuple[int, Correction]:
    row = draw(st.integers(0, len(TEXTS) - 1))
    source = draw(st.sampled_from(["", *TEAMS]))
    target = draw(st.sampled_from([team for team in ("", *TEAMS) if team != source]))
    day, name = draw(st.integers(1, 5)), draw(st.sampled_from(["", "1", "2"]))
    return row, Correction(TEXTS[row], target, source, f"2026-01-0{day}", "", name)


@st.composite
def guesses(draw) -> Prediction:
    best, second = draw(st.permutations(TEAMS))[:2]
    routed, rule = draw(st.booleans()), draw(st.sampled_from(["", "rule"]))
    team, outcome = (best, "routed") if routed else (None, "needs_human")
    p = draw(st.floats(0.4, 1))
    return Prediction(team, outcome, p, best, (RunnerUp(second, round((1 - p) / 2, 6)),), "why", "m", rule)


histories = st.lists(corrections(), max_size=12)
batches = st.lists(st.tuples(st.integers(0, len(TEXTS) - 1), st.sampled_from(["", "1", "2"]), guesses()), max_size=8)


def remember(history) -> CorrectionMemory:
    memory = CorrectionMemory()
    for row, correction in history:
        memory = memory.add([correction], VECTORS[row : row + 1])
    return memory


def signals_of(batch) -> Signals:
    rows = [row for row, _, _ in batch]
    return Signals([TEXTS[row] for row in rows], VECTORS[rows], [name for _, name, _ in batch])


@given(histories, batches)
def test_no_signal_goes_back(history, batch) -> None:
    memory, signals = remember(history), signals_of(batch)
    after = apply_corrections(memory, signals, [p for _, _, p in batch], AROUND)
    banned = forbidden_teams(memory, signals, AROUND)
    for p, teams, (_, _, before) in zip(after, banned, batch, strict=True):
        if not (before.rule and before.outcome == "needs_human"):
            assert p.team not in teams


@given(histories, batches)
def test_rows_are_conserved_and_predictions_stay_sound(history, batch) -> None:
    before = [p for _, _, p in batch]
    after = apply_corrections(remember(history), signals_of(batch), before, AROUND)
    assert len(after) == len(before)
    for p, was in zip(after, before, strict=True):
        assert (p.team is None) == (p.outcome == "needs_human")
        assert p.team in (None, p.best_guess)
        assert 0 <= p.probability <= 1
        assert p.best_guess in TEAMS
        assert all(r.team != p.best_guess and 0 <= r.probability <= p.probability for r in p.runners_up)
        assert p.model_version == was.model_version
        if was.rule and was.outcome == "needs_human":
            assert p == was


@given(histories, batches, st.randoms())
def test_the_order_and_company_of_the_rows_are_irrelevant(history, batch, random) -> None:
    memory = remember(history)
    together = apply_corrections(memory, signals_of(batch), [p for _, _, p in batch], AROUND)
    order = list(range(len(batch)))
    random.shuffle(order)
    mixed = [batch[i] for i in order]
    assert apply_corrections(memory, signals_of(mixed), [p for _, _, p in mixed], AROUND) == [
        together[i] for i in order
    ]
    for row, expected in zip(batch, together, strict=True):
        assert apply_corrections(memory, signals_of([row]), [row[2]], AROUND) == [expected]


@given(histories, st.integers(0, len(TEXTS) - 1), guesses(), st.sampled_from(TEAMS))
def test_the_last_word_on_a_signal_wins_and_nothing_is_forgotten(history, row, guess, team) -> None:
    memory = remember(history)
    last = Correction(TEXTS[row], team, "", "2026-02-01", "", "1")
    later = memory.add([last], VECTORS[row : row + 1])
    assert set(later.corrections) == {*memory.corrections, last}
    signals = Signals([TEXTS[row]], VECTORS[row : row + 1], ["1"])
    assert find_matches(later, signals, AROUND)[0][0].level == OWN
    assert apply_corrections(later, signals, [replace(guess, rule="")], AROUND)[0].team == team


@given(histories)
def test_the_same_history_twice_adds_nothing(history) -> None:
    memory = remember(history)
    for row, correction in history:
        assert memory.add([correction], VECTORS[row : row + 1]) is memory
