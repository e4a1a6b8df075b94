"""`run`, `status`, and what people say of a log on the command line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from support import summary, write_csv
from support_themes import recurring, table

SIGNALS = recurring(("vpn", "invoice", "login"), each=30)


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNALTRIAGE_KEY_FILE", str(tmp_path / "key"))


@pytest.fixture
def log(cli, tmp_path: Path) -> Path:
    """A log with three topics, run once without a model."""
    done = cli("run", table(tmp_path / "a.csv", SIGNALS), "--log", tmp_path / "f.db", "--json")
    assert done.code == 0, done.stderr
    return tmp_path / "f.db"


def test_the_whole_routine(cli, tmp_path: Path, model_folder: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "vpn.md").write_text("# VPN drops\n\nRestart the tunnel.", encoding="utf-8")
    searches = write_csv(
        tmp_path / "searches.csv", [{"query": "vpn drops", "results": 0, "user": "a"}, {"query": "tax", "results": 0}]
    )
    files = (table(tmp_path / "a.csv", SIGNALS), searches)
    options = ("--log", tmp_path / "f.db", "--model", model_folder, "--articles", articles, "--out", tmp_path / "out")
    done = cli("run", *files, *options, "--json")
    assert done.code == 0, done.stderr
    found = summary(done)
    stages = {one["stage"]: one["counts"] for one in found["stages"]}
    assert list(stages) == ["capture", "route", "themes", "gaps"]
    assert stages["capture"]["read"] == 92 == stages["capture"]["new"]
    assert stages["route"]["decided"] == 90
    assert stages["gaps"]["searches"] == 2
    assert (tmp_path / "out" / "themes.html").exists()
    assert (tmp_path / "out" / "gaps.html").exists()
    again = cli("run", "--log", tmp_path / "f.db", "--model", model_folder, "--articles", articles)
    assert again.code == 0
    assert again.stdout.count("nothing new") == 2


def test_status_in_words_and_as_json(cli, log: Path) -> None:
    said = cli("status", "--log", log)
    assert said.code == 0
    assert "90 signals wait for a decision" in said.stdout
    assert "read 90 = new 90" in said.stdout
    found = summary(cli("status", "--log", log, "--json"))
    assert found["undecided"] == 90
    assert found["sources"][0]["source"] == "zendesk"
    assert [one["stage"] for one in found["last_run"]] == ["", "capture", "themes"]


def test_a_log_that_is_not_there_is_an_input_error(cli, tmp_path: Path) -> None:
    for command in (["status"], ["log", "correct", "a:1", "--team", "x"]):
        done = cli(*command, "--log", tmp_path / "none.db")
        assert done.code == 3
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(cli, tmp_path: Path) -> None:
    files = (tmp_path / "missing.csv", table(tmp_path / "a.csv", SIGNALS))
    done = cli("run", *files, "--log", tmp_path / "f.db", "--json")
    assert done.code == 3
    assert "missing.csv" in done.stderr
    assert summary(done)["stages"][0]["counts"]["new"] == 90


def test_a_person_says_whose_a_signal_is(cli, log: Path) -> None:
    id = SIGNALS[0].id
    done = cli("log", "correct", f"zendesk:{id}", "--team", "network", "--log", log, "--json")
    assert summary(done)["team"] == "network"
    with sqlite3.connect(log) as database:
        (row,) = database.execute("SELECT team, outcome FROM v_signals WHERE id = ?", (id,)).fetchall()
    assert row == ("network", "corrected")
    assert "spelt" not in done.stderr
    assert "spelt" in cli("log", "correct", f"zendesk:{id}", "--team", "netwrok", "--log", log).stderr
    assert cli("log", "correct", "zendesk:nothing", "--team", "x", "--log", log).code == 2
    assert cli("log", "correct", "nonsense", "--team", "x", "--log", log).code == 2


def test_themes_of_a_log_are_edited_like_those_of_a_folder(cli, log: Path, tmp_path: Path) -> None:
    with sqlite3.connect(log) as database:
        first = database.execute("SELECT id FROM v_themes ORDER BY id").fetchone()[0]
    done = cli("themes-edit", log, "--rename", f"{first}=Tunnel trouble", "--json")
    assert done.code == 0, done.stderr
    assert summary(done)["changes"][0]["kind"] == "rename"
    more = table(tmp_path / "b.csv", recurring(("vpn",), each=5, seed=9))
    assert cli("run", more, "--log", log).code == 0
    with sqlite3.connect(log) as database:
        names = dict(database.execute("SELECT id, name FROM v_themes"))
    assert names[first] == "Tunnel trouble"
    assert cli("themes-edit", log, "--rename", "T9999=x").code == 2
