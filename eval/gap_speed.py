"""How long gaps take from files to page, and how much memory: 1,000 searches and 100,000, over 1,000 articles.

Articles are support questions with their text (sumo_firefox), searches their titles and those of stackoverflow, drawn
as real logs are: few queries make up most of it (Zipf). Everything is counted: reading, encoding, learning what answers
look like, the page. Each size is measured in a process of its own, nothing kept from before. Writes
eval/results/gap_speed.json.

    python -m eval.gap_speed                both sizes
    python -m eval.gap_speed --quick        200 searches, 100 articles, to .cache/eval
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from eval.memory import own_peak_mb
from eval.run import RESULTS, TRIAL, versions
from eval.sets import AbsentError, data_root

SIZES: Final = ((1_000, 1_000), (100_000, 1_000))
"""Searches and articles."""
ASKED: Final = {1_000: 60, 100_000: 300}
"""Searches: seconds, on two processors."""
MOST_MB: Final = 2_000
DISTINCT: Final = 20_000
"""Different queries that a log is drawn from."""


def write_inputs(folder: Path, searches: int, articles: int) -> tuple[Path, Path]:
    """A search log and a table of articles. Raises AbsentError."""
    root = data_root()
    try:
        asked = pd.read_csv(root / "routing/sumo_firefox/train.csv", usecols=["title", "content"]).dropna()
        short = pd.read_csv(root / "themes/stackoverflow_short.csv", usecols=["text"])["text"].dropna()
    except FileNotFoundError as missing:
        raise AbsentError(str(missing)) from missing
    base = (
        asked.iloc[:articles].rename(columns={"content": "body"}).assign(id=lambda f: [f"A{i}" for i in range(len(f))])
    )
    titles = pd.concat([asked["title"].iloc[articles:], short]).drop_duplicates()
    rng = np.random.default_rng(0)
    queries = titles.sample(min(DISTINCT, len(titles)), random_state=0).str.slice(0, 120).tolist()
    rank = (
        np.minimum(rng.zipf(1.3, searches) - 1, 10**6) % len(queries)
        if searches > len(queries)
        else np.arange(searches)
    )
    moments = pd.Timestamp("2026-03-02") + pd.to_timedelta(np.sort(rng.integers(0, 60 * 86_400, searches)), unit="s")
    log = pd.DataFrame(
        {
            "query": [queries[i] for i in rank],
            "results": np.where(rng.random(searches) < 0.6, 0, rng.integers(1, 9, searches)),
            "user": [f"u{i}" for i in rng.integers(0, max(searches // 4, 1), searches)],
            "time": moments.astype(str),
        }
    )
    base[["id", "title", "body"]].to_csv(folder / "articles.csv", index=False)
    log.to_csv(folder / "searches.csv", index=False)
    return folder / "searches.csv", folder / "articles.csv"


def measure(searches: int, articles: int) -> dict[str, Any]:
    """From files to page, in this process."""
    with tempfile.TemporaryDirectory() as place:
        log, base = write_inputs(Path(place), searches, articles)
        started, cpu = time.perf_counter(), time.process_time()
        from signaltriage.capture.searches import SearchColumns
        from signaltriage.model.gap_runs import GapInput, GapsWith, gaps_from_files

        done = gaps_from_files(GapInput(str(log), base, SearchColumns()), Path(place) / "out", GapsWith())
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {
        "searches": searches,
        "articles": done.articles,
        "queries": done.queries,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_mb": round(own_peak_mb()),
        "gaps": done.gaps,
    }


def table(result: Mapping[str, Any]) -> str:
    """A Markdown table, a row a size."""
    lines = [
        "| searches | different queries | articles | seconds | asked | peak memory, MB |",
        "|---|---|---|---|---|---|",
    ]
    for one in result["sizes"]:
        asked = ASKED.get(one["searches"], "")
        lines.append(
            f"| {one['searches']:,} | {one['queries']:,} | {one['articles']:,} | {one['seconds']:,.0f} | {asked} "
            f"| {one['peak_mb']:,} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--one", nargs=2, type=int, metavar=("SEARCHES", "ARTICLES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(*options.one)))
        return 0
    found = []
    for searches, articles in ((200, 100),) if options.quick else SIZES:
        command = [sys.executable, "-m", "eval.gap_speed", "--one", str(searches), str(articles)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(f"{searches}: could not be measured", file=sys.stderr)
            return 1
        found.append(json.loads(done.stdout.strip().splitlines()[-1]))
        print(f"{found[-1]}  asked: {ASKED.get(searches, '-')} s, {MOST_MB} MB", flush=True)
    path = (TRIAL if options.quick else RESULTS) / "gap_speed.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    result = {"sizes": found, "processors": os.cpu_count(), "versions": versions()}
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AbsentError as absent:
        print(f"a set is absent: {absent}", file=sys.stderr)
        sys.exit(1)
