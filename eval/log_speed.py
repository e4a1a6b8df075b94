"""How long a capture takes, how much memory, and how long the same file takes again.

    python -m eval.log_speed [ROWS] [--log URL]

The rows are generated: tickets of a few sentences, some with an address or number to replace, some empty, some twice,
some damaged. Each capture runs in a process of its own, whose peak memory is measured. Writes
`eval/results/log_speed.json`, one entry for each number of rows and database.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results") / "log_speed.json"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WHO = ("The scanner", "Our VPN", "The payroll portal", "My invoice", "The wifi in hall", "The label printer")
_WHAT = (
    *("loses its link every morning and nobody at the dock can work then", "asks for a code that never comes"),
    *("shows the wrong amount although I paid two weeks ago", "has been slow since the update last Tuesday"),
    *("prints nothing but blank pages", "was charged twice and the bank says it is not their mistake"),
)
_MORE = (
    *("Please call me back.", "We have tried to restart it three times.", "It worked until the last release."),
    *("Several colleagues see the same.", "This is urgent: the truck leaves at four.", "Screenshot attached."),
)


def ticket(number: int) -> dict[str, Any] | str:
    """A row of the generated export, always the same for its number."""
    draw = random.Random(number)
    if number % 997 == 5:
        return '{"id": ' + str(number) + ', "text": "cut o'
    if number % 499 == 7:
        return {"id": str(number), "title": "", "text": "", "author": "", "created_at": "", "status": "", "tags": ""}
    id = number - number % 10 if number > 999 and number % 83 == 11 else number
    text = f"{draw.choice(_WHO)} {draw.randint(1, 60)} {draw.choice(_WHAT)}. " + " ".join(draw.sample(_MORE, 3))
    text += f" Case {id}."
    if number % 20 == 3:
        text += f" Reach me at worker{draw.randint(1, 9999)}@example.org or +44 20 7946 0{draw.randint(100, 999)}."
    when = _START + timedelta(seconds=37 * number)
    return {
        **{"id": str(id), "title": f"{draw.choice(_WHO)} again", "text": text},
        **{"author": f"worker {draw.randint(1, 5000)}", "created_at": when.isoformat()},
        **{"status": draw.choice(("open", "closed")), "tags": "hardware" if number % 3 else "billing"},
    }


def write_tickets(path: Path, rows: int, first: int = 0) -> Path:
    """A file of JSON lines with so many tickets."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(first, first + rows):
            one = ticket(number)
            stream.write((one if isinstance(one, str) else json.dumps(one)) + "\n")
    return path


def capture_here(path: Path, log: str) -> dict[str, Any]:
    """Capture in this process: seconds, peak memory, ledger."""
    from signaltriage.model.capturing import CaptureWith, capture_files
    from signaltriage.privacy import Privacy
    from signaltriage.store.log.engine import FrictionLog

    started = time.perf_counter()
    with FrictionLog.open(log) as opened:
        made = CaptureWith(Privacy(True, bytes(32)), lambda: datetime.now(UTC), key_fingerprint="speed")
        done = capture_files([path], opened, made)
    ledger = done.total
    return {
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(time.process_time(), 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "read": ledger.read,
        "new": ledger.new,
        "duplicate": ledger.duplicate,
        "changed": ledger.changed,
        "skipped": sum(n for _, n in ledger.skipped),
        "rejected": ledger.rejected,
    }


def measure(rows: int, log: str | None) -> dict[str, Any]:
    """Capture generated rows twice, each time in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_tickets(Path(folder) / "tickets.jsonl", rows)
        where = log or str(Path(folder) / "friction.db")
        first, again = (_apart(path, where) for _ in range(2))
        size = 0 if log else round((Path(folder) / "friction.db").stat().st_size / 1e6)
    return {
        "rows": rows,
        "database": "PostgreSQL" if log else "SQLite",
        "load_average": round(os.getloadavg()[0], 1),
        "log_mb": size,
        "first": first,
        "again": again,
        "again_share": round(again["seconds"] / first["seconds"], 4),
    }


def _apart(path: Path, log: str) -> dict[str, Any]:
    code = "import sys, json; from pathlib import Path; from eval.log_speed import capture_here\n"
    code += "print(json.dumps(capture_here(Path(sys.argv[1]), sys.argv[2])))"
    done = subprocess.run([sys.executable, "-c", code, str(path), log], stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--log", help="URL of an empty PostgreSQL database; SQLite if left out.")
    asked = parser.parse_args()
    found = measure(asked.rows, asked.log)
    print(json.dumps(found, indent=2))
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"captures": []}
    others = [r for r in known["captures"] if (r["rows"], r["database"]) != (found["rows"], found["database"])]
    captures = sorted([*others, found], key=lambda r: (r["database"], r["rows"]))
    RESULTS.write_text(json.dumps({"processors": os.cpu_count(), "captures": captures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
