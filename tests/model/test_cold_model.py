"""Models of teams that have few labelled signals, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from signaltriage.errors import InputError, SettingsError, UsageError
from signaltriage.model.runs import Columns, train_from_files
from signaltriage.model.triage import TriageModel
from signaltriage.routing.teams import TeamProfile
from signaltriage.settings import Settings
from support import TEAMS, TEXTS, WordsEncoder

PROFILES = (
    TeamProfile("payments", "Payments", "Refunds, charged cards, invoices, payment at checkout"),
    TeamProfile("network", "Network", "wifi, VPN, connection, router"),
    TeamProfile("legal", "Legal", "contracts, data protection, court letters"),
)


def trained(texts: Sequence[str], teams: Sequence[str], profiles: Sequence[TeamProfile] = PROFILES) -> TriageModel:
    return TriageModel.train(texts, teams, profiles=profiles, encoder=WordsEncoder())


def test_profiles_alone_give_a_best_guess_and_hold_everything(tmp_path: Path) -> None:
    model = trained([], [])
    assert model.teams == ("legal", "network", "payments")
    found = model.predict(["the vpn and the wifi connection", "refunds for charged cards", "court letters", ""])
    assert [p.best_guess for p in found[:3]] == ["network", "payments", "legal"]
    assert {p.outcome for p in found} == {"needs_human"}
    assert all(0 < p.probability <= 1 for p in found)
    model.save(tmp_path / "model")
    again = TriageModel.load(tmp_path / "model", encoder=WordsEncoder())
    assert again.predict(["the vpn is down", ""]) == model.predict(["the vpn is down", ""])


def test_signals_without_a_team_are_seen_in_any_order() -> None:
    names = [TeamProfile(profile.id, profile.name) for profile in PROFILES]
    model = trained(list(TEXTS), [""] * len(TEXTS), names)
    back = trained(list(reversed(TEXTS)), [""] * len(TEXTS), names)
    assert model.version == back.version != trained([], [], names).version
    assert model.facts["training_data"]["without_team"] == len(TEXTS)


def test_a_team_without_rows_can_be_guessed_but_nothing_goes_to_it_alone() -> None:
    model = trained(list(TEXTS), list(TEAMS))
    assert set(model.teams) == {*TEAMS, "legal"}
    assert model.decider.min_probability["legal"] > 1
    assert model.facts["teams"]["legal"] == 0
    assert model.facts["profiles"]["without_rows"] == ["legal"]
    assert set(model.facts["profiles"]["unknown_labels"]) == set(TEAMS) - {"payments", "network"}
    assert model.facts["held_out"]["rows"] == len(TEXTS)


def test_labels_may_be_names() -> None:
    named = ["Payments" if team == "payments" else team for team in TEAMS]
    assert trained(list(TEXTS), named).version == trained(list(TEXTS), list(TEAMS)).version


def test_neither_rows_nor_profiles_is_refused() -> None:
    with pytest.raises(InputError):
        trained(["a text"], [""], ())
    with pytest.raises(InputError):
        trained([], [], PROFILES[:1])
    with pytest.raises(SettingsError):
        trained([], [], (*PROFILES, PROFILES[0]))


def test_files_need_labels_or_teams(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        train_from_files([], Columns(None, None), Settings())
    with pytest.raises(UsageError):
        train_from_files(["some.csv"], Columns(None, None), Settings())
