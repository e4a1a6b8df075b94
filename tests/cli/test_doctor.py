"""`signaltriage doctor`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import signaltriage as st
from signaltriage.encode import locate
from signaltriage.encode.base import ParityReport
from signaltriage.encode.onnx import OnnxEncoder
from support import TEXTS, signaltriage


def test_it_explains_a_sound_folder(cli, model: st.TriageModel, model_folder: Path) -> None:
    done = cli("doctor", model_folder, "--json")
    assert done.code == 0
    r = done.record
    assert (r["path"], r["model_version"]) == (str(model_folder), model.version)
    assert r["created_at"] == "2026-11-02T09:30:00+00:00"
    assert r["files"] == {path.name: path.stat().st_size for path in sorted(model_folder.iterdir())}
    assert r["probe_cosine"] > 0.99
    assert r["held_out"] == json.loads(json.dumps(model.facts["held_out"]))
    assert r["card"] == str(model_folder / "card.html")
    words = cli("doctor", model_folder).stdout
    for said in ("sound", model.version, f"{len(TEXTS)} rows", "6 teams", "all-MiniLM-L6-v2-int8", "card.html"):
        assert said in words


@pytest.mark.parametrize("name", ["manifest.json", "router.json", "router.safetensors"])
def test_one_flipped_bit_is_exit_4_and_the_file_is_named(cli, own_folder: Path, name: str) -> None:
    body = bytearray((own_folder / name).read_bytes())
    body[len(body) // 2] ^= 1
    (own_folder / name).write_bytes(bytes(body))
    done = cli("doctor", own_folder, "--json")
    assert (done.code, done.stdout) == (4, "")
    assert name in done.stderr
    assert "→" in done.stderr


def test_a_missing_an_added_and_no_folder_are_exit_4(cli, own_folder: Path, tmp_path: Path) -> None:
    assert cli("doctor", tmp_path / "nowhere").code == 4
    (own_folder / "notes.txt").write_text("x")
    done = cli("doctor", own_folder)
    assert (done.code, "notes.txt" in done.stderr) == (4, True)
    (own_folder / "notes.txt").unlink()
    (own_folder / "router.json").unlink()
    done = cli("doctor", own_folder)
    assert (done.code, "router.json" in done.stderr) == (4, True)


def test_a_missing_encoder_is_exit_5(cli, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "_ROOTS", (tmp_path,))
    (tmp_path / "in.csv").write_text("text\nvpn\n")
    for command in (
        ["doctor", model_folder],
        ["classify", tmp_path / "in.csv", "--model", model_folder, "--out", tmp_path / "out.csv"],
    ):
        done = cli(*command)
        assert (done.code, "all-MiniLM-L6-v2-int8" in done.stderr) == (5, True)


def test_a_processor_that_gives_other_vectors_is_exit_5(cli, model_folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OnnxEncoder, "check_probes", lambda self: ParityReport("probes", 3, 0.9, 0.8))
    done = cli("doctor", model_folder)
    assert done.code == 5
    assert "other vectors" in done.stderr


def test_the_unforeseen_is_one_line_and_a_trace_only_on_demand(
    cli, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signaltriage.model import health

    def explode(path: object) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(health, "examine", explode)
    done = cli("doctor", model_folder)
    assert done.code == 1
    assert "Something unforeseen: ZeroDivisionError: nobody thought of this" in done.stderr
    assert "SIGNALTRIAGE_DEBUG" in done.stderr
    monkeypatch.setenv("SIGNALTRIAGE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli("doctor", model_folder)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 3, "memory"),
        (PermissionError(13, "Permission denied", "secret.csv"), 3, "secret.csv: Permission denied"),
        (OSError(28, "No space left on device"), 3, "No space left"),
        (st.QualityGateError("too low", remedy="train more"), 6, "train more"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_each_kind_of_trouble_has_its_exit_code(
    cli, model_folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    from signaltriage.model import health

    def explode(path: object) -> None:
        raise error

    monkeypatch.setattr(health, "examine", explode)
    done = cli("doctor", model_folder)
    assert done.code == code
    assert said in done.stderr


@pytest.mark.slow
def test_the_real_command_ends_with_the_real_codes(model_folder: Path, tmp_path: Path) -> None:
    """Once in processes of their own: what a shell sees."""
    broken = Path(shutil.copytree(model_folder, tmp_path / "broken"))
    (broken / "router.json").write_text("{}")
    done = signaltriage("doctor", broken)
    assert (done.returncode, "router.json" in done.stderr, "Traceback" in done.stderr) == (4, True, False)
    out = tmp_path / "out.csv"
    done = signaltriage("classify", "-", "--model", model_folder, "--out", out, "--json", stdin=b"text\nvpn drops\n")
    assert done.returncode == 0
    assert json.loads(done.stdout)["written"] == 1
    assert signaltriage("classify", tmp_path / "no.csv", "--model", model_folder, "--out", out).returncode == 3
    assert signaltriage("doctor").returncode == 2
