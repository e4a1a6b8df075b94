"""`run`: a team's weekly routine over one friction log, each stage keeping its own work.

    capture ──▶ route ──▶ themes ──▶ gaps
       new files   what is not decided   all signals   all searches

A run that was killed leaves what its stages had committed; the next one does the rest, to the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from signaltriage.encode.cache import CachedEncoder
from signaltriage.errors import SignalTriageError
from signaltriage.model.capturing import CaptureSummary, CaptureWith, capture_files
from signaltriage.model.log_gaps import GapsWith, find_log_gaps
from signaltriage.model.log_routing import route
from signaltriage.model.log_themes import ThemesWith, find_themes
from signaltriage.settings import ThemeSettings
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.reading import count_undecided
from signaltriage.store.log.writing import finish_run, finish_stage, start_run, start_stage

if TYPE_CHECKING:
    from signaltriage.encode import Encoder
    from signaltriage.model.triage import TriageModel

STAGES: Final = ("capture", "route", "themes", "gaps")
Counts = dict[str, Any]
_USUAL: Final = ThemeSettings()
Result = TypeVar("Result")


@dataclass(frozen=True)
class RunWith:
    """What a run is made with."""

    capture: CaptureWith
    encoder: Encoder
    """Used where no model brings its own."""
    model: TriageModel | None = None
    """None: nothing is routed, and that is said."""
    articles: Path | None = None
    """The knowledge base; None: no gaps are looked for."""
    settings: ThemeSettings = _USUAL
    seed: int = 0
    vectors: Path | None = None
    """Folder in which vectors are kept from stage to stage and run to run."""
    say: Callable[[str], None] = lambda _: None
    """Called with remarks for a person."""
    tell: Callable[[int], None] = lambda _: None
    """Called with the number of signals done since the last call."""


@dataclass(frozen=True)
class StageDone:
    """What a stage did."""

    stage: str
    seconds: float
    counts: Counts = field(default_factory=dict)
    skipped: str = ""
    """Why it was left out; empty where it was not."""


@dataclass(frozen=True)
class RunSummary:
    """What a run did."""

    log: str
    run: int
    stages: tuple[StageDone, ...]
    captured: CaptureSummary

    @property
    def unread(self) -> int:
        """Files that could not be read."""
        return len(self.captured.unread)


def run_log(paths: Sequence[str | Path], log: FrictionLog, made: RunWith) -> RunSummary:
    """Capture files, then route, group and look for gaps, over all that the log has and has not seen to.

    Raises:
        LogError: the database failed.
        EncoderError: the themes in the log were found with another encoder.
        InputError: the articles cannot be read.
    """
    clock = made.capture.clock
    told = {
        "model": made.model.version if made.model else "",
        "articles": made.articles.name if made.articles else "",
        "files": [Path(path).name for path in dict.fromkeys(map(str, paths))],
    }
    run = start_run(log, "run", told, clock())
    made = _remembering(made)
    stages = _Stages(log, run, made)
    try:
        captured = stages.capture(paths)
        stages.route()
        stages.themes()
        stages.gaps()
    except SignalTriageError as error:
        finish_run(log, run, {"error": error.message}, clock(), failed=True)
        raise
    finish_run(log, run, {one.stage: one.skipped or one.counts for one in stages.done}, clock())
    return RunSummary(log.name, run, tuple(stages.done), captured)


class _Stages:
    """The stages of one run, each noted in the log with its times and counts."""

    def __init__(self, log: FrictionLog, run: int, made: RunWith) -> None:
        self._log, self._run, self._made = log, run, made
        self.done: list[StageDone] = []

    def capture(self, paths: Sequence[str | Path]) -> CaptureSummary:
        asked = replace(self._made.capture, run=self._run)

        def work() -> tuple[Counts, CaptureSummary]:
            found = capture_files(list(dict.fromkeys(map(str, paths))), self._log, asked)
            ledger = {**asdict(found.total), "skipped": sum(n for _, n in found.total.skipped)}
            return {**ledger, "files": len(found.files), "unread": len(found.unread)}, found

        return self._noted("capture", work)

    def route(self) -> None:
        model = self._made.model
        if model is None:
            left = count_undecided(self._log, "")
            self._left_out("route", f"no --model was given; {left:,} signals wait for a decision")
            return
        self._noted("route", lambda: (asdict(route(self._log, model, self._run, self._made.tell)), None))

    def themes(self) -> None:
        made = ThemesWith(self._made.encoder, self._made.model, self._made.settings, self._made.seed)
        self._noted("themes", lambda: (asdict(find_themes(self._log, made, self._run, self._now())), None))

    def gaps(self) -> None:
        if self._made.articles is None:
            self._left_out("gaps", "no --articles were given")
            return
        made = GapsWith(self._made.articles, self._made.encoder, self._made.model, self._made.seed)
        self._noted("gaps", lambda: (asdict(find_log_gaps(self._log, made, self._run, self._now())), None))

    def _noted(self, stage: str, work: Callable[[], tuple[Counts, Result]]) -> Result:
        started = self._now()
        start_stage(self._log, self._run, stage, started)
        try:
            counts, result = work()
        except SignalTriageError as error:
            finish_stage(self._log, self._run, stage, {"error": error.message}, self._now(), failed=True)
            raise
        ended = self._now()
        finish_stage(self._log, self._run, stage, counts, ended)
        self.done.append(StageDone(stage, round((ended - started).total_seconds(), 2), counts))
        self._made.say(f"{stage}: {self.done[-1].seconds:,.1f} s")
        return result

    def _left_out(self, stage: str, why: str) -> None:
        self.done.append(StageDone(stage, 0.0, skipped=why))
        self._made.say(f"{stage}: left out, {why}")

    def _now(self) -> datetime:
        return self._made.capture.clock()


def _remembering(made: RunWith) -> RunWith:
    """The same with vectors kept on disk: what the routing stage encodes, the theme stage need not encode again."""
    encoder = made.model.encoder if made.model is not None else made.encoder
    if made.vectors is None:
        return replace(made, encoder=encoder)
    kept = CachedEncoder(encoder, made.vectors)
    return replace(made, encoder=kept, model=replace(made.model, encoder=kept) if made.model is not None else None)
