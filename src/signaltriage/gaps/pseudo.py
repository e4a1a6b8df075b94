"""Queries made from articles themselves, so that the article which answers is known.

A title is asked for in the ways people do: by its telling words, with words left out, with typing errors. Headings and
first sentences are asked of an index that does not see the place they stand in; so are whole titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from signaltriage.gaps.fields import HEADING, PASSAGE, SEEING, Blind, IntArray, Units
from signaltriage.gaps.lexical import telling_words

DROPPED, MISTYPED = 0.35, 0.4
"""Share of words left out, and of words with a typing error, in the queries that have such."""
_SENTENCE = re.compile(r"[^.!?。！？\n]{12,200}[.!?。！？]?")


@dataclass(frozen=True, slots=True)
class PseudoQuery:
    """A query whose article is known."""

    text: str
    article: int
    """Row of the index."""
    kind: str
    """title, heading, sentence: blind to themselves; keywords, dropped, typed: of a title that can be seen."""
    blind: Blind


@dataclass(frozen=True, slots=True)
class Source:
    """What queries are made from: one article."""

    row: int
    title: str
    headings: Sequence[str]
    passages: Sequence[str]


def pseudo_queries(
    sources: Sequence[Source], units: Sequence[Units], *, most: int, rng: np.random.Generator
) -> list[PseudoQuery]:
    """Queries of at most `most` articles, drawn evenly; in the order of the articles.

    Args:
        sources: the articles, by row.
        units: titles, headings and passages of the index.
        most: articles to draw.
        rng: where the draws come from; the same articles give the same queries.
    """
    rows = np.sort(rng.permutation(len(sources))[:most])
    found: list[PseudoQuery] = []
    for row in rows.tolist():
        first = tuple(int(units[kind].first[row]) for kind in (HEADING, PASSAGE))
        found.extend(_blind(sources[row], first, rng))
        found.extend(_worn(sources[row], rng))
    return [query for query in found if query.text.strip()]


def mistyped(word: str, rng: np.random.Generator) -> str:
    """A word with one letter lost, doubled, or in the wrong place; short words as they are."""
    if len(word) < 4:
        return word
    at = int(rng.integers(1, len(word) - 1))
    lost, doubled = word[:at] + word[at + 1 :], word[: at + 1] + word[at:]
    return (lost, doubled, word[:at] + word[at + 1] + word[at] + word[at + 2 :])[int(rng.integers(3))]


def _blind(source: Source, first: tuple[int, ...], rng: np.random.Generator) -> Iterator[PseudoQuery]:
    yield PseudoQuery(source.title, source.row, "title", Blind(title=source.row))
    if source.headings:
        at = int(rng.integers(len(source.headings)))
        yield PseudoQuery(source.headings[at], source.row, "heading", Blind(headings=(first[0] + at,)))
    match = _SENTENCE.search(source.passages[0]) if source.passages else None
    if match:
        sentence = match[0].strip()
        own = tuple(first[1] + k for k, text in enumerate(source.passages) if sentence in text)
        yield PseudoQuery(sentence, source.row, "sentence", Blind(passages=own))


def _worn(source: Source, rng: np.random.Generator) -> Iterator[PseudoQuery]:
    words, telling = source.title.split(), telling_words(source.title)
    yield PseudoQuery(" ".join(telling), source.row, "keywords", SEEING)
    for of in (words, telling):
        yield PseudoQuery(" ".join(_kept(of, rng)), source.row, "dropped", SEEING)
    typed = [mistyped(word, rng) if rng.random() < MISTYPED else word for word in _kept(telling, rng)]
    yield PseudoQuery(" ".join(typed), source.row, "typed", SEEING)


def _kept(words: Sequence[str], rng: np.random.Generator) -> list[str]:
    kept: IntArray = np.flatnonzero(rng.random(len(words)) > DROPPED)
    return [words[at] for at in kept] or list(words)
