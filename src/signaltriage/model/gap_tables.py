"""What `signaltriage gaps` writes, as frames and as files for search engines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from signaltriage.gap_types import KnowledgeGap, QueryVerdict, SearchVerdict, UpkeepItem
from signaltriage.gaps.synonyms import algolia, elasticsearch, opensearch

if TYPE_CHECKING:
    import pandas as pd

QUERY_COLUMNS = (
    *("query", "demand", "verdict", "article_id", "answer_probability", "gap_id"),
    *("searches", "similarity", "read_as", "reason"),
)
GAP_COLUMNS = (
    *("gap_id", "kind", "title", "demand", "queries", "article_id", "similarity", "action", "owner"),
    *("searches", "tickets", "answer_probability", "priority", "trend", "trend_p", "trend_since", "article_title"),
    *("lacks", "cause", "synonyms", "outline", "name", "owner_probability", "owner_best_guess", "asked", "ticket_ids"),
)
SEARCH_COLUMNS = ("row", "id", "query", "verdict", "reason", "read_as", "gap_id", "user", "time", "session")


def queries_frame(queries: Iterable[QueryVerdict]) -> pd.DataFrame:
    """One distinct query as typed a row."""
    rows = (
        (
            *(q.query, q.demand, q.verdict, q.article_id, q.answer_probability, q.gap_id),
            *(q.searches, q.similarity, q.folded, q.why),
        )
        for q in queries
    )
    return _frame(QUERY_COLUMNS, rows)


def gaps_frame(gaps: Iterable[KnowledgeGap]) -> pd.DataFrame:
    """One gap a row, ranked; `queries` is how many different ones there are, `asked` the most frequent."""
    return _frame(GAP_COLUMNS, map(_gap, gaps))


def searches_frame(searches: Iterable[SearchVerdict]) -> pd.DataFrame:
    """One search of the log a row, in its order: what became of each."""
    rows = (
        (
            *(place, s.event.id, s.event.query, s.verdict, s.why, s.folded, s.gap_id, s.event.user),
            *(s.event.time.isoformat() if s.event.time else "", s.event.session),
        )
        for place, s in enumerate(searches, 1)
    )
    return _frame(SEARCH_COLUMNS, rows)


def upkeep_frame(items: Iterable[UpkeepItem]) -> pd.DataFrame:
    """One thing to look after a row."""
    rows = ((u.kind, u.article_id, u.other_id, u.strength, u.reason, u.left, u.right) for u in items)
    return _frame(("kind", "article_id", "other_id", "strength", "reason", "says", "other_says"), rows)


def synonym_files(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """File name → content, in the import formats of Algolia, Elasticsearch and OpenSearch."""
    return {
        "synonyms.algolia.json": json.dumps(algolia(pairs), ensure_ascii=False, indent=1) + "\n",
        "synonyms.elasticsearch.json": json.dumps(elasticsearch(pairs), ensure_ascii=False, indent=1) + "\n",
        "synonyms.opensearch.txt": opensearch(pairs),
    }


def _gap(gap: KnowledgeGap) -> tuple[object, ...]:
    owner = gap.owner
    return (
        *(gap.id, gap.kind, gap.title, gap.demand, len(gap.queries), gap.article_id, gap.similarity, gap.action),
        (owner.team or "") if owner else "",
        *(gap.searches, gap.tickets, gap.answer_probability, gap.priority, gap.trend.kind),
        "" if gap.trend.p is None else gap.trend.p,
        gap.trend.since.isoformat() if gap.trend.since else "",
        gap.article_title,
        ", ".join(gap.lacks),
        gap.causes[0].kind if gap.causes else "",
        "; ".join(f"{cause.asked} = {cause.article}" for cause in gap.causes if cause.kind == "other_words"),
        " | ".join(gap.outline),
        gap.name,
        "" if owner is None or owner.probability is None else owner.probability,
        owner.best_guess if owner else "",
        " | ".join(query for query, _ in gap.queries[:10]),
        " ".join(quote.id for quote in gap.quotes),
    )


def _frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([list(row) for row in rows], columns=list(columns), dtype=object)
