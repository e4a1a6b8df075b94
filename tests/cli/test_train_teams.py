"""`train --teams`: from a teams.toml alone, and beside rows without labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import ROOT, SIGNALS, read_csv, signaltriage, summary, write_csv

TEAMS = ROOT / "training_data" / "teams.toml"


@pytest.mark.slow
def test_a_model_of_teams_alone_classifies_and_holds_everything(tmp_path: Path) -> None:
    done = signaltriage("train", "--teams", TEAMS, "--out", tmp_path / "model", "--json")
    assert done.returncode == 0, done.stderr
    record = summary(done)
    assert record["profiles"]["given"] == 12
    assert set(record["teams"].values()) == {0}
    source = write_csv(tmp_path / "in.csv", [{"text": text} for text in SIGNALS["payroll"]])
    done = signaltriage("classify", source, "--model", tmp_path / "model", "--out", tmp_path / "out.csv", "--json")
    assert summary(done)["needs_human"] == len(SIGNALS["payroll"])
    guesses = [row["st_best_guess"] for row in read_csv(tmp_path / "out.csv")]
    assert guesses.count("people") > len(guesses) / 3


def test_a_broken_table_is_said_with_the_place(tmp_path: Path) -> None:
    broken = tmp_path / "teams.toml"
    broken.write_text("[[team]]\nid = 1\n", encoding="utf-8")
    done = signaltriage("train", "--teams", broken, "--out", tmp_path / "model")
    assert done.returncode == 2
    assert "team 1: id = 1 is not a text" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_learn_from_is_a_usage_error(tmp_path: Path) -> None:
    done = signaltriage("train", "--out", tmp_path / "model")
    assert done.returncode == 2
    assert "--teams" in done.stderr
