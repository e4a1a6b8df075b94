"""The words of friction: learns `src/signaltriage/themes/facet_weights.npz`, and shows whether that carries over.

    python -m eval.facet_training [--write]

Learned from the labelled signals of `eval.facets` (all but those of the half `last`) and from
`eval/facet_sentences.tsv`, which this project wrote: how people in offices, shops, schools and hospitals say such
things. A word or pair of words counts if two of these texts have it, and if twenty texts of five public sets have it
too, so that nothing is learned that one company alone would say.

Shown, without patterns: macro-F1 when each source in turn is left out (learned from the others, with and without the
sentences), and in five folds.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from eval.facets import Labelled, read_labels, vectors_of
from eval.sets import ROOT, data_root
from signaltriage.themes.facet_words import MIN_LOG_ODDS, pieces
from signaltriage.themes.facets import KINDS, seen_text

WEIGHTS: Final = ROOT / "src/signaltriage/themes/facet_weights.npz"
SENTENCES: Final = ROOT / "eval/facet_sentences.tsv"
BACKGROUND: Final = (
    ("themes/twitter_us_airline.csv", ["text"]),
    ("routing/sumo_firefox/train.csv", ["title", "content"]),
    ("employee/glassdoor_reviews.csv", ["dislike"]),
    ("employee/slack_racket_general_2019.csv", ["text"]),
    ("routing/banking77/train.csv", ["text"]),
)
_MOST_ROWS: Final = 8000
"""Of each of these sets."""
_FEWEST_TEXTS: Final = 20
_LETTERS: Final = dict(zip("wmatcib", KINDS, strict=True))
_STRENGTH: Final = 1.0
"""Inverse regularisation; 3 does as well within .04."""
LEARNED: Final = tuple(kind for kind in KINDS if kind != "manual_step")
"""Of work done by hand patterns alone find more, on both sets of signals that neither had seen."""


WITH_VECTOR: Final = ("waiting", "contradiction", "broken")
"""The vector helped these on `fresh`, and harmed the others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn, show and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args(arguments)
    signals = [signal for signal in read_labels() if signal.half != "last"]
    own = _sentences()
    everything = [*signals, *own]
    vectors = vectors_of(everything)
    truth = np.array([[kind in signal.spans for kind in KINDS] for signal in everything])
    vectorizer = TfidfVectorizer(analyzer=pieces, vocabulary=_vocabulary(everything), sublinear_tf=True)
    words = vectorizer.fit_transform([seen_text(signal.text) for signal in everything]).tocsr()
    _show(signals, words, vectors, truth)
    if options.write:
        _write(vectorizer, words, vectors, truth)
    return 0


def _sentences() -> list[Labelled]:
    rows = [line.split("\t", 1) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled("own", str(i), "own", text, {_LETTERS[letter]: (0, 0) for letter in letters if letter != "-"})
        for i, (letters, text) in enumerate(rows)
    ]


def _vocabulary(signals: Sequence[Labelled]) -> list[str]:
    common: Counter[str] = Counter()
    for path, columns in BACKGROUND:
        rows = pd.read_csv(data_root() / path, dtype=str, keep_default_na=False)[columns].head(_MOST_ROWS)
        for row in rows.to_numpy().tolist():
            common.update(set(pieces(seen_text("\n".join(row)))))
    here = Counter(piece for signal in signals for piece in set(pieces(seen_text(signal.text))))
    return sorted(piece for piece, texts in here.items() if texts > 1 and common[piece] >= _FEWEST_TEXTS)


def _learn(features: Any, y: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000).fit(features, y)


def _log_odds(sides: Sequence[Any], truth: NDArray[np.bool_], train: Any, held_out: Any) -> NDArray[np.float64]:
    out = np.full((len(held_out), len(KINDS)), -9.0)
    for k in range(len(KINDS)):
        if truth[train, k].sum() > 1:
            models = [_learn(side[train], truth[train, k]) for side in sides]
            odds = [model.decision_function(side[held_out]) for model, side in zip(models, sides, strict=True)]
            out[:, k] = np.mean(odds, axis=0)
    return out


def _show(signals: Sequence[Labelled], words: Any, vectors: Any, truth: NDArray[np.bool_]) -> None:
    source = np.array([signal.source for signal in signals])
    n, own = len(signals), np.arange(len(signals), len(truth))
    for name, extra in (("labels alone", own[:0]), ("with sentences", own)):
        odds = np.zeros((n, len(KINDS)))
        for left_out in np.unique(source):
            held_out = np.flatnonzero(source == left_out)
            train = np.concatenate([np.flatnonzero(source != left_out), extra])
            odds[held_out] = _log_odds((words, vectors), truth, train, held_out)
        _line(f"each source left out, {name}", truth[:n], odds >= 0)
        for train, held_out in KFold(5, shuffle=True, random_state=0).split(np.arange(n)):
            odds[held_out] = _log_odds((words, vectors), truth, np.concatenate([train, extra]), held_out)
        _line(f"five folds, {name}", truth[:n], odds >= MIN_LOG_ODDS)


def _line(name: str, truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> None:
    f1 = 2 * (truth & found).sum(axis=0) / np.maximum(1, truth.sum(axis=0) + found.sum(axis=0))
    print(f"{name:<42} macro-F1 {f1.mean():.3f}  " + "  ".join(f"{k} {v:.2f}" for k, v in zip(KINDS, f1, strict=True)))


def _write(vectorizer: TfidfVectorizer, words: Any, vectors: Any, truth: NDArray[np.bool_]) -> None:
    columns = [KINDS.index(kind) for kind in LEARNED]
    of_words = [_learn(words, truth[:, k]) for k in columns]
    of_vector = [_learn(vectors, truth[:, k]) for k in columns]

    def text(values: Sequence[str]) -> NDArray[np.uint8]:
        return np.frombuffer("\t".join(values).encode("utf-8"), dtype=np.uint8)

    np.savez_compressed(
        WEIGHTS,
        kinds=text(LEARNED),
        words=text(list(vectorizer.get_feature_names_out())),
        rarity=vectorizer.idf_.astype(np.float16),
        of_words=np.concatenate([model.coef_ for model in of_words]).T.astype(np.float16),
        words_start=np.concatenate([model.intercept_ for model in of_words]).astype(np.float32),
        of_vector=np.concatenate([model.coef_ for model in of_vector]).T.astype(np.float16),
        vector_start=np.concatenate([model.intercept_ for model in of_vector]).astype(np.float32),
        with_vector=np.array([kind in WITH_VECTOR for kind in LEARNED]),
    )
    print(f"{WEIGHTS.name}: {len(vectorizer.vocabulary_)} words and pairs")


if __name__ == "__main__":
    sys.exit(main())
