"""Do corrections take effect, spread no further than they should, and never bounce?

    python -m eval.corrections [--seed 0] [--only banking77 clinc150 hwu64]

Each set: a model learns from half of the training rows; among the other half, signals whose best guess is wrong are
corrected, 1,000 over all sets. Then:

- paraphrases of the corrected signals, made by rule (`eval.paraphrase`): how many are still routed to a wrong team;
- their nearest neighbours of the same label, at or above the model's own limit, likewise;
- everything else: the other held-out rows and the set's own test, before and after;
- and 100,000 replayed moves on random histories (conflicting corrections, ids, retrained models): how many bounce.

A row is misrouted when it is routed without a person, to a wrong team. Writes eval/results/corrections.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from eval.paraphrase import paraphrases
from eval.replay import replay
from eval.sets import ROOT, AbsentError, Part, load, read_sets
from signaltriage import TriageModel
from signaltriage.model.corrections import LIMIT
from signaltriage.routing.corrections import Correction
from signaltriage.types import Prediction

SETS: Final = ("banking77", "clinc150", "hwu64")
CORRECTIONS: Final = 1000
MOVES: Final = 100_000


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=list(SETS), choices=SETS)
    options = parser.parse_args()
    found, wanted = {}, -(-CORRECTIONS // len(options.only))
    for name in options.only:
        try:
            rows = load(read_sets()[name])
        except AbsentError as error:
            print(f"{name}: skipped, {error}", file=sys.stderr)
            continue
        found[name] = measure(rows.train, rows.test, wanted, options.seed)
        print(name, json.dumps(found[name], indent=1), flush=True)
    moves = replay(MOVES, options.seed)
    print("replay", moves)
    result = {"protocol": {"corrections": CORRECTIONS, "seed": options.seed}, "replay": moves, "sets": found}
    path = ROOT / "eval" / "results" / "corrections.json"
    path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def measure(train: Part, test: Part, wanted: int, seed: int) -> dict[str, Any]:
    """One set: correct `wanted` of the errors on held-out rows, and look at what became of the rest."""
    order = np.random.default_rng(seed).permutation(len(train.texts))
    learnt, held = train.take(order[: len(order) // 2]), train.take(order[len(order) // 2 :])
    model = TriageModel.train(learnt.texts, learnt.labels)
    guesses = model.predict(held.texts)
    wrong = [i for i, p in enumerate(guesses) if p.best_guess != held.labels[i] and held.labels[i] in model.teams]
    chosen = wrong[:wanted]
    corrections = [
        Correction(held.texts[i], held.labels[i], guesses[i].best_guess, "2026-11-02T00:00:00+00:00", "", f"h{i}")
        for i in chosen
    ]
    corrected = model.correct(corrections)
    others = sorted(set(range(len(held.texts))) - set(chosen))
    rest = held.take(others)
    limit = float(model.facts[LIMIT])
    return {
        "corrections": len(corrections),
        "min_near_duplicate_similarity": limit,
        "the_corrected": _both(model, corrected, held.take(chosen)),
        "paraphrases": _paraphrased(model, corrected, held.take(chosen), seed),
        "same_label_neighbours": _neighbours(model, corrected, held.take(chosen), rest, limit),
        "other_held_out_rows": _both(model, corrected, rest),
        "test_rows": _both(model, corrected, test),
    }


def _paraphrased(model: TriageModel, corrected: TriageModel, part: Part, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    said: dict[str, tuple[list[str], list[str]]] = {}
    for text, label in zip(part.texts, part.labels, strict=True):
        for kind, other in paraphrases(text, rng).items():
            texts, labels = said.setdefault(kind, ([], []))
            texts.append(other)
            labels.append(label)
    kinds = {kind: _both(model, corrected, Part(*columns, None, None)) for kind, columns in sorted(said.items())}
    every = Part([t for c in said.values() for t in c[0]], [x for c in said.values() for x in c[1]], None, None)
    return {"all": _both(model, corrected, every), "by_kind": kinds}


def _neighbours(
    model: TriageModel, corrected: TriageModel, part: Part, rest: Part, limit: float
) -> dict[str, Any] | None:
    near: set[int] = set()
    memory, vectors = corrected.corrections.vectors, model.encoder.encode(rest.texts)
    for i, label in enumerate(part.labels):
        same = np.flatnonzero(np.array(rest.labels) == label)
        near |= set(same[vectors[same] @ memory[i] >= limit].tolist())
    return _both(model, corrected, rest.take(sorted(near))) if near else None


def _both(model: TriageModel, corrected: TriageModel, part: Part) -> dict[str, Any]:
    before, after = (_figures(m.predict(part.texts), part.labels) for m in (model, corrected))
    return {"rows": len(part.texts), "before": before, "after": after}


def _figures(predictions: Sequence[Prediction], labels: Sequence[str]) -> dict[str, Any]:
    routed = [p.team is not None for p in predictions]
    misrouted = sum(p.team is not None and p.team != label for p, label in zip(predictions, labels, strict=True))
    right = sum(p.best_guess == label for p, label in zip(predictions, labels, strict=True))
    return {
        "accuracy": round(right / len(labels), 4),
        "routed": sum(routed),
        "misrouted": misrouted,
        "routed_right": sum(routed) - misrouted,
    }


if __name__ == "__main__":
    sys.exit(main())
