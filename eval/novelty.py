"""Measures "none of the known teams" on every routing set: what is turned away rightly, and what wrongly.

    python -m eval.novelty [--only SET ...] [--seed 0] [--out DIR]

Each model is trained on rows of known teams only (signaltriage-training-data: also on its rows labelled `none`), with
its own limit. Then it meets its test rows and strangers: the out-of-scope rows of clinc150, rows of other sets, other
languages, keyboard noise. Beside the detector stand four common ones on the same rows: highest probability, energy,
distance to the tenth nearest training row, Mahalanobis distance; each turns away as many test rows as the detector.
Writes DIR/novelty.json (default eval/results), set by set, keeping sets that were measured before, and prints a table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.sets import ROOT, AbsentError, RoutingSet, data_root, load, read_sets
from signaltriage.capture import join_text
from signaltriage.encode import Encoder, load_encoder
from signaltriage.encode.cache import CachedEncoder
from signaltriage.model.parts import prepare
from signaltriage.model.triage import TriageModel

FloatArray = NDArray[np.float64]
RESULTS = ROOT / "eval" / "results"
SAMPLE = 500
"""Rows of another set."""
ALIKE = ({"clinc150", "hwu64"},)
"""Sets that ask much the same of a voice assistant: rows of one are not strange to the other."""
NEIGHBOUR = 10
LANGUAGES = (
    "Guten Tag, wann wird meine Waschmaschine endlich repariert?",
    "Können Sie mir bitte sagen, wo der nächste Bahnhof ist?",
    "Der Hund meiner Nachbarin bellt die ganze Nacht.",
    "Bonjour, je cherche une recette de gâteau aux pommes.",
    "Le train pour Lyon a encore une heure de retard ce matin.",
    "Pourriez-vous fermer la fenêtre, il fait très froid ici ?",
    "¿A qué hora abre la biblioteca los domingos?",
    "Mi hermana vive en un pueblo pequeño cerca del mar.",
    "No encuentro las llaves del coche por ninguna parte.",
    "Il gatto dorme sul divano tutto il pomeriggio.",
    "Vorrei prenotare un tavolo per quattro persone stasera.",
    "A minha avó faz o melhor bolo de laranja do mundo.",
    "Onde fica a farmácia mais próxima, por favor?",
    "De trein naar Utrecht vertrekt van spoor vijf.",
    "Kan iemand mij helpen met het verhuizen van een kast?",
    "Proszę o przesłanie nowego terminu spotkania.",
    "Wczoraj padał śnieg i zamknęli szkołę.",
    "Köpeğimiz bahçede bütün gün oynadı.",
    "Сегодня в парке играет духовой оркестр.",
    "明日の会議は何時に始まりますか。",
    "请问最近的地铁站在哪里?",
    "Kattemme nukkuu aina ikkunalaudalla.",
    "Tåget till Göteborg är försenat igen.",
    "Kde najdu nejbližší lékárnu?",
)


@dataclass(frozen=True)
class Rows:
    """Texts as the parts of a model see them, n rows."""

    probabilities: FloatArray
    scores: FloatArray
    vectors: NDArray[np.float32]
    none: FloatArray
    held: NDArray[np.bool_]
    """Whether a person must look, for whatever reason."""


def see(model: TriageModel, encoder: Encoder, texts: list[str]) -> Rows:
    """Everything that is needed of some texts."""
    cleaned = prepare(texts, model.settings.clean)
    vectors, router = encoder.encode(cleaned), model.decider.router
    scores = router.scores(router.rows(cleaned), vectors)
    predictions = model.decider.decide(cleaned, vectors)
    return Rows(
        router.calibrated(scores),
        scores,
        vectors,
        router.none_probabilities(scores, vectors),
        np.array([p.outcome == "needs_human" for p in predictions]),
    )


def baselines(train: NDArray[np.float32], y: NDArray[np.int64], rows: Rows) -> dict[str, FloatArray]:
    """Common measures of novelty, high for the novel, shape (n,) each."""
    from scipy.special import logsumexp
    from sklearn.covariance import LedoitWolf

    means = np.stack([train[y == k].mean(axis=0) for k in range(int(y.max()) + 1)])
    precision = LedoitWolf(assume_centered=True).fit(train - means[y]).precision_
    centred = rows.vectors @ precision
    mahalanobis = (
        (centred * rows.vectors).sum(axis=1)[:, None]
        - 2 * centred @ means.T
        + np.einsum("kd,de,ke->k", means, precision, means, optimize=True)
    ).min(axis=1)
    nearest = [np.partition(part @ train.T, -NEIGHBOUR, axis=1)[:, -NEIGHBOUR] for part in _parts(rows.vectors)]
    return {
        "highest probability": -rows.probabilities.max(axis=1),
        "energy": -logsumexp(rows.scores, axis=1),
        "tenth nearest row": -np.concatenate(nearest).astype(np.float64),
        "Mahalanobis": mahalanobis.astype(np.float64),
    }


def auroc(known: FloatArray, strange: FloatArray) -> float:
    """Probability that a stranger has the higher value, ties counting half."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([known, strange]))[len(known) :]
    return float((ranks.sum() - len(strange) * (len(strange) + 1) / 2) / (len(known) * len(strange)))


