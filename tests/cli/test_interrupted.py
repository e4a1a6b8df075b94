"""A `classify` that is stopped: nothing under the final name, and --resume ends where an undisturbed run would."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import signaltriage as st
from signaltriage.model import runs
from signaltriage.model.progress import Progress
from signaltriage.model.runs import classify_file
from support import FRESH, TEXTS, command_line, environment, signaltriage, summary, write_csv

CHUNK = 10


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK_ROWS", CHUNK)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    lines = [f'{i},"{text}"' for i, text in enumerate(TEXTS[:45])]
    lines[7] = "7,too,many,fields"
    lines[31] = "31"
    (tmp_path / "in.csv").write_text("\n".join(["id,text", *lines]) + "\n", encoding="utf-8")
    return tmp_path / "in.csv"


def stop_after(chunks: int):
    """A `tell` that is interrupted after so many chunks."""
    done = []

    def tell(rows: int) -> None:
        done.append(rows)
        if len(done) == chunks:
            raise KeyboardInterrupt

    return tell


def outputs(out: Path) -> dict[str, bytes]:
    return {path.name.replace(out.stem, "", 1): path.read_bytes() for path in (out, Path(f"{out}.rejected.csv"))}


@pytest.mark.parametrize("extension", [".csv", ".xlsx", ".parquet", ".jsonl.gz"])
def test_resuming_gives_the_same_bytes(model: st.TriageModel, source: Path, tmp_path: Path, extension: str) -> None:
    whole, out = tmp_path / f"whole{extension}", tmp_path / f"out{extension}"
    undisturbed = classify_file(source, model, whole)
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(2))
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith((".", "out"))) == [
        f".out{extension}.progress"
    ]
    resumed = classify_file(source, model, out, resume=True)
    assert resumed.resumed == 2 * CHUNK - 1  # a chunk holds ten rows, one of which could not be read
    assert [getattr(resumed, name) for name in ("read", "written", "rejected", "routed", "needs_human")] == [
        getattr(undisturbed, name) for name in ("read", "written", "rejected", "routed", "needs_human")
    ]
    assert undisturbed.rejected == 2
    assert outputs(out) == outputs(whole)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_only_what_is_missing_is_worked_out_again(
    model: st.TriageModel, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(3))
    asked: list[int] = []
    predict = st.TriageModel.predict
    monkeypatch.setattr(
        st.TriageModel, "predict", lambda self, texts, *more: asked.append(len(texts)) or predict(self, texts)
    )
    classify_file(source, model, out, resume=True)
    assert asked == [9, 5]


def test_stopped_twice_and_resumed_twice(model: st.TriageModel, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for chunks, resume in ((1, False), (3, True)):
        with pytest.raises(KeyboardInterrupt):
            classify_file(source, model, out, tell=stop_after(chunks), resume=resume)
    assert classify_file(source, model, out, resume=True).resumed == 29


def test_without_resume_it_begins_anew(model: st.TriageModel, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(2))
    assert classify_file(source, model, out).resumed == 0


def test_resume_without_an_interruption_is_a_plain_run(model: st.TriageModel, source: Path, tmp_path: Path) -> None:
    assert classify_file(source, model, tmp_path / "out.csv", resume=True).resumed == 0


def test_other_texts_another_model_or_other_columns_find_nothing_to_resume(
    model: st.TriageModel, source: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    out = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(2))
    other = replace(model, decider=replace(model.decider, version="another"))
    assert classify_file(source, other, out, resume=True).resumed == 0
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(2))
    assert classify_file(source, model, out, text="id", resume=True).resumed == 0
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(2))
    changed = source.read_text(encoding="utf-8").replace(TEXTS[3], "something else")
    source.write_text(changed, encoding="utf-8")
    assert classify_file(source, model, out, resume=True).resumed == CHUNK
    whole = tmp_path / "whole.csv"
    classify_file(source, model, whole)
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"[", b"[{}]", b"{}", b"null", b'[{"team": 1}]', b"\xff"])
def test_progress_that_was_damaged_is_worked_out_again(
    model: st.TriageModel, source: Path, tmp_path: Path, damage: bytes
) -> None:
    out, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    classify_file(source, model, whole)
    with pytest.raises(KeyboardInterrupt):
        classify_file(source, model, out, tell=stop_after(2))
    first = sorted((tmp_path / ".out.csv.progress").iterdir())[0]
    first.write_bytes(damage)
    assert classify_file(source, model, out, resume=True).resumed == CHUNK
    assert out.read_bytes() == whole.read_bytes()


def test_what_is_kept_is_what_was_predicted(model: st.TriageModel, tmp_path: Path) -> None:
    texts = [*FRESH, "\ud800 lone", 'quotes " and \n lines']
    predictions = model.predict(texts)
    progress = Progress.open(tmp_path / "out.csv", model.version, resume=False)
    progress.keep(3, texts, predictions)
    assert progress.known(3, texts) == predictions
    assert progress.known(4, texts) is None
    assert progress.known(3, texts[:-1]) is None
    progress.remove()
    assert progress.known(3, texts) is None
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_on_the_command_line_is_exit_130_and_says_how_to_go_on(
    cli, source: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("from before")
    predict = st.TriageModel.predict
    calls: list[int] = []

    def stops(self, texts, *more):
        calls.append(len(texts))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return predict(self, texts)

    with monkeypatch.context() as patch:
        patch.setattr(st.TriageModel, "predict", stops)
        done = cli("classify", source, "--model", model_folder, "--out", out, "--json")
    assert (done.code, done.stdout) == (130, "")
    assert "--resume" in done.stderr
    assert out.read_text() == "from before"
    done = cli("classify", source, "--model", model_folder, "--out", out, "--json", "--resume")
    assert (done.code, done.record["resumed"]) == (0, 19)
    assert "taken up" in cli_words(done.record)


def cli_words(record: dict) -> str:
    from signaltriage.cli.commands.classify import words as classified

    return "\n".join(classified(record))


def test_stopped_while_loading_is_exit_130_too(
    cli, source: Path, tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(st.TriageModel, "load", stop)
    for command in (["classify", source, "--out", tmp_path / "o.csv"], ["evaluate", source, "--label", "id"]):
        assert cli(*command, "--model", model_folder).code == 130
    assert cli("doctor", model_folder).code == 130


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_real_signals(model_folder: Path, tmp_path: Path) -> None:
    """SIGINT, SIGTERM and SIGKILL one after the other, each some chunks further; then the rest."""
    n = 40_000  # twenty chunks: seventeen are left when the last signal is due, so a slow machine does not miss it
    source = write_csv(tmp_path / "in.csv", [{"id": i, "text": f"vpn drops {i}"} for i in range(n)])
    out, progress = tmp_path / "out.csv", tmp_path / ".out.csv.progress"
    options = ("--model", model_folder, "--out", out, "--json", "--resume")

    def kept() -> int:
        return len(list(progress.glob("*.json"))) if progress.exists() else 0

    for number, (sign, code) in enumerate([("SIGINT", 130), ("SIGTERM", 130), ("SIGKILL", -signal.SIGKILL)], start=1):
        run = subprocess.Popen(
            command_line("classify", source, *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        deadline = time.monotonic() + 120
        while kept() < number and time.monotonic() < deadline and run.poll() is None:
            time.sleep(0.02)
        run.send_signal(getattr(signal, sign))
        stdout, stderr = run.communicate(timeout=60)
        assert run.returncode == code, stderr.decode()
        assert (stdout, b"Traceback" in stderr) == (b"", False)
        assert not out.exists()
    done = signaltriage("classify", source, *options)
    assert done.returncode == 0, done.stderr
    assert summary(done)["resumed"] >= 3 * 2000
    assert summary(done)["written"] == n
    assert not progress.exists()
    whole = tmp_path / "whole.csv"
    assert signaltriage("classify", source, "--model", model_folder, "--out", whole).returncode == 0
    assert out.read_bytes() == whole.read_bytes()
