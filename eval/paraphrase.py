"""Paraphrases by rule: the same signal as somebody else might type it."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

GREETINGS: Final = ("Hi, ", "Hello there, ", "Hey team, ", "Good morning. ")
THANKS: Final = (" Thanks!", " Thank you in advance.", " Please help.", " Cheers")
SYNONYMS: Final = {
    "wrong": "incorrect",
    "buy": "purchase",
    "get": "receive",
    "need": "require",
    "big": "large",
    "fast": "quickly",
    "start": "begin",
    "show": "display",
    "money": "funds",
    "phone": "telephone",
    "tell me": "let me know",
    "how do i": "how can i",
    "isn't": "is not",
    "can't": "cannot",
    "want to": "would like to",
    "purchase": "buy",
}


def paraphrases(text: str, rng: np.random.Generator) -> dict[str, str]:
    """One paraphrase of each kind that applies to this text."""
    found = {
        "upper case": text.upper(),
        "no punctuation": re.sub(r"[^\w\s]", "", text),
        "exclamation": text.rstrip(".?! ") + "!!!",
        "typo": typo(text, rng),
        "two typos": typo(typo(text, rng), rng),
        "greeting": _one(GREETINGS, rng) + text,
        "thanks": text + _one(THANKS, rng),
        "greeting, typo, thanks": _one(GREETINGS, rng) + typo(text, rng) + _one(THANKS, rng),
    }
    swapped = text
    for word, other in SYNONYMS.items():
        swapped, n = re.subn(rf"\b{re.escape(word)}\b", other, swapped, count=1, flags=re.IGNORECASE)
        if n:
            found["synonym"] = swapped
            break
    clauses = re.split(r"(?<=[.?!,;])\s+", text.strip())
    if len(clauses) > 1:
        found["order of clauses"] = " ".join([*clauses[1:], clauses[0]])
    return {kind: other for kind, other in found.items() if other.strip() and other != text}


def typo(text: str, rng: np.random.Generator) -> str:
    """Swap, drop or double one letter inside a word of at least four letters."""
    words = text.split()
    long = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    if not long:
        return text
    i = int(rng.choice(long))
    word, k = words[i], int(rng.integers(1, len(words[i]) - 1))
    words[i] = (
        word[:k] + word[k + 1] + word[k] + word[k + 2 :],
        word[:k] + word[k + 1 :],
        word[:k] + word[k] + word[k:],
    )[int(rng.integers(3))]
    return " ".join(words)


def _one(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
