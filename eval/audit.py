"""Does the label audit find labels that were moved, and does training on the audited rows win back what they cost?

    python -m eval.audit [--only banking77 clinc150] [--seeds 0] [--rate 0.10] [--develop]

A share of the training labels, drawn at random, is moved to the class whose centre (mean vector) is nearest to theirs.
Precision counts only moved labels as errors, so real errors in the set weigh against it: the suspects in the set as it
came are reported beside it. Every router of one set has one kernel width and one C, so that the runs compare and end.
What the moved labels cost, and what the audit regains, is told of the router, which is hard to mislead, and of logistic
regression, as cleanlab's is. `--develop` judges on a fifth of the training rows, so that choices are made without the
test split. Beside it, in the same run, cleanlab's filter on held-out logistic regression over the same vectors, if it
is installed.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.run import RESULTS
from eval.sets import AbsentError, Part, load, read_sets
from signaltriage.encode import Encoder, load_encoder
from signaltriage.model.audit import Audited, Labelled, audit
from signaltriage.model.parts import prepare
from signaltriage.routing.choices import Grid
from signaltriage.routing.training import Trained, TrainingRows, train_router
from signaltriage.settings import Settings

SETS: Final = ("banking77", "clinc150")
GRID: Final = Grid(kernel_widths=(1.0,), linear_cs=(0.3,), kernel_penalties=(0.1, 0.3, 1.0), landmarks=2000)
CLEANLAB: Final = "both"
"""cleanlab's filter that did best in the figures this is compared with."""
FloatArray = NDArray[np.float64]


