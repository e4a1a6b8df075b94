"""Names of themes: how near are they to what the makers of a set called its labels?

    python -m eval.theme_names [--only NAME ...] [--show] [--out FILE]

The true labels are the themes. "name" is the mean cosine between the vector of the name that
`signaltriage.themes.names` gives and the vector of the label's own words ("card_arrival": "card arrival"); "name_words"
is the mean F1 of their words, which no encoder has a say in. "words_alone" and "words_alone_words" are the same for
names that are chosen without vectors; "top_3" and "top_3_words" for the three best words by c-TF-IDF, which is what
BERTopic calls a topic by default (its formula, stop words left out). "same_or_nearer" is the share of themes where the
name is nearer than those three; "rare" the share of names that fewer than 3 % of the theme's texts have a word of
content of. Also: names that occur twice (none may), words in a name, seconds of the processor for 100,000 texts in 500
themes, names chosen by words alone. Writes eval/results/theme_names.json.

The power that the cosine has was chosen on banking77, hwu64, dstc11_insurance, twitter_us_airline and the training
data; the others had no part in it.
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
from signaltriage.themes.meaning import Meaning
from signaltriage.themes.names import Known, name_themes
from signaltriage.themes.partition import unit
from signaltriage.themes.phrases import is_content, runs_of, stem

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
_MOST = 60
"""Texts of a theme that its centre is made of."""
_RARE = 0.03


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


def centres(texts: Sequence[str], member_of: NDArray[np.int64], n_themes: int) -> NDArray[np.float32]:
    """Unit vectors of the themes, shape (n_themes, d), of up to `_MOST` texts each, evenly over the alphabet."""
    encode = load_encoder(None).encode
    out = []
    for theme in range(n_themes):
        group = sorted({text for text, k in zip(texts, member_of, strict=True) if k == theme})
        rows = np.unique(np.linspace(0, len(group) - 1, min(len(group), _MOST)).round().astype(int))
        out.append(encode([group[row] for row in rows]).mean(axis=0))
    return unit(np.array(out, dtype=np.float32))


def stems(text: str) -> set[str]:
    """Of its words of content."""
    return {stem(word) for run in runs_of(text) for word in run if is_content(word)}


def shared(names: Sequence[str], labels: Sequence[str]) -> float:
    """Mean F1 of the words of names and of labels."""
    pairs = [(stems(a), stems(b)) for a, b in zip(names, labels, strict=True)]
    return round(float(np.mean([2 * len(a & b) / max(len(a) + len(b), 1) for a, b in pairs])), 4)


def rare(names: Sequence[str], texts: Sequence[str], member_of: NDArray[np.int64]) -> float:
    """Share of names none of whose words stands in `_RARE` of the theme's texts."""
    own: list[list[set[str]]] = [[] for _ in names]
    for text, theme in zip(texts, member_of.tolist(), strict=True):
        own[theme].append(stems(text))
    best = [
        max((sum(word in text for text in group) / len(group) for word in stems(name)), default=0.0)
        for name, group in zip(names, own, strict=True)
    ]
    return round(float(np.mean([share < _RARE for share in best])), 4)


def measure(name: str, show: bool) -> dict[str, Any]:
    """Names of one set. Raises FileNotFoundError."""
    texts, labels = read(name)
    codes, found = pd.factorize(np.array(labels, dtype=object), sort=True)
    member_of = codes.astype(np.int64)
    encode = load_encoder(None).encode
    meaning = Meaning(encode, centres(texts, member_of, len(found)))
    started = time.perf_counter()
    named = name_themes(texts, member_of, len(found), Known(meaning=meaning))
    seconds = time.perf_counter() - started
    names = [entry.name for entry in named]
    alone = [entry.name for entry in name_themes(texts, member_of, len(found))]
    plain = top_words(texts, member_of, len(found))
    said = [words_of(label) for label in found]
    truth = encode(said)
    near, near_alone, near_plain = ((encode(some) * truth).sum(axis=1) for some in (names, alone, plain))
    if show:
        for label, entry, words in zip(found, named, alone, strict=True):
            print(f"  {label:<48} {entry.name:<42} {words:<36} {', '.join(entry.keywords)}")
    return {
        "themes": len(found),
        "rows": len(texts),
        "name": round(float(near.mean()), 4),
        "name_words": shared(names, said),
        "words_alone": round(float(near_alone.mean()), 4),
        "words_alone_words": shared(alone, said),
        "top_3": round(float(near_plain.mean()), 4),
        "top_3_words": shared(plain, said),
        "same_or_nearer": round(float((near >= near_plain - 1e-6).mean()), 4),
        "rare": rare(names, texts, member_of),
        "rare_words_alone": rare(alone, texts, member_of),
        "twice": len(named) - len({name.lower() for name in names}),
        "words_mean": round(float(np.mean([len(name.split()) for name in names])), 2),
        "one_word": round(float(np.mean([len(name.split()) == 1 for name in names])), 4),
        "seconds": round(seconds, 2),
    }


def speed() -> float:
    """Seconds of the processor for 100,000 texts in 500 themes: clinc150's, repeated, each with a number of its own."""
    texts, labels = read("clinc150")
    codes, _ = pd.factorize(np.array(labels, dtype=object), sort=True)
    rows = np.arange(ROWS) % len(texts)
    themes = ((codes[rows] * 4 + np.arange(ROWS) // len(texts) % 4) % THEMES).astype(np.int64)
    many = [f"{texts[row]} {i}" for i, row in enumerate(rows)]
    started = time.process_time()
    name_themes(many, themes, THEMES)
    return round(time.process_time() - started, 2)


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
