"""The records of knowledge gaps: what became of each search, what is missing or not found, what needs care.

Above `types`, whose records they hold; free of behaviour like them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signaltriage.theme_types import Owner, Quote, ThemeTrend

Verdict = Literal["missing", "unfindable", "served", "not_a_need"]
CauseKind = Literal["other_words", "spelling", "buried", "title", "draft", "search"]
UpkeepKind = Literal["near_duplicate", "contradiction", "untouched", "outdated"]


@dataclass(frozen=True, slots=True)
class SearchEvent:
    """One search that somebody typed: a row of a search log."""

    query: str
    """As typed."""
    results: int | None = None
    """How many results were shown; None where that is not known: taken as none."""
    user: str = ""
    """Who asked; empty where that is not known."""
    time: datetime | None = None
    session: str = ""
    clicked: str | None = None
    """The article that was opened from the results; "" for none, None where clicks are not known."""
    id: str = ""
    """Of the row; empty where it has none."""
    times: int = 1
    """How many searches the row stands for, in a log that is counted up."""


@dataclass(frozen=True, slots=True)
class SearchVerdict:
    """What became of one search: each has exactly one."""

    event: SearchEvent
    verdict: Verdict
    why: str
    """In words: what told."""
    folded: str
    """The query it was folded into; itself where it was typed first or best."""
    gap_id: str = ""


@dataclass(frozen=True, slots=True)
class QueryVerdict:
    """A distinct query as typed: who asked, and whether anything answers."""

    query: str
    demand: int
    """Distinct askers, else searches."""
    verdict: Verdict
    article_id: str
    """The nearest article, whatever the verdict; empty only where the base has none."""
    answer_probability: float
    """Calibrated probability that this article resolves the need, 0-1."""
    gap_id: str
    """Empty: part of no gap."""
    searches: int
    similarity: float
    """Cosine to the nearest passage of the article, -1 to 1."""
    folded: str
    """The spelling it was read as."""
    why: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an article that answers was not found."""

    kind: CauseKind
    asked: str
    """The asker's words that the article does not use, or uses elsewhere."""
    article: str
    """The article's words for it; of something buried, the heading it stands under."""
    evidence: str
    """In words: where this shows."""


@dataclass(frozen=True, slots=True)
class KnowledgeGap:
    """A need that no article answers, or that an article answers and search does not show."""

    id: str
    kind: Literal["missing", "unfindable"]
    name: str
    """The need in its askers' words."""
    demand: int
    """Distinct askers, else searches; tickets that no article answers count as askers of their own."""
    searches: int
    tickets: int
    queries: tuple[tuple[str, int], ...]
    """As typed, with the number of searches, most first."""
    article_id: str
    """The nearest article."""
    article_title: str
    similarity: float
    """Cosine of the need to that article, -1 to 1."""
    answer_probability: float
    """Calibrated probability that the article resolves the need, 0-1."""
    lacks: tuple[str, ...]
    """Telling words of the askers that the article lacks."""
    causes: tuple[Cause, ...]
    title: str
    """Proposed: of the article to write, or the better title of the one there is."""
    outline: tuple[str, ...]
    """Proposed sections, from the askers' own questions."""
    action: str
    """One sentence: what to do."""
    trend: ThemeTrend
    priority: float
    """Demand × probability that nothing answers (or is found) × trend: what the ranking follows."""
    owner: Owner | None = None
    quotes: tuple[Quote, ...] = ()
    """Tickets that ask the same."""


@dataclass(frozen=True, slots=True)
class UpkeepItem:
    """An article that needs care although nobody misses one."""

    kind: UpkeepKind
    article_id: str
    other_id: str
    """The other article of a pair; empty where there is none."""
    strength: float
    """What the list is sorted by, 0-1."""
    reason: str
    left: str = ""
    """What the article says, of a contradiction."""
    right: str = ""
    """What the other says."""
