"""Do the words that a prediction's reason names carry the decision, and are its neighbours of use?

    python -m eval.explanations [--only NAME ...] [--seed 0]

Protocol: comprehensiveness (ERASER: DeYoung et al. 2020, section 4). For each of five sets, a model of 3,000 training
rows (`eval.trained`) predicts 500 test rows, drawn by the seed from those with at least two different words once
cleaned (with one, nothing can be compared). The named words are read from `reason` after "words: ", as a user would,
and every occurrence is deleted, whatever its case; the model is then asked again for the probability of what had been
its best guess. `drop` is what that probability lost. It is compared, row by row, with the mean drop of 20 deletions of
as many different words drawn at random

- from the words that were not named (`beats_others`, the figure asked for), and
- from all words, the named ones too (`beats_any`, a harder comparison).

A row whose reason names no word, and a tie, count as not beaten. `beats_one`: share of the single draws, of other
words, that lose less than the named words. A 95 % interval of `beats_others` comes from the bootstrap.

Neighbours: how often the nearest known signal is of the best guess's team, and how often the best guess is right where
it is and where it is not ("yet of" in the reason). Writes eval/results/explanations.json.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.sets import ROOT, AbsentError, RoutingSet, read_sets
from eval.trained import SETS, TRAIN_ROWS, trained
from signaltriage import Prediction, TriageModel, metrics
from signaltriage.model.parts import prepare
from signaltriage.routing.words import Word, without, words_in

RESULT = ROOT / "eval" / "results" / "explanations.json"
ROWS = 500
DRAWS = 20
_NAMED = re.compile(r"; words: ([^;]+)")


@dataclass(frozen=True)
class Row:
    """What deleting did to one row. Probabilities of its best guess, 0-1."""

    named: int
    whole: float
    without_named: float
    without_others: NDArray[np.float64]
    without_any: NDArray[np.float64]

    @property
    def drop(self) -> float:
        """Lost without the named words; 0 where none is named."""
        return self.whole - self.without_named if self.named else 0.0

    def beats(self, left: NDArray[np.float64]) -> bool:
        """Whether more is lost than on average of these draws."""
        return bool(self.named) and self.drop > float((self.whole - left).mean()) + 1e-12


def named_words(reason: str, words: list[Word]) -> list[Word]:
    """The words that a reason names."""
    found = _NAMED.search(reason)
    named = {word.lower() for word in found[1].split(", ")} if found else set()
    return [word for word in words if word.key in named]


def delete(model: TriageModel, texts: list[str], predictions: list[Prediction], seed: int) -> list[Row]:
    """Every deletion of every text, asked for in one go."""
    rng = np.random.default_rng(seed)
    jobs: list[str] = []
    teams: list[str] = []
    named: list[int] = []
    for text, p in zip(texts, predictions, strict=True):
        words = words_in(text)
        mine = named_words(p.reason, words)
        others = [word for word in words if word not in mine]
        n = max(1, len(mine))
        for pool, size in ((others, min(n, len(others))), (words, n)):
            draws = [rng.choice(len(pool), size, replace=False) for _ in range(DRAWS)]
            jobs += [without(text, [pool[k] for k in draw]) for draw in draws]
        jobs += [without(text, mine), text]
        teams += [p.best_guess] * (2 * DRAWS + 2)
        named.append(len(mine))
    probability = _probability(model, jobs, teams).reshape(len(texts), 2 * DRAWS + 2)
    return [
        Row(n, float(row[-1]), float(row[-2]), row[:DRAWS], row[DRAWS : 2 * DRAWS])
        for n, row in zip(named, probability, strict=True)
    ]


def _probability(model: TriageModel, texts: list[str], teams: list[str]) -> NDArray[np.float64]:
    """Probability of each text's team, cleaned as any text that comes."""
    found = []
    router = model.decider.router
    for start in range(0, len(texts), 4000):
        some = prepare(texts[start : start + 4000], True)
        probabilities = router.probabilities(router.rows(some), model.encoder.encode(some))
        columns = [router.classes.index(team) for team in teams[start : start + 4000]]
        found.append(probabilities[np.arange(len(some)), columns])
    return np.concatenate(found)


def measure(entry: RoutingSet, seed: int) -> dict[str, Any]:
    """All figures of one set."""
    model, rows = trained(entry, seed=seed)
    cleaned = prepare(rows.test.texts, True)
    enough = [i for i, text in enumerate(cleaned) if len(words_in(text)) > 1]
    chosen = np.sort(np.random.default_rng(seed).permutation(enough)[:ROWS])
    texts = [cleaned[i] for i in chosen]
    predictions = model.predict(texts)
    deleted = delete(model, texts, predictions, seed)
    beats = np.array([row.beats(row.without_others) for row in deleted])
    interval = metrics.bootstrap_interval(
        metrics.accuracy, np.ones(len(beats), dtype=int), beats.astype(int), seed=seed
    )
    right = np.array([p.best_guess == rows.test.labels[i] for p, i in zip(predictions, chosen, strict=True)])
    agrees = np.array(["yet of" not in p.reason for p in predictions])
    return {
        "rows": len(texts),
        "test_rows_of_fewer_than_two_words": len(cleaned) - len(enough),
        "rows_naming_no_word": sum(not row.named for row in deleted),
        "words_named": _digits(np.mean([row.named for row in deleted])),
        "beats_others": _digits(beats.mean()),
        "beats_others_low": _digits(interval.low),
        "beats_others_high": _digits(interval.high),
        "beats_any": _digits(np.mean([row.beats(row.without_any) for row in deleted])),
        "beats_one": _digits(np.mean([(row.whole - row.without_others < row.drop).mean() for row in deleted])),
        "drop": _digits(np.mean([row.drop for row in deleted])),
        "drop_others": _digits(np.mean([row.whole - row.without_others.mean() for row in deleted])),
        "drop_any": _digits(np.mean([row.whole - row.without_any.mean() for row in deleted])),
        "nearest_is_of_best_guess": _digits(agrees.mean()),
        "accuracy_where_it_is": _digits(right[agrees].mean()) if agrees.any() else None,
        "accuracy_where_it_is_not": _digits(right[~agrees].mean()) if (~agrees).any() else None,
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
            f = found[name] = measure(sets[name], options.seed)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
            continue
        print(
            f"{name:<20} beats other words {f['beats_others']:.3f} (any words {f['beats_any']:.3f}, one draw "
            f"{f['beats_one']:.3f})  drop {f['drop']:.3f} against {f['drop_others']:.3f}",
            flush=True,
        )
    protocol = {"draws": DRAWS, "rows": ROWS, "seed": options.seed, "train_rows": TRAIN_ROWS}
    if set(options.only) == set(SETS):
        record = {"protocol": protocol, "sets": found}
        RESULT.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _digits(value: Any) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    main()
