"""Searches and a knowledge base in; out, what to write, what to retitle, which words are the same, what is noise."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode.locate import default_folder
from signaltriage.errors import EncoderError
from signaltriage.gap_types import KnowledgeGap, QueryVerdict, SearchEvent, SearchVerdict, UpkeepItem, Verdict
from signaltriage.gaps.answerable import Answer
from signaltriage.gaps.demand import Log, read_log, repeats
from signaltriage.gaps.evidence import Unshown, solved_searches, weigh
from signaltriage.gaps.needs import group_needs
from signaltriage.gaps.sessions import seconds_of
from signaltriage.gaps.synonyms import synonym_pairs
from signaltriage.gaps.verdicts import Recalibration, centred
from signaltriage.model.gap_groups import groups_of, joined, unanswered
from signaltriage.model.gap_making import Context, Judged, make_gaps
from signaltriage.model.gap_upkeep import upkeep_of
from signaltriage.types import Signal

if TYPE_CHECKING:
    from signaltriage.model.knowledge import KnowledgeBase
    from signaltriage.model.triage import TriageModel

_ORDER: tuple[Verdict, ...] = ("missing", "unfindable", "served", "not_a_need")


@dataclass(frozen=True)
class GapReport:
    """All that a log and a base say of one another. Every search is in `searches` once."""

    gaps: tuple[KnowledgeGap, ...]
    """Ranked."""
    queries: tuple[QueryVerdict, ...]
    """One for each distinct query as typed: most asked first."""
    searches: tuple[SearchVerdict, ...]
    """In the order of the log."""
    upkeep: tuple[UpkeepItem, ...]
    synonyms: tuple[tuple[str, str], ...]
    """(askers' word, article's word)."""
    limit: float
    """The answer probability from which on an article is taken to answer."""
    tickets: int = 0
    """Tickets that no article answers."""

    def count(self, verdict: Verdict) -> int:
        """Searches with a verdict."""
        return sum(search.verdict == verdict for search in self.searches)


def find_gaps(
    searches: Sequence[SearchEvent | str],
    base: KnowledgeBase,
    *,
    signals: Sequence[Signal] = (),
    model: TriageModel | None = None,
) -> list[KnowledgeGap]:
    """What people look for and do not find, what matters most first.

    Args:
        searches: of a log; a text alone stands for a search that showed nothing.
        base: the articles there are.
        signals: tickets: those that no article answers join as demand.
        model: says who owns each gap.
    """
    return list(find_all(searches, base, signals=signals, model=model).gaps)


def find_all(
    searches: Sequence[SearchEvent | str],
    base: KnowledgeBase,
    *,
    signals: Sequence[Signal] = (),
    theme_of: Mapping[str, str] | None = None,
    model: TriageModel | None = None,
) -> GapReport:
    """The same, with what became of every search, upkeep and synonyms. `theme_of`: themes of signals, by their ids."""
    events = [SearchEvent(search, results=0) if isinstance(search, str) else search for search in searches]
    texts = [f"{article.title}\n{article.body}" for article in base.articles]
    log = read_log(events, texts, general_words())
    judged, plain, limit = _judge(log, base)
    need = _needs(log, judged)
    again = repeats(log, dict(zip(judged.queries, need.tolist(), strict=True)))
    verdicts = _verdicts(log, judged, plain, again, limit)
    judged = _without(judged, verdicts)
    times = np.sort([seconds_of(e) for e, why in zip(events, log.noise, strict=True) if e.time and not why])
    context = Context(log, judged, base, model, np.asarray(times, dtype=np.float64))
    tickets = unanswered(signals, base)
    groups = joined(groups_of(judged, need, limit), tickets, context, theme_of)
    gaps, groups = make_gaps(groups, context)
    gap_of = {judged.queries[m]: gap.id for gap, group in zip(gaps, groups, strict=True) for m in group.members}
    searched = tuple(
        SearchVerdict(event, verdict, why, log.folded[i], _gap_of(gap_of, log.folded[i], verdict))
        for i, (event, (verdict, why)) in enumerate(zip(events, verdicts, strict=True))
    )
    return GapReport(
        gaps=tuple(gaps),
        queries=_by_query(searched, log, judged, plain),
        searches=searched,
        upkeep=upkeep_of(base, searched, (judged, plain)),
        synonyms=tuple(synonym_pairs(gap.causes for gap in gaps)),
        limit=limit,
        tickets=len(tickets),
    )


@cache
def general_words() -> frozenset[str]:
    """Words that are spelt right whatever the base says: those that the shipped encoder knows whole."""
    try:
        held = json.loads((default_folder() / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    except (EncoderError, OSError, ValueError, KeyError):
        return frozenset()
    return frozenset(word for word in held if word.isalpha() and len(word) > 2)


def _judge(log: Log, base: KnowledgeBase) -> tuple[Judged, dict[str, Answer], float]:
    """Judge everything that was typed; what search did not show also by what its askers did next."""
    rows = {q: tuple(i for i in log.rows[q] if not log.events[i].results) for q in log.queries}
    queries = tuple(q for q in log.queries if rows[q])
    others = sorted(set(log.folded) - set(queries))
    # Apart: what the base makes of queries depends on those they are judged with, and these are of another kind.
    plain = {q: a for some in (queries, others) for q, a in zip(some, base.judge(some), strict=True)}
    limit = plain[queries[0]].min_probability if queries else 0.5
    vectors = base.index.encoder.encode(queries)
    names = {name.casefold(): a.id for a in base.articles for name in (a.title, a.link, a.id) if name}
    solved = solved_searches(log, names)
    askers = [log.demand(rows[q]) for q in queries]
    weighed = weigh(Unshown(queries, vectors, askers, [plain[q].article_id for q in queries]), solved)
    own = centred(np.array([plain[q].answer_probability for q in queries]), limit)
    learned = Recalibration.learn(own, weighed.log_ratio, np.array(askers, dtype=np.float64))
    probability = centred(learned.apply(own, weighed.log_ratio), 1 - limit)
    helped: dict[str, list[str]] = defaultdict(list)
    for query, by, _ in solved.pairs:
        if by != query:
            helped[query].append(by)
    article = tuple(
        a if a and ratio > 0 else plain[q].article_id
        for q, a, ratio in zip(queries, weighed.article, weighed.log_ratio, strict=True)
    )
    judged = Judged(
        queries=queries,
        vectors=vectors,
        answers=tuple(plain[q] for q in queries),
        article=article,
        probability=np.round(probability, 6),
        rows=tuple(rows[q] for q in queries),
        helped={query: tuple(by) for query, by in helped.items()},
    )
    return judged, plain, limit


def _needs(log: Log, judged: Judged) -> NDArray[np.int64]:
    place = {query: i for i, query in enumerate(judged.queries)}
    turns = set()
    for session in log.sessions:
        tried = [place[log.folded[i]] for i in session if log.folded[i] in place and not log.events[i].results]
        turns |= {(min(a, b), max(a, b)) for a, b in pairwise(tried) if a != b}
    askers = [log.demand(rows) for rows in judged.rows]
    return group_needs(judged.queries, judged.vectors, askers, sorted(turns))


def _verdicts(
    log: Log, judged: Judged, plain: dict[str, Answer], again: dict[int, str], limit: float
) -> list[tuple[Verdict, str]]:
    chance = dict(zip(judged.queries, judged.probability.tolist(), strict=True))
    found: list[tuple[Verdict, str]] = []
    for i, event in enumerate(log.events):
        if log.noise[i]:
            found.append(("not_a_need", log.noise[i]))
        elif event.results or event.clicked:
            found.append(("served", "an article was opened" if event.clicked else "results were shown"))
        elif i in again:
            found.append(("not_a_need", again[i]))
        elif plain[log.folded[i]].article_id and chance[log.folded[i]] >= limit:
            told = "was not shown" if event.results == 0 else "is taken as not shown: what was shown is not known"
            found.append(("unfindable", f"an article answers it and {told}"))
        else:
            found.append(("missing", "no article answers it"))
    return found


def _without(judged: Judged, verdicts: Sequence[tuple[Verdict, str]]) -> Judged:
    """Rows that are demand: those found missing or unfindable."""
    from dataclasses import replace

    kept = tuple(tuple(i for i in rows if verdicts[i][0] in {"missing", "unfindable"}) for rows in judged.rows)
    return replace(judged, rows=kept)


def _gap_of(gap_of: dict[str, str], folded: str, verdict: Verdict) -> str:
    return gap_of.get(folded, "") if verdict in {"missing", "unfindable"} else ""


def _by_query(
    searched: Sequence[SearchVerdict], log: Log, judged: Judged, plain: dict[str, Answer]
) -> tuple[QueryVerdict, ...]:
    """One row for each distinct query as typed."""
    chance = {q: (a, p) for q, a, p in zip(judged.queries, judged.article, judged.probability.tolist(), strict=True)}
    rows: dict[str, list[int]] = defaultdict(list)
    for i, search in enumerate(searched):
        rows[search.event.query].append(i)
    found = []
    for query, places in rows.items():
        verdict = min((searched[i].verdict for i in places), key=_ORDER.index)
        of = [i for i in places if searched[i].verdict == verdict]
        first = searched[of[0]]
        answer = plain[first.folded]
        article, probability = answer.article_id, answer.answer_probability
        if verdict in {"missing", "unfindable"}:
            article, probability = chance[first.folded]
        opened = Counter(log.events[i].clicked for i in of if log.events[i].clicked)
        if opened and verdict == "served":
            article = min(opened, key=lambda name: (-opened[name], name or "")) or article
        demand = log.demand(of)
        why, similarity = first.why, answer.similarity
        found.append(
            QueryVerdict(
                query,
                demand,
                verdict,
                article,
                probability,
                first.gap_id,
                log.searches(places),
                similarity,
                first.folded,
                why,
            )
        )
    return tuple(sorted(found, key=lambda q: (-q.demand, -q.searches, q.query)))


__all__ = ["GapReport", "find_all", "find_gaps", "general_words"]
