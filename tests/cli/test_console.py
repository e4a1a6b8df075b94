"""What a person sees: progress on a terminal, remarks, and the words for what is unusual."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signaltriage.cli.commands import classify
from signaltriage.cli.console import emit, say, working
from signaltriage.errors import InterruptedRunError
from support import TEAMS, TEXTS, command_line, environment, signaltriage, write_csv


def on_a_terminal(*command: object) -> tuple[int, str, str]:
    """Run a command whose standard error is a terminal: exit code, stdout, and what the terminal showed."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [*map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(TERM="xterm-256color"),
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other side has closed a terminal
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    stdout, _ = run.communicate(timeout=60)
    return run.returncode, stdout.decode(), shown.decode()


@pytest.mark.parametrize("what", ["classifying", "training"])
def test_a_terminal_gets_a_bar(what: str) -> None:
    code = (
        "import sys, time\n"
        "from signaltriage.cli.console import working\n"
        "with working(sys.argv[1]) as tell:\n"
        "    time.sleep(0.3)\n"
        "    if sys.argv[1] == 'classifying':\n"
        "        for rows in (1234, 0, 1):\n"
        "            tell(rows)\n"
        "            time.sleep(0.2)\n"
    )
    left, stdout, shown = on_a_terminal(sys.executable, "-c", code, what)
    assert (left, stdout) == (0, ""), shown
    assert what in shown
    assert ("1,235 rows" in shown) == (what == "classifying")


@pytest.mark.slow
def test_commands_work_on_a_terminal(model_folder: Path, labelled: Path, tmp_path: Path) -> None:
    for command in (
        ["classify", labelled, "--model", model_folder, "--out", tmp_path / "out.csv"],
        ["evaluate", labelled, "--model", model_folder, "--label", "team"],
    ):
        left, stdout, shown = on_a_terminal(*command_line(*command, "--json"))
        assert left == 0, shown
        assert isinstance(json.loads(stdout), dict)
    assert (tmp_path / "out.csv").exists()


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with working("classifying") as tell:
        tell(5)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("what", "remedy"), [("classifying", "--resume"), ("training", "again")])
def test_an_interruption_says_how_to_go_on(what: str, remedy: str) -> None:
    with pytest.raises(InterruptedRunError, match=f"{what.capitalize()} was interrupted") as stopped, working(what):
        raise KeyboardInterrupt
    assert remedy in stopped.value.remedy


def test_results_go_to_stdout_and_remarks_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    record = {"team": "Zürich “Ost”", "n": 3}
    emit(record, True, lambda r: [])
    say("a remark")
    out, err = capsys.readouterr()
    assert json.loads(out) == record
    assert out.count("\n") == 1
    assert err == "a remark\n"
    emit(record, False, lambda r: [f"{r['n']} rows", "done"])
    assert capsys.readouterr().out == "3 rows\ndone\n"


def test_training_tells_what_is_unusual(cli, tmp_path) -> None:
    rows = [{"text": text, "team": team} for text, team in zip(TEXTS, TEAMS, strict=True)]
    rows += [
        {"text": TEXTS[0], "team": "network"},
        {"text": "the lift", "team": "facilities"},
        {"text": "", "team": "x"},
    ]
    done = cli("train", write_csv(tmp_path / "in.csv", rows), "--label", "team", "--out", tmp_path / "m")
    assert done.code == 0
    for said in (
        "1 without text",
        "1 texts carry more than one team",
        "one example only, so hardly learnt: facilities",
    ):
        assert said in done.stdout


def test_training_that_may_promise_nothing_says_so(cli, tmp_path) -> None:
    rows = [{"text": text, "team": team} for text, team in zip(TEXTS[:10] + TEXTS[-10:], ["a", "b"] * 10, strict=True)]
    done = cli("train", write_csv(tmp_path / "in.csv", rows), "--label", "team", "--out", tmp_path / "m")
    assert done.code == 0
    assert "cannot be promised" in done.stdout
    assert "cannot be promised" in cli("doctor", tmp_path / "m").stdout


def test_a_rejected_file_and_resumed_rows_are_told() -> None:
    counts = {"read": 5, "written": 3, "rejected": 2, "routed": 1, "needs_human": 2, "resumed": 2}
    paths = {"output": "o.csv", "rejected_output": "o.csv.rejected.csv"}
    told = "\n".join(classify.words({**counts, **paths, "teams": {"a": {"routed": 1, "needs_human": 2}}}))
    for said in ("read 5 = written 3 + rejected 2", "routed 1 (33%)", "2 rows", "o.csv.rejected.csv"):
        assert said in told


@pytest.mark.slow
def test_a_terminal_that_knows_no_arrows_ends_no_run(model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,team\nvpn drops,Osaka → 日本 😀\n", encoding="utf-8")
    command = ("evaluate", tmp_path / "in.csv", "--model", model_folder, "--label", "team")
    words = signaltriage(*command, PYTHONIOENCODING="cp1252")
    assert words.returncode == 0, words.stderr
    assert r"Osaka \u2192" in words.stdout
    record = signaltriage(*command, "--json", PYTHONIOENCODING="cp1252")
    assert record.returncode == 0, record.stderr
    assert json.loads(record.stdout)["unknown_labels"] == ["Osaka → 日本 😀"]


def test_a_lone_surrogate_ends_no_run(cli, model_folder: Path, tmp_path: Path) -> None:
    line = '{"text": "vpn \\ud800 drops", "team": "net\\udfffwork"}\n{"text": "refund", "team": "payments"}\n'
    (tmp_path / "in.jsonl").write_text(line)
    report = tmp_path / "r.html"
    options = ("--label", "team", "--report", report)
    done = cli("evaluate", tmp_path / "in.jsonl", "--model", model_folder, "--json", *options)
    assert (done.code, done.record["unknown_labels"]) == (0, ["net?work"])
    assert cli("evaluate", tmp_path / "in.jsonl", "--model", model_folder, *options).code == 0
    assert "net?work" in report.read_text(encoding="utf-8")
    assert cli("train", tmp_path / "in.jsonl", "--label", "team", "--out", tmp_path / "m").code == 0
    for extension in (".csv", ".jsonl", ".parquet", ".xlsx"):
        out = tmp_path / f"out{extension}"
        assert cli("classify", tmp_path / "in.jsonl", "--model", tmp_path / "m", "--out", out).code == 0, extension


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are not text")
@pytest.mark.slow
def test_a_file_name_that_is_no_text_ends_no_run(export: Path, model_folder: Path) -> None:
    strange = os.fsdecode(bytes(export.parent) + b"/caf\xe9.csv")
    export.rename(strange)
    out, report = f"{strange}.out.csv", f"{strange}.html"
    done = signaltriage("classify", strange, "--model", model_folder, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["output"] == out
    options = ("--model", model_folder, "--label", "ticket", "--report", report)
    assert signaltriage("evaluate", strange, *options).returncode == 0
    assert Path(report).exists()
