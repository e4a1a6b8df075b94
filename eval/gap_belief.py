"""What sets of labelled queries say of nearness: the prior of `gaps.belief`, and how it does on a set it has not seen.

    python -m eval.gap_belief [--draws 6] [--seed 0]

Of each set half the articles are hidden, several draws; the numbers of `Prior` are read off. The prior of all sets is
their mean and spread, the spread as wide as so few of them call for (Student's t). Then each set is judged with the
prior of the others: calibration error of all its draws together, beside that with the committed prior, and what a
forecaster whose probabilities hold would show (`by chance`).

Beside the sets of `eval.gaps` three of intents: the first question of each is the title of an article, six more its
text; another question asks for it. The set whose answers were pooled by reading is left out: its queries stand in
covid_faq already. Writes eval/results/gap_belief.json.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from eval.gap_sets import SETS, GapSet
from eval.gaps import Remembering, draws
from eval.run import RESULTS
from eval.sets import AbsentError, data_root
from signaltriage.encode import load_encoder
from signaltriage.gaps.answerable import Answerability
from signaltriage.gaps.belief import PRIOR, Known, Prior, believe
from signaltriage.gaps.knowledge import KnowledgeIndex
from signaltriage.metrics import expected_calibration_error
from signaltriage.types import Article

INTENTS = {"banking77": "label", "clinc150": "label", "hwu64": "label"}
TOLD = ("above", "wider", "gain", "spread")
"""The numbers of the prior that a set tells; the share of answered queries is ours to choose when we hide half."""
QUERIES = 600
Draw = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]
"""Nearness to the best article and to the next best, and whether something answers."""


def intents(name: str) -> GapSet:
    """A set of intents as a help centre."""
    folder, label = data_root() / "routing" / name, INTENTS[name]
    if not (folder / "test.csv").exists():
        raise AbsentError(f"{name} is not there")
    train, test = (pd.read_csv(folder / f"{part}.csv", dtype=str) for part in ("train", "test"))
    names = sorted(set(train[label]) - {"oos", "42"})
    articles = []
    for row, one in enumerate(names):
        said = train.loc[train[label] == one, "text"].tolist()
        articles.append(Article(f"{row:03d}", said[0], "\n\n".join([" ".join(said[1:4]), " ".join(said[4:7])])))
    asked = test[test[label].isin(names)].sample(QUERIES, random_state=0)
    answers = tuple(frozenset({f"{names.index(one):03d}"}) for one in asked[label])
    return GapSet(f"{name}: a question for each intent", tuple(articles), tuple(asked["text"]), answers)


def nearness_of(part: GapSet, encoder: Remembering, options: argparse.Namespace) -> list[Draw]:
    """Nearness in each draw."""
    found = []
    for half in draws(part, options.draws, options.seed):
        index = KnowledgeIndex.build(half.articles, encoder, seed=options.seed)
        near, other = Answerability.learn(index, seed=options.seed).nearness(half.queries)
        found.append((near, other, np.array([bool(right) for right in half.answers])))
    return found


def told(found: list[Draw]) -> dict[str, float]:
    """What a set says of the numbers of the prior."""
    near, other, truth = (np.concatenate([draw[i] for draw in found]) for i in range(3))
    right, wrong = near[truth.astype(np.bool_)], near[~truth.astype(np.bool_)]
    return {
        "above": float(wrong.mean() - other.mean()),
        "wider": float(wrong.std() / other.std()),
        "gain": float(right.mean() - wrong.mean()),
        "spread": float(right.std()),
        "next_mean": float(other.mean()),
        "next_spread": float(other.std()),
    }


def prior_of(numbers: list[dict[str, float]]) -> Prior:
    """The prior that several sets tell: where another set will lie, as a Student's t of what they say has it."""
    n = len(numbers)
    wide = float(stats.t.ppf(0.975, n - 1) / stats.norm.ppf(0.975)) * (1 + 1 / n) ** 0.5
    known = {}
    for name in (*TOLD, "next_mean"):
        values = np.array([one[name] for one in numbers])
        known[name] = Known(round(float(values.mean()), 3), round(float(values.std(ddof=1)) * wide, 3))
    return replace(PRIOR, **known, next_spread=round(float(np.mean([one["next_spread"] for one in numbers])), 3))


def calibration(found: list[Draw], prior: Prior) -> float:
    """Calibration error of all draws together."""
    said = [believe(near, other, prior=prior).of(near) for near, other, _ in found]
    return round(expected_calibration_error(np.concatenate(said), np.concatenate([truth for *_, truth in found])), 4)


def by_chance(found: list[Draw]) -> float:
    """The same for one draw of what the committed prior says, were it so."""
    near, other, _ = found[0]
    said, rng = believe(near, other).of(near), np.random.default_rng(0)
    return round(float(np.mean([expected_calibration_error(said, rng.random(len(said)) < said) for _ in range(50)])), 4)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    encoder = Remembering(load_encoder())
    makers = {name: make for name, make in SETS.items() if name not in ("covid_faq_judged", "covid_faq_asked")}
    found: dict[str, list[Draw]] = {}
    for name in (*makers, *INTENTS):
        try:
            found[name] = nearness_of(makers[name]() if name in makers else intents(name), encoder, options)
        except AbsentError as error:
            print(f"{name}: skipped, {error}")
    numbers = {name: told(draw) for name, draw in found.items()}
    result: dict[str, Any] = {"sets": {}, "draws": options.draws, "seed": options.seed}
    for name, draw in found.items():
        unseen = prior_of([one for other, one in numbers.items() if other != name])
        figures = {"ece_by_the_others": calibration(draw, unseen), "ece": calibration(draw, PRIOR)}
        rounded = {key: round(value, 4) for key, value in numbers[name].items()}
        result["sets"][name] = {**figures, "ece_by_chance": by_chance(draw), **rounded}
        print(name, json.dumps(result["sets"][name]), flush=True)
    print("prior of all sets:", prior_of(list(numbers.values())))
    path = RESULTS / "gap_belief.json"
    path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
