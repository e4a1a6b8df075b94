"""Trains and scores every set of datasets.toml that is present, each method in a process of its own.

    python -m eval.run [--only NAME ...] [--seed 0] [--quick] [--methods METHOD ...] [--out DIR]

Writes DIR/SET.json (default eval/results). With --quick (a few hundred rows) or --methods (some methods only) the
default is .cache/eval: such results are for trying things out and never reach the tables. Exit 1 if a method failed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from eval.memory import watch
from eval.methods import BASE, METHODS, OWN, TARGET_ERROR, UNCALIBRATED, Guesses
from eval.sets import ROOT, AbsentError, Part, RoutingSet, Rows, load, read_sets
from signaltriage import metrics

RESULTS: Final = ROOT / "eval" / "results"
TRIAL: Final = ROOT / ".cache" / "eval"
LIBRARIES: Final = (
    *("numpy", "scipy", "scikit-learn", "onnxruntime", "tokenizers", "pandas"),
    *("sentence-transformers", "torch", "transformers"),
)
_DIGITS = 6


class MethodFailedError(Exception):
    """A method's process ended badly; `str()` holds the end of what it said."""


@dataclass(frozen=True)
class Run:
    """What one method gave and took on one set."""

    guesses: Guesses
    train_seconds: float
    predict_seconds: float
    peak_memory_mb: float


def run_method(entry: RoutingSet, method: str, *, seed: int, quick: bool) -> Run:
    """Train and predict in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder) / "run.json", Path(folder) / "log"
        command = [sys.executable, "-m", "eval.worker", entry.name, method, "--seed", str(seed), "--out", str(out)]
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [*command, "--quick"] if quick else command, cwd=ROOT, stdout=errors, stderr=errors
            )
            try:
                tree_mb = watch(process)
            finally:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise MethodFailedError(log.read_text(encoding="utf-8", errors="replace").strip()[-2000:])
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return Run(
        Guesses(found["labels"], np.array(found["probabilities"]), found["routed"]),
        found["train_seconds"],
        found["predict_seconds"],
        max(found["peak_memory_mb"], tree_mb),
    )


def score(truth: Sequence[str], guesses: Guesses, *, seed: int, calibrated: bool = True) -> dict[str, Any]:
    """Every figure of one method on some rows. A true label the training data does not have counts as wrong."""
    codes = {label: code for code, label in enumerate(sorted({*truth, *guesses.labels}))}
    true_codes = np.array([codes[label] for label in truth])
    guess_codes = np.array([codes[label] for label in guesses.labels])
    right = true_codes == guess_codes
    figures: dict[str, Any] = {
        "n": len(truth),
        "accuracy": _interval(metrics.bootstrap_interval(metrics.accuracy, true_codes, guess_codes, seed=seed)),
        "macro_f1": _interval(metrics.bootstrap_interval(metrics.macro_f1, true_codes, guess_codes, seed=seed)),
        "weighted_f1": _round(metrics.weighted_f1(true_codes, guess_codes)),
        "ece": _round(metrics.expected_calibration_error(guesses.probabilities, right)),
        "calibrated": calibrated,
        "reliability": [_rounded(asdict(b)) for b in metrics.reliability_table(guesses.probabilities, right) if b.n],
    }
    worst = metrics.worst_class_gap(guesses.probabilities, right, guess_codes)
    figures["worst_team_gap"] = None if worst is None else _round(worst[0])
    if guesses.routed is not None:
        routed = np.array(guesses.routed)
        n = int(routed.sum())
        figures["routing"] = {
            "target_error": TARGET_ERROR,
            "routed": n,
            "routed_share": _round(n / len(truth)),
            "realised_error": _round(float((~right[routed]).mean())) if n else None,
        }
    return figures


def score_by_group(test: Part, guesses: Guesses, *, seed: int, calibrated: bool = True) -> dict[str, Any]:
    """The figures of each value of `report_by`."""
    assert test.groups is not None
    groups = np.array(test.groups)
    found = {}
    for group in sorted(set(test.groups)):
        rows = np.flatnonzero(groups == group)
        part = Guesses(
            [guesses.labels[i] for i in rows],
            guesses.probabilities[rows],
            None if guesses.routed is None else [guesses.routed[i] for i in rows],
        )
        found[group] = score(test.take(rows).labels, part, seed=seed, calibrated=calibrated)
    return found


def describe(entry: RoutingSet, rows: Rows) -> dict[str, Any]:
    """The set as it was measured."""
    known = set(rows.train.labels)
    learnt = set(rows.train.texts)
    return {
        "name": entry.name,
        "synthetic": entry.synthetic,
        "split": rows.split,
        "train_rows": len(rows.train.texts),
        "test_rows": len(rows.test.texts),
        "train_labels": len(known),
        "test_rows_of_unseen_labels": sum(label not in known for label in rows.test.labels),
        "test_texts_also_in_train": sum(text in learnt for text in rows.test.texts),
        "report_by": entry.report_by,
    }


def summarise(entry: RoutingSet, rows: Rows, runs: dict[str, Run], *, seed: int, quick: bool) -> dict[str, Any]:
    """The result file of a set. `run`, last, is what another machine or another day would change."""
    figures = {}
    for method, run in runs.items():
        calibrated = method not in UNCALIBRATED
        figures[method] = score(rows.test.labels, run.guesses, seed=seed, calibrated=calibrated)
        if rows.test.groups is not None:
            figures[method]["by_group"] = score_by_group(rows.test, run.guesses, seed=seed, calibrated=calibrated)
    return {
        "dataset": describe(entry, rows),
        "methods": figures,
        "protocol": {"bootstrap_resamples": 1000, "ece_bins": 15, "quick": quick, "seed": seed},
        "run": {
            "cpus": os.cpu_count(),
            "machine": platform.machine(),
            "methods": {method: cost(run, runs.get(BASE), len(rows.test.texts)) for method, run in runs.items()},
            "python": platform.python_version(),
            "versions": versions(),
        },
    }


def cost(run: Run, base: Run | None, test_rows: int) -> dict[str, Any]:
    """Times and memory; the ratios to `base` survive a slower or busier machine better than the seconds do."""
    per_second = test_rows / max(run.predict_seconds, 1e-9)
    ratios = {}
    if base is not None:
        ratios = {
            "train_seconds_to_base": float(f"{run.train_seconds / base.train_seconds:.3g}"),
            "rows_per_second_to_base": float(f"{base.predict_seconds / max(run.predict_seconds, 1e-9):.3g}"),
        }
    return {
        "train_seconds": round(run.train_seconds, 2),
        "rows_per_second": round(per_second, 1),
        "peak_memory_mb": round(run.peak_memory_mb),
        **ratios,
    }


def versions() -> dict[str, str | None]:
    """Versions of what decides the figures; None where it is not installed."""
    found: dict[str, str | None] = {}
    for library in (OWN, *LIBRARIES):
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            found[library] = None
    return found


def measure(entry: RoutingSet, methods: Sequence[str], *, seed: int, quick: bool) -> dict[str, Any]:
    """All methods on one set. Raises AbsentError or MethodFailedError."""
    rows = load(entry, quick=quick, seed=seed)
    _say(f"{entry.name}: {len(rows.train.texts)} rows to train, {len(rows.test.texts)} to test, split: {rows.split}")
    runs: dict[str, Run] = {}
    for method in methods:
        try:
            run = runs[method] = run_method(entry, method, seed=seed, quick=quick)
        except MethodFailedError as error:
            raise MethodFailedError(f"{entry.name}: {method} failed:\n{error}") from error
        right = metrics.accuracy(rows.test.labels, run.guesses.labels)
        _say(
            f"  {method:<44} accuracy {right:.4f}   train {run.train_seconds:.1f} s   predict "
            f"{len(rows.test.texts) / run.predict_seconds:.0f} rows/s   {run.peak_memory_mb:.0f} MB"
        )
    return summarise(entry, rows, runs, seed=seed, quick=quick)


def joined(result: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The result, with the figures of methods it lacks from the file of an earlier run on the same rows.

    A method's figures depend on nothing but its rows and its seed; its costs are told as ratios within its own run.
    """
    path = folder / f"{result['dataset']['name']}.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    if earlier is None or any(earlier[key] != result[key] for key in ("dataset", "protocol")):
        return result
    for part, former in ((result, earlier), (result["run"], earlier["run"])):
        part["methods"] = {**former["methods"], **part["methods"]}
    return result


