"""Does spelling correction mend slips and leave real words alone? `python -m eval.spelling [--seed 0]`

Over each knowledge base of `eval.gaps`: of the words that the general list has and the base has not, every other one is
hidden from the speller and then asked for, alone and beside two words of an article: it is a real word, and what makes
another of it is wrong (`turned`). Words of the base are asked for with one slip, all kinds alike frequent (two letters
swapped, one dropped, doubled, added, changed), alone and beside two words of their article: what is read as the word
that was meant is right (`mended`), as another word wrong (`garbled`). Slips that give another word are left out. Shares
with their number. Writes eval/results/spelling.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np

from eval.gap_sets import SETS
from eval.run import RESULTS
from eval.sets import AbsentError
from signaltriage.gaps.folding import Speller, words_of
from signaltriage.model.gaps import general_words
from signaltriage.types import Article

SLIPS = ("swapped", "dropped", "doubled", "added", "changed")
WORDS = 1500
"""Words of each kind that are asked for, at most."""


def main() -> None:
    """Print and write the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = {}
    for name, articles in _bases():
        found[name] = measured(articles, given.seed)
        print(name + ": " + "; ".join(f"{k} {v['share']:.3f} of {v['n']:,}" for k, v in found[name].items()))
    (RESULTS / "spelling.json").write_text(json.dumps({"seed": given.seed, "bases": found}, indent=2) + "\n")


def measured(articles: Sequence[Article], seed: int) -> dict[str, dict[str, float]]:
    """Shares of real words turned into others, and of misspelt ones mended and garbled, over one base."""
    rng = np.random.default_rng(seed)
    texts = [f"{article.title}\n{article.body}" for article in articles]
    words = [sorted({w for w in words_of(t) if w.isascii() and w.isalpha() and len(w) > 3}) for t in texts]
    everywhere = {w for t in texts for w in words_of(t)}
    strange = sorted(w for w in general_words() - everywhere if w.isascii() and len(w) > 3)
    hidden = strange[::2]
    speller = Speller.of(texts, (), general_words() - set(hidden))
    told: dict[str, list[bool]] = {}

    def ask(what: str, word: str, beside: Sequence[str], right: str) -> None:
        for where, query in (("alone", word), ("beside", " ".join((word, *beside)))):
            read = words_of(speller.correct(query))
            read = read[: len(read) - (len(beside) if where == "beside" else 0)]
            if what == "slip":
                told.setdefault(f"mended {where}", []).append(read == [right])
                told.setdefault(f"garbled {where}", []).append(read not in ([right], [word]))
            else:
                told.setdefault(f"turned {where}", []).append(read != [right])

    for word in _some(hidden, rng):
        ask("real", word, _beside(words, int(rng.integers(len(words))), rng, word), word)
    places = [(w, place) for place, some in enumerate(words) for w in some]
    for word, place in _some(places, rng):
        typed = slip(word, SLIPS[rng.integers(len(SLIPS))], rng)
        if typed not in general_words() and typed not in everywhere:
            ask("slip", typed, _beside(words, place, rng, word), word)
    return {what: {"share": float(np.mean(values)), "n": len(values)} for what, values in sorted(told.items())}


def slip(word: str, kind: str, rng: np.random.Generator) -> str:
    """The word with one slip of a kind."""
    at, letter = int(rng.integers(1, len(word))), ascii_lowercase[rng.integers(26)]
    if kind == "swapped":
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    middle = {"dropped": "", "doubled": word[at] * 2, "added": letter + word[at], "changed": letter}[kind]
    return word[:at] + middle + word[at + 1 :]


def _beside(words: Sequence[Sequence[str]], place: int, rng: np.random.Generator, word: str) -> list[str]:
    """Two other words of an article."""
    others = [other for other in words[place] if other != word]
    return [str(other) for other in rng.choice(others, size=min(2, len(others)), replace=False)]


def _some(items: Sequence[Any], rng: np.random.Generator) -> list[Any]:
    return [items[i] for i in sorted(rng.permutation(len(items))[:WORDS].tolist())]


def _bases() -> Iterator[tuple[str, Sequence[Article]]]:
    seen: set[tuple[str, ...]] = set()
    for name, load in SETS.items():
        try:
            articles = load().articles
        except AbsentError:
            continue
        if (ids := tuple(article.title for article in articles)) not in seen:
            seen.add(ids)
            yield name, articles


if __name__ == "__main__":
    main()
