"""Facets: which kinds of friction are found in signals that were labelled by hand, and where.

    python -m eval.facets [--half last] [--without-vectors] [--misses] [--out FILE]

`eval/facets_labels.csv` labels signals of training_data (id, half, kinds, and for each kind the characters that show
it); `eval/facet_labels_external.csv` does so for rows of other people's sets under SIGNALTRIAGE_DATA (see EXTERNAL); it
holds row numbers and labels only. `eval/facet_guide.md` says how is labelled; `more` and `unseen` were labelled by the
same rules, which were written down after that. `eval/facet_second_labels.csv` labels 80 signals of the earlier halves a
second time, from their texts alone: how far the two sittings agree is about what can be reached.

development   read before the patterns were written, and the patterns bettered on them
test, final   drawn after that, labelled, each measured once with the patterns of the time (macro-F1 .438 and .476),
              then used to better the patterns: no test now
fresh         drawn by a fixed seed, labelled and measured once (.521; .343 before there was a model), learned from
last          drawn by a fixed seed after that, labelled and measured once (.642), learned from
more          drawn and labelled later, in two portions. In the first, each source's rows are drawn at random, and among
              the 40 nearest, by sentence vector, to a one-line definition of a kind, because the rare kinds are seldom
              met at random (measured once, on the first portion: .523). In the second, the model of the time chose what
              it took for a rare kind. Learned from, and patterns were added after reading it.
unseen        the figure to believe: drawn as the first portion of `more`, labelled before anything was run on it,
              never learned from. Whoever labelled it wrote some patterns later, after reading `more`: it may flatter
spans         of the kinds found rightly, how many show a place that overlaps the labelled one

All but `unseen` are learned from: what is measured on them shows no more than that nothing broke.

Writes eval/results/facets.json.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.run import RESULTS
from eval.sets import ROOT, data_root
from signaltriage.encode import load_encoder
from signaltriage.model.parts import prepare
from signaltriage.themes.facets import KINDS, Facet, facets_of

HALVES: Final = ("development", "test", "final", "fresh", "last", "more", "unseen")
EXTERNAL: Final = {
    "glassdoor": ("employee/glassdoor_reviews.csv", ["dislike"]),
    "slack": ("employee/slack_racket_general_2019.csv", ["text"]),
    "airline": ("themes/twitter_us_airline.csv", ["text"]),
    "firefox": ("routing/sumo_firefox/train.csv", ["title", "content"]),
}


_SAMPLES: Final = 1000
"""Of the bootstrap."""


@dataclass(frozen=True)
class Labelled:
    """A signal with what its reader found."""

    source: str
    id: str
    half: str
    text: str
    spans: dict[str, tuple[int, int]]
    """Of each kind found: first character, and one past the last."""


def read_labels() -> Iterator[Labelled]:
    """Every labelled signal whose text is at hand; sources that are absent are named and skipped."""
    signals = pd.read_csv(ROOT / "training_data/signals.csv", dtype=str, keep_default_na=False)
    texts = dict(zip(signals["id"], signals["text"], strict=True))
    for row in _rows("facets_labels.csv"):
        yield Labelled("training_data", row["id"], row["half"], texts[row["id"]], _spans(row))
    external = {}
    for source, (path, columns) in EXTERNAL.items():
        if (data_root() / path).exists():
            rows = pd.read_csv(data_root() / path, dtype=str, keep_default_na=False)[columns]
            external[source] = ["\n".join(row) for row in rows.to_numpy().tolist()]
        else:
            print(f"{source}: absent, skipped", file=sys.stderr)
    for row in _rows("facet_labels_external.csv"):
        if row["source"] in external:
            text = external[row["source"]][int(row["row"])]
            yield Labelled(row["source"], row["row"], row["half"], text, _spans(row))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (ROOT / "eval" / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _spans(row: dict[str, str]) -> dict[str, tuple[int, int]]:
    pairs = (span.split("-") for span in row["spans"].split())
    return {kind: (int(a), int(b)) for kind, (a, b) in zip(row["kinds"].split(), pairs, strict=True)}


def vectors_of(labelled: Sequence[Labelled]) -> NDArray[np.float32]:
    """Unit vectors as a run of themes makes them, shape (n, d)."""
    encoded = load_encoder(None).encode(prepare([signal.text for signal in labelled], True))
    return np.asarray(encoded, dtype=np.float32)


def score(labelled: Sequence[Labelled], found: Sequence[tuple[Facet, ...]]) -> dict[str, Any]:
    """Precision, recall and F1 of each kind, their mean, and how often the evidence is the labelled one."""
    out: dict[str, Any] = {"signals": len(labelled)}
    f1, right, overlap = [], 0, 0
    for kind in KINDS:
        hit = false = missed = 0
        for signal, facets in zip(labelled, found, strict=True):
            places = [(facet.start, facet.end) for facet in facets if facet.kind == kind]
            true = signal.spans.get(kind)
            hit += bool(places) and true is not None
            false += bool(places) and true is None
            missed += not places and true is not None
            if places and true:
                right += 1
                overlap += any(start < true[1] and true[0] < end for start, end in places)
        value = 2 * hit / max(1, 2 * hit + false + missed)
        f1.append(value)
        out[kind] = {
            "labelled": hit + missed, "precision": round(hit / max(1, hit + false), 3),
            "recall": round(hit / max(1, hit + missed), 3), "f1": round(value, 3),
        }  # fmt: skip
    out["macro_f1"] = round(float(np.mean(f1)), 3)
    out["macro_f1_95"] = _interval(labelled, found)
    out["spans"] = round(overlap / max(1, right), 3)
    return out


def _interval(labelled: Sequence[Labelled], found: Sequence[tuple[Facet, ...]]) -> list[float]:
    """Where macro-F1 lies in 95 of 100 bootstrap samples of the signals (Efron 1979)."""
    if not labelled:
        return [0.0, 0.0]
    true = np.array([[kind in signal.spans for kind in KINDS] for signal in labelled])
    told = np.array([[any(facet.kind == kind for facet in facets) for kind in KINDS] for facets in found])
    rows = np.random.default_rng(0).integers(len(labelled), size=(_SAMPLES, len(labelled)))
    hits, sums = (true & told).astype(np.int64)[rows].sum(axis=1), (true.astype(np.int64) + told)[rows].sum(axis=1)
    macro = (2 * hits / np.maximum(1, sums)).mean(axis=1)
    return [round(float(limit), 3) for limit in np.quantile(macro, [0.025, 0.975])]


def agreement(everything: Sequence[Labelled]) -> dict[str, Any]:
    """How far two sittings of labelling agree, as F1 of each kind."""
    first = {(signal.source, signal.id): signal for signal in everything}
    rows = list(_rows("facet_second_labels.csv"))
    labelled = [first[row["source"], row["row"]] for row in rows if (row["source"], row["row"]) in first]
    again = {(row["source"], row["row"]): row["kinds"].split() for row in rows}
    found = [tuple(Facet(kind, 0, 0, "") for kind in again[signal.source, signal.id]) for signal in labelled]
    return score(labelled, found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", nargs="+", choices=HALVES, default=list(HALVES))
    parser.add_argument("--without-vectors", action="store_true", help="by patterns and words alone")
    parser.add_argument("--misses", action="store_true", help="print what was found wrongly or missed")
    parser.add_argument("--out", type=Path, default=RESULTS / "facets.json")
    options = parser.parse_args(arguments)
    everything = list(read_labels())
    result: dict[str, Any] = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    for half in options.half:
        labelled = [signal for signal in everything if signal.half == half]
        if not labelled:
            continue
        vectors = [None] * len(labelled) if options.without_vectors else list(vectors_of(labelled))
        texts = [signal.text for signal in labelled]
        found = list(map(facets_of, texts, vectors))
        started = time.process_time()
        found = list(map(facets_of, texts, vectors))
        seconds = time.process_time() - started
        result[half] = {"all": score(labelled, found)}
        result[half]["cpu_seconds_10000_texts"] = round(seconds / len(labelled) * 10_000, 1)
        for source in ("training_data", *EXTERNAL):
            rows = [i for i, signal in enumerate(labelled) if signal.source == source]
            result[half][source] = score([labelled[i] for i in rows], [found[i] for i in rows])
        _show(half, result[half]["all"])
        if options.misses:
            _misses(labelled, found)
    result["second_reading"] = {"all": agreement(everything)}
    _show("second reading", result["second_reading"]["all"])
    options.out.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _show(half: str, scores: dict[str, Any]) -> None:
    low, high = scores["macro_f1_95"]
    overlaps = f"evidence overlaps {scores['spans']}"
    print(f"{half}: {scores['signals']} signals, macro-F1 {scores['macro_f1']} ({low} to {high}), {overlaps}")
    for kind in KINDS:
        print(f"  {kind:<20} {scores[kind]}")


def _misses(labelled: Sequence[Labelled], found: Sequence[tuple[Facet, ...]]) -> None:
    for signal, facets in zip(labelled, found, strict=True):
        kinds = {facet.kind for facet in facets}
        for facet in facets:
            if facet.kind not in signal.spans:
                print(f"  wrong  {signal.source} {signal.id} {facet.kind}: {facet.text}")
        for kind in sorted(set(signal.spans) - kinds):
            start, end = signal.spans[kind]
            print(f"  missed {signal.source} {signal.id} {kind}: {signal.text[start:end]}")


if __name__ == "__main__":
    sys.exit(main())
