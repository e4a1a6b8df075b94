"""Measures what a service and a batch job pay: start-up, one prediction, a large file, its memory, many threads.

    python -m eval.serving [--rows 20000] [--large 200000]

Uses the model in models/default and texts put together from the sentences of training_data/signals.csv, so that it runs
anywhere. Each figure comes from a process of its own. Writes eval/results/serving.json and prints a table.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "default"
RESULT = ROOT / "eval" / "results" / "serving.json"
_REPEATS = 7

_IMPORT = "import time; t = time.perf_counter(); import signaltriage; print(time.perf_counter() - t)"
_HELP = (
    "import subprocess, sys, time; t = time.perf_counter();"
    "subprocess.run([sys.executable, '-m', 'signaltriage.cli', '--help'], stdout=subprocess.DEVNULL, check=True);"
    "print(time.perf_counter() - t)"
)
_FIRST = (
    "import sys, time; t = time.perf_counter(); import signaltriage as st;"
    "st.TriageModel.load(sys.argv[1]).predict_one('the app closes by itself'); print(time.perf_counter() - t)"
)
_ONE = """
import json, sys, time
import signaltriage as st
model = st.TriageModel.load(sys.argv[1])
texts = json.load(open(sys.argv[2]))[:1000]
model.predict(texts[:50])
spent = []
for text in texts:
    start = time.perf_counter()
    model.predict_one(text)
    spent.append(time.perf_counter() - start)
heavy = [name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules]
print(json.dumps([spent, heavy]))
"""
_THREADS = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import signaltriage as st
model = st.TriageModel.load(sys.argv[1])
texts = json.load(open(sys.argv[2]))[:400]
alone = [model.predict_one(text) for text in texts]
with ThreadPoolExecutor(8) as pool:
    together = list(pool.map(model.predict_one, texts))
print(json.dumps([alone == together, model.predict(texts) == alone]))
"""
_BATCH = """
import json, sys, time
import pandas as pd
import signaltriage as st
from signaltriage.model.runs import classify_file
model = st.TriageModel.load(sys.argv[1])
texts = pd.read_csv(sys.argv[2])["text"].tolist()
model.predict(texts[:200])
def encode():
    start = time.perf_counter()
    model.encoder.encode(texts)
    return time.perf_counter() - start
def classify():
    start = time.perf_counter()
    classify_file(sys.argv[2], model, sys.argv[2] + ".out.csv")
    return time.perf_counter() - start
print(json.dumps([[encode(), classify()] for _ in range(3)]))
"""
_PEAK = """
import sys
import signaltriage as st
from eval.memory import own_peak_mb
from signaltriage.model.runs import classify_file
classify_file(sys.argv[2], st.TriageModel.load(sys.argv[1]), sys.argv[2] + ".out.csv")
print(own_peak_mb())
"""


def short_texts(n: int, seed: int = 0) -> list[str]:
    """Distinct short texts: pairs of half sentences of the training signals."""
    signals = pd.read_csv(ROOT / "training_data" / "signals.csv", keep_default_na=False)["text"]
    pieces = [" ".join(line.split()[:8]) for text in signals for line in text.splitlines() if len(line.split()) > 3]
    rng = np.random.default_rng(seed)
    pairs = rng.integers(len(pieces), size=(n, 2))
    return [f"{pieces[a]} {pieces[b]} {i}" for i, (a, b) in enumerate(pairs)]


def run(code: str, *arguments: object) -> str:
    """What a fresh process prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def measure(rows: int, large: int, folder: Path) -> dict[str, Any]:
    """All figures: seconds, milliseconds and MB, as their names say."""
    texts = short_texts(large)
    (folder / "texts.json").write_text(json.dumps(texts[:1000]))
    for name, n in (("some.csv", rows), ("many.csv", large)):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts[:n])])
    spent, heavy = json.loads(run(_ONE, MODEL, folder / "texts.json"))
    same_in_threads, same_in_batch = json.loads(run(_THREADS, MODEL, folder / "texts.json"))
    turns = json.loads(run(_BATCH, MODEL, folder / "some.csv"))
    return {
        "import_s": _median(_IMPORT),
        "help_s": _median(_HELP),
        "load_and_first_prediction_s": _median(_FIRST, MODEL),
        "one_prediction_p50_ms": round(float(np.percentile(spent, 50)) * 1e3, 2),
        "one_prediction_p99_ms": round(float(np.percentile(spent, 99)) * 1e3, 2),
        "heavy_modules_after_prediction": heavy,
        "same_with_8_threads": same_in_threads,
        "same_alone_and_in_batch": same_in_batch,
        "rows": rows,
        "classify_time_over_encoding_time": round(statistics.median(c / e for e, c in turns), 3),
        "peak_mb": round(float(run(_PEAK, MODEL, folder / "some.csv"))),
        "large_rows": large,
        "peak_mb_large": round(float(run(_PEAK, MODEL, folder / "many.csv"))),
    }


def _median(code: str, *arguments: object) -> float:
    return round(statistics.median(float(run(code, *arguments)) for _ in range(_REPEATS)), 3)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=200_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(given.rows, given.large, Path(folder))
    for name, value in figures.items():
        print(f"{name:<36} {value}")
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
