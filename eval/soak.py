"""A capture (and, with --model, a run) killed at random moments and gone on with, beside one that nobody disturbed.

    python -m eval.soak [ROWS] [--kills N] [--log URL] [--model FOLDER]

Each round starts the command line, waits until it has begun to work, and kills it (SIGKILL) at a random moment. When
all kills are spent it is left to come to its end. Then every table must be what a clean run left, apart from times, the
runs themselves, and the note that an already captured file came again; and `log verify` must find nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.log_speed import write_tickets
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.exporting import rows

RESULTS = Path(__file__).with_name("results") / "soak.json"
TABLES = (
    *("captures", "capture_batches", "skipped", "rejected", "signals", "signal_versions", "searches", "decisions"),
    *("themes", "theme_states", "assignments", "query_verdicts", "gaps"),
)
_OWN = frozenset(("at", "started_at", "run_id", "id", "capture_id"))
"""Times and runs differ; ids of rows that others point to are compared by what they stand for."""
_KEEPS_ID = frozenset(("skipped", "rejected", "signals", "signal_versions", "searches", "decisions", "themes"))


@dataclass(frozen=True)
class Job:
    """What is run, and where."""

    steps: tuple[tuple[str, ...], ...]
    """Arguments of the command line, one step after the other."""
    environment: dict[str, str]


def canonical(log: FrictionLog) -> dict[str, list[dict[str, Any]]]:
    """All that the log holds and that a kill must not change, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    files: dict[int, str] = {}
    for name in TABLES:
        table = [dict(zip(columns, row, strict=True)) for columns, some in rows(log, name) for row in some]
        if name == "captures":
            table = [row for row in table if row["same_as"] is None]
            files = {row["id"]: f"{row['sha256']} {row['settings']}" for row in table}
        table = [row for row in table if row.get("capture_id", next(iter(files), None)) in files]
        found[name] = [
            {key: value for key, value in row.items() if key not in _OWN or (key == "id" and name in _KEEPS_ID)}
            | ({"file": files[row["capture_id"]]} if "capture_id" in row else {})
            for row in table
        ]
    return found


def differing(one: FrictionLog, other: FrictionLog) -> list[str]:
    """Tables that differ."""
    left, right = canonical(one), canonical(other)
    return [f"{name}: {len(left[name])} and {len(right[name])} rows" for name in TABLES if left[name] != right[name]]


def undisturbed(job: Job, url: str) -> float:
    """Run all steps to their end; seconds."""
    started = time.perf_counter()
    for step in job.steps:
        done = subprocess.run(_command(step, url), env=job.environment, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))
    return time.perf_counter() - started


def killed(job: Job, url: str, kills: int, within: float, seed: int = 0) -> int:
    """Kill the steps so often, each time after at most `within` seconds of work; then let them end. Kills that hit."""
    draw = random.Random(seed)
    hits = 0
    for _ in range(kills):
        for step in job.steps:
            if _cut_off(_command(step, url), job.environment, draw.uniform(0, within)):
                hits += 1
                break
        else:
            break  # everything is done: there is nothing left to kill
    undisturbed(job, url)
    return hits


def _cut_off(command: list[str], environment: dict[str, str], seconds: float) -> bool:
    """Kill a process so long after it has begun to work; whether it was still at work."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.readline()  # the imports are done: it says what it does
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return True
    finally:
        process.wait()
        process.stderr.close()


def _command(step: tuple[str, ...], url: str) -> list[str]:
    return [sys.executable, "-c", _PROGRAM, *step, "--log", url]


_PROGRAM = """
import sys
from signaltriage.cli.commands import app
from signaltriage.cli.console import run
import signaltriage.model.capturing
print("at work", file=sys.stderr, flush=True)
run(app)
"""


def main() -> None:
    """Soak, print, keep; exit code 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--log", help="URL of an empty PostgreSQL database; SQLite if left out.")
    parser.add_argument("--model", help="Model folder: the run over the log is killed too.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = soak(Path(folder), asked)
    print(json.dumps(found, indent=2))
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"soaks": []}
    others = [r for r in known["soaks"] if (r["rows"], r["database"]) != (found["rows"], found["database"])]
    RESULTS.write_text(json.dumps({"soaks": [*others, found]}, indent=2) + "\n")
    sys.exit(1 if found["differing"] or found["verify"] else 0)


def soak(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Both runs, and what differs."""
    parts = 4
    files = [
        str(write_tickets(folder / f"tickets{i}.jsonl", asked.rows // parts, i * (asked.rows // parts)))
        for i in range(parts)
    ]
    steps: list[tuple[str, ...]] = [("capture", *files)]
    if asked.model:
        steps.append(("run", "--model", asked.model))
    job = Job(tuple(steps), {**os.environ, "SIGNALTRIAGE_KEY_FILE": str(folder / "key"), "OMP_NUM_THREADS": "1"})
    clean = str(folder / "clean.db")
    seconds = undisturbed(job, clean)
    url = asked.log or str(folder / "killed.db")
    # On average a life must be shorter than a fair share of the work, else the work is done before all kills are.
    hits = killed(job, url, asked.kills, within=1.6 * seconds / asked.kills)
    with FrictionLog.open(url) as one, FrictionLog.open(clean) as other:
        differences = differing(one, other)
    verify = subprocess.run(_command(("log", "verify"), url), env=job.environment, capture_output=True, check=False)
    return {
        "rows": asked.rows,
        "database": "PostgreSQL" if asked.log else "SQLite",
        "steps": [step[0] for step in steps],
        "kills": hits,
        "clean_seconds": round(seconds, 1),
        "differing": differences,
        "verify": verify.returncode,
    }


if __name__ == "__main__":
    main()
