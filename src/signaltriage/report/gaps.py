"""The gaps page: what to write and what to make findable on one screen, the evidence behind each on a click."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from signaltriage.gap_types import Cause, KnowledgeGap, SearchVerdict, UpkeepItem
from signaltriage.report.page import environment
from signaltriage.report.sparks import bars, sparkline
from signaltriage.report.theme_words import owner_words, trend_words
from signaltriage.types import Article

SHOWN = 100
"""Gaps of a kind on the page; the rest is in gaps.csv."""
FIRST = 8
"""Gaps of a kind that are shown before a click."""
_UPKEEP_SHOWN = 50
_ASKED = 12
_BESIDE = 2
"""Other ways of asking that a line shows beside its title."""
_NOISE_SHOWN = 8
"""Queries of each kind of noise."""

_KINDS = {
    "contradiction": ("Contradict one another", "Two articles say different things about the same point."),
    "near_duplicate": ("Nearly the same", "Keep one, send the other's readers there."),
    "outdated": ("Older than a rise in their need", "Asked for more of late than when they were last changed."),
    "untouched": ("Needed by no search", "No search of this log was answered by them."),
}
_CAUSES = {
    "other_words": "Askers use other words",
    "spelling": "Misspelt",
    "buried": "Stands deep in the article",
    "title": "The title says something else",
    "draft": "Not published",
    "search": "Search did not show it",
}
_TRENDS = {"rising": "rising", "new": "new", "falling": "falling", "recurring": "back again"}


@dataclass(frozen=True)
class GapRow:
    """A gap with what the page says of it."""

    gap: KnowledgeGap
    asked: tuple[tuple[str, int], ...]
    more_asked: int
    link: str
    """Of the nearest article; empty where it has none that a page can follow."""
    beside: tuple[str, ...]
    """How else it was asked for."""
    do: str
    """In a few words, what to change so that it is found."""
    causes: tuple[tuple[str, Cause], ...]
    spark: str
    bars: str
    periods: str
    trend: str
    """For a label; empty where there is nothing to say."""
    trend_words: str
    owner: str
    owner_words: str


@dataclass(frozen=True)
class UpkeepList:
    """Articles that need care for one reason."""

    title: str
    what: str
    items: tuple[UpkeepItem, ...]
    more: int
    pairs: bool
    """Whether they come in twos that are shown side by side."""


@dataclass(frozen=True)
class Noise:
    """Searches that were set aside for one reason."""

    why: str
    searches: int
    queries: tuple[str, ...]
    """Some of them."""


@dataclass(frozen=True)
class Extra:
    """What the page shows beside gaps and articles."""

    synonyms: Sequence[tuple[str, str]] = ()
    """The askers' word and the article's."""
    searches: Sequence[SearchVerdict] = ()
    """All of the log; those that are no need are shown."""
    named: bool = True
    """Whether the log says who asked."""
    cautions: tuple[str, ...] = ()
    """What is not known of the searches, and what they are taken for."""


@dataclass(frozen=True)
class GapsPage:
    """All that the page says."""

    write: tuple[GapRow, ...]
    find: tuple[GapRow, ...]
    more_write: int
    more_find: int
    searches: int
    counts: Mapping[str, int]
    """Searches by verdict."""
    alone: int
    """Articles to write that one person asked for."""
    named: bool
    """Whether the log says who asked."""
    upkeep: tuple[UpkeepList, ...]
    titles: Mapping[str, str]
    """Of articles, by id."""
    articles: int
    synonyms: tuple[tuple[str, str], ...] = ()
    """The askers' words, and the article's word for them."""
    noise: tuple[Noise, ...] = field(default=())
    cautions: tuple[str, ...] = ()
    """What a reader should know of the searches before all else."""


def gaps_page(
    gaps: Sequence[KnowledgeGap],
    counts: Mapping[str, int],
    upkeep: Sequence[UpkeepItem],
    articles: Mapping[str, Article],
    extra: Extra | None = None,
) -> GapsPage:
    """What the page says; `counts` are searches by verdict."""
    extra = extra or Extra()
    write = [gap for gap in gaps if gap.kind == "missing"]
    find = sorted((gap for gap in gaps if gap.kind == "unfindable"), key=lambda g: (-g.demand, g.id))
    lists = []
    for kind, (title, what) in _KINDS.items():
        items = [item for item in upkeep if item.kind == kind]
        shown = tuple(items[:_UPKEEP_SHOWN])
        if items:
            lists.append(UpkeepList(title, what, shown, len(items) - len(shown), bool(items[0].other_id)))
    return GapsPage(
        write=tuple(_row(gap, articles) for gap in write[:SHOWN]),
        find=tuple(_row(gap, articles) for gap in find[:SHOWN]),
        more_write=max(0, len(write) - SHOWN),
        more_find=max(0, len(find) - SHOWN),
        searches=sum(counts.values()),
        counts=counts,
        alone=sum(gap.demand == 1 for gap in write),
        named=extra.named,
        upkeep=tuple(lists),
        titles={id: article.title for id, article in articles.items()},
        articles=len(articles),
        synonyms=_grouped(extra.synonyms),
        noise=_noise(extra.searches),
        cautions=extra.cautions,
    )


def _grouped(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Pairs by the article's word."""
    said: dict[str, list[str]] = {}
    for asked, article in pairs:
        said.setdefault(article, []).append(asked)
    return tuple((", ".join(sorted(asked)), article) for article, asked in sorted(said.items()))


