"""`status`: where signals live in a friction log, and where they die."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signaltriage.log_types import Ledger
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import ledgers, total
from signaltriage.store.log.reading import current_searches, living_themes, run_stages, source_counts
from signaltriage.store.log.records import CaptureLedger, RunStage, SourceCounts


@dataclass(frozen=True)
class Status:
    """Where everything stands."""

    log: str
    sources: tuple[SourceCounts, ...]
    ledger: Ledger
    """Of all captures; that of a file that came again, unchanged, is not counted again."""
    unfinished: tuple[CaptureLedger, ...]
    """Captures that were stopped: the same command goes on with them."""
    searches: int
    themes: int
    without_owner: int
    """Themes that nobody owns yet."""
    last_run: tuple[RunStage, ...]
    """The run itself, then its stages; empty where there was none."""

    @property
    def undecided(self) -> int:
        """Signals that nothing was decided on, by model or person."""
        return sum(one.undecided for one in self.sources)

    @property
    def oldest_undecided(self) -> datetime | None:
        """When the oldest of them was said."""
        return min((one.oldest_undecided for one in self.sources if one.oldest_undecided), default=None)


def status_of(log: FrictionLog) -> Status:
    """Read where everything stands; nothing is changed."""
    captures = ledgers(log)
    themes = living_themes(log)
    stages = run_stages(log, runs=1)
    return Status(
        log=log.name,
        sources=tuple(source_counts(log)),
        ledger=total([one.ledger for one in captures if one.same_as is None]),
        unfinished=tuple(one for one in captures if not one.whole and one.same_as is None),
        searches=len(current_searches(log)),
        themes=len(themes),
        without_owner=sum(not (theme.get("owner") or {}).get("team") for theme in themes),
        last_run=tuple(stages),
    )
