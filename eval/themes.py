"""Are the themes found the ones that people had labelled? Beside BERTopic, EVoC, hdbscan and k-means told the true k.

All methods get the same vectors, in the same run. A row that a method leaves over is a theme of one: leaving rows over
does not raise a figure. Times are ratios within one process, so that a busy machine matters less.

    python -m eval.themes            writes eval/results/themes.json
    python -m eval.themes --quick    1,500 rows of each set, to see that it runs: writes build/eval
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS, TRIAL, versions
from eval.sets import AbsentError
from eval.theme_sets import SETS, ThemeRows, load
from signaltriage.settings import ThemeSettings
from signaltriage.themes.discovery import discover

OWN: Final = "signaltriage"
TOLD: Final = "k-means, told k"
FACTOR: Final = 1.5
"""By which the number of themes may miss the true one."""
MEAN: Final = 0.61
COVERAGE: Final = 0.90
Labels = NDArray[np.int64]
Method = Callable[[ThemeRows, int], Labels]
"""Rows and a seed to labels, -1 for rows left over."""


def own(rows: ThemeRows, seed: int) -> Labels:
    """The default."""
    return discover(rows.vectors, seed=seed).theme


def own_hdbscan(rows: ThemeRows, seed: int) -> Labels:
    """The other method that can be chosen."""
    return discover(rows.vectors, settings=ThemeSettings(method="hdbscan"), seed=seed).theme


def bertopic(rows: ThemeRows, seed: int) -> Labels:
    """BERTopic at its defaults, given the vectors; its UMAP is seeded, else no two runs agree."""
    from bertopic import BERTopic
    from umap import UMAP

    reduced = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=seed)
    found, _ = BERTopic(umap_model=reduced, calculate_probabilities=False).fit_transform(rows.texts, rows.vectors)
    return np.array(found, dtype=np.int64)


def evoc(rows: ThemeRows, seed: int) -> Labels:
    """EVoC at its defaults."""
    from evoc import EVoC

    return np.asarray(EVoC(random_state=seed).fit_predict(rows.vectors), dtype=np.int64)


def kmeans(rows: ThemeRows, seed: int) -> Labels:
    """k-means that is told the true number."""
    from sklearn.cluster import KMeans

    found = KMeans(rows.true_k, n_init=1, random_state=seed).fit_predict(rows.vectors)
    return np.asarray(found, dtype=np.int64)


def hdbscan(rows: ThemeRows, seed: int) -> Labels:
    """HDBSCAN on UMAP's five dimensions, ten rows at least: what most recipes do."""
    from sklearn.cluster import HDBSCAN
    from umap import UMAP

    reduced = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    found = HDBSCAN(min_cluster_size=10, copy=True).fit_predict(reduced.fit_transform(rows.vectors))
    return np.asarray(found, dtype=np.int64)


METHODS: Final[Mapping[str, Method]] = {
    OWN: own,
    f"{OWN}, hdbscan": own_hdbscan,
    "BERTopic": bertopic,
    "EVoC": evoc,
    TOLD: kmeans,
    "UMAP + hdbscan": hdbscan,
}


