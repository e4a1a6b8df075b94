"""Secrets planted in exports, then all that is made of them searched: database, pages, tables, logs, caches, model.

    python -m eval.leak_run [--each 4] [--model FOLDER]

Tickets and searches of which each holds one secret, in text, title or author, and rows that cannot be read with one as
well: captured, run (routed, themes, gaps, pages), exported, a model trained on what was exported and used. What every
command prints is kept too. Then `eval.leaks` looks for every secret in every file. Writes eval/results/leak_run.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from eval.leaks import find_leaks
from eval.privacy import OWN, Planted, plant
from eval.privacy_fresh import fresh_formats
from eval.privacy_phones import phone_formats
from eval.privacy_secrets import secret_formats
from eval.privacy_sets import formats
from eval.sets import ROOT

RESULT: Final = ROOT / "eval" / "results" / "leak_run.json"
SHORTEST: Final = 6
"""Characters of a secret: a shorter one, such as a PIN, stands in any large file by chance."""


def write_exports(folder: Path, planted: list[Planted]) -> list[str]:
    """Tickets, searches and broken lines that hold the planted values; the values, one for each."""
    with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "subject", "description", "requester_email", "created_at"])
        for i, item in enumerate(planted):
            texts = ("A question", item.text) if i % 3 else (item.text, "Please see above, it is urgent.")
            writer.writerow([i, *texts, f"asker{i}.secret@people.example", f"2026-03-{i % 28 + 1:02d}T08:00:00Z"])
    with (folder / "searches.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["query", "result_count", "user"])
        writer.writerows([[item.text, 0, f"asker{i}.secret@people.example"] for i, item in enumerate(planted[::5])])
    broken = [json.dumps({"id": str(i), "text": item.text})[:-2] for i, item in enumerate(planted[::7])]
    whole = json.dumps({"id": "whole", "text": "The door does not close."})
    (folder / "chat.jsonl").write_text("\n".join([whole, *broken]) + "\n", encoding="utf-8")
    values = [item.text[item.start : item.end] for item in planted]
    return [*values, *(f"asker{i}.secret@people.example" for i in range(len(planted)))]


def steps(source: Path, out: Path, model: Path) -> list[tuple[str, ...]]:
    """The commands, one after the other."""
    log, table = str(out / "friction.db"), str(out / "signals.csv")
    files = [str(source / name) for name in ("tickets.csv", "searches.csv", "chat.jsonl")]
    articles = str(ROOT / "training_data" / "articles")
    pages = ("--out", str(out / "pages"))
    return [
        ("capture", *files, "--log", log),
        ("run", "--log", log, "--model", str(model), "--articles", articles, *pages),
        *(
            ("log", "export", name, "--log", log, "--out", str(out / f"{name}.parquet"))
            for name in ("v_gaps", "rejected")
        ),
        ("log", "export", "v_signals", "--log", log, "--out", table),
        ("train", table, "--text", "title,text", "--label", "best_guess", "--out", str(out / "model")),
        ("classify", table, "--text", "title,text", "--model", str(out / "model"), "--out", str(out / "routed.jsonl")),
        ("status", "--log", log, "--json"),
    ]


def measure(each: int, model: Path, folder: Path) -> dict[str, Any]:
    """Plant, run, look."""
    source, out = folder / "exports", folder / "made"
    source.mkdir()
    out.mkdir()
    every = [f for f in (*formats(), *secret_formats(), *phone_formats(), *fresh_formats()) if f.kind != "trap"]
    planted = [p for p in plant(every, OWN, each, random.Random(0)) if p.end - p.start >= SHORTEST]
    secrets = write_exports(source, planted)
    environment = {**os.environ, "SIGNALTRIAGE_KEY_FILE": str(folder / "key"), "HF_HUB_OFFLINE": "1"}
    for number, step in enumerate(steps(source, out, model)):
        command = [sys.executable, "-m", "signaltriage.cli", *step]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        (out / f"step-{number}.log").write_bytes(done.stdout + done.stderr)
        if done.returncode:
            raise SystemExit(f"{' '.join(step)}: exit {done.returncode}\n{done.stderr.decode()}")
    files, leaks = find_leaks(out, secrets)
    kinds = Counter(planted[leak.secret - 1].format.name if leak.secret <= len(planted) else "author" for leak in leaks)
    for leak in leaks[:20]:
        print(f"{leak.file}: {secrets[leak.secret - 1]!r}", file=sys.stderr)
    return {
        "planted": len(secrets),
        "files": files,
        "leaked": len({leak.secret for leak in leaks}),
        "of_formats": dict(sorted(kinds.items())),
    }


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=4, help="secrets of each format (default 4)")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(options.each, options.model, Path(folder))
    print(json.dumps(result, indent=1))
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
