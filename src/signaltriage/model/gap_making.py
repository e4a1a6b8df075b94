"""Groups of queries that nothing answers, or whose answer search did not show, as gaps: named, weighed, ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signaltriage.gap_types import KnowledgeGap
from signaltriage.gaps.answerable import Answer
from signaltriage.gaps.causes import Found, causes_of
from signaltriage.gaps.demand import Log
from signaltriage.gaps.lexical import terms
from signaltriage.gaps.needs import name_need
from signaltriage.gaps.outline import action_missing, action_unfindable, as_written, outline_of, proposed_title
from signaltriage.gaps.sessions import seconds_of
from signaltriage.gaps.trends import trend_of, weight_of
from signaltriage.theme_types import Owner, Quote
from signaltriage.types import Article

if TYPE_CHECKING:
    from signaltriage.model.knowledge import KnowledgeBase
    from signaltriage.model.triage import TriageModel

TEXTS_ASKED = 20
"""Different texts of a gap that the model is asked about at most."""
_QUOTES = 5
_LACKS = 6


@dataclass(frozen=True)
class Judged:
    """Queries without results, judged: n of them, folded and sorted."""

    queries: tuple[str, ...]
    vectors: NDArray[np.float32]
    answers: tuple[Answer, ...]
    article: tuple[str, ...]
    """The article that answers, or the nearest."""
    probability: NDArray[np.float64]
    """That it answers, shape (n,)."""
    rows: tuple[tuple[int, ...], ...]
    """Places in the log of the searches without results."""
    helped: dict[str, tuple[str, ...]]
    """Queries with which askers of a query came to an article in the end."""


@dataclass(frozen=True)
class Ticket:
    """A signal that no article answers."""

    id: str
    text: str
    answer: Answer
    seconds: float | None


@dataclass(frozen=True)
class Group:
    """What becomes one gap: places in `Judged`, and tickets."""

    kind: str
    members: tuple[int, ...]
    tickets: tuple[Ticket, ...] = ()


@dataclass(frozen=True)
class Context:
    """What all gaps of a run are made with."""

    log: Log
    judged: Judged
    base: KnowledgeBase
    model: TriageModel | None
    times: NDArray[np.float64]
    """Of all searches that ask for something and have a time, sorted."""

    def article(self, id: str) -> Article | None:
        """The article of an id."""
        row = self.base.index.row_of.get(id)
        return None if row is None else self.base.index.entries[row].article


def make_gaps(groups: Sequence[Group], context: Context) -> tuple[list[KnowledgeGap], list[Group]]:
    """Gaps and their groups, what matters most first; ids follow the rank."""
    made = [(_gap(group, context), group) for group in groups]
    made.sort(key=lambda pair: (-pair[0].priority, -pair[0].demand, pair[0].name, pair[0].article_id))
    width = max(3, len(str(len(made))))
    gaps = [replace(gap, id=f"G{place:0{width}d}") for place, (gap, _) in enumerate(made, 1)]
    return gaps, [group for _, group in made]


def _gap(group: Group, context: Context) -> KnowledgeGap:
    log, judged = context.log, context.judged
    rows = [row for member in group.members for row in judged.rows[member]]
    askers = [log.demand(judged.rows[member]) for member in group.members]
    names = [judged.queries[member] for member in group.members]
    vectors = judged.vectors[list(group.members)]
    texts = names or [_one_line(ticket.text) for ticket in group.tickets]
    if not names:
        askers, vectors = [1] * len(texts), context.base.index.encoder.encode(texts)
    name = texts[name_need(texts, askers, vectors)]
    weights = [*askers, *[1] * len(group.tickets)] if names else askers
    answers = [*(judged.answers[m] for m in group.members), *(t.answer for t in group.tickets)]
    chances = [
        *(float(judged.probability[m]) for m in group.members),
        *(t.answer.answer_probability for t in group.tickets),
    ]
    nearest = [*(judged.article[m] for m in group.members), *(t.answer.article_id for t in group.tickets)]
    id = _voted(nearest, weights)
    probability = float(np.average(chances, weights=weights))
    times = _times(log, rows, group)
    demand = log.demand(rows) + len(group.tickets)
    written = as_written(log.events[row].query for row in rows)
    title, sections = proposed_title(name, written), outline_of(texts, askers, vectors, written)
    gap = KnowledgeGap(
        id="",
        kind="missing",
        name=name,
        demand=demand,
        searches=log.searches(rows),
        tickets=len(group.tickets),
        queries=_as_typed(log, rows),
        article_id=id,
        article_title="",
        similarity=max((a.similarity for a in answers if a.article_id == id), default=answers[0].similarity),
        answer_probability=round(probability, 6),
        lacks=_lacks(answers, weights),
        causes=(),
        title=title,
        outline=tuple(section for section in sections if section != title) or sections,
        action="",
        trend=trend_of(times, context.times),
        priority=round(demand * (1 - probability) * weight_of(times, context.times), 6),
        owner=_owner([*names, *(ticket.text for ticket in group.tickets)], context.model),
        quotes=tuple(Quote(ticket.id, _one_line(ticket.text)) for ticket in group.tickets[:_QUOTES]),
    )
    return _told(gap, group, context)


def _times(log: Log, rows: Sequence[int], group: Group) -> list[float]:
    """When it was asked for, in seconds."""
    times = [seconds_of(log.events[row]) for row in rows if log.events[row].time is not None]
    return times + [ticket.seconds for ticket in group.tickets if ticket.seconds is not None]


def _told(gap: KnowledgeGap, group: Group, context: Context) -> KnowledgeGap:
    """With its cause, and the sentence that says what to do."""
    article = context.article(gap.article_id)
    title = article.title if article else ""
    if group.kind == "missing" or article is None:
        return replace(gap, article_title=title, action=action_missing(gap.title, article, gap.lacks))
    log, judged = context.log, context.judged
    typed = tuple((log.events[row].query, judged.queries[m]) for m in group.members for row in judged.rows[m])
    asked = [judged.queries[m] for m in group.members]
    helped = tuple(sorted({(query, by) for query in asked for by in judged.helped.get(query, ())}))
    hits = (hit for m in group.members for hit in judged.answers[m].hits if hit.article_id == article.id)
    heading = next((hit.heading for hit in hits if hit.heading), "")
    causes = causes_of(Found(typed, helped, article, heading), context.base.index.encoder)
    return replace(
        gap, kind="unfindable", article_title=title, causes=causes, action=action_unfindable(article, causes, gap.title)
    )


def _voted(ids: Sequence[str], weights: Sequence[int]) -> str:
    votes: Counter[str] = Counter()
    for id, weight in zip(ids, weights, strict=True):
        votes[id] += weight
    return min(votes, key=lambda id: (-votes[id], id)) if votes else ""


def _lacks(answers: Sequence[Answer], weights: Sequence[int]) -> tuple[str, ...]:
    counts: Counter[str] = Counter()
    for answer, weight in zip(answers, weights, strict=True):
        for word in {word.casefold().strip("?!.,:;“”\"'") for word in answer.lacks}:
            if len(word) > 2:
                counts[word] += weight
    first: dict[tuple[str, ...], str] = {}  # of the forms of one word, the most frequent
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        first.setdefault(tuple(terms(word)), word)
    return tuple(first.values())[:_LACKS]


def _as_typed(log: Log, rows: Sequence[int]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[log.events[row].query] += log.events[row].times
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _owner(texts: Sequence[str], model: TriageModel | None) -> Owner | None:
    if model is None or not texts:
        return None
    group = model.predict_group(list(dict.fromkeys(texts))[:TEXTS_ASKED])
    return Owner(group.team, group.probability, group.best_guess, round(1 - group.agreement, 6), group.reason)


def _one_line(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
