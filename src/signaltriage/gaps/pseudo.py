"""Queries made from articles themselves: each is asked of an index that does not see what it was made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signaltriage.gaps.fields import PASSAGE, HEADING, Blind
from signaltriage.gaps.knowledge import KnowledgeIndex

_SENTENCE = re.compile(r"[^.!?。！？\n]{12,200}[.!?。！？]?")


@dataclass(frozen=True, slots=True)
class PseudoQuery:
    """A query whose article is known."""

    text: str
    article: int
    """Row of the index."""
    kind: str
    """"title", "heading" or "sentence"."""
    blind: Blind


def pseudo_queries(index: KnowledgeIndex, *, most: int, seed: int) -> list[PseudoQuery]:
    """Titles, headings and first sentences, each blind to itself; at most `most` of a kind, drawn evenly.

    The draw depends on the articles and the seed, not on their order.
    """
    found: list[PseudoQuery] = []
    for row, entry in enumerate(index.entries):
        found.append(PseudoQuery(entry.article.title, row, "title", Blind(title=row)))
        first = int(index.fields.units[HEADING].first[row])
        start = int(index.fields.units[PASSAGE].first[row])
        for number, heading in enumerate(entry.headings):
            found.append(PseudoQuery(heading, row, "heading", Blind(headings=(first + number,))))
        if entry.passages and (match := _SENTENCE.search(entry.passages[0].text)):
            sentence = match[0].strip()
            own = tuple(start + k for k, passage in enumerate(entry.passages) if sentence in passage.text)
            found.append(PseudoQuery(sentence, row, "sentence", Blind(passages=own)))
    return _drawn([query for query in found if query.text.strip()], most, seed)


def _drawn(queries: Sequence[PseudoQuery], most: int, seed: int) -> list[PseudoQuery]:
    rng = np.random.default_rng(seed)
    kept: list[PseudoQuery] = []
    for kind in ("title", "heading", "sentence"):
        some = [query for query in queries if query.kind == kind]
        rows = np.sort(rng.permutation(len(some))[:most])
        kept.extend(some[row] for row in rows)
    return kept
