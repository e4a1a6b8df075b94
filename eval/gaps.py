"""Knowledge gaps: does search find the article that answers, and is it noticed when there is none?

    python -m eval.gaps [--only NAME ...] [--draws 20] [--seed 0] [--quick]

Beside it in the same run: BM25 alone, dense titles alone, and the two fused by rank. Per set:

MAP, NDCG@3, hit   whether the articles that answer come first, all articles there
                   (`search`: one query by itself; `together`: as `judge` finds them, which knows all searches)
half               half the articles hidden, several draws: AUROC for "no article answers"; F1 of `missing` at the
                   base's own limit; calibration error of the answer probability, of all draws together. Nothing is told
                   but the visible articles and the queries
by chance          what a forecaster whose probabilities hold would show as calibration error, on so many queries: with
                   150 of them in 15 bins that is not near zero
hard               one article hidden at a time, its neighbours kept: AUROC of the same queries with and without it
as it is           sets with queries that nothing answers: AUROC, F1 and calibration over the whole base

The constants of `gaps.lens`, `gaps.hiding` and `gaps.belief` are the same for all sets; they were set on what these and
three intent sets have in common, so no set here was unseen. `python -m eval.gap_belief` judges each set with what the
others tell. Writes eval/results/gaps.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

from eval.gap_peers import PEERS, told_by
from eval.gap_sets import SETS, GapSet, covid_pairs
from eval.run import RESULTS
from eval.sets import AbsentError
from signaltriage.encode import Encoder, load_encoder
from signaltriage.gaps.answerable import Answerability
from signaltriage.gaps.knowledge import KnowledgeIndex
from signaltriage.metrics import expected_calibration_error

OURS = "signaltriage"
FloatArray = NDArray[np.float64]
Told = Callable[[GapSet], FloatArray]
"""How surely each query of a set is answered, with these articles."""


class Remembering:
    """An encoder that keeps its vectors for the run: the same texts come again in every draw."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.name, self.digest, self.dimension = encoder.name, encoder.digest, encoder.dimension
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors, shape (N, dimension)."""
        new = sorted({text for text in texts if text not in self._known})
        if new:
            self._known.update(zip(new, self.encoder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(-1, self.dimension)


def ranking(relevance: Sequence[Sequence[str]], answers: Sequence[frozenset[str]]) -> dict[str, float]:
    """MAP, NDCG@3 and hits over the queries that have an answer; `relevance`: ids of articles, best first."""
    found = []
    for order, right in zip(relevance, answers, strict=True):
        places = [place for place, name in enumerate(order, start=1) if name in right]
        if right:
            precision = sum(number / place for number, place in enumerate(places, start=1)) / len(right)
            ideal = sum(1 / np.log2(place + 1) for place in range(1, min(3, len(right)) + 1))
            gain = sum(1 / np.log2(place + 1) for place in places if place <= 3) / ideal
            found.append((precision, gain, places[0] == 1, places[0] <= 3))
    means = np.array(found, dtype=np.float64).mean(axis=0)
    return {name: _four(value) for name, value in zip(("map", "ndcg_3", "hit_1", "hit_3"), means, strict=True)}


def draws(part: GapSet, number: int, seed: int) -> list[GapSet]:
    """The set with half of its articles hidden, `number` times; queries keep the answers that are left."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(number):
        order = rng.permutation(len(part.articles))
        kept = [part.articles[at] for at in np.sort(order[len(order) // 2 :])]
        names = {article.id for article in kept}
        answers = tuple(right & names for right in part.answers)
        found.append(replace(part, articles=tuple(kept), answers=answers))
    return found


@dataclass(frozen=True)
class Judged:
    """What was said of n queries, and what is so."""

    probability: FloatArray
    missing: NDArray[np.bool_]
    """Said to be, at the base's own limit."""
    truth: NDArray[np.bool_]
    """Whether something answers."""
    limit: float


def judged(part: GapSet, encoder: Encoder, seed: int) -> Judged:
    """What we say of a set's queries."""
    learned = Answerability.learn(KnowledgeIndex.build(part.articles, encoder, seed=seed), seed=seed)
    said = learned.judge(part.queries, k=1)
    return Judged(
        np.array([answer.answer_probability for answer in said]),
        np.array([not answer.answered for answer in said]),
        np.array([bool(right) for right in part.answers]),
        said[0].min_probability,
    )


def told_apart(draws_: Sequence[Judged]) -> dict[str, float]:
    """AUROC and F1 of each draw, averaged; calibration of all of them together."""
    probability = np.concatenate([draw.probability for draw in draws_])
    truth = np.concatenate([draw.truth for draw in draws_])
    one, rng = draws_[0].probability, np.random.default_rng(0)
    ideal = [expected_calibration_error(one, rng.random(len(one)) < one) for _ in range(50)]
    figures = {
        "auroc": np.mean([roc_auc_score(draw.truth, draw.probability) for draw in draws_]),
        "f1_missing": np.mean([f1_score(~draw.truth, draw.missing) for draw in draws_]),
        "ece": expected_calibration_error(probability, truth),
        "ece_of_one": np.mean([expected_calibration_error(draw.probability, draw.truth) for draw in draws_]),
        "ece_by_chance": np.mean(ideal),
        "limit": np.mean([draw.limit for draw in draws_]),
    }
    return {name: _four(value) for name, value in figures.items()}


def hard(part: GapSet, told: Told) -> float:
    """AUROC of queries with all articles against the same queries without those that answer them."""
    asked = np.array([at for at, right in enumerate(part.answers) if right])
    present = told(part)[asked]
    gone = np.zeros(len(asked))
    for right in sorted(set(part.answers) - {frozenset[str]()}, key=sorted):
        rows = [k for k, at in enumerate(asked.tolist()) if part.answers[at] == right]
        left = replace(part, articles=tuple(article for article in part.articles if article.id not in right))
        gone[rows] = told(left)[asked[rows]]
    truth = np.repeat([1, 0], len(asked))
    return _four(roc_auc_score(truth, np.concatenate([present, gone])))


def measure(part: GapSet, encoder: Encoder, options: argparse.Namespace) -> dict[str, Any]:
    """Every figure of a set, ours and the peers'."""
    seed = options.seed
    index = KnowledgeIndex.build(part.articles, encoder, seed=seed)
    learned = Answerability.learn(index, seed=seed)
    orders = [[hit.article_id for hit in hits] for hits in index.search(part.queries, k=len(part.articles))]
    halves = draws(part, options.draws, seed)
    said = [judged(half, encoder, seed) for half in halves]

    def ours(left: GapSet) -> FloatArray:
        gone = set(index.ids) - {article.id for article in left.articles}
        return replace(learned, index=index.updated(without=sorted(gone))).nearness(part.queries)[0]

    together = [[hit.article_id for hit in a.hits] for a in learned.judge(part.queries, k=len(part.articles))]
    figures: dict[str, Any] = ranking(orders, part.answers)
    figures["together"] = ranking(together, part.answers)
    figures["half"] = told_apart(said)
    figures["hard_auroc"] = hard(part, ours)
    truth = np.array([bool(right) for right in part.answers])
    if not truth.all():
        figures["as_it_is"] = told_apart([judged(part, encoder, seed)])
    methods = {OURS: figures}
    for name, peer in PEERS.items():
        methods[name] = peer_figures(part, halves, (name, peer), encoder)
    return {
        "title": part.title,
        "articles": len(part.articles),
        "queries": len(part.queries),
        "answered": int(truth.sum()),
        "weights": dict(zip(("title", "heading", "passage", "title_words", "words"), index.weights, strict=True)),
        "scale": list(learned.scale),
        "methods": methods,
    }


def peer_figures(
    part: GapSet, halves: Sequence[GapSet], named: tuple[str, Callable[..., FloatArray]], encoder: Encoder
) -> dict[str, Any]:
    """The same of a peer, which has no limit and no probability."""
    name, peer = named
    ids = np.array([article.id for article in part.articles])
    orders = np.argsort(-peer(part.articles, part.queries, encoder), axis=1, kind="stable")
    figures: dict[str, Any] = ranking([ids[order].tolist() for order in orders], part.answers)

    def told(left: GapSet) -> FloatArray:
        return told_by(name, left.articles, left.queries, encoder)

    truths = [[bool(right) for right in half.answers] for half in halves]
    scores = [roc_auc_score(y, told(half)) for y, half in zip(truths, halves, strict=True)]
    figures["half"] = {"auroc": _four(np.mean(scores))}
    figures["hard_auroc"] = hard(part, told)
    truth = [bool(right) for right in part.answers]
    if not all(truth):
        figures["as_it_is"] = {"auroc": _four(roc_auc_score(truth, told(part)))}
    return figures


def pairs_auroc(encoder: Encoder) -> float:
    """Covid_faq's own task: whether two questions ask the same, by their cosine."""
    left, right, same = covid_pairs()
    return _four(roc_auc_score(same, np.einsum("nd,nd->n", encoder.encode(left), encoder.encode(right))))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="two draws; nothing is written")
    options = parser.parse_args()
    options.draws = 2 if options.quick else options.draws
    encoder = Remembering(load_encoder())
    path = RESULTS / "gaps.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.only:
        try:
            part = SETS[name]()
        except AbsentError as error:
            print(f"{name}: skipped, {error}")
            continue
        results[name] = {**measure(part, encoder, options), "draws": options.draws, "seed": options.seed}
        if name == "covid_faq":
            results[name]["pairs_auroc"] = pairs_auroc(encoder)
        print(json.dumps({name: results[name]}, indent=1), flush=True)
        if not options.quick:
            path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _four(value: Any) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    main()
