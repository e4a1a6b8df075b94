"""One method on one set, in a process of its own: `python -m eval.worker SET METHOD --seed N --out FILE [--quick]`.

Writes what was predicted and what it took; `eval.run` does the scoring, so that its memory is not counted here.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from eval.memory import own_peak_mb
from eval.methods import METHODS, fit
from eval.sets import load, read_sets

WARM_UP = 32
"""Training texts that are predicted before the clock starts: what loads on the first call belongs to no row."""


def main() -> int:
    """Train, predict the test once, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set")
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    rows = load(read_sets()[options.set], quick=options.quick, seed=options.seed)
    start = time.perf_counter()
    predict = fit(options.method, rows.train, options.seed)
    trained = time.perf_counter()
    predict(rows.train.texts[:WARM_UP])
    warm = time.perf_counter()
    guesses = predict(rows.test.texts)
    done = time.perf_counter()
    result = {
        "labels": guesses.labels,
        "probabilities": [float(p) for p in guesses.probabilities],
        "routed": guesses.routed,
        "train_seconds": trained - start,
        "predict_seconds": done - warm,
        "peak_memory_mb": own_peak_mb(),
    }
    options.out.write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
