"""What a log says of the articles themselves, and what they say of one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signaltriage.gap_types import SearchVerdict, UpkeepItem
from signaltriage.gaps.answerable import Answer
from signaltriage.gaps.sessions import seconds_of
from signaltriage.gaps.trends import trend_of
from signaltriage.gaps.upkeep import Touch, article_pairs, contradictions, duplicates, outdated, untouched
from signaltriage.model.gap_making import Judged

if TYPE_CHECKING:
    from signaltriage.model.knowledge import KnowledgeBase


def upkeep_of(
    base: KnowledgeBase, searched: Sequence[SearchVerdict], asked: tuple[Judged, dict[str, Answer]]
) -> tuple[UpkeepItem, ...]:
    """Articles that need care, by kind, the surest first.

    Args:
        base: the articles.
        searched: what became of each search.
        asked: the queries without results, and what the base says of every query.
    """
    articles = base.articles
    judged, plain = asked
    article = dict(zip(judged.queries, judged.article, strict=True))
    names = {name.casefold(): a.id for a in articles for name in (a.title, a.link, a.id) if name}
    limit = next(iter(plain.values())).min_probability if plain else 0.5
    times: dict[str, list[float]] = defaultdict(list)
    everything: list[float] = []
    for search in searched:
        if search.verdict == "not_a_need":
            continue
        id = names.get((search.event.clicked or "").casefold(), "")
        if not id and search.verdict == "unfindable":
            id = article[search.folded]
        if not id and search.verdict == "served" and plain[search.folded].answer_probability >= limit:
            id = plain[search.folded].article_id
        seconds = seconds_of(search.event)
        everything += [seconds] if search.event.time else []
        if id:
            times[id].append(seconds)
    ordered = np.sort(np.array(everything, dtype=np.float64))
    touched = {id: Touch(len(own), trend_of([t for t in own if t], ordered)) for id, own in times.items()}
    pairs = article_pairs(_article_vectors(base))
    return (
        *contradictions(articles, pairs, base.index.encoder),
        *duplicates(articles, pairs),
        *outdated(articles, touched),
        *(untouched(articles, touched) if searched else ()),
    )


def _article_vectors(base: KnowledgeBase) -> NDArray[np.float64]:
    """One unit vector an article: its title's and its beginning's."""
    articles = base.articles
    vectors = base.index.encoder.encode([a.title for a in articles]).astype(np.float64)
    vectors = vectors + base.index.encoder.encode([a.body[:1500] for a in articles])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
