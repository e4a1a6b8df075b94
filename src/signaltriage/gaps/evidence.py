"""What askers did next, as evidence of whether an article answers.

Somebody whose search found nothing, who put it in other words and then opened an article, has shown that an article
answers and which. Where many asked alike and nobody got through, that speaks for a gap. Both are weighed as a
likelihood ratio; similar queries of others count by how similar they are (a kernel estimate over the nearest ones).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.demand import Log

FloatArray = NDArray[np.float64]

NEIGHBOURS = 6
_SAME_FROM, _SAME_AT = 0.3, 0.7
"""Cosines of two short queries below which they are about different things, and above which about the same."""
_LED = 0.15
"""What it counts for, as a share of an asker who got through, that others got through to the nearest article."""
_BLOCK = 2048


@dataclass(frozen=True)
class Solved:
    """Searches without results that their askers put right."""

    pairs: tuple[tuple[str, str, str], ...]
    """(query, the query that found it, the article opened), folded, sorted."""
    tried: int
    """Sessions with a search that showed nothing."""
    unrelated: float
    """Chance that a session goes on to another article for another reason."""

    @property
    def rate(self) -> float:
        """Chance that an asker gets through although the first search shows nothing, if an article is there."""
        got = len({query for query, *_ in self.pairs})
        # An article is there for about half of what finds nothing: nothing better is known beforehand.
        return min(0.5, 2 * got / max(self.tried, 1))


def solved_searches(log: Log, article_of: Mapping[str, str]) -> Solved:
    """What sessions show. `article_of` gives the id of an article by what clicks call it (id, link or title)."""
    pairs: set[tuple[str, str, str]] = set()
    tried = went_on = sessions = 0
    for session in log.sessions:
        events = [log.events[i] for i in session]
        opened = [article_of.get((event.clicked or "").casefold(), "") for event in events]
        tried += any(not event.results for event in events)
        for at, event in enumerate(events):
            if event.results or opened[at]:
                continue
            later = next((j for j in range(at + 1, len(events)) if opened[j]), None)
            if later is not None:
                pairs.add((log.folded[session[at]], log.folded[session[later]], opened[later]))
        if opened[0]:
            sessions += 1
            went_on += any(other not in {"", opened[0]} for other in opened[1:])
    through = {query for query, *_ in pairs}
    for query in set(log.queries) - through:  # found by others in the very words it is read as
        events = [log.events[i] for i in log.rows[query]]
        opened = [article_of.get((event.clicked or "").casefold(), "") for event in events]
        if any(not event.results for event in events):
            pairs |= {(query, query, article) for article in opened if article}
    return Solved(tuple(sorted(pairs)), tried, (went_on + 0.5) / (sessions + 1) / 2 if sessions else 0.25)


@dataclass(frozen=True)
class Weighed:
    """What the log says of each query without results."""

    log_ratio: FloatArray
    """Logarithm of how much likelier what happened is if an article answers than if none does, shape (n,)."""
    article: tuple[str, ...]
    """The article that alike askers opened in the end; empty where none did."""


@dataclass(frozen=True)
class Unshown:
    """Queries without results, n of them, folded."""

    queries: Sequence[str]
    vectors: NDArray[np.float32]
    """Unit vectors, shape (n, d)."""
    askers: Sequence[int]
    nearest: Sequence[str]
    """The article of the base that is nearest to each."""


def weigh(unshown: Unshown, solved: Solved) -> Weighed:
    """Weigh what askers of each query, and of queries like it or near the same article, did next."""
    queries, vectors, askers = unshown.queries, unshown.vectors, unshown.askers
    articles: dict[str, list[str]] = defaultdict(list)
    for query, _, article in solved.pairs:
        articles[query].append(article)
    got = np.array([query in articles for query in queries], dtype=np.float64)
    if not got.any():
        return Weighed(np.zeros(len(queries)), ("",) * len(queries))
    rate = max(solved.rate, 2 * solved.unrelated * 0.5 + 1e-3)
    by_chance = min(solved.unrelated * rate, rate / 2)
    hit, miss = math.log(rate / by_chance), math.log((1 - rate) / (1 - by_chance))
    opened = {article for _, _, article in solved.pairs}
    led = np.array([_LED * (article in opened) for article in unshown.nearest])
    count = np.asarray(askers, dtype=np.float64)
    ratio = np.zeros(len(queries))
    voted = [""] * len(queries)
    for start in range(0, len(queries), _BLOCK):
        near, same = _neighbours(vectors, slice(start, start + _BLOCK))
        yes = np.maximum((same * got[near]).sum(axis=1), led[start : start + len(near)])
        no = (same * ((1 - got[near]) * count[near] + got[near] * (count[near] - 1))).sum(axis=1)
        ratio[start : start + len(near)] = yes * hit + no * miss
        for row in range(len(near)):
            by_likes = _voted(queries, near[row], same[row], articles)
            voted[start + row] = by_likes or (unshown.nearest[start + row] if led[start + row] else "")
    return Weighed(ratio, tuple(voted))


def _neighbours(vectors: NDArray[np.float32], part: slice) -> tuple[NDArray[np.int64], FloatArray]:
    """The nearest queries of some, themselves first, and how surely they mean the same, 0-1."""
    similarity = np.round((vectors[part] @ vectors.T).astype(np.float64), 5)
    similarity[np.arange(len(similarity)), np.arange(part.start, part.start + len(similarity))] = 2
    size = min(NEIGHBOURS + 1, similarity.shape[1])
    if size < similarity.shape[1]:
        some = np.sort(np.argpartition(-similarity, size - 1, axis=1)[:, :size], axis=1)
    else:
        some = np.tile(np.arange(size), (len(similarity), 1))
    order = np.argsort(-np.take_along_axis(similarity, some, axis=1), axis=1, kind="stable")
    near = np.take_along_axis(some, order, axis=1)
    close = np.take_along_axis(similarity, near, axis=1)
    share = np.clip((close - _SAME_FROM) / (_SAME_AT - _SAME_FROM), 0, 1)
    return near, share * share * (3 - 2 * share)


def _voted(
    queries: Sequence[str], near: NDArray[np.int64], same: FloatArray, articles: Mapping[str, Sequence[str]]
) -> str:
    votes: dict[str, float] = defaultdict(float)
    for place, weight in zip(near.tolist(), same.tolist(), strict=True):
        for article in articles.get(queries[place], ()):
            votes[article] += weight
    best = max(sorted(votes), key=lambda name: votes[name], default="")
    return best if best and votes[best] > 0 else ""
