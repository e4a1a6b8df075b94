"""Drift: how often it alarms when nothing has moved, and how often it finds that a tenth of the traffic is new.

    python -m eval.drift [--only NAME ...] [--replays 500] [--seed 0] [--quick]

Per set, some teams are withheld from training; each in turn is then the new topic. Replays of 500 incoming signals:

null       reference and incoming are drawn from the same held-out rows, another draw each time
deployed   the reference as the model keeps it, incoming from rows left out of training at random
swap       the same, but 50 of the 500 are of a topic that the model has never seen
unlike     (clinc150) the same, the 50 being out-of-scope rows that have no topic in common
other      the same, incoming from the set's own test: no null where it was not drawn as training was
later      (sets with times) incoming from the test, which is newer: no null, but what drift does in a year

Labels are given in all but the swaps' new rows, so that all tests take part. Writes eval/results/drift.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from eval.run import RESULTS, TRIAL
from eval.sets import AbsentError, Part, data_root, load, read_sets
from signaltriage.encode import load_encoder
from signaltriage.encode.cache import CachedEncoder
from signaltriage.model.drift import count_words
from signaltriage.model.parts import prepare
from signaltriage.routing.choices import Grid
from signaltriage.routing.drift import Incoming, find_drift
from signaltriage.routing.reference import Reference, word_counts
from signaltriage.routing.samples import Alarm
from signaltriage.routing.training import Trained, TrainingRows, train_router

SETS: Final = ("banking77", "clinc150", "it_service_tickets", "sumo_firefox")
ROWS, SWAPPED = 500, 50
TRAIN, FRESH = 3000, 3000
GRID: Final = Grid((1.0,), (0.1, 0.3, 1.0), (0.3,), landmarks=1000, scout_landmarks=500, topics=64)
"""A smaller search than `train` makes: what is measured here is the drift, not the router."""
WITHHELD: Final = {"banking77": 10, "clinc150": 15}
"""Teams withheld from one training; of it_service_tickets' eight each is, from a training of its own."""
PERMUTATIONS = 199


@dataclass(frozen=True)
class Pool:
    """Cleaned texts with vectors and teams."""

    texts: list[str]
    vectors: NDArray[np.float32]
    labels: NDArray[Any]
    times: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[np.int64]) -> Pool:
        """Only these rows, in this order."""
        times = None if self.times is None else self.times[rows]
        return Pool([self.texts[i] for i in rows], self.vectors[rows], self.labels[rows], times)

    def __add__(self, other: Pool) -> Pool:
        return Pool(
            self.texts + other.texts,
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.labels, other.labels]),
        )


Judged = tuple[Pool, NDArray[np.float64]]
"""Rows with what a model says of them."""


@dataclass(frozen=True)
class Case:
    """A model that lacks some topics, and rows to replay."""

    trained: Trained
    reference: Reference
    held_out: Pool
    """Rows of the reference, in the order of `trained.held_out`."""
    held_out_terms: sparse.csr_matrix
    fresh: Judged
    """Rows of known teams that were left out of training at random."""
    other: Judged
    """The set's own test rows, of known teams."""
    topics: dict[str, Judged]
    """Rows of topics the model lacks, with what it says of them."""


def case_of(train: Pool, test: Pool, withheld: Sequence[str], seed: int, unlike: Pool | None = None) -> Case:
    """Train without the withheld teams."""
    lacks = np.isin(train.labels, withheld)
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.flatnonzero(~lacks))
    learnt, fresh = train.take(np.sort(order[:TRAIN])), train.take(np.sort(order[TRAIN:]))
    rows = TrainingRows(learnt.texts, learnt.labels.tolist(), learnt.vectors, learnt.times)
    trained = train_router(rows, seed=seed, grid=GRID)
    reference = Reference.choose(trained, learnt.texts, learnt.vectors, seed)
    assert reference is not None
    other = test.take(np.flatnonzero(~np.isin(test.labels, withheld)))
    topics = {team: train.take(np.flatnonzero(train.labels == team)) for team in withheld}
    if unlike is not None:
        topics["unlike"] = unlike
    held_out = learnt.take(trained.held_out.rows)
    said = {name: (pool, _said(trained, pool)) for name, pool in topics.items() if len(pool.texts) >= SWAPPED}
    terms = trained.router.rows(held_out.texts)
    return Case(
        trained, reference, held_out, terms, (fresh, _said(trained, fresh)), (other, _said(trained, other)), said
    )


