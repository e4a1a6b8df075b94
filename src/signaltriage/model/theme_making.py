"""From groups of signals to themes: each gets its name, examples, friction, trend and owner from the stage for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.model.theme_owners import owners_of
from signaltriage.model.theme_signals import Heard
from signaltriage.theme_types import Evidence, FacetCount, Owner, Quote, Theme, ThemeTrend, Workaround
from signaltriage.themes.exemplars import exemplars
from signaltriage.themes.facets import Facet, facets_of
from signaltriage.themes.hours import hours_lost
from signaltriage.themes.meaning import Meaning
from signaltriage.themes.names import Known, name_themes
from signaltriage.themes.partition import Partition
from signaltriage.types import Signal

if TYPE_CHECKING:
    from signaltriage.model.triage import TriageModel
    from signaltriage.themes.trend import Trend

IntArray = NDArray[np.int64]
EVIDENCE_SHOWN = 3
AREA_NAMES = 2
"""An area is called by so many of its themes."""


@dataclass(frozen=True)
class Grouped:
    """Signals in groups: what themes are made of."""

    heard: Heard
    vectors: NDArray[np.float32]
    """Of the different texts, shape (m, d)."""
    partition: Partition
    """Of the different texts."""
    theme_ids: Sequence[str]
    names: Mapping[str, str]
    """Names that are settled, by theme id."""
    owners: Mapping[str, Owner]
    """Owners that are settled, by theme id."""

    @cached_property
    def friction(self) -> tuple[tuple[Facet, ...], ...]:
        """The kinds of friction in each of the different texts."""
        return tuple(map(facets_of, self.heard.texts, self.vectors))

    @property
    def theme_of(self) -> IntArray:
        """The theme of each signal, -1 for none, shape (n,)."""
        theme, row = self.partition.theme, self.heard.row
        return np.where(row >= 0, theme[row], -1) if len(theme) else np.full(len(row), -1, dtype=np.int64)


def make_themes(grouped: Grouped, model: TriageModel | None, encoder: Encoder | None = None) -> tuple[Theme, ...]:
    """The themes, the largest first; with the encoder of the vectors, names are chosen by their meaning too."""
    from signaltriage.themes.trend import past_bursts, trends  # it brings scipy.stats, which takes its time

    heard, partition, k = grouped.heard, grouped.partition, len(grouped.theme_ids)
    if not k:
        return ()
    fixed = {i: grouped.names[id] for i, id in enumerate(grouped.theme_ids) if id in grouped.names}
    meaning = None if encoder is None else Meaning(encoder.encode, partition.centres)
    names = name_themes(heard.texts, partition.theme, k, Known(heard.counts, fixed, meaning))
    areas = _areas(grouped, [name.name for name in names])
    places = (grouped.vectors, partition.theme, partition.nearest, partition.similarity, partition.centres)
    examples = exemplars(*places, heard.texts)
    theme_of = grouped.theme_of
    told = (times_of(heard.signals), theme_of, k)
    trend, burst = trends(*told), past_bursts(*told)
    owners = owners_of(grouped, model)
    first = _first_signals(heard)
    made = []
    for i, id in enumerate(grouped.theme_ids):
        members = [heard.signals[j] for j in np.flatnonzero(theme_of == i)]
        rows = _by_similarity(partition, i)
        seen = sorted(signal.created_at for signal in members if signal.created_at is not None)
        hours = _hours(heard, rows)
        edge = examples[i].edge
        made.append(
            Theme(
                id=id,
                name=names[i].name,
                keywords=tuple(names[i].keywords),
                description=names[i].description,
                size=len(members),
                share=round(len(members) / len(heard.signals), 6),
                area=areas[i],
                first_seen=seen[0] if seen else None,
                last_seen=seen[-1] if seen else None,
                trend=_trend(trend[i], burst[i]),
                owner=owners[i],
                exemplars=tuple(_quote(heard, first, row) for row in examples[i].typical),
                edge=None if edge is None else _quote(heard, first, edge),
                facets=_facets(grouped, first, rows, len(members)),
                hours_lost=round(sum(found for found, _ in hours), 2) if hours else None,
                hours_signals=sum(n for _, n in hours),
                audiences=_audiences(members),
            )
        )
    return tuple(sorted(made, key=lambda theme: (-theme.size, theme.id)))


def workarounds_in(grouped: Grouped) -> tuple[Workaround, ...]:
    """The ways around that people use, one for each text that tells of one; those that most signals tell of first."""
    heard, theme = grouped.heard, grouped.partition.theme
    first = _first_signals(heard)
    found = []
    for row, text in enumerate(heard.texts):
        told = [facet.text for facet in grouped.friction[row] if facet.kind == "workaround"]
        if told:
            id = grouped.theme_ids[theme[row]] if theme[row] >= 0 else None
            found.append(Workaround(id, first[row], int(heard.counts[row]), " … ".join(told), text))
    return tuple(sorted(found, key=lambda w: (-w.signals, w.theme_id or "~", w.signal_id)))


def times_of(signals: Sequence[Signal]) -> NDArray[np.datetime64]:
    """When each signal was said, in UTC, to the second; NaT where that is not known."""
    naive = [None if s.created_at is None else s.created_at.astimezone(UTC).replace(tzinfo=None) for s in signals]
    return np.array(naive, dtype="datetime64[s]")


def moment_of(seconds: float) -> datetime | None:
    """Seconds since the epoch as a time in UTC; None for NaN and for what no calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    except (ValueError, OverflowError, OSError):
        return None