def _noise(searches: Sequence[SearchVerdict]) -> tuple[Noise, ...]:
    """What was set aside, the most frequent reason first."""
    counts: dict[str, Counter[str]] = {}
    for search in searches:
        if search.verdict == "not_a_need":
            counts.setdefault(search.why, Counter())[search.event.query] += search.event.times
    found = [
        Noise(why, sum(some.values()), tuple(sorted(some, key=lambda q: (-some[q], q))[:_NOISE_SHOWN]))
        for why, some in counts.items()
    ]
    return tuple(sorted(found, key=lambda noise: (-noise.searches, noise.why)))


def render_gaps(page: GapsPage, title: str, made: str) -> str:
    """Render the page: one file that needs nothing else, and no script.

    Args:
        page: all that it says; nothing is computed here.
        title: what the gaps are of.
        made: in words, by what they were found.
    """
    return environment().get_template("gaps.html").render(p=page, title=title, made=made, first=FIRST)


def _row(gap: KnowledgeGap, articles: Mapping[str, Article]) -> GapRow:
    link = articles[gap.article_id].link if gap.article_id in articles else ""
    owner = gap.owner
    periods = gap.trend.periods
    return GapRow(
        gap=gap,
        asked=gap.queries[:_ASKED],
        more_asked=max(0, len(gap.queries) - _ASKED),
        link=link if link.startswith(("https://", "http://")) else "",
        beside=tuple(section for section in gap.outline if section != gap.title)[:_BESIDE],
        do=_do(gap),
        causes=tuple((_CAUSES[cause.kind], cause) for cause in gap.causes[:6]),
        spark=sparkline(gap.trend.counts) if sum(gap.trend.counts) > 1 else "",
        bars=bars(gap.trend.counts),
        periods=f"from {periods[0]:%-d %B %Y} on" if periods else "",
        trend=_TRENDS.get(gap.trend.kind, ""),
        trend_words=trend_words(gap.trend),
        owner=(owner.team or "") if owner else "",
        owner_words=owner_words(owner),
    )


def _do(gap: KnowledgeGap) -> str:
    """What to do first: publish, add a synonym (for a word that the line shows, if there is one), else by the cause."""
    said = set(gap.name.casefold().split())
    drafts = [cause for cause in gap.causes if cause.kind == "draft"]
    words = [cause for cause in gap.causes if cause.kind == "other_words" and cause.article]
    words.sort(key=lambda cause: not set(cause.asked.casefold().split()) <= said)
    cause = next(iter([*drafts, *words, *gap.causes]), None)
    if cause is None:
        return ""
    if cause.kind == "other_words" and cause.article:
        return f"synonym: {cause.asked} = {cause.article}"
    return {
        "other_words": f"say “{cause.asked}” in it",
        "spelling": "let search forgive spelling",
        "buried": f"bring up “{cause.article}”",
        "title": "retitle it",
        "draft": "publish it",
        "search": "add the askers’ words" if cause.asked else "see why search leaves it out",
    }[cause.kind]