def _said(trained: Trained, pool: Pool) -> NDArray[np.float64]:
    router = trained.router
    return router.probabilities(router.rows(pool.texts), pool.vectors)


def incoming(case: Case, reference: Reference, pool: Pool, said: NDArray[np.float64], labelled: int) -> Incoming:
    """Rows as `drift` would see them; of the first `labelled` the team is known."""
    best = said.argmax(axis=1)
    right = np.array(case.trained.router.classes, dtype=object)[best] == pool.labels
    judged = (said.max(axis=1)[:labelled], right[:labelled].astype(np.bool_))
    return Incoming(pool.vectors, said, count_words(pool.texts, case.trained.router.wording, reference), judged)


def null(case: Case, rng: np.random.Generator) -> tuple[Reference, Incoming]:
    """Both sides from the held-out rows."""
    order = rng.permutation(len(case.held_out.texts))
    now, before = order[:ROWS], order[ROWS:]
    held_out = case.trained.held_out
    best = held_out.probabilities.argmax(axis=1)
    reference = Reference(
        vectors=case.held_out.vectors[before[:2000]].astype(np.float16),
        guess=best[before].astype(np.int32),
        probability=held_out.probabilities[before].max(axis=1).astype(np.float32),
        right=best[before] == held_out.y[before],
        word_counts=word_counts(case.trained.router.wording, case.held_out_terms[before]),
        rows=len(before),
    )
    return reference, incoming(case, reference, case.held_out.take(now), held_out.probabilities[now], ROWS)


def deployed(case: Case, judged: Judged, rng: np.random.Generator) -> tuple[Reference, Incoming, str]:
    """Incoming rows are new to the model, and of the teams it knows."""
    pool, said = judged
    rows = rng.choice(len(pool.texts), ROWS, replace=False)
    return case.reference, incoming(case, case.reference, pool.take(rows), said[rows], ROWS), ""


def swap(case: Case, rng: np.random.Generator, topic: str) -> tuple[Reference, Incoming]:
    """A tenth of the incoming rows are of a topic the model lacks; of those no team is known."""
    known, known_said = case.fresh
    old = rng.choice(len(known.texts), ROWS - SWAPPED, replace=False)
    pool, said = case.topics[topic]
    new = rng.choice(len(pool.texts), SWAPPED, replace=False)
    rows = known.take(old) + pool.take(new)
    both = np.concatenate([known_said[old], said[new]])
    return case.reference, incoming(case, case.reference, rows, both, ROWS - SWAPPED)


Draw = Callable[[Case, int, np.random.Generator], tuple[Reference, Incoming, str]]
"""A replay from a case, its number among the case's replays, and a source of randomness; the topic swapped in."""


