"""What holds for every group of signals."""

from __future__ import annotations

import random

from hypothesis import example, given
from hypothesis import strategies as some

from signaltriage.routing.groups import GroupPooling, pool
from signaltriage.types import Prediction, RunnerUp

TEAMS = ("app", "network", "payroll", "shipping")
LEAST = dict.fromkeys(TEAMS, 0.8)
hows = some.builds(GroupPooling, gain=some.floats(0, 10))


@some.composite
def predictions(draw: some.DrawFn) -> Prediction:
    shares = draw(some.lists(some.floats(0.0, 1.0), min_size=4, max_size=4).filter(lambda s: sum(s) > 0.01))
    ranked = sorted(((round(share / sum(shares), 6), team) for share, team in zip(shares, TEAMS, strict=True)))[::-1]
    (top, best), *others = ranked
    runners_up = tuple(RunnerUp(team, probability) for probability, team in others)
    outcome = "routed" if top >= LEAST[best] else "needs_human"
    return Prediction(best if outcome == "routed" else None, outcome, top, best, runners_up, "because", "v1")


def texts(n: int) -> list[str]:
    return [f"text {i}" for i in range(n)]


@given(some.lists(predictions(), min_size=1, max_size=8), hows, some.randoms(use_true_random=False))
def test_order_is_of_no_account_and_repeats_add_nothing(
    group: list[Prediction], how: GroupPooling, chance: random.Random
) -> None:
    found = pool(texts(len(group)), group, LEAST, how)
    shuffled = list(zip(texts(len(group)), group, strict=True))
    chance.shuffle(shuffled)
    assert pool([t for t, _ in shuffled], [p for _, p in shuffled], LEAST, how) == found
    again = pool(texts(len(group)) * 3, group * 3, LEAST, how)
    assert (again.probability, again.best_guess, again.agreement) == (
        found.probability,
        found.best_guess,
        found.agreement,
    )


def even(best: str, other: str) -> Prediction:
    return Prediction(None, "needs_human", 0.5, best, (RunnerUp(other, 0.5),), "because", "v1")


@example([even("network", "app")], even("network", "app"), GroupPooling(0.0))
@given(some.lists(predictions(), min_size=1, max_size=8), predictions(), hows)
def test_a_further_signal_that_agrees_never_lowers_the_probability(
    group: list[Prediction], further: Prediction, how: GroupPooling
) -> None:
    before = pool(texts(len(group)), group, LEAST, how)
    if further.best_guess != before.best_guess:
        return
    after = pool(texts(len(group) + 1), [*group, further], LEAST, how)
    assert after.best_guess == before.best_guess
    assert after.probability >= before.probability
    assert (before.outcome, after.outcome) != ("routed", "needs_human")


@given(some.lists(predictions(), min_size=1, max_size=8), hows)
def test_every_group_prediction_is_consistent(group: list[Prediction], how: GroupPooling) -> None:
    found = pool(texts(len(group)), group, LEAST, how)
    assert 0 <= found.probability <= 1
    assert (found.team is None) == (found.outcome == "needs_human")
    assert found.team in {None, found.best_guess}
    assert (found.outcome == "routed") == (found.probability >= LEAST[found.best_guess])
    assert found.best_guess in {p.best_guess for p in group}
    assert found.best_guess not in {r.team for r in found.runners_up}
    assert all(0 <= r.probability <= found.probability for r in found.runners_up)
    assert 0 < found.agreement <= 1
    assert found.n == len(group)