def _areas(grouped: Grouped, names: Sequence[str]) -> list[str]:
    """Of each theme, what its area is called: by the largest themes in it."""
    partition, counts = grouped.partition, grouped.heard.counts
    sizes = np.bincount(partition.theme[partition.member], counts[partition.member], len(names))
    called: dict[int, str] = {}
    for area in np.unique(partition.areas).tolist():
        within = sorted(np.flatnonzero(partition.areas == area).tolist(), key=lambda i: (-sizes[i], names[i]))
        more = " …" if len(within) > AREA_NAMES else ""
        called[area] = " · ".join(names[i] for i in within[:AREA_NAMES]) + more
    return [called[area] for area in partition.areas.tolist()]


def _by_similarity(partition: Partition, theme: int) -> IntArray:
    """The texts of a theme, the most typical first."""
    rows = np.flatnonzero(partition.theme == theme)
    return rows[np.lexsort((rows, -partition.similarity[rows]))]


def _first_signals(heard: Heard) -> list[str]:
    """Of each text, the id of the first signal that says it."""
    _, first = np.unique(heard.row[heard.row >= 0], return_index=True)
    said = np.flatnonzero(heard.row >= 0)
    return [heard.signals[said[i]].id for i in first]


def _quote(heard: Heard, first: Sequence[str], row: int) -> Quote:
    return Quote(first[row], heard.texts[row])


def _facets(grouped: Grouped, first: Sequence[str], rows: IntArray, size: int) -> tuple[FacetCount, ...]:
    """The kinds of friction in a theme's texts, most frequent first, each with what the most typical texts say."""
    counts: Counter[str] = Counter()
    evidence: dict[str, list[Evidence]] = {}
    for row in rows:
        found: dict[str, Facet] = {}
        for facet in grouped.friction[row]:
            found.setdefault(facet.kind, facet)
        for kind, facet in found.items():
            counts[kind] += int(grouped.heard.counts[row])
            evidence.setdefault(kind, []).append(Evidence(first[row], facet.text, facet.start, facet.end))
    ranked = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return tuple(
        FacetCount(kind, counts[kind], round(counts[kind] / size, 6), tuple(evidence[kind][:EVIDENCE_SHOWN]))
        for kind in ranked
    )


def _hours(heard: Heard, rows: IntArray) -> list[tuple[float, int]]:
    """Hours that texts say were lost, times the signals that say it; and how many signals those are."""
    found = [(hours_lost(heard.texts[row]), int(heard.counts[row])) for row in rows]
    return [(lost.hours * n, n) for lost, n in found if lost is not None]


def _trend(found: Trend, burst: tuple[date, date] | None) -> ThemeTrend:
    """What is over is told only where nothing newer is."""
    past = burst if found.kind == "steady" else None
    return ThemeTrend(found.kind, found.p, found.since, found.periods, found.counts, past)


def _audiences(members: Sequence[Signal]) -> tuple[tuple[str, int], ...]:
    counts = Counter(signal.audience for signal in members)
    known = [(name, n) for name, n in counts.items() if name or len(counts) > 1]
    return tuple(sorted(known, key=lambda pair: (-pair[1], pair[0])))