def replay(cases: Sequence[Case], draw: Draw, n: int, seed: int) -> dict[str, Any]:
    """Draw n times, the cases taking turns; count the alarms, of each test and of each topic."""
    alarms, tried, of_test = Counter[str](), Counter[str](), Counter[str]()
    for k in range(n):
        case = cases[k % len(cases)]
        reference, seen, topic = draw(case, k // len(cases), np.random.default_rng([seed, k]))
        found = find_drift(reference, seen, case.trained.router.classes, Alarm(permutations=PERMUTATIONS, seed=k))
        tried[topic] += 1
        alarms[topic] += found.moved
        of_test.update(test.name for test in found.tests if test.moved)
    result: dict[str, Any] = {"replays": n, "alarms": alarms.total(), "share": round(alarms.total() / n, 4)}
    result["share_of_test"] = {name: round(count / n, 4) for name, count in sorted(of_test.items())}
    if len(tried) > 1:
        result["share_of_topic"] = {topic: round(alarms[topic] / tried[topic], 4) for topic in sorted(tried)}
    return result


def measure(name: str, replays: int, seed: int) -> dict[str, Any]:
    """All replays of one set. Raises AbsentError."""
    cases, unlike = cases_of(name, seed)
    kinds: dict[str, Any] = {"null": lambda case, _, rng: (*null(case, rng), "")}
    if cases[0].other[0].times is not None:
        kinds["later"] = lambda case, _, rng: deployed(case, case.other, rng)
    else:
        kinds["deployed"] = lambda case, _, rng: deployed(case, case.fresh, rng)
        kinds["swap"] = swapped
        kinds["other"] = lambda case, _, rng: deployed(case, case.other, rng)
    if unlike:
        kinds["unlike"] = lambda case, _, rng: (*swap(case, rng, "unlike"), "")
    found: dict[str, Any] = {}
    for kind, draw in kinds.items():
        found[kind] = replay(cases, draw, replays, seed)
        print(f"{name:<20} {kind:<9} {found[kind]['share']:.3f}  {found[kind]['share_of_test']}", flush=True)
    found["reference_rows"] = [case.reference.rows for case in cases]
    return found


def swapped(case: Case, turn: int, rng: np.random.Generator) -> tuple[Reference, Incoming, str]:
    """A swap; the withheld topics take turns."""
    topics = sorted(topic for topic in case.topics if topic != "unlike")
    topic = topics[turn % len(topics)]
    return (*swap(case, rng, topic), topic)


def cases_of(name: str, seed: int) -> tuple[list[Case], bool]:
    """The trained models of a set, and whether it has rows unlike any of its topics."""
    rows = load(read_sets()[name])
    encoder = CachedEncoder(load_encoder(None), TRIAL / "vectors")
    rng = np.random.default_rng(seed)
    teams = sorted(set(rows.train.labels))

    def pool(part: Part, most: int) -> Pool:
        kept = part.take(np.sort(rng.permutation(len(part.texts))[:most]))
        texts = prepare(kept.texts, True)
        return Pool(texts, encoder.encode(texts), np.array(kept.labels, dtype=object), kept.times)

    n_teams = WITHHELD.get(name, 1)
    most = TRAIN * len(teams) // (len(teams) - n_teams) + FRESH
    train, test = pool(rows.train, most), pool(rows.test, FRESH)
    if name in WITHHELD:
        withheld = [sorted(rng.choice(teams, n_teams, replace=False).tolist())]
    else:
        withheld = [[]] if train.times is not None else [[team] for team in teams]
    unlike = None
    if name == "clinc150":
        frame = pd.read_csv(data_root() / "routing/clinc150/test.csv", dtype=str, keep_default_na=False)
        texts = prepare(frame.loc[frame["label"] == "oos", "text"].tolist(), True)
        unlike = Pool(texts, encoder.encode(texts), np.array(["oos"] * len(texts), dtype=object))
    return list(_trained(train, test, withheld, seed, unlike)), unlike is not None


def _trained(
    train: Pool, test: Pool, withheld: Sequence[Sequence[str]], seed: int, unlike: Pool | None
) -> Iterator[Case]:
    for teams in withheld:
        print(f"  training without {', '.join(teams) or 'nothing'}", file=sys.stderr, flush=True)
        yield case_of(train, test, teams, seed, unlike)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; sets that are absent are named and skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SETS, default=list(SETS), metavar="NAME")
    parser.add_argument("--replays", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)
    whole = options.replays >= 500
    path = options.out or (RESULTS if whole else TRIAL) / "drift.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.only:
        try:
            result[name] = measure(name, options.replays, options.seed)
        except AbsentError as absent:
            print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
            continue
        result["protocol"] = {
            "rows": ROWS, "swapped": SWAPPED, "rate": Alarm().rate, "permutations": PERMUTATIONS, "seed": options.seed
        }  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
