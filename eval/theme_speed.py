"""How long themes take, and how much memory, at 10,000, 30,000, 100,000 and 300,000 rows.

The rows are real vectors (banking77, clinc150, hwu64), repeated with noise where there are not enough, so that every
row is distinct and neighbours are as crowded as in real sets. Each size is measured in a process of its own: seconds
of `discover` without imports, the largest resident memory of the process, the machine's load before and after. BERTopic
at its defaults gets the same 10,000 vectors with their texts, right after. Writes eval/results/theme_speed.json.

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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS, TRIAL, versions
from eval.sets import AbsentError
from eval.theme_sets import ThemeRows, load
from eval.themes import bertopic
from signaltriage.themes.discovery import discover

Found = TypeVar("Found")
SIZES: Final = (10_000, 30_000, 100_000, 300_000)
QUICK: Final = (1_000, 10_000)
NAMES: Final = ("banking77", "clinc150", "hwu64")
NOISE: Final = 0.35
"""Length of what is added to a repeated unit vector: about the distance of two paraphrases."""
ASKED: Final = {10_000: (3.0, None), 100_000: (60.0, 4000)}
"""Rows: seconds, and MB."""
PEER: Final = 10_000
"""Rows that BERTopic is timed on."""
RATIO: Final = 10
"""Times faster than BERTopic that was asked."""


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


def spoken(rows: int, seed: int = 0) -> ThemeRows:
    """The same rows as `crowd` draws, with their texts; as many as there are. Raises AbsentError."""
    sets = [load(name) for name in NAMES]
    order = np.random.default_rng(seed).permutation(sum(len(one.texts) for one in sets))[:rows]
    texts = [text for one in sets for text in one.texts]
    labels, vectors = (
        np.concatenate(parts) for parts in zip(*((one.labels, one.vectors) for one in sets), strict=True)
    )
    return ThemeRows(sets[0].entry, [texts[i] for i in order], labels[order], vectors[order])


def measure(rows: int) -> dict[str, Any]:
    """Time one run in this process."""
    vectors = crowd(rows)
    discover(vectors[:300])  # what is imported at first use is no part of the time
    figures, found = _timed(rows, lambda: discover(vectors))
    began = time.perf_counter()
    found.assign(vectors[:1000])
    return figures | {
        "assign_1000_ms": round((time.perf_counter() - began) * 1000, 2),
        "themes": len(found.centres),
        "coverage": round(found.coverage, 4),
    }


def measure_peer(rows: int) -> dict[str, Any]:
    """Time BERTopic on that many rows in this process."""
    asked = spoken(rows)
    bertopic(asked.take(range(400)), 0)  # imports and compiles
    figures, found = _timed(rows, lambda: bertopic(asked, 0))
    return figures | {"themes": len(set(found[found >= 0].tolist())), "coverage": round(float((found >= 0).mean()), 4)}


def _timed(rows: int, work: Callable[[], Found]) -> tuple[dict[str, Any], Found]:
    """Seconds, memory and the machine's load (of the last minute) around a piece of work, and its result."""
    before = os.getloadavg()[0]
    started, cpu = time.perf_counter(), time.process_time()
    found = work()
    figures = {
        "rows": rows,
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "load_before": round(before, 1),
        "load_after": round(os.getloadavg()[0], 1),
    }
    return figures, found


def table(result: Mapping[str, Any]) -> str:
    """A Markdown table, a row a size; BERTopic's row last."""
    lines = ["| rows | seconds | peak memory, MB | themes |", "|---|---|---|---|"]
    rows = [(f"{f['rows']:,}", f) for f in result["sizes"]]
    if "bertopic" in result:
        peer = result["bertopic"]
        rows.append((f"{peer['rows']:,}, BERTopic: {peer['times_own']:.0f} times as long", peer))
    lines += [f"| {name} | {f['seconds']:.1f} | {f['peak_mb']:,} | {f['themes']} |" for name, f in rows]
    return "\n".join(lines)


def elsewhere(rows: int, option: str) -> dict[str, Any] | None:
    """Figures from a process of its own; None where it failed."""
    command = [sys.executable, "-m", "eval.theme_speed", option, str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{rows}: could not be measured ({option})", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rows", nargs="+", type=int, default=None, metavar="N")
    parser.add_argument("--no-peer", action="store_true", help="leave BERTopic out")
    parser.add_argument("--one", type=int, metavar="N", help="measure this size here, print JSON")
    parser.add_argument("--one-peer", type=int, metavar="N", help="measure BERTopic here, print JSON")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    if options.one or options.one_peer:
        print(json.dumps(measure(options.one) if options.one else measure_peer(options.one_peer)))
        return 0
    sizes = options.rows or (QUICK if options.quick else SIZES)
    result: dict[str, Any] = {"sizes": [], "processors": os.cpu_count(), "versions": versions()}
    for rows in sizes:
        found = elsewhere(rows, "--one")
        if found is None:
            return 1
        result["sizes"].append(found)
        seconds, megabytes = ASKED.get(rows, (None, None))
        asked = "" if seconds is None else f"  asked: {seconds} s" + (f", {megabytes} MB" if megabytes else "")
        print(f"{found}{asked}", flush=True)
        peer = elsewhere(rows, "--one-peer") if rows == PEER and not options.no_peer else None
        if peer is not None:
            times = {name: round(peer[name] / max(found[name], 1e-3), 1) for name in ("seconds", "cpu_seconds")}
            result["bertopic"] = peer | {"times_own": times["seconds"], "times_own_cpu": times["cpu_seconds"]}
            print(f"{result['bertopic']}  asked: {RATIO} times as long", flush=True)
    path = options.out or (TRIAL if options.quick or options.rows else RESULTS) / "theme_speed.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AbsentError as absent:
        print(f"a set is absent: {absent}", file=sys.stderr)
        sys.exit(1)
