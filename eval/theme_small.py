"""Subsets with few rows or few labels: does discovery find about as many themes as there are, whatever the rows?

Rows are drawn at random, from all labels or from some drawn at random. Beside the default, k-means that is told the
true number.

    python -m eval.theme_small [--only NAME ...] [--first-draw SEED]    writes eval/results/theme_small.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS
from eval.sets import AbsentError
from eval.theme_sets import SETS, ThemeRows, load
from eval.themes import METHODS, OWN, TOLD, score

ROWS: Final = (300, 1000, 3000)
LABELS: Final = (10, 20, 40, None)
"""How many are drawn; None: all. Only of sets with more."""
DRAWS: Final = 3
FIRST_DRAW: Final = 100
"""The number of themes was made to fit draws 0 to 2: these are others."""
NAMES: Final = ("banking77", "clinc150", "stackoverflow", "dstc11_insurance", "hwu64")
"""Sets whose labels are topics."""
Methods = Mapping[str, Callable[[ThemeRows, int], NDArray[np.int64]]]


def subsets(rows: ThemeRows, draws: Sequence[int]) -> Iterator[tuple[str, list[ThemeRows]]]:
    """Names, and a subset for each draw; none where the rows do not suffice."""
    labels = np.array(sorted(set(rows.labels.tolist())), dtype=object)
    for few in LABELS:
        if few is not None and few * 1.5 > len(labels):
            continue
        for n in ROWS:
            drawn = [_draw(rows, labels, few, n, seed) for seed in draws]
            if min(len(subset.texts) for subset in drawn) == n:
                yield f"{n:,} rows, {few or 'all'} labels", drawn


def _draw(rows: ThemeRows, labels: NDArray[Any], few: int | None, n: int, seed: int) -> ThemeRows:
    rng = np.random.default_rng(seed)
    kept = labels if few is None else rng.choice(labels, few, replace=False)
    inside = np.flatnonzero(np.isin(rows.labels, kept))
    return rows.take(np.sort(rng.permutation(inside)[:n]))


def measure(rows: ThemeRows, methods: Methods, first_draw: int = FIRST_DRAW) -> dict[str, Any]:
    """Mean labels; for each method mean ARI, themes, and themes as a share of the labels (the geometric mean)."""
    result: dict[str, Any] = {}
    for name, drawn in subsets(rows, range(first_draw, first_draw + DRAWS)):
        result[name] = {"labels": round(float(np.mean([subset.true_k for subset in drawn])), 1)}
        for method, find in methods.items():
            found = [score(subset.labels, find(subset, 0)) for subset in drawn]
            share = [max(f["themes"], 1) / subset.true_k for f, subset in zip(found, drawn, strict=True)]
            result[name][method] = {
                "ari": round(float(np.mean([f["ari"] for f in found])), 4),
                "themes": round(float(np.mean([f["themes"] for f in found])), 1),
                "themes_to_labels": round(float(np.exp(np.mean(np.log(share)))), 3),
                "coverage": round(float(np.mean([f["coverage"] for f in found])), 4),
            }
    return result


def table(small: Mapping[str, Any]) -> str:
    """A Markdown table: ARI · themes, a row a subset, a column a method; the mean over all."""
    names = [(name, subset) for name, found in small.items() for subset in found]
    methods = [method for method in small[names[0][0]][names[0][1]] if method != "labels"]
    lines = ["| set | labels | " + " | ".join(methods) + " |", "|---" * (len(methods) + 2) + "|"]
    for name, subset in names:
        found = small[name][subset]
        cells = [f"{found[method]['ari']:.3f} · {found[method]['themes']:.0f}" for method in methods]
        lines.append(f"| {name}, {subset} | {found['labels']:.0f} | " + " | ".join(cells) + " |")
    means = [np.mean([small[name][subset][method]["ari"] for name, subset in names]) for method in methods]
    return "\n".join([*lines, "| mean | | " + " | ".join(f"{mean:.3f}" for mean in means) + " |"])


def main() -> int:
    """Measure; sets that are absent are named and skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(NAMES), metavar="NAME")
    parser.add_argument("--first-draw", type=int, default=FIRST_DRAW, metavar="SEED")
    options = parser.parse_args()
    path = RESULTS / "theme_small.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.only:
        try:
            result[name] = measure(load(name), {method: METHODS[method] for method in (OWN, TOLD)}, options.first_draw)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
    print(table(result))
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
