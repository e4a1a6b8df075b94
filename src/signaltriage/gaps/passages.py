"""An article in pieces that an encoder reads whole: under their headings, overlapping, bounded in tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from signaltriage.encode import Encoder
from signaltriage.types import Article, Section

TokenCounter = Callable[[Sequence[str]], list[int]]
"""Tokens of each text, as the encoder counts them, without special ones."""

_PIECE_END = re.compile(r"(?<=[.!?。！？؟])[\s\"'»)]+|\n+")
_TOKENS_A_WORD = 2.0
_LONGEST_PIECE = 2000
"""Characters: no sentence is longer; what is (a table, a log) is cut before its tokens are counted."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How large passages are, in tokens of the encoder. Of 64, 128 and 200, 64 told answers from neighbours best on two
    of three sets, and found them best on all."""

    max_tokens: int = 64
    overlap: int = 16


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one section of an article."""

    heading: str
    """The heading it stands under; empty where there is none."""
    text: str
    section: int
    """Which section, from 0; 0 where the article is not told apart by headings."""
    start: int
    """Where it begins in the section's text, in characters."""
    end: int


def token_counter(encoder: Encoder) -> TokenCounter:
    """The encoder's own count where it has one (also behind a cache), else a cautious estimate from words."""
    own = getattr(encoder, "count_tokens", None) or getattr(getattr(encoder, "encoder", None), "count_tokens", None)
    counter: TokenCounter = own if own is not None else _estimate
    return counter


def cut(article: Article, count: TokenCounter, size: Cut | None = None) -> list[Passage]:
    """Passages of an article's sections, in order; none where it has no text.

    No passage has more than `size.max_tokens` tokens, none goes over the end of a section, and every character that
    is no white space is in at least one.
    """
    size = size or Cut()
    found: list[Passage] = []
    for number, section in enumerate(article.sections or (Section("", article.body),)):
        text = section.text
        pieces = [(start, end) for start, end in _pieces(text) if text[start:end].strip()]
        fitting: list[tuple[int, int, int]] = []
        for (start, end), tokens in zip(pieces, count([text[a:b] for a, b in pieces]), strict=True):
            fitting.extend(_fit(text, (start, end, tokens), count, size.max_tokens))
        for start, end in _pack(fitting, size):
            found.append(Passage(section.heading, text[start:end].strip(), number, start, end))
    return found


def _pieces(text: str) -> list[tuple[int, int]]:
    """Sentences and lines, none longer than `_LONGEST_PIECE` characters."""
    ends = [match.end() for match in _PIECE_END.finditer(text)]
    return [
        (at, min(end, at + _LONGEST_PIECE))
        for start, end in pairwise([0, *ends, len(text)])
        for at in range(start, end, _LONGEST_PIECE)
    ]


def _fit(text: str, piece: tuple[int, int, int], count: TokenCounter, most: int) -> list[tuple[int, int, int]]:
    """The piece, halved at white space until each part has at most `most` tokens (or is one character)."""
    start, end, tokens = piece
    if tokens <= most or end - start < 2:
        return [piece]
    middle = (start + end) // 2
    space = text.rfind(" ", start + 1, middle)
    middle = space if space > start + (end - start) // 4 else middle
    left, right = count([text[start:middle], text[middle:end]])
    return [*_fit(text, (start, middle, left), count, most), *_fit(text, (middle, end, right), count, most)]


def _pack(pieces: Sequence[tuple[int, int, int]], size: Cut) -> list[tuple[int, int]]:
    """Runs of pieces of at most `max_tokens`; each begins with the last pieces of the one before, `overlap` at most."""
    found: list[tuple[int, int]] = []
    run: list[tuple[int, int, int]] = []
    for piece in pieces:
        if run and sum(n for *_, n in run) + piece[2] > size.max_tokens:
            found.append((run[0][0], run[-1][1]))
            kept = [*run]
            while kept and (sum(n for *_, n in kept) > size.overlap or _total(kept, piece) > size.max_tokens):
                kept = kept[1:]
            run = kept
        run.append(piece)
    if run:
        found.append((run[0][0], run[-1][1]))
    return found


def _total(run: Sequence[tuple[int, int, int]], piece: tuple[int, int, int]) -> int:
    return sum(n for *_, n in run) + piece[2]


def _estimate(texts: Sequence[str]) -> list[int]:
    return [int(max(len(text.split()) * _TOKENS_A_WORD, len(text) / 3)) for text in texts]
