"""What tells of friction: learns `src/signaltriage/themes/facet_weights.npz`, and shows whether that carries over.

    python -m eval.facet_training [--write]

Learned from the labelled signals of `eval.facets` (all but those of the half `unseen`) and from the project's own
`eval/facet_sentences.tsv`. A word or pair of words counts if two of these texts have it, and if twenty texts of five
public sets have it too, so that nothing is learned that one company alone would say.

The witnesses (words of the text, words of a clause, sentence vector) are logistic regressions. How far an expression is
to be trusted and above which log-odds a kind is there is learned on those signals only that no pattern was bettered on
(halves `last` and `more`), and from what the witnesses say when they have not learned from the signal: five folds.

Shown: macro-F1 on those signals in five folds, all learned from the other four, and with each source left out in turn.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from eval.facets import Labelled, read_labels, vectors_of
from eval.sets import ROOT, data_root
from signaltriage.themes.facet_patterns import Expression, patterns
from signaltriage.themes.facet_words import OF_TRUST, UNTRUSTED, key, pieces
from signaltriage.themes.facets import KINDS, clauses_of, matches_in, seen_text
from signaltriage.threads import one_thread

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
_HONEST: Final = ("last", "more")
"""Halves that no pattern was bettered on."""
_FOLDS: Final = 5
_PRIOR: Final = 3.0
"""So many matches, as right as those of its kind are on average, every expression starts with."""
_LIMITS: Final = np.arange(-3.0, 3.0, 0.05)
_SMOOTHED: Final = 15
"""A limit is judged by so many neighbours, itself among them, that one lucky signal decides nothing."""
_WITNESSES: Final = ("patterns", "words", "clause", "vector")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Corpus:
    """All texts with what is known of them: n texts in c clauses, k kinds."""

    signals: Sequence[Labelled]
    vectorizer: TfidfVectorizer
    words: Any
    """Sparse, shape (n, w)."""
    clauses: Any
    """Sparse, shape (c, w)."""
    owner: NDArray[np.int64]
    """The text of each clause, shape (c,)."""
    vectors: NDArray[np.float32]
    """Shape (n, d)."""
    matching: Sequence[tuple[Expression, ...]]
    truth: NDArray[np.bool_]
    """Shape (n, k)."""
    clause_truth: NDArray[np.bool_]
    """Whether a clause overlaps the labelled evidence, shape (c, k)."""

    def rows(self, *halves: str) -> NDArray[np.int64]:
        """The texts of these halves."""
        return np.flatnonzero([signal.half in halves for signal in self.signals])


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn, show and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args(arguments)
    with one_thread():
        _learn_and_show(options.write)
    return 0


def _learn_and_show(write: bool) -> None:
    corpus = _corpus([*(signal for signal in read_labels() if signal.half != "unseen"), *_sentences()])
    own, honest = corpus.rows("own"), corpus.rows(*_HONEST)
    learned = np.setdiff1d(np.arange(len(corpus.signals)), own)
    said = np.zeros((len(_WITNESSES), *corpus.truth.shape))
    for train, held_out in KFold(_FOLDS, shuffle=True, random_state=0).split(learned):
        said[:, learned[held_out]] = _say(corpus, np.append(learned[train], own), learned[held_out])
    found = {name: np.zeros_like(corpus.truth) for name in ("with vectors", "without vectors")}
    for train, held_out in KFold(_FOLDS, shuffle=True, random_state=1).split(honest):
        said[0, honest[train]] = _trust_held_out(corpus, honest[train])
        said[0, honest[held_out]] = _by_trust(corpus, _trust(corpus, honest[train]), honest[held_out])
        for name, odds in _sums(said).items():
            limit = _limit(odds[honest[train]], corpus.truth[honest[train]])
            found[name][honest[held_out]] = odds[honest[held_out]] > limit
    for name, there in found.items():
        _line(f"five folds, {name}", corpus.truth[honest], there[honest])
    if write:
        said[0, honest] = _trust_held_out(corpus, honest)
        _write(corpus, said)
    else:
        _show_sources(corpus, said)


def _sentences() -> list[Labelled]:
    rows = [line.split("\t", 1) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [
        Labelled("own", str(i), "own", text, {_LETTERS[letter]: (0, len(text)) for letter in letters if letter != "-"})
        for i, (letters, text) in enumerate(rows)
    ]


def _corpus(signals: Sequence[Labelled]) -> Corpus:
    seen = [seen_text(signal.text) for signal in signals]
    places = [clauses_of(text) for text in seen]
    owner = np.repeat(np.arange(len(seen)), [len(place) for place in places])
    parts = [text[start:end] for text, place in zip(seen, places, strict=True) for start, end in place]
    vectorizer = TfidfVectorizer(analyzer=pieces, vocabulary=_vocabulary(seen), sublinear_tf=True)
    words = vectorizer.fit_transform(seen).tocsr()
    return Corpus(
        signals=signals,
        vectorizer=vectorizer,
        words=words,
        clauses=vectorizer.transform(parts).tocsr(),
        owner=owner,
        vectors=vectors_of(signals),
        matching=[matches_in(text).expressions for text in seen],
        truth=np.array([[kind in signal.spans for kind in KINDS] for signal in signals]),
        clause_truth=np.array(list(_overlaps(signals, places))),
    )


def _overlaps(signals: Sequence[Labelled], places: Sequence[list[tuple[int, int]]]) -> Iterator[list[bool]]:
    for signal, place in zip(signals, places, strict=True):
        spans = [signal.spans.get(kind, (0, 0)) for kind in KINDS]
        for start, end in place:
            yield [start < b and a < end for a, b in spans]


def _vocabulary(seen: Sequence[str]) -> list[str]:
    common: Counter[str] = Counter()
    for path, columns in BACKGROUND:
        rows = pd.read_csv(data_root() / path, dtype=str, keep_default_na=False)[columns].head(_MOST_ROWS)
        for row in rows.to_numpy().tolist():
            common.update(set(pieces(seen_text("\n".join(row)))))
    here = Counter(piece for text in seen for piece in set(pieces(text)))
    return sorted(piece for piece, texts in here.items() if texts > 1 and common[piece] >= _FEWEST_TEXTS)


def _learn(features: Any, y: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(class_weight="balanced", max_iter=1000).fit(features, y)


def _say(corpus: Corpus, train: NDArray[np.int64], rows: NDArray[np.int64]) -> Floats:
    """What words, clauses and vectors say of these rows having learned from others, shape (4, r, k); of patterns 0."""
    out = np.zeros((len(_WITNESSES), len(rows), len(KINDS)))
    learning, asked = np.isin(corpus.owner, train), np.isin(corpus.owner, rows)
    for k in range(len(KINDS)):
        y = corpus.truth[train, k]
        out[1, :, k] = _learn(corpus.words[train], y).decision_function(corpus.words[rows])
        out[3, :, k] = _learn(corpus.vectors[train], y).decision_function(corpus.vectors[rows])
        clause = _learn(corpus.clauses[learning], corpus.clause_truth[learning, k])
        best = np.full(len(corpus.signals), -np.inf)
        np.maximum.at(best, corpus.owner[asked], clause.decision_function(corpus.clauses[asked]))
        out[2, :, k] = np.where(np.isfinite(best[rows]), best[rows], clause.intercept_[0])
    return out


def _trust(corpus: Corpus, rows: NDArray[np.int64]) -> dict[int, float]:
    """Log-odds that an expression is right, by its key; under -1 - k what is usual for kind k."""
    hits: Counter[int] = Counter()
    right: Counter[int] = Counter()
    kind_of = {key(expression): KINDS.index(expression.kind) for expression in patterns().expressions}
    for row in rows:
        for expression in corpus.matching[row]:
            hits[key(expression)] += 1
            right[key(expression)] += bool(corpus.truth[row, kind_of[key(expression)]])
    out = {}
    for k in range(len(KINDS)):
        keys = [number for number, kind in kind_of.items() if kind == k]
        usual = (sum(right[number] for number in keys) + 1) / (sum(hits[number] for number in keys) + 2)
        for number in keys:
            share = (right[number] + _PRIOR * usual) / (hits[number] + _PRIOR)
            out[number] = float(np.log(share / (1 - share)))
        out[-1 - k] = float(np.log(usual / (1 - usual)))
    return out


def _by_trust(corpus: Corpus, trust: dict[int, float], rows: NDArray[np.int64]) -> Floats:
    out = np.full((len(rows), len(KINDS)), UNTRUSTED)
    for i, row in enumerate(rows):
        for expression in corpus.matching[row]:
            k = KINDS.index(expression.kind)
            out[i, k] = max(out[i, k], trust[key(expression)])
    return out


def _trust_held_out(corpus: Corpus, rows: NDArray[np.int64]) -> Floats:
    out = np.zeros((len(rows), len(KINDS)))
    for train, held_out in KFold(_FOLDS, shuffle=True, random_state=2).split(rows):
        out[held_out] = _by_trust(corpus, _trust(corpus, rows[train]), rows[held_out])
    return out


def _sums(said: Floats) -> dict[str, Floats]:
    """What the witnesses say together, without vectors and with them, shape (r, k)."""
    return {
        "without vectors": OF_TRUST * said[0] + said[1:3].mean(axis=0),
        "with vectors": OF_TRUST * said[0] + said[1:].mean(axis=0),
    }


def _limit(odds: Floats, truth: NDArray[np.bool_]) -> float:
    """The limit with the best macro-F1 on these rows, each shape (r, k)."""
    macro = [float(_f1(truth, odds > limit).mean()) for limit in _LIMITS]
    smooth = np.convolve(macro, np.ones(_SMOOTHED) / _SMOOTHED, "valid")
    return float(_LIMITS[_SMOOTHED // 2 + int(np.argmax(smooth))])


def _f1(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> Floats:
    f1: Floats = 2 * (truth & found).sum(axis=0) / np.maximum(1, truth.sum(axis=0) + found.sum(axis=0))
    return f1


def _show_sources(corpus: Corpus, said: Floats) -> None:
    """Each source left out: nothing is learned from it."""
    source = np.array([signal.source for signal in corpus.signals])
    honest = corpus.rows(*_HONEST)
    for left_out in np.unique(source[honest]):
        rows, rest = honest[source[honest] == left_out], honest[source[honest] != left_out]
        said[:, rows] = _say(corpus, np.flatnonzero(source != left_out), rows)
        said[0, rest] = _trust_held_out(corpus, rest)
        said[0, rows] = _by_trust(corpus, _trust(corpus, rest), rows)
        odds = _sums(said)["with vectors"]
        _line(f"left out: {left_out}", corpus.truth[rows], odds[rows] > _limit(odds[rest], corpus.truth[rest]))


def _line(name: str, truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> None:
    f1 = _f1(truth, found)
    kinds = (f"{kind} {v:.2f} ({n})" for kind, v, n in zip(KINDS, f1, truth.sum(axis=0), strict=True))
    print(f"{name:<30} macro-F1 {f1.mean():.3f}  " + "  ".join(kinds), flush=True)


def _write(corpus: Corpus, said: Floats) -> None:
    honest, k = corpus.rows(*_HONEST), range(len(KINDS))
    words = [_learn(corpus.words, corpus.truth[:, i]) for i in k]
    clause = [_learn(corpus.clauses, corpus.clause_truth[:, i]) for i in k]
    vector = [_learn(corpus.vectors, corpus.truth[:, i]) for i in k]
    trust = _trust(corpus, honest)
    keys = sorted(number for number in trust if number >= 0)
    np.savez_compressed(
        WEIGHTS,
        kinds=_bytes(KINDS),
        words=_bytes(list(corpus.vectorizer.get_feature_names_out())),
        rarity=corpus.vectorizer.idf_.astype(np.float16),
        of_words=_weights(words),
        words_start=_starts(words),
        of_clause=_weights(clause),
        clause_start=_starts(clause),
        of_vector=_weights(vector),
        vector_start=_starts(vector),
        trust_keys=np.array(keys, dtype=np.uint32),
        trust=np.array([trust[number] for number in keys], dtype=np.float32),
        usual_trust=np.array([trust[-1 - i] for i in k], dtype=np.float32),
        limit=np.array([_limit(odds[honest], corpus.truth[honest]) for odds in _sums(said).values()], dtype=np.float32),
    )
    print(f"{WEIGHTS.name}: {len(corpus.vectorizer.vocabulary_)} words and pairs")


def _weights(models: Sequence[LogisticRegression]) -> NDArray[np.float16]:
    return np.concatenate([model.coef_ for model in models]).T.astype(np.float16)


def _starts(models: Sequence[LogisticRegression]) -> NDArray[np.float32]:
    return np.concatenate([model.intercept_ for model in models]).astype(np.float32)


def _bytes(values: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\t".join(values).encode("utf-8"), dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(main())
