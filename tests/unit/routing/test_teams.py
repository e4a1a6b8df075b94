"""teams.toml is read strictly, and labels find the team they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaltriage.errors import SettingsError
from signaltriage.routing.teams import TeamProfile, check_distinct, humanised, match_labels, read_teams, views
from support import ROOT


def written(folder: Path, content: str) -> Path:
    path = folder / "teams.toml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("card_arrival", "card arrival"),
        ("cardArrival", "card arrival"),
        ("Card/Arrival", "card arrival"),
        ("IT", "it"),
        ("ÜberTeam", "über team"),
        ("--", ""),
    ],
)
def test_a_label_is_read_as_words(name: str, said: str) -> None:
    assert humanised(name) == said


def test_a_team_is_seen_by_its_name_and_by_what_it_owns() -> None:
    assert "card arrival" in views(TeamProfile("card_arrival"))
    assert views(TeamProfile("x", "Money", "Refunds, invoices. Cards")) == ["money", "Refunds", "invoices", "Cards"]
    assert all(views(TeamProfile("--")))


def test_the_table_of_training_data_is_read() -> None:
    teams = read_teams(ROOT / "training_data" / "teams.toml")
    assert len(teams) == 12
    assert all(team.id and team.name and team.owns for team in teams)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[team]]\nid = 3", "not a text"),
        ("[[team]]\nname = 'a'", "has no id"),
        ("[[team]]\nid = 'a'\nown = 'b'", "unknown key 'own'"),
        ("[[team]]\nid = 'a'\n[[team]]\nid = 'a'", "names both"),
        ("[[team]]\nid = 'a'\n[[team]]\nid = 'b'\nname = 'a'", "names both"),
        ("[team]\nid = 'a'", "[[team]]"),
        ("team = [1]", "not a table"),
        ("x = 1", "[[team]]"),
        ("[[team", "teams.toml"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_teams(written(tmp_path, content))
    assert said in error.value.message
    assert error.value.remedy


def test_a_missing_file_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read_teams(tmp_path / "none.toml")


def test_labels_are_matched_by_id_then_by_name_and_others_are_kept_and_said() -> None:
    teams = [TeamProfile("pay", "Payments"), TeamProfile("net", "Network")]
    matched = match_labels(["Payments", "pay", "legal"], teams)
    assert matched.labels == ["pay", "pay", "legal"]
    assert [team.id for team in matched.profiles] == ["legal", "net", "pay"]
    assert matched.unknown == ("legal",)


def test_without_profiles_each_label_is_its_own_and_none_is_unknown() -> None:
    matched = match_labels(["b", "a", "b"], ())
    assert [team.id for team in matched.profiles] == ["a", "b"]
    assert matched.unknown == ()


def test_an_id_that_is_anothers_name_is_refused() -> None:
    with pytest.raises(SettingsError):
        check_distinct([TeamProfile("a", "b"), TeamProfile("b")])
    check_distinct([TeamProfile("a", "a"), TeamProfile("b")])
