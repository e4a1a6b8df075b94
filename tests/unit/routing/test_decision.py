"""From probabilities to predictions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from signaltriage.routing.abstention import NEVER
from signaltriage.routing.decision import RUNNERS_UP, Decider
from support import FRESH, TEAMS

SHARES = np.array([0.1, 0.3, 0.2, 0.3, 0.05, 0.05])


@pytest.fixture
def decide(small):
    def with_limits(limits: Mapping[str, float] | float, texts: list[str]):
        teams = small.trained.router.classes
        each = limits if isinstance(limits, Mapping) else dict.fromkeys(teams, limits)
        decider = Decider(small.trained.router, small.examples, each, SHARES, "v1")
        return decider.decide(texts, small.encoder.encode(texts))

    return with_limits


def test_outcome_follows_the_limit_of_the_best_guess(decide, small) -> None:
    texts = [text for text in FRESH if text]
    limits = {team: i / 6 for i, team in enumerate(small.trained.router.classes)}
    for p in decide(limits, texts):
        assert (p.outcome == "routed") == (p.probability >= limits[p.best_guess])
        assert p.team == (p.best_guess if p.outcome == "routed" else None)


def test_exactly_at_the_limit_is_enough(decide) -> None:
    (p,) = decide(0.0, ["vpn drops"])
    assert decide(p.probability, ["vpn drops"])[0].outcome == "routed"
    assert decide(p.probability + 1e-6, ["vpn drops"])[0].outcome == "needs_human"


def test_runners_up_come_in_order_and_probabilities_are_those_of_the_router(decide, small) -> None:
    router = small.trained.router
    expected = router.probabilities(router.rows(["vpn drops"]), small.encoder.encode(["vpn drops"]))[0]
    (p,) = decide(0.5, ["vpn drops"])
    ranked = [(p.best_guess, p.probability), *((r.team, r.probability) for r in p.runners_up)]
    assert len(ranked) == RUNNERS_UP + 1
    assert dict(ranked) == {router.classes[k]: expected[k] for k in np.argsort(-expected)[: RUNNERS_UP + 1]}
    assert [probability for _, probability in ranked] == sorted(dict(ranked).values(), reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_text_needs_a_person_even_where_all_else_is_routed(decide, small, text: str) -> None:
    (p,) = decide(0.0, [text])
    assert (p.team, p.outcome, p.probability) == (None, "needs_human", 0.3)
    assert p.best_guess == small.trained.router.classes[1]
    assert [r.team for r in p.runners_up] == [small.trained.router.classes[k] for k in (3, 2, 0)]
    assert p.reason.startswith("no text")


def test_nothing_is_routed_where_the_limit_is_never(decide) -> None:
    assert {p.outcome for p in decide(NEVER, FRESH)} == {"needs_human"}


def test_order_and_length_are_those_of_the_texts(decide) -> None:
    assert decide(0.5, []) == []
    texts = ["vpn drops", "", "refund my card", "vpn drops"]
    found = decide(0.5, texts)
    assert [p.best_guess for p in found] == ["network", found[1].best_guess, "payments", "network"]
    assert found[0] == found[3]
    assert all(p.model_version == "v1" for p in found)


def test_every_best_guess_is_a_known_team(decide) -> None:
    assert {p.best_guess for p in decide(0.5, FRESH)} <= set(TEAMS)
