"""Is a group of signals routed as one with the probability it deserves?

    python -m eval.groups [--only NAME ...] [--seed 0]

Groups are formed on test rows without their labels: k-means over the vectors, at a mean size of 4, of 8 and of 16
rows; clusters of one row are left out. The truth of a group is the label that most of its rows carry; groups without
such a label are left out and counted. Compared on the same groups:

predict_group     `TriageModel.predict_group`: pooling fitted on held-out training rows, never on these
product           the signals' probabilities multiplied, as if they were independent (naive Bayes, linear pool in logs)
root of n         the same, tempered: an effective number of signals of √n
mean              the mean of the probabilities (linear opinion pool)

accuracy: the best guess is the truth. ece: expected calibration error, 15 bins. error_of_sure: share of wrong ones
among those given at least .95. Writes eval/results/groups.json. The models: `eval.trained`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.sets import ROOT, AbsentError, RoutingSet, read_sets
from eval.trained import SETS, TRAIN_ROWS, trained
from signaltriage import TriageModel, metrics
from signaltriage.model.parts import prepare
from signaltriage.routing.groups import GroupPooling, pool

RESULT = ROOT / "eval" / "results" / "groups.json"
MEAN_SIZES = (4, 8, 16)
SURE = 0.95
Answers = dict[str, list[tuple[str, float]]]


def clusters(vectors: NDArray[np.float32], seed: int) -> list[NDArray[np.intp]]:
    """Row numbers of each group of at least two rows."""
    from sklearn.cluster import KMeans

    found = []
    for size in MEAN_SIZES:
        means = KMeans(max(2, len(vectors) // size), n_init=1, max_iter=30, random_state=seed).fit(vectors)
        found += [np.flatnonzero(means.labels_ == k) for k in range(means.n_clusters)]
    return [rows for rows in found if len(rows) > 1]


def measure(entry: RoutingSet, seed: int) -> dict[str, Any]:
    """All figures of one set."""
    model, rows = trained(entry, seed=seed)
    kept = [i for i, text in enumerate(prepare(rows.test.texts, True)) if text.strip()]
    test = rows.test.take(kept)
    texts = prepare(test.texts, True)
    vectors = model.encoder.encode(texts)
    router = model.decider.router
    probabilities = router.probabilities(router.rows(texts), vectors)
    predictions = model.decider.decide(texts, vectors)
    how = GroupPooling(**model.facts["group_pooling"])
    answers: Answers = {name: [] for name in ("predict_group", "product", "root of n", "mean")}
    truths: list[str] = []
    sizes: list[int] = []
    tied = 0
    for group in clusters(vectors, seed):
        (label, most), *others = Counter(test.labels[i] for i in group).most_common(2)
        if others and others[0][1] == most:
            tied += 1
            continue
        truths.append(label)
        sizes.append(len(group))
        pooled = pool([texts[i] for i in group], [predictions[i] for i in group], model.decider.min_probability, how)
        answers["predict_group"].append((pooled.best_guess, pooled.probability))
        for name, answer in _plain(model, probabilities[group]).items():
            answers[name].append(answer)
    single = [(p.best_guess, p.probability) for p in predictions]
    return {
        "groups": len(truths),
        "groups_without_majority": tied,
        "mean_size": round(float(np.mean(sizes)), 2),
        "pooling": model.facts["group_pooling"],
        "single signals": figures(single, test.labels),
        **{name: figures(found, truths) for name, found in answers.items()},
    }


def _plain(model: TriageModel, probabilities: NDArray[np.float64]) -> dict[str, tuple[str, float]]:
    logs = np.log(np.maximum(probabilities, 1e-6)).sum(axis=0)
    found = {}
    for name, z in (("product", logs), ("root of n", logs / np.sqrt(len(probabilities)))):
        shares = np.exp(z - z.max())
        found[name] = shares / shares.sum()
    found["mean"] = probabilities.mean(axis=0)
    return {name: (model.teams[int(p.argmax())], float(p.max())) for name, p in found.items()}


def figures(answers: list[tuple[str, float]], truths: list[str]) -> dict[str, Any]:
    """Accuracy and calibration of best guesses with their probabilities."""
    right = np.array([guess == truth for (guess, _), truth in zip(answers, truths, strict=True)])
    probability = np.array([p for _, p in answers])
    sure = probability >= SURE
    return {
        "accuracy": round(float(right.mean()), 4),
        "ece": round(metrics.expected_calibration_error(probability, right), 4),
        "share_sure": round(float(sure.mean()), 4),
        "error_of_sure": round(float((~right[sure]).mean()), 4) if sure.any() else None,
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SETS, default=list(SETS), metavar="NAME")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sets, found = read_sets(), {}
    for name in options.only:
        try:
            found[name] = measure(sets[name], options.seed)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
            continue
        print(f"{name}: {found[name]['groups']} groups of {found[name]['mean_size']} signals on average")
        for way in ("single signals", "predict_group", "product", "root of n", "mean"):
            f = found[name][way]
            wrong = "–" if f["error_of_sure"] is None else f"{f['error_of_sure']:.3f}"
            print(f"  {way:<15} accuracy {f['accuracy']:.3f}  ece {f['ece']:.3f}  wrong among sure {wrong}", flush=True)
    protocol = {"mean_sizes": MEAN_SIZES, "seed": options.seed, "sure": SURE, "train_rows": TRAIN_ROWS}
    if set(options.only) == set(SETS):
        record = {"protocol": protocol, "sets": found}
        RESULT.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
