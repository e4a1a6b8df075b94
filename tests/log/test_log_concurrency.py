"""Several processes at one log, and processes that are killed: nothing lost, nothing twice, every ledger exact."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eval.soak import Job, canonical, killed, undisturbed

from signaltriage.model import capturing as model_capturing
from signaltriage.model.capturing import capture_files
from signaltriage.model.log_checks import verify
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import ledgers
from signaltriage.store.log.verifying import check_rows
from support import ROOT, environment
from support_log import made, many, table, write_lines

CAPTURE = """
import sys
from signaltriage.model import capturing
from signaltriage.store.log.engine import FrictionLog
from support_log import made
capturing.BATCH = int(sys.argv[2])
with FrictionLog.open(sys.argv[1]) as log:
    done = capturing.capture_files(sys.argv[3:], log, made())
assert not done.unread, done.unread
"""


def capturing(url: str, batch: int, *paths: Path) -> subprocess.Popen[bytes]:
    """A process that captures files, in batches of so many items."""
    command = [sys.executable, "-c", CAPTURE, url, str(batch), *map(str, paths)]
    more = environment(PYTHONPATH=f"{Path(__file__).parents[1]}:{Path(__file__).parents[2] / 'src'}")
    return subprocess.Popen(command, env=more, stderr=subprocess.PIPE)


def whole(processes: list[subprocess.Popen[bytes]]) -> None:
    """Wait for processes that are to end well."""
    said = [process.communicate(timeout=300)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said


def said_by(log: FrictionLog) -> set[tuple[Any, ...]]:
    return {(row["source"], row["source_id"], row["digest"]) for row in table(log, "v_current")}


def alone(path: Path, *files: Path) -> FrictionLog:
    """A log that one process made, undisturbed."""
    log = FrictionLog.open(path)
    capture_files(files, log, made())
    return log


def adds_up(log: FrictionLog) -> None:
    checked = verify(log, made())
    assert checked.differences == ()
    assert checked.not_compared == ()


@pytest.mark.slow
def test_eight_processes_with_overlapping_files(log_url: str, tmp_path: Path) -> None:
    # Each file shares half of its rows with the next.
    files = [write_lines(tmp_path / f"{i}.jsonl", many(600, 300 * i)) for i in range(8)]
    whole([capturing(log_url, 50, files[i], files[(i + 1) % 8]) for i in range(8)])
    with FrictionLog.open(log_url) as log, alone(tmp_path / "alone.db", *files) as one:
        adds_up(log)
        assert said_by(log) == said_by(one)
        versions = {(row["signal_id"], row["digest"]) for row in table(log, "signal_versions")}
        assert len(versions) == len(table(log, "signal_versions"))
        told = ledgers(log)
        assert all(entry.whole for entry in told)
        assert sum(entry.ledger.new for entry in told) == len(table(log, "signals"))
        assert [row["id"] for row in table(log, "signals")] == list(range(1, len(said_by(log)) + 1))


@pytest.mark.slow
def test_eight_processes_with_the_same_file_share_the_work(
    log_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_capturing, "BATCH", 40)
    file = write_lines(tmp_path / "same.jsonl", many(1500))
    whole([capturing(log_url, 40, file) for _ in range(8)])
    with FrictionLog.open(log_url) as log, alone(tmp_path / "alone.db", file) as one:
        adds_up(log)
        first = [entry for entry in ledgers(log) if entry.same_as is None]
        assert [entry.ledger for entry in first] == [entry.ledger for entry in ledgers(one)]
        assert canonical(log) == canonical(one)


@pytest.mark.slow
def test_killed_at_twenty_moments_and_gone_on_with(log_url: str, tmp_path: Path) -> None:
    files = [write_lines(tmp_path / f"{i}.jsonl", many(6000, 4000 * i)) for i in range(2)]
    job = Job(
        (("capture", *map(str, files)),),
        environment(SIGNALTRIAGE_KEY_FILE=tmp_path / "key", PYTHONPATH=ROOT / "src"),
    )
    seconds = undisturbed(job, str(tmp_path / "clean.db"))
    hits = killed(job, log_url, 20, within=seconds / 12)
    with FrictionLog.open(log_url) as log, FrictionLog.open(tmp_path / "clean.db") as clean:
        assert hits >= 5
        assert canonical(log) == canonical(clean)
        assert canonical(log)["signal_versions"]
        assert check_rows(log) == []
        assert len([entry for entry in ledgers(log) if entry.same_as is None]) == 2
