"""How routing grows from nothing: 0, 1, 5, 10 and 50 labelled rows a team: `python -m eval.coldstart [--only SET]`.

At 0 rows a team is its name (training_data: its table of teams.toml), judged with and without unlabelled training
texts. Beside it, on the same vectors and draws: nearest name by cosine, logistic regression, and the same with the
names as one more row each. Draws take rows of the training file at random; the test rows are those of the set.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.sets import ROOT, AbsentError, Part, load, read_sets
from signaltriage.encode import Encoder, load_encoder
from signaltriage.model.parts import prepare
from signaltriage.model.profiles import encode_profiles
from signaltriage.routing.coldstart import Profiles, team_means
from signaltriage.routing.router import Router
from signaltriage.routing.teams import TeamProfile, humanised, read_teams
from signaltriage.routing.training import TrainingRows, train_router
from signaltriage.routing.untaught import untaught_router

RESULT = ROOT / "eval" / "results" / "coldstart.json"
SETS = ("banking77", "clinc150", "signaltriage-training-data")
SHOTS = {1: 10, 5: 10, 10: 10, 50: 2}
"""Rows a team: draws. Two draws at 50, where they hardly differ and each takes a minute."""
UNLABELLED = 5000
ASKED = {
    ("banking77", "0"): 0.65,
    ("clinc150", "0"): 0.72,
    ("banking77", "10"): 0.865,
    ("clinc150", "10"): 0.92,
}


@dataclass(frozen=True)
class Side:
    """Cleaned texts, their vectors and teams' positions."""

    texts: list[str]
    vectors: NDArray[np.float32]
    y: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Side:
        """Only these rows."""
        return Side([self.texts[i] for i in rows], self.vectors[rows], self.y[rows])


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SETS, action="append")
    parser.add_argument("--shots", type=int, choices=sorted(SHOTS), action="append")
    parser.add_argument("--draws", type=int, help="at most so many")
    options = parser.parse_args()
    found: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    encoder = load_encoder(None)
    for name in options.only or SETS:
        try:
            measured = measure(name, encoder, options.shots or sorted(SHOTS), options.draws)
        except AbsentError as absent:
            print(f"{name}: skipped, {absent}")
            continue
        found[name] = {**found.get(name, {}), **measured}
        RESULT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def measure(name: str, encoder: Encoder, shots: Sequence[int], most_draws: int | None) -> dict[str, Any]:
    """Accuracies of one set by rows a team, then by method: mean and standard deviation over draws."""
    rows = load(read_sets()[name])
    classes = sorted(set(rows.train.labels) - {"oos"})
    train, test = (_side(part, classes, encoder) for part in (rows.train, rows.test))
    profiles = _profiles(name, classes)
    names = encoder.encode([humanised(profile.name or profile.id) for profile in profiles])
    found: dict[str, Any] = {"0": _untaught(profiles, train, test, names, encoder)}
    _show(name, "0", found["0"])
    words = encode_profiles(encoder, profiles, ())
    for shot in shots:
        draws = [
            _taught(_draw(train, shot, seed), test, words, names)
            for seed in range(min(SHOTS[shot], most_draws or SHOTS[shot]))
        ]
        found[str(shot)] = {
            method: {
                "accuracy": round(float(np.mean([d[method] for d in draws])), 4),
                "deviation": round(float(np.std([d[method] for d in draws])), 4),
                "draws": len(draws),
            }
            for method in draws[0]
        }
        _show(name, str(shot), found[str(shot)])
    return found


def _profiles(name: str, classes: Sequence[str]) -> list[TeamProfile]:
    if name != "signaltriage-training-data":
        return [TeamProfile(label) for label in classes]
    known = {profile.id: profile for profile in read_teams(ROOT / "training_data" / "teams.toml")}
    return [known[label] for label in classes]


def _side(part: Part, classes: Sequence[str], encoder: Encoder) -> Side:
    kept = [i for i, label in enumerate(part.labels) if label in classes]
    texts = prepare([part.texts[i] for i in kept], True)
    code = {label: k for k, label in enumerate(classes)}
    return Side(texts, encoder.encode(texts), np.array([code[part.labels[i]] for i in kept], dtype=np.int64))


def _draw(train: Side, shot: int, seed: int) -> Side:
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(np.flatnonzero(train.y == k))[:shot] for k in range(int(train.y.max()) + 1)]
    return train.take(np.sort(np.concatenate(rows)))


def _untaught(
    profiles: Sequence[TeamProfile], train: Side, test: Side, names: NDArray[np.float32], encoder: Encoder
) -> dict[str, Any]:
    few = np.random.default_rng(0).permutation(len(train.y))[:UNLABELLED]
    alone = untaught_router(encode_profiles(encoder, profiles, ())).router
    seen = untaught_router(encode_profiles(encoder, profiles, [train.texts[i] for i in few])).router
    found = {
        "signaltriage": _accuracy(alone, test),
        "signaltriage, unlabelled training texts seen": _accuracy(seen, test),
        "nearest name": float(((test.vectors @ names.T).argmax(axis=1) == test.y).mean()),
    }
    return {method: {"accuracy": round(value, 4), "draws": 1} for method, value in found.items()}


def _taught(few: Side, test: Side, profiles: Profiles, names: NDArray[np.float32]) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    width = len(str(len(profiles.teams)))
    labels = [f"{k:0{width}d}" for k in range(len(profiles.teams))]  # in the order of the classes, as `y` counts
    named = Profiles(tuple(labels), profiles.texts, profiles.of_team, profiles.vectors, profiles.unlabelled)
    rows = TrainingRows(few.texts, [labels[k] for k in few.y], few.vectors, profiles=named)
    everyone = np.arange(len(labels))
    with_names = np.vstack([few.vectors, names]), np.append(few.y, everyone)
    return {
        "signaltriage": _accuracy(train_router(rows).router, test),
        "logistic regression": _hits(LogisticRegression(C=10.0, max_iter=300).fit(few.vectors, few.y), test),
        "logistic regression, names as rows": _hits(LogisticRegression(C=10.0, max_iter=300).fit(*with_names), test),
        "nearest mean with name": float(
            ((test.vectors @ _means(few, team_means(profiles)).T).argmax(axis=1) == test.y).mean()
        ),
    }


def _means(few: Side, names: NDArray[np.float32]) -> NDArray[np.float64]:
    total = names.astype(np.float64)
    np.add.at(total, few.y, few.vectors)
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))


def _hits(model: Any, test: Side) -> float:
    return float((model.predict(test.vectors) == test.y).mean())


def _accuracy(router: Router, test: Side) -> float:
    guess = router.probabilities(router.rows(test.texts), test.vectors).argmax(axis=1)
    return float((guess == test.y).mean())


def _show(name: str, shot: str, found: dict[str, Any]) -> None:
    asked = ASKED.get((name, shot))
    for method, figures in found.items():
        spread = f" ± {figures['deviation']:.3f}" if "deviation" in figures else ""
        goal = f"   asked {asked:.3f}" if asked is not None and method.startswith("signaltriage") else ""
        print(f"{name:<28} {shot:>3} a team  {method:<46} {figures['accuracy']:.4f}{spread}{goal}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
