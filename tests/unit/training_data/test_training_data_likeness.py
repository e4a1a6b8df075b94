"""Do the signals read like what people write? Measured on equal samples, and held to the span of real sets.

The spans are those of ten real sets: banking77, clinc150 and hwu64 (train), it_service_tickets and sumo_firefox (test),
stackoverflow_short, twitter_us_airline, dstc11_insurance, glassdoor_reviews (dislike) and slack_racket_general_2019.
`test_spans_are_those_of_the_real_sets` measured them, and measures them again wherever the sets are:

    SIGNALTRIAGE_DATA=../shared/data python -m pytest -m real_data -s tests/unit/training_data
"""

from __future__ import annotations

import html
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from signaltriage.encode import load_encoder

Rows = list[dict[str, str]]
REAL = Path(os.environ.get("SIGNALTRIAGE_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
N_TEXTS, N_TOKENS = 900, 10_000
NEAREST_SPAN = (0.514, 0.888)
"""Mean cosine of each of 900 distinct texts to its nearest other one: stackoverflow_short … dstc11_insurance."""
VOCABULARY_SPAN = (86.0, 245.0)
"""Distinct words per 1,000 tokens, in 10,000 tokens: dstc11_insurance … stackoverflow_short."""
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
REAL_SETS = {
    "banking77": ("routing/banking77/train.csv", ["text"]),
    "clinc150": ("routing/clinc150/train.csv", ["text"]),
    "hwu64": ("routing/hwu64/train.csv", ["text"]),
    "it_service_tickets": ("routing/it_service_tickets/test.csv", ["Document"]),
    "sumo_firefox": ("routing/sumo_firefox/test.csv", ["title", "content"]),
    "stackoverflow_short": ("themes/stackoverflow_short.csv", ["text"]),
    "twitter_us_airline": ("themes/twitter_us_airline.csv", ["text"]),
    "dstc11_insurance": ("themes/dstc11_insurance.csv", ["utterance"]),
    "glassdoor_dislike": ("employee/glassdoor_reviews.csv", ["dislike"]),
    "slack_racket": ("employee/slack_racket_general_2019.csv", ["text"]),
}


def sample(texts: list[str], size: int) -> list[str]:
    """`size` texts, always the same ones."""
    return [texts[index] for index in np.random.default_rng(0).permutation(len(texts))[:size]]


def mean_nearest(vectors: NDArray[np.float32]) -> float:
    """Mean cosine of each row (N, D, unit) to its nearest other row."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    return float(cosines.max(axis=1).mean())


def vocabulary(texts: list[str]) -> float:
    """Distinct words per 1,000 tokens in the first 10,000 tokens of the shuffled texts."""
    tokens: list[str] = []
    for text in sample(texts, len(texts)):
        tokens += [word.lower() for word in WORD.findall(text)]
        if len(tokens) >= N_TOKENS:
            break
    return len(set(tokens[:N_TOKENS])) / (len(tokens[:N_TOKENS]) / 1000)


def real_sets() -> Iterator[tuple[str, list[str]]]:
    for name, (path, columns) in REAL_SETS.items():
        if not (REAL / path).exists():
            pytest.skip(f"no {path} in SIGNALTRIAGE_DATA ({REAL})")
        joined = pd.read_csv(REAL / path)[columns].fillna("").astype(str).agg(" ".join, axis=1)
        plain = (html.unescape(re.sub(r"<[^>]+>", " ", text)).strip() for text in joined)
        yield name, list(dict.fromkeys(text for text in plain if text))


@pytest.fixture(scope="module")
def vectors(signals: Rows) -> NDArray[np.float32]:
    return load_encoder().encode([row["text"] for row in signals])


def test_no_two_texts_are_nearly_equal_outside_a_thread(signals: Rows, vectors: NDArray[np.float32]) -> None:
    cosines = np.triu(vectors @ vectors.T, k=1)
    pairs = [(signals[i], signals[j], cosines[i, j]) for i, j in np.argwhere(cosines > 0.95)]
    near = [(a["id"], b["id"], float(cosine)) for a, b, cosine in pairs if a["thread"] != b["thread"]]
    assert not near
    assert pairs, "the planted repeats of a thread are gone"


def test_nearest_neighbours_are_as_near_as_in_real_sets(vectors: NDArray[np.float32]) -> None:
    chosen = vectors[np.random.default_rng(0).permutation(len(vectors))[:N_TEXTS]]
    low, high = NEAREST_SPAN
    assert low <= mean_nearest(chosen) <= high


def test_vocabulary_is_as_wide_as_in_real_sets(signals: Rows) -> None:
    low, high = VOCABULARY_SPAN
    assert low <= vocabulary([row["text"] for row in signals]) <= high


def test_words_predict_the_team_neither_too_well_nor_too_badly(signals: Rows) -> None:
    rows = [row for row in signals if row["team"] != "none"]
    texts, teams, threads = ([row[key] for row in rows] for key in ("text", "team", "thread"))
    model = make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0))
    plain = cross_val_score(model, texts, teams, cv=StratifiedKFold(5, shuffle=True, random_state=0)).mean()
    by_thread = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    unseen_threads = cross_val_score(model, texts, teams, groups=threads, cv=by_thread).mean()
    assert 0.65 <= plain <= 0.93
    assert 0.65 <= unseen_threads <= 0.93


def test_texts_do_not_share_openings(signals: Rows) -> None:
    first_in_thread = {row["thread"]: row for row in reversed(signals)}.values()
    openings = Counter(tuple(WORD.findall(row["text"].lower())[:4]) for row in first_in_thread)
    common = {words: count for words, count in openings.items() if len(words) == 4 and count > 3}
    assert not common


def test_lengths_vary_as_in_tickets(signals: Rows) -> None:
    lengths = np.array([len(row["text"].split()) for row in signals])
    assert np.mean(lengths < 9) >= 0.08
    assert np.mean(lengths > 100) >= 0.04
    assert 15 <= np.median(lengths) <= 45


@pytest.mark.real_data
@pytest.mark.slow
def test_spans_are_those_of_the_real_sets() -> None:
    encoder = load_encoder()
    nearest, words = {}, {}
    for name, texts in real_sets():
        nearest[name] = mean_nearest(encoder.encode(sample(texts, N_TEXTS)))
        words[name] = vocabulary(texts)
        print(f"{name:22} nearest {nearest[name]:.3f}   words per 1,000 tokens {words[name]:.0f}")
    assert (min(nearest.values()), max(nearest.values())) == pytest.approx(NEAREST_SPAN, abs=0.002)
    assert (min(words.values()), max(words.values())) == pytest.approx(VOCABULARY_SPAN, abs=2)
