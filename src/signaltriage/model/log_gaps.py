"""The gap stage over a friction log: its searches against a knowledge base."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signaltriage.gap_types import SearchEvent
from signaltriage.model.gaps import GapReport, find_all
from signaltriage.model.knowledge import KnowledgeBase
from signaltriage.store.log.columns import digest
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.reading import current_searches, keepsake
from signaltriage.store.log.records import FoundGaps
from signaltriage.store.log.theme_writing import append_gaps, keep

if TYPE_CHECKING:
    from signaltriage.encode import Encoder
    from signaltriage.model.triage import TriageModel

MADE_OF: Final = "gaps/made_of"


@dataclass(frozen=True)
class GapsWith:
    """What gaps are found with."""

    articles: Path
    encoder: Encoder
    model: TriageModel | None = None
    seed: int = 0


@dataclass(frozen=True)
class GapCounts:
    """What a run found: searches = missing + unfindable + served + not_a_need."""

    searches: int = 0
    missing: int = 0
    unfindable: int = 0
    served: int = 0
    not_a_need: int = 0
    gaps: int = 0
    articles: int = 0
    unchanged: bool = False
    """No search, no article and no other model since the last run: nothing was done."""


def find_log_gaps(log: FrictionLog, made: GapsWith, run: int | None, at: datetime) -> GapCounts:
    """Find the gaps of all searches in the log and add them; or do nothing, where nothing has come since.

    Raises:
        InputError: the articles cannot be read.
    """
    base = KnowledgeBase.from_path(made.articles, encoder=made.encoder, seed=made.seed)
    events = _events(log)
    written = tuple(f"{a.id}\x1f{a.title}\x1f{a.body}" for a in base.articles)
    version = made.model.version if made.model else ""
    made_of = digest((version, made.encoder.digest, digest(written), digest(tuple(map(repr, events)))))
    known = json.loads(keepsake(log, MADE_OF) or b"{}")
    if not events:
        return GapCounts(articles=len(base))
    if known.get("made_of") == made_of:
        return replace(GapCounts(**known["counts"]), unchanged=True)
    report = find_all(events, base, model=made.model)
    kinds = (report.count("missing"), report.count("unfindable"), report.count("served"), report.count("not_a_need"))
    counts = GapCounts(len(events), *kinds, gaps=len(report.gaps), articles=len(base))
    append_gaps(log, FoundGaps(report.gaps, report.queries), run)
    keep(log, MADE_OF, json.dumps({"made_of": made_of, "counts": asdict(counts)}, sort_keys=True).encode(), run, at)
    return counts


def gaps_now(log: FrictionLog, made: GapsWith) -> tuple[GapReport | None, KnowledgeBase]:
    """The gaps of all searches in the log, to be looked at: nothing is written. None where there are no searches.

    Raises:
        InputError: the articles cannot be read.
    """
    base = KnowledgeBase.from_path(made.articles, encoder=made.encoder, seed=made.seed)
    events = _events(log)
    return (find_all(events, base, model=made.model) if events else None), base


def _events(log: FrictionLog) -> list[SearchEvent]:
    return [one.event for one in current_searches(log)]
