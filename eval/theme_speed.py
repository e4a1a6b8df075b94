"""How long themes take, and how much memory, at 10,000, 30,000, 100,000 and 300,000 rows.

The rows are real vectors (banking77, clinc150, hwu64), repeated with noise where there are not enough, so that every
row is distinct and neighbours are as crowded as in real sets. Each size is measured in a process of its own: seconds
of `discover` without imports, the largest resident memory of the process. Writes eval/results/theme_speed.json.

    python -m eval.theme_speed              all four sizes: on a quiet machine, some minutes
    python -m eval.theme_speed --quick      1,000 and 10,000 rows, to .cache/eval
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS, TRIAL, versions
from eval.sets import AbsentError
from eval.theme_sets import load
from signaltriage.themes.discovery import discover

SIZES: Final = (10_000, 30_000, 100_000, 300_000)
QUICK: Final = (1_000, 10_000)
NAMES: Final = ("banking77", "clinc150", "hwu64")
NOISE: Final = 0.35
"""Length of what is added to a repeated unit vector: about the distance of two paraphrases."""
ASKED: Final = {10_000: (3.0, None), 100_000: (60.0, 4000)}
"""Rows: seconds, and MB."""


def crowd(rows: int, seed: int = 0) -> NDArray[np.float32]:
    """That many distinct unit vectors. Raises AbsentError."""
    real = np.concatenate([load(name).vectors for name in NAMES])
    rng = np.random.default_rng(seed)
    drawn = real[rng.permutation(len(real))[: min(rows, len(real))]]
    if rows <= len(real):
        return drawn
    parts, left = [drawn], rows - len(drawn)
    while left > 0:
        again = real[rng.permutation(len(real))[:left]]
        noise = rng.normal(size=again.shape).astype(np.float32) * np.float32(NOISE / again.shape[1] ** 0.5)
        moved = again + noise
        parts.append((moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32))
        left -= len(again)
    return np.concatenate(parts)


def measure(rows: int) -> dict[str, Any]:
    """Time one run in this process."""
    vectors = crowd(rows)
    discover(vectors[:300])  # what is imported at first use is no part of the time
    started, cpu = time.perf_counter(), time.process_time()
    found = discover(vectors)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    began = time.perf_counter()
    found.assign(vectors[:1000])
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "assign_1000_ms": round((time.perf_counter() - began) * 1000, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "themes": len(found.centres),
        "coverage": round(found.coverage, 4),
    }


def table(result: Mapping[str, Any]) -> str:
    """A Markdown table, a row a size."""
    lines = ["| rows | seconds | peak memory, MB | themes |", "|---|---|---|---|"]
    lines += [f"| {f['rows']:,} | {f['seconds']:.1f} | {f['peak_mb']:,} | {f['themes']} |" for f in result["sizes"]]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rows", nargs="+", type=int, default=None, metavar="N")
    parser.add_argument("--one", type=int, metavar="N", help="measure this size here, print JSON")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(measure(options.one)))
        return 0
    found = []
    for rows in options.rows or (QUICK if options.quick else SIZES):
        command = [sys.executable, "-m", "eval.theme_speed", "--one", str(rows)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(f"{rows}: could not be measured", file=sys.stderr)
            return 1
        found.append(json.loads(done.stdout.strip().splitlines()[-1]))
        seconds, megabytes = ASKED.get(rows, (None, None))
        asked = "" if seconds is None else f"  asked: {seconds} s" + (f", {megabytes} MB" if megabytes else "")
        print(f"{found[-1]}{asked}", flush=True)
    path = options.out or (TRIAL if options.quick or options.rows else RESULTS) / "theme_speed.json"
    result = {"sizes": found, "processors": os.cpu_count(), "versions": versions()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AbsentError as absent:
        print(f"a set is absent: {absent}", file=sys.stderr)
        sys.exit(1)
