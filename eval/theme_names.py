"""Names of themes: how near are they to what the makers of a set called its labels?

    python -m eval.theme_names [--only NAME ...] [--show] [--out FILE]

The true labels are the themes. "name" is the mean cosine between the vector of the name that
`signaltriage.themes.names` gives and the vector of the label's own words ("card_arrival": "card arrival"); "top_3" is
the same for the three best words by c-TF-IDF, which is what BERTopic calls a topic by default (its formula, stop words
left out); "same_or_nearer" is the share of themes where the name is. Also: names that occur twice (none may), words in
a name, seconds for 100,000 texts in 500 themes. Writes eval/results/theme_names.json.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.run import RESULTS
from eval.sets import ROOT, data_root
from signaltriage.encode import load_encoder
from signaltriage.themes.names import name_themes

SETS: Final = {
    "banking77": ("routing/banking77/train.csv", "text", "label"),
    "clinc150": ("routing/clinc150/train.csv", "text", "label"),
    "hwu64": ("routing/hwu64/train.csv", "text", "label"),
    "dstc11_insurance": ("themes/dstc11_insurance.csv", "utterance", "intent"),
    "stackoverflow_short": ("themes/stackoverflow_short.csv", "text", "label"),
    "sumo_firefox": ("routing/sumo_firefox/train.csv", "title", "topic"),
    "twitter_us_airline": ("themes/twitter_us_airline.csv", "text", "negativereason"),
    "signaltriage-training-data": ("", "text", "team"),
}
ROWS, THEMES = 100_000, 500


def words_of(label: str) -> str:
    """The words of a label: underscores, dashes and camel case taken apart."""
    return re.sub(r"[_\-/?]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)).strip().lower()


def read(name: str) -> tuple[list[str], list[str]]:
    """Texts and labels of a set. Raises FileNotFoundError."""
    path, text, label = SETS[name]
    where = data_root() / path if path else ROOT / "training_data/signals.csv"
    frame = pd.read_csv(where, dtype=str, keep_default_na=False)
    frame = frame[~frame[label].isin(["oos", "none"])]
    return frame[text].tolist(), frame[label].tolist()


def top_words(texts: Sequence[str], member_of: NDArray[np.int64], n_themes: int) -> list[str]:
    """The three best words of each theme by c-TF-IDF (Grootendorst 2022): tf · log(1 + mean words per theme / f)."""
    from sklearn.feature_extraction.text import CountVectorizer

    joined = [
        " ".join(text for text, k in zip(texts, member_of, strict=True) if k == theme) for theme in range(n_themes)
    ]
    vectorizer = CountVectorizer(stop_words="english")
    counts = vectorizer.fit_transform(joined).toarray().astype(np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weight = share * np.log1p(counts.sum(axis=1).mean() / np.maximum(counts.sum(axis=0), 1))
    words = vectorizer.get_feature_names_out()
    return [" ".join(words[np.argsort(-row, kind="stable")[:3]]) for row in weight]


def measure(name: str, show: bool) -> dict[str, Any]:
    """Names of one set. Raises FileNotFoundError."""
    texts, labels = read(name)
    codes, found = pd.factorize(np.array(labels, dtype=object), sort=True)
    member_of = codes.astype(np.int64)
    started = time.perf_counter()
    named = name_themes(texts, member_of, len(found))
    seconds = time.perf_counter() - started
    plain = top_words(texts, member_of, len(found))
    encode = load_encoder(None).encode
    truth = encode([words_of(label) for label in found])
    near = (encode([entry.name for entry in named]) * truth).sum(axis=1)
    near_plain = (encode(plain) * truth).sum(axis=1)
    if show:
        for label, entry, words in zip(found, named, plain, strict=True):
            print(f"  {label:<48} {entry.name:<42} {words:<36} {', '.join(entry.keywords)}")
    return {
        "themes": len(found),
        "rows": len(texts),
        "name": round(float(near.mean()), 4),
        "top_3": round(float(near_plain.mean()), 4),
        "same_or_nearer": round(float((near >= near_plain - 1e-6).mean()), 4),
        "twice": len(named) - len({entry.name.lower() for entry in named}),
        "words_mean": round(float(np.mean([len(entry.name.split()) for entry in named])), 2),
        "one_word": round(float(np.mean([len(entry.name.split()) == 1 for entry in named])), 4),
        "seconds": round(seconds, 2),
    }


def speed() -> float:
    """Seconds for 100,000 texts in 500 themes: clinc150's, repeated, each with a number of its own."""
    texts, labels = read("clinc150")
    codes, _ = pd.factorize(np.array(labels, dtype=object), sort=True)
    rows = np.arange(ROWS) % len(texts)
    themes = ((codes[rows] * 4 + np.arange(ROWS) // len(texts) % 4) % THEMES).astype(np.int64)
    many = [f"{texts[row]} {i}" for i, row in enumerate(rows)]
    started = time.perf_counter()
    name_themes(many, themes, THEMES)
    return round(time.perf_counter() - started, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; sets that are absent are named and skipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(SETS), metavar="NAME")
    parser.add_argument("--show", action="store_true", help="print every name")
    parser.add_argument("--out", type=Path, default=RESULTS / "theme_names.json")
    options = parser.parse_args(arguments)
    result: dict[str, Any] = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    for name in options.only:
        try:
            result[name] = measure(name, options.show)
        except FileNotFoundError:
            print(f"{name}: absent, skipped", file=sys.stderr)
            continue
        print(f"{name:<28} {result[name]}", flush=True)
    if len(options.only) == len(SETS):
        result["seconds_100000_texts_500_themes"] = speed()
        print(f"100,000 texts, 500 themes: {result['seconds_100000_texts_500_themes']} s")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