class Kept:
    """An encoder that encodes each text once."""

    def __init__(self, inner: Encoder) -> None:
        self.name, self.dimension, self.digest = inner.name, inner.dimension, inner.digest
        self._inner = inner
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (n, dimension)."""
        new = sorted({text for text in texts if text not in self._known})
        self._known.update(zip(new, self._inner.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def nearest_class(vectors: NDArray[np.float32], labels: Sequence[str]) -> dict[str, str]:
    """Of each class the one whose mean vector is most similar."""
    classes = sorted(set(labels))
    named = np.array(labels)
    centres = np.stack([vectors[named == name].mean(axis=0) for name in classes])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    similarity = centres @ centres.T
    np.fill_diagonal(similarity, -1)
    return {name: classes[int(k)] for name, k in zip(classes, similarity.argmax(axis=1), strict=True)}


def move(labels: Sequence[str], nearest: dict[str, str], rate: float, seed: int) -> tuple[list[str], set[int]]:
    """Labels of which a share is moved, and the rows they are in."""
    rows = np.random.default_rng(seed).permutation(len(labels))[: round(rate * len(labels))]
    moved = {int(i) for i in rows}
    return [nearest[label] if i in moved else label for i, label in enumerate(labels)], moved


def found(flagged: set[int], moved: set[int]) -> dict[str, Any]:
    """Precision and recall of a flagged set."""
    hits = len(flagged & moved)
    return {
        "flagged": len(flagged),
        "precision": round(hits / len(flagged), 4) if flagged else None,
        "recall": round(hits / len(moved), 4) if moved else None,
    }


def mend(labels: Sequence[str], done: Audited, how: str) -> list[str]:
    """Labels after the audit: suspects dropped (an empty label), relabelled, or relabelled where sure, else dropped."""
    out = list(labels)
    for finding in done.audit.findings:
        if finding.suspect:
            sure = how == "relabelled" or (how == "mixed" and finding.suggested_probability > 0.5)
            out[finding.row] = finding.suggested if sure else ""
    return out


class Bench:
    """One set: its rows, encoded, and how a router trained on some labels does."""

    def __init__(self, name: str, encoder: Encoder, *, develop: bool) -> None:
        rows = load(read_sets()[name])
        self.train, self.test = _apart(rows.train) if develop else (rows.train, rows.test)
        self.encoder = encoder
        self.texts = prepare(self.train.texts, True)
        self.vectors = encoder.encode(self.texts)
        self.test_texts = prepare(self.test.texts, True)
        self.test_vectors = encoder.encode(self.test_texts)
        self.nearest = nearest_class(self.vectors, self.train.labels)

    def audit(self, labels: list[str]) -> Audited:
        """The audit as the command does it."""
        return audit(Labelled(self.train.texts, labels), Settings(), encoder=self.encoder, grid=GRID)

    def accuracy(self, trained: Trained) -> float:
        """Of the best guess, on the rows that are judged on."""
        router = trained.router
        guess = router.probabilities(router.rows(self.test_texts), self.test_vectors).argmax(axis=1)
        return _share([router.classes[k] for k in guess], self.test.labels)

    def retrained(self, labels: Sequence[str]) -> float:
        """Accuracy of a router trained on the rows that have a label."""
        kept = [i for i, label in enumerate(labels) if label]
        rows = TrainingRows([self.texts[i] for i in kept], [labels[i] for i in kept], self.vectors[kept])
        return self.accuracy(train_router(rows, grid=GRID))

    def logistic(self, labels: Sequence[str]) -> float:
        """Accuracy of logistic regression over the vectors."""
        kept = [i for i, label in enumerate(labels) if label]
        fitted = _logistic().fit(self.vectors[kept], [labels[i] for i in kept])
        return _share(fitted.predict(self.test_vectors).tolist(), self.test.labels)


def measure(bench: Bench, seeds: Sequence[int], rate: float) -> dict[str, Any]:
    """Everything about one set."""
    labels = bench.train.labels
    clean = bench.audit(labels)
    as_it_came = _suspects(clean)
    accuracy = bench.accuracy(clean.trained)
    result: dict[str, Any] = {
        "rows": len(labels),
        "clean": {"suspects": len(as_it_came), "accuracy": accuracy, "accuracy_logistic": bench.logistic(labels)},
        "seeds": {},
    }
    for seed in seeds:
        noisy, moved = move(labels, bench.nearest, rate, seed)
        done = bench.audit(noisy)
        flagged = _suspects(done)
        figures = {
            **found(flagged, moved),
            "flagged_but_for_those_of_the_clean_set": found(flagged - (as_it_came - moved), moved),
            "suggestion_right": round(
                float(np.mean([f.suggested == labels[f.row] for f in done.audit.findings if f.row in moved])), 4
            ),
            "planted": [done.audit.planted, done.audit.planted_precision, done.audit.planted_recall],
            "accuracy_noisy": bench.accuracy(done.trained),
        }
        noisy_logistic = bench.logistic(noisy)
        for how in ("dropped", "relabelled", "mixed"):
            mended = mend(noisy, done, how)
            after, plain = bench.retrained(mended), bench.logistic(mended)
            figures[f"accuracy_{how}"] = after
            figures[f"regained_{how}"] = _regained(accuracy, figures["accuracy_noisy"], after)
            figures[f"accuracy_logistic_{how}"] = plain
            figures[f"regained_logistic_{how}"] = _regained(result["clean"]["accuracy_logistic"], noisy_logistic, plain)
        result["seeds"][str(seed)] = {"signaltriage": figures, "cleanlab": cleanlab(bench, noisy, (moved, result))}
        print(json.dumps(result["seeds"][str(seed)], indent=1), flush=True)
    return result


def cleanlab(bench: Bench, noisy: list[str], known: tuple[set[int], dict[str, Any]]) -> dict[str, Any]:
    """cleanlab on held-out logistic regression; its accuracies are of logistic regression too."""
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        return {"absent": "cleanlab is not installed"}
    from sklearn.model_selection import cross_val_predict

    classes = sorted(set(noisy))
    y = np.array([classes.index(label) for label in noisy])
    p = cross_val_predict(_logistic(), bench.vectors, y, cv=5, method="predict_proba")
    flagged = {int(i) for i in np.flatnonzero(find_label_issues(y, p, filter_by=CLEANLAB, n_jobs=1))}
    pruned = ["" if i in flagged else label for i, label in enumerate(noisy)]
    moved, result = known
    before, after = bench.logistic(noisy), bench.logistic(pruned)
    return {
        **found(flagged, moved),
        "accuracy_noisy": before,
        "accuracy_pruned": after,
        "regained": _regained(result["clean"]["accuracy_logistic"], before, after),
    }


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=30, max_iter=300)


def _suspects(done: Audited) -> set[int]:
    return {finding.row for finding in done.audit.findings if finding.suspect}


def _share(guess: Sequence[str], truth: Sequence[str]) -> float:
    return round(float(np.mean([a == b for a, b in zip(guess, truth, strict=True)])), 4)


def _regained(clean: float, noisy: float, after: float) -> float | None:
    return round((after - noisy) / (clean - noisy), 3) if clean > noisy else None


def _apart(part: Part) -> tuple[Part, Part]:
    """Four fifths to train on, one to judge on."""
    rows = np.random.default_rng(1234).permutation(len(part.texts))
    cut = len(rows) // 5
    return part.take(np.sort(rows[cut:])), part.take(np.sort(rows[:cut]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sets that are present and write eval/results/audit.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--rate", type=float, default=0.10)
    parser.add_argument("--develop", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS / "audit.json")
    asked = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", message=".*", module="sklearn.*")
    results: dict[str, Any] = {"rate": asked.rate, "cleanlab": _cleanlab_version(), "sets": {}}
    for name in asked.only:
        try:
            bench = Bench(name, Kept(load_encoder(None)), develop=asked.develop)
        except AbsentError as absent:
            print(f"{name}: skipped, {absent}")
            continue
        results["sets"][name] = measure(bench, asked.seeds, asked.rate)
        print(name, json.dumps(results["sets"][name]["clean"]), flush=True)
    if not asked.develop:
        asked.out.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def _cleanlab_version() -> str | None:
    try:
        return version("cleanlab")
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    raise SystemExit(main())
