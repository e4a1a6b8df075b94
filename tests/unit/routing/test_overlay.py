"""What a correction does to predictions: at once, to its like only, and never back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from signaltriage.routing.corrections import Correction, CorrectionMemory
from signaltriage.routing.overlay import Signals, Surroundings, apply_corrections, forbidden_teams
from signaltriage.types import Prediction, RunnerUp

TEAMS = ("app", "network", "payments")
JAN, FEB, MAR = (f"2026-0{month}-01T00:00:00+00:00" for month in (1, 2, 3))


def guess(team: str = "network", *, routed: bool = True, rule: str = "") -> Prediction:
    other = next(name for name in TEAMS if name != team)
    outcome = "routed" if routed else "needs_human"
    return Prediction(team if routed else None, outcome, 0.8, team, (RunnerUp(other, 0.15),), "said", "m", rule)


def at(angle: float) -> np.ndarray:
    """A unit vector at this angle, in degrees."""
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype=np.float32)


# One example of each team, far from where the corrections lie (0 degrees).
FAR = Surroundings(TEAMS, 0.9, 0.9, np.array([at(90), at(180), at(270)], np.float16), np.arange(3, dtype=np.int32))


def remember(*corrections: Correction, angles: tuple[float, ...] = ()) -> CorrectionMemory:
    rows = np.array([at(a) for a in angles or [0.0] * len(corrections)], dtype=np.float32)
    memory = CorrectionMemory()
    for correction, row in zip(corrections, rows, strict=True):
        memory = memory.add([correction], row[None])
    return memory


def judge(memory: CorrectionMemory, text: str, angle: float = 0, id: str = "", p: Prediction | None = None, around=FAR):
    return apply_corrections(memory, Signals([text], at(angle)[None], [id]), [p or guess()], around)[0]


VPN = Correction("vpn is down", "app", "network", JAN, "ann", "1")


def test_no_corrections_change_nothing() -> None:
    p = guess()
    assert judge(CorrectionMemory(), "vpn is down", p=p) is p


def test_it_counts_at_once_for_the_signal_itself_its_words_and_its_like() -> None:
    memory = remember(VPN)
    own, words, like, far = (
        judge(memory, "edited since", 80, "1"),
        judge(memory, "Hello, VPN is donw!", 80, "2"),
        judge(memory, "tunnel broken", 10, "3"),
        judge(memory, "tunnel broken", 60, "3"),
    )
    for p in (own, words, like):
        assert (p.team, p.best_guess, p.outcome) == ("app", "app", "routed")
        assert "2026-01-01" in p.reason
        assert "app" not in {r.team for r in p.runners_up}
        assert sum(r.probability for r in p.runners_up) + p.probability <= 1 + 1e-6
    assert own.probability == words.probability == 1
    assert like.probability == 0.9
    assert "similarity 0.98" in like.reason
    assert far == guess()


def test_it_does_not_spread_to_what_lies_by_an_example_of_another_team() -> None:
    near_rival = replace(FAR, vectors=np.array([at(90), at(14), at(270)], np.float16))
    held = judge(remember(VPN), "tunnel broken", 10, around=near_rival)
    assert (held.team, held.outcome, held.best_guess) == (None, "needs_human", "network")
    assert "took a like signal (similarity 0.98) from network" in held.reason
    assert judge(remember(VPN), "tunnel broken", 10, p=guess("payments"), around=near_rival) == guess("payments")


def test_the_corrected_signal_among_the_examples_is_no_rival() -> None:
    itself = replace(FAR, vectors=np.array([at(90), at(0), at(270)], np.float16))
    assert judge(remember(VPN), "tunnel broken", 10, around=itself).team == "app"


def test_of_conflicting_corrections_the_later_wins_and_both_are_kept() -> None:
    later = replace(VPN, to_team="payments", from_team="app", at=FEB)
    for memory in (remember(VPN, later), remember(later, VPN)):
        assert judge(memory, "vpn is down").team == "payments"
        assert len(memory) == 2
    same_time = replace(later, at=JAN)
    assert judge(remember(VPN, same_time), "vpn is down").team == "payments"
    assert judge(remember(same_time, VPN), "vpn is down").team == "app"


def test_a_word_on_the_signal_itself_beats_one_on_another_of_the_same_words() -> None:
    other = Correction("vpn is down", "network", "app", FEB, "", "2")
    memory = remember(VPN, other)
    assert judge(memory, "vpn is down", id="1").team == "app"
    assert judge(memory, "vpn is down", id="2").team == "network"
    assert judge(memory, "vpn is down", id="3").team == "network"


def test_the_nearest_of_like_ones_decides_unless_it_leads_back() -> None:
    bill = Correction("bill is wrong", "payments", "network", FEB)
    memory = remember(VPN, bill, angles=(0, 20))
    assert judge(memory, "something", 5).team == "app"
    assert judge(memory, "something", 15).team == "payments"
    back = remember(VPN, Correction("bill is wrong", "payments", "app", FEB), angles=(0, 20))
    p = judge(back, "something", 5)
    assert (p.team, p.outcome) == (None, "needs_human")
    assert "different teams" in p.reason


def test_of_no_team_is_held_and_the_next_team_allowed_is_the_best_guess() -> None:
    p = judge(remember(replace(VPN, to_team="")), "vpn is down")
    assert (p.team, p.outcome, p.best_guess, p.probability) == (None, "needs_human", "app", 0.15)


def test_a_team_the_model_no_longer_has_is_held() -> None:
    p = judge(remember(replace(VPN, to_team="gone")), "vpn is down")
    assert (p.team, p.outcome, p.best_guess) == (None, "needs_human", "app")
    assert "gone" in p.reason


def test_what_a_rule_holds_stays_held() -> None:
    held = guess(routed=False, rule="legal")
    assert judge(remember(VPN), "vpn is down", p=held) is held
    assert judge(remember(VPN), "vpn is down", p=guess(rule="by-rule")).team == "app"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_signal_is_left_alone(text: str) -> None:
    assert judge(remember(VPN), text, id="1") == guess()


def test_forbidden_teams() -> None:
    signals = Signals(["vpn is down", "tunnel broken", "far away"], np.array([at(0), at(10), at(60)]), ["", "", ""])
    assert forbidden_teams(remember(VPN), signals, FAR) == [{"network"}, {"network"}, frozenset()]
    assert forbidden_teams(CorrectionMemory(), signals, FAR) == [frozenset()] * 3
    back = replace(VPN, to_team="network", from_team="app", at=MAR)
    assert forbidden_teams(remember(VPN, back), signals, FAR)[0] == {"app"}


def test_the_same_correction_twice_is_one() -> None:
    memory = remember(VPN)
    assert memory.add([VPN], at(0)[None]) is memory
    assert len(memory.add([replace(VPN, at=FEB)] * 2, np.array([at(0)] * 2))) == 2
    assert memory.version != remember(replace(VPN, by="bob")).version
    assert CorrectionMemory().version == ""


def test_a_signal_beside_a_corrected_one_is_held_rather_than_routed_to_where_that_was_taken_from() -> None:
    memory = remember(VPN)
    beside = judge(memory, "tunnel broken", 40)
    assert beside.team is None
    assert beside.best_guess == "network"
    assert "took the nearest known signal" in beside.reason
    assert judge(memory, "tunnel broken", 40, p=guess("payments")).team == "payments"
    nearer = replace(FAR, vectors=np.array([at(45), at(180), at(270)], np.float16))
    assert judge(memory, "tunnel broken", 40, around=nearer).team == "network"


def test_a_later_word_that_puts_it_back_lifts_the_doubt_about_what_lies_beside() -> None:
    back = Correction("vpn is down", "network", "app", FEB, "bob", "1")
    assert judge(remember(VPN, back), "tunnel broken", 40).team == "network"