def measure(entry: RoutingSet, encoder: Encoder, seed: int) -> dict[str, Any]:
    """Train on one set, meet its test rows and every stranger."""
    rows = load(entry, seed=seed)
    texts, labels, times = rows.train.texts, rows.train.labels, rows.train.times
    junk = _labelled_none(entry)
    model = TriageModel.train(
        texts + junk,
        labels + ["none"] * len(junk),
        times=None if times is None else np.concatenate([times, np.full(len(junk), times.max())]),
        encoder=encoder,
        none_label="none" if junk else None,
    )
    classes = list(model.teams)
    train = encoder.encode(prepare(texts, model.settings.clean))
    y = np.array([classes.index(label.strip()) for label in labels])
    test = see(model, encoder, rows.test.texts)
    right = np.array([classes[k] for k in test.probabilities.argmax(axis=1)]) == np.array(rows.test.labels)
    limit = model.decider.router.none_limit
    away = test.none >= limit
    known = baselines(train, y, test)
    found: dict[str, Any] = {
        "rows": len(right),
        "limit": limit,
        "accuracy": _round(right.mean()),
        "accuracy_after": _round((right & ~away).mean()),
        "turned_away": _round(away.mean()),
        "rightly_guessed_turned_away": _round((away & right).sum() / max(int(right.sum()), 1)),
        "held_out": model.facts["novelty"],
        "strangers": {},
    }
    for name, strangers in _strangers(entry, seed).items():
        strange = see(model, encoder, strangers)
        others = baselines(train, y, strange)
        found["strangers"][name] = {
            "rows": len(strangers),
            "turned_away": _round((strange.none >= limit).mean()),
            "held_for_a_person": _round(strange.held.mean()),
            "auroc": _round(auroc(test.none, strange.none)),
            "baselines": {
                method: {
                    "auroc": _round(auroc(known[method], others[method])),
                    "turned_away": _round((others[method] > np.quantile(known[method], 1 - away.mean())).mean()),
                    "turned_away_keeping_95": _round((others[method] > np.quantile(known[method], 0.95)).mean()),
                }
                for method in others
            },
        }
    return found


def _labelled_none(entry: RoutingSet) -> list[str]:
    """Rows labelled as nobody's, where the set has them to train on: older than its test."""
    if entry.root != "repo":
        return []
    part, none = load(entry), pd.read_csv(ROOT / entry.train, dtype=str, keep_default_na=False)
    stamps = pd.to_datetime(none[entry.time], utc=True, format="mixed")
    assert part.test.times is not None
    old = stamps < pd.Timestamp(float(part.test.times.min()), unit="s", tz="UTC")
    return list(join_text(none[(none[entry.label].isin(entry.drop_labels)) & old], entry.text))


def _strangers(entry: RoutingSet, seed: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if entry.root == "repo":
        none = pd.read_csv(ROOT / entry.train, dtype=str, keep_default_na=False)
        old = set(_labelled_none(entry))
        texts = join_text(none[none[entry.label].isin(entry.drop_labels)], entry.text)
        found["rows labelled none, newest quarter"] = [text for text in texts if text not in old]
    elif entry.drop_labels and entry.test:
        frame = pd.read_csv(data_root() / entry.test, dtype=str, keep_default_na=False)
        found["out of scope"] = list(join_text(frame[frame[entry.label].isin(entry.drop_labels)], entry.text))
    for other in read_sets().values():
        if other.name == entry.name or {other.name, entry.name} in ALIKE:
            continue
        try:
            texts = load(other).test.texts
        except AbsentError:
            continue
        chosen = np.random.default_rng(seed).permutation(len(texts))[:SAMPLE]
        found[f"rows of {other.name}"] = [texts[i] for i in np.sort(chosen)]
    found["other languages"] = list(LANGUAGES)
    found["keyboard noise"] = _noise(seed)
    return found


def _noise(seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    keys = np.array(list("asdfghjklqwertyuiopzxcvbnm"))
    return [
        " ".join("".join(rng.choice(keys, rng.integers(2, 11))) for _ in range(rng.integers(1, 7))) for _ in range(200)
    ]


def _parts(vectors: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return np.array_split(vectors, max(1, len(vectors) // 1000))


def table(results: dict[str, Any]) -> str:
    """The figures as lines for a terminal."""
    lines = []
    for name, found in results.items():
        lines.append(
            f"{name}: accuracy {found['accuracy']:.3f}, {found['accuracy_after']:.3f} with turning away "
            f"(limit {found['limit']:.2f}; {found['turned_away']:.1%} of the test turned away)"
        )
        for stranger, figures in found["strangers"].items():
            best = max(figures["baselines"].items(), key=lambda item: item[1]["auroc"])
            lines.append(
                f"  {stranger:<42} {figures['rows']:>5} rows  turned away {figures['turned_away']:.3f}  "
                f"AUROC {figures['auroc']:.4f}  (best other: {best[0]} {best[1]['turned_away']:.3f}, "
                f"{best[1]['auroc']:.4f})"
            )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure, write after each set, print."""
    sets = read_sets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(sets), default=list(sets), metavar="SET")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    path = options.out / "novelty.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        encoder = CachedEncoder(load_encoder(), folder)
        for name in options.only:
            try:
                results[name] = measure(sets[name], encoder, options.seed)
            except AbsentError as absent:
                print(f"{name}: absent, skipped ({absent})", file=sys.stderr)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            print(table({name: results[name]}), flush=True)
    return 0


def _round(value: float) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    sys.exit(main())
