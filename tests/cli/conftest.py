"""The command line run in this process: as the entry point runs it, exit codes and all, without starting Python."""

from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from signaltriage.encode.onnx import OnnxEncoder
from support import FRESH, TEAMS, TEXTS, write_csv


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON object on stdout, alone there."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found


class Stdin(io.TextIOWrapper):
    """Standard input that is no terminal."""


_load = OnnxEncoder.load


@cache
def _load_once(folder: Path, threads: int | None = None) -> OnnxEncoder:
    return _load(folder, threads=threads)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Done]]:
    from signaltriage.cli.commands import app
    from signaltriage.cli.console import run

    # Verifying and building the same 23 MB for every call would take most of the time; a process does it once.
    monkeypatch.setattr(OnnxEncoder, "load", _load_once)
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    def call(*args: object, stdin: bytes | None = None) -> Done:
        monkeypatch.setattr(sys, "argv", ["signaltriage", *map(str, args)])
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(stdin)))
        capsys.readouterr()
        code: object = 0
        try:
            run(app)
        except SystemExit as left:
            code = left.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Done(int(code or 0), out, err)  # type: ignore[call-overload]

    yield call
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The training signals as a table."""
    rows = [
        {
            "id": i,
            "text": text,
            "team": team,
            "when": f"2026-01-{1 + i % 28:02}T08:00:00Z",
            "thread": f"t{i % 50}",
        }
        for i, (text, team) in enumerate(zip(TEXTS, TEAMS, strict=True))
    ]
    return write_csv(tmp_path_factory.mktemp("labelled") / "labelled.csv", rows)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small export to classify."""
    rows = [{"ticket": f"T-{i}", "subject": "", "description": text} for i, text in enumerate(FRESH)]
    return write_csv(tmp_path / "export.csv", rows)
