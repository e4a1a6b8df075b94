"""The words of a text as a person sees them, and the text without some of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+(?:['’‑-]\w+)*")
WORDS_SHOWN = 3
LONGEST = 40
"""Characters beyond which a run of letters is no word a person would read: base64, blobs, unspaced scripts."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text, with all its occurrences."""

    key: str
    """Lower-cased: what tells words apart."""
    typed: str
    """As it first stands in the text."""
    places: tuple[tuple[int, int], ...]
    """Begin and end of each occurrence, in characters."""


def words_in(text: str) -> list[Word]:
    """The distinct words in order of first sight; "can't" and "e-mail" are one word each."""
    found: dict[str, list[tuple[int, int]]] = {}
    for match in _WORD.finditer(text):
        found.setdefault(match.group().lower(), []).append(match.span())
    return [Word(key, text[slice(*places[0])], tuple(places)) for key, places in found.items()]


def without(text: str, dropped: Collection[Word]) -> str:
    """The text with every occurrence of these words deleted."""
    kept, end = [], 0
    for start, stop in sorted(place for word in dropped for place in word.places):
        kept.append(text[end:start])
        end = stop
    return " ".join("".join([*kept, text[end:]]).split())


def how_many(words: Sequence[Word]) -> int:
    """How many of a text's words are named: at most half, so that as many others are left to compare with."""
    return max(1, min(WORDS_SHOWN, len(words) // 2))


def presentable(word: Word) -> bool:
    """Whether it tells a reader anything: a single letter or digit does not, nor does a blob."""
    return 1 < len(word.key) <= LONGEST