def write(result: dict[str, Any], folder: Path) -> Path:
    """Write a result, keys sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['dataset']['name']}.json"
    path.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; sets that are absent are named and skipped."""
    sets = read_sets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=sets, default=list(sets), metavar="NAME", help=", ".join(sets))
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, default=list(METHODS), metavar="METHOD", help="; ".join(METHODS)
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few hundred rows of each set, to see that it runs")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument(
        "--keep",
        action="store_true",
        help="with --methods: keep the other methods' figures of an earlier run on the same rows",
    )
    options = parser.parse_args(arguments)
    trial = options.quick or (set(options.methods) != set(METHODS) and not options.keep)
    folder = options.out or (TRIAL if trial else RESULTS)
    failed = 0
    for name in options.only:
        try:
            result = measure(sets[name], options.methods, seed=options.seed, quick=options.quick)
        except AbsentError as absent:
            _say(f"{name}: absent, skipped ({absent})")
        except MethodFailedError as error:
            failed += 1
            _say(f"{error}\n{name}: not written")
        else:
            if options.keep:
                result = joined(result, folder)
            _say(f"  written to {write(result, folder)}")
    return 1 if failed else 0


def _interval(found: metrics.Interval) -> dict[str, float]:
    return {"value": _round(found.value), "low": _round(found.low), "high": _round(found.high)}


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    return {key: _round(value) if isinstance(value, float) else value for key, value in record.items()}


def _round(value: float) -> float:
    return round(value, _DIGITS)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