def score(labels: NDArray[Any], found: Labels) -> dict[str, Any]:
    """ARI, NMI, V-measure, purity, coverage and number of themes; rows left over are themes of one."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, v_measure_score

    alone = found.max(initial=-1) + 1 + np.arange(len(found))
    every = np.where(found >= 0, found, alone)
    return {
        "ari": round(float(adjusted_rand_score(labels, every)), 4),
        "nmi": round(float(normalized_mutual_info_score(labels, every)), 4),
        "v_measure": round(float(v_measure_score(labels, every)), 4),
        "coverage": round(float((found >= 0).mean()), 4),
        "themes": len(set(found[found >= 0].tolist())),
    }


def measure(name: str, methods: Sequence[str], *, seed: int, quick: bool) -> dict[str, Any]:
    """All methods on one set. Raises AbsentError."""
    rows = load(name, quick=quick)
    found: dict[str, Any] = {}
    for method in methods:
        try:
            _warm(method, rows, seed)
        except ImportError as missing:
            print(f"{method}: not installed, skipped ({missing})", file=sys.stderr)
            continue
        started, cpu = time.perf_counter(), time.process_time()
        labels = METHODS[method](rows, seed)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        found[method] = score(rows.labels, labels) | {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2)}
        of_k = found[method]["themes"] / rows.true_k
        print(f"{name:<27} {method:<22} {found[method]['ari']:.3f} {of_k:5.2f} {found[method]}", flush=True)
    if OWN in found:
        for figures in found.values():
            figures["time_to_own"] = round(figures["seconds"] / max(found[OWN]["seconds"], 1e-3), 2)
    return {"rows": len(rows.texts), "labels": rows.true_k, "asked": rows.entry.asked, "methods": found}


_WARM: set[str] = set()


def _warm(method: str, rows: ThemeRows, seed: int) -> None:
    """Run a method once on a few rows: what it imports and compiles at first use is no part of its time."""
    if method not in _WARM:
        METHODS[method](rows.take(range(min(400, len(rows.texts)))), seed)
        _WARM.add(method)


def verdicts(result: Mapping[str, Any]) -> dict[str, bool]:
    """What issue 5 asks, and whether it holds."""
    asked = {name: found for name, found in result.items() if isinstance(found, dict) and found.get("asked")}
    ours = {name: found["methods"][OWN] for name, found in asked.items() if OWN in found["methods"]}
    if not ours:
        return {}
    fits = [1 / FACTOR <= ours[name]["themes"] / asked[name]["labels"] <= FACTOR for name in ours]
    times = [f["methods"]["BERTopic"]["time_to_own"] for f in asked.values() if "BERTopic" in f["methods"]]
    return {
        **{f"ari {name} >= {asked[name]['asked']}": ours[name]["ari"] >= asked[name]["asked"] for name in ours},
        f"mean ari >= {MEAN}": float(np.mean([figures["ari"] for figures in ours.values()])) >= MEAN,
        f"coverage >= {COVERAGE}": all(figures["coverage"] >= COVERAGE for figures in ours.values()),
        f"themes within {FACTOR} of the labels": all(fits),
        "time <= 1/10 of BERTopic": bool(times) and min(times) >= 10,
    }


def table(result: Mapping[str, Any]) -> str:
    """A Markdown table: ARI · coverage · themes, a row a set, a column a method; the mean over the sets asked for."""
    methods = [m for m in METHODS if any(m in f["methods"] for f in result.values() if "methods" in f)]
    lines = ["| set (labels, rows) | " + " | ".join(methods) + " |", "|---" * (len(methods) + 1) + "|"]
    for name, found in result.items():
        if "methods" not in found:
            continue
        cells = [_cell(found["methods"].get(method)) for method in methods]
        lines.append(f"| {name} ({found['labels']}, {found['rows']:,}) | " + " | ".join(cells) + " |")
    means = []
    for method in methods:
        own_sets = [f["methods"][method]["ari"] for f in result.values() if f.get("asked") and method in f["methods"]]
        means.append(f"{np.mean(own_sets):.3f}" if own_sets else "–")
    return "\n".join([*lines, "| mean of the first four | " + " | ".join(means) + " |"])


def _cell(figures: Mapping[str, Any] | None) -> str:
    return "–" if figures is None else f"{figures['ari']:.3f} · {figures['coverage']:.2f} · {figures['themes']}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; sets that are absent are named and skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(SETS), metavar="NAME")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS), metavar="METHOD")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    path = options.out or (TRIAL if options.quick else RESULTS) / "themes.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.only:
        try:
            new = measure(name, options.methods, seed=options.seed, quick=options.quick)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
            continue
        kept = result.get(name, {}).get("methods", {})
        result[name] = new | {"methods": {**kept, **new["methods"]}}
    result = {name: result[name] for name in SETS if name in result}
    for what, holds in verdicts(result).items():
        print(f"{'yes' if holds else 'NO ':<4} {what}")
    print(table(result))
    result["protocol"] = {"seed": options.seed, "quick": options.quick, "versions": versions()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
