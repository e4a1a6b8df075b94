"""`capture` and `log`, as a user meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support_log import many, write_lines


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGNALTRIAGE_KEY_FILE", str(tmp_path / "settings" / "key"))
    return tmp_path / "settings" / "key"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "export.jsonl", many(100))


def test_capture_prints_the_ledger_and_makes_a_key(cli, export: Path, log_url: str, own_key: Path) -> None:
    done = cli("capture", export, "--log", log_url)
    assert done.code == 0, done.stderr
    assert "100 read = " in done.stdout
    assert "export.jsonl: Table" in done.stdout
    assert str(own_key) in done.stderr
    assert own_key.exists()


def test_capture_as_json_adds_up_and_again_adds_nothing(cli, export: Path, log_url: str) -> None:
    first = cli("capture", export, "--log", log_url, "--json").record
    again = cli("capture", export, "--log", log_url, "--json").record
    total = first["total"]
    skipped = sum(n for _, n in total["skipped"])
    assert total["read"] == 100 == total["new"] + total["duplicate"] + total["changed"] + skipped + total["rejected"]
    assert again["files"][0]["unchanged"] is True
    assert (again["total"]["new"], again["total"]["changed"]) == (0, 0)


def test_capture_from_standard_input(cli, export: Path, tmp_path: Path) -> None:
    done = cli("capture", "-", "--log", tmp_path / "a.db", "--json", stdin=export.read_bytes())
    assert done.record["total"]["read"] == 100
    assert done.record["files"][0]["name"] == "standard input"


def test_a_file_that_is_not_there_is_3_and_the_others_are_captured(cli, export: Path, tmp_path: Path) -> None:
    done = cli("capture", tmp_path / "none.csv", export, "--log", tmp_path / "a.db", "--json")
    assert done.code == 3
    assert done.record["total"]["read"] == 100
    assert "none.csv" in done.stderr


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--audience", "visitors"), 2, "visitors"),
        (("--mapping", "/nowhere/map.toml"), 2, "mapping"),
        (("--log", "mysql://a/b"), 2, "mysql"),
        (("--log", "/nowhere/at/all.db"), 3, "no folder"),
    ],
)
def test_what_makes_no_sense_is_said(
    cli, export: Path, tmp_path: Path, more: tuple[str, str], code: int, said: str
) -> None:
    done = cli("capture", export, "--log", tmp_path / "a.db", *more)
    assert done.code == code
    assert said in done.stderr
    assert "→" in done.stderr


def test_keeping_what_identifies_needs_no_key(cli, export: Path, tmp_path: Path, own_key: Path) -> None:
    assert cli("capture", export, "--log", tmp_path / "a.db", "--keep-pii").code == 0
    assert not own_key.exists()


def test_another_key_on_the_same_log_is_2(cli, export: Path, tmp_path: Path) -> None:
    cli("capture", export, "--log", tmp_path / "a.db")
    done = cli("capture", export, "--log", tmp_path / "a.db", "--key-file", tmp_path / "other")
    assert done.code == 2
    assert "--other-key" in done.stderr
    assert cli("capture", export, "--log", tmp_path / "a.db", "--key-file", tmp_path / "other", "--other-key").code == 0


def test_an_interruption_is_130_and_keeps_what_was_done(
    cli, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signaltriage.model import capturing

    real = capturing.append_batch
    done_batches = []

    def stopping(*args):  # type: ignore[no-untyped-def]
        done_batches.append(real(*args))
        if len(done_batches) == 2:
            raise KeyboardInterrupt
        return done_batches[-1]

    monkeypatch.setattr(capturing, "BATCH", 20)
    monkeypatch.setattr(capturing, "append_batch", stopping)
    assert cli("capture", export, "--log", tmp_path / "a.db").code == 130
    again = cli("capture", export, "--log", tmp_path / "a.db", "--json").record
    assert again["files"][0]["resumed"] == 40
    assert again["total"]["read"] == 100


def test_verify_is_0_where_all_adds_up_and_6_where_not(cli, export: Path, tmp_path: Path) -> None:
    import sqlite3

    cli("capture", export, "--log", tmp_path / "a.db")
    good = cli("log", "verify", "--log", tmp_path / "a.db")
    assert (good.code, "everything adds up" in good.stdout) == (0, True)
    with sqlite3.connect(tmp_path / "a.db") as raw:
        raw.execute("DELETE FROM rejected")
    raw.close()
    bad = cli("log", "verify", "--log", tmp_path / "a.db", "--json")
    assert bad.code == 6
    assert "rejected by its ledger, 0 rows" in bad.record["differences"][0]["what"]


def test_tables_and_export(cli, export: Path, tmp_path: Path) -> None:
    cli("capture", export, "--log", tmp_path / "a.db")
    counts = cli("log", "tables", "--log", tmp_path / "a.db", "--json").record["tables"]
    done = cli("log", "export", "v_signals", "--log", tmp_path / "a.db", "--out", tmp_path / "s.parquet", "--json")
    assert done.record["rows"] == counts["v_signals"] > 0
    wrong = cli("log", "export", "signal", "--log", tmp_path / "a.db", "--out", tmp_path / "s.csv")
    assert wrong.code == 2
    assert "v_signals" in wrong.stderr
    assert cli("log", "tables", "--log", tmp_path / "a.db").stdout.startswith("v_current")


def test_forget(cli, export: Path, tmp_path: Path) -> None:
    cli("capture", export, "--log", tmp_path / "a.db")
    done = cli("log", "forget", "worker 3", "--log", tmp_path / "a.db")
    assert done.code == 0
    assert "forgotten: person-" in done.stdout
    assert cli("log", "forget", "nobody", "--log", tmp_path / "a.db").code == 2


@pytest.mark.parametrize("command", [("verify",), ("tables",), ("forget", "x"), ("export", "gaps", "--out", "o.csv")])
def test_a_log_that_is_not_there_is_3_and_not_made(cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = cli("log", *command, "--log", tmp_path / "none.db")
    assert done.code == 3
    assert not (tmp_path / "none.db").exists()


def test_a_key_that_was_named_and_is_not_there_is_said(cli, export: Path, tmp_path: Path) -> None:
    cli("capture", export, "--log", tmp_path / "a.db")
    done = cli("log", "verify", "--log", tmp_path / "a.db", "--key-file", tmp_path / "none")
    assert done.code == 3
    assert "key" in done.stderr


def test_a_file_in_which_nothing_can_be_read_is_3_and_says_why(cli, tmp_path: Path) -> None:
    broken = tmp_path / "tickets.json"
    broken.write_text('{"tickets": [{"id": 1, "subject": "Do', encoding="utf-8")
    done = cli("capture", broken, "--log", tmp_path / "a.db")
    assert done.code == 3
    assert "rejected 1: " in done.stdout
    assert "tickets.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_rejected_rows_are_told_with_their_reasons(cli, export: Path, tmp_path: Path) -> None:
    done = cli("capture", export, "--log", tmp_path / "a.db")
    assert done.code == 0
    assert "rejected 3: not valid JSON" in done.stdout or "rejected 1: not valid JSON" in done.stdout
    assert "log export rejected" in done.stdout


def test_answers_to_two_surveys_are_two_and_next_weeks_export_is_the_same_source(cli, tmp_path: Path) -> None:
    for name, said in (("survey_q3", "The kitchen is dirty"), ("survey_q4", "Payroll pays two days late")):
        rows = "".join(f"{i},{said} on floor {i}\n" for i in range(1, 9))
        text = f"Response ID,What could we do better?\n{rows}"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    for week in ("2026-11-02", "2026-11-09"):
        text = "id,text\n1,The door of dock 4 does not close\n"
        (tmp_path / f"desk-{week}.csv").write_text(text, encoding="utf-8")
    names = ("survey_q3", "survey_q4", "desk-2026-11-02", "desk-2026-11-09")
    done = cli("capture", *(tmp_path / f"{n}.csv" for n in names), "--log", tmp_path / "a.db", "--json").record
    ledgers = [file["ledger"] for file in done["files"]]
    assert [(one["new"], one["changed"], one["duplicate"]) for one in ledgers] == [
        (8, 0, 0),
        (8, 0, 0),
        (1, 0, 0),
        (0, 0, 1),
    ]
