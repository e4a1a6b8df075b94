"""What goes into the log and comes out of it, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from signaltriage.gap_types import KnowledgeGap, QueryVerdict, SearchEvent
from signaltriage.log_types import Ledger, Skipped, Unreadable
from signaltriage.theme_types import Assignment, Theme, ThemeChange
from signaltriage.types import Prediction, Signal


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A signal as the log has it now."""

    version: int
    """Of this wording: what decisions are made on."""
    signal: int
    record: Signal
    """`record.id` is the id in the source: two sources may use the same one."""

    @property
    def name(self) -> str:
        """`source:id`, unique in the log, and the same in every log."""
        return name_of(self.record.source, self.record.id)


def name_of(source: str, source_id: str) -> str:
    """The name of a signal in the log."""
    return f"{source}:{source_id}"


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """A search as the log has it."""

    search: int
    source: str
    event: SearchEvent


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of a version of a signal."""

    version: int
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """A file that is to be captured, and how."""

    path: str
    name: str
    sha256: str
    """Of its bytes; of a folder: of the names and digests of its files."""
    size: int
    """Bytes."""
    source: str
    """As asked for; empty: recognised."""
    settings: str
    """Digest of all else that the reading depends on: with another, the file is read anew."""
    key_fingerprint: str
    keep_pii: bool
    version: str
    """Of this program."""
    audience: str = ""
    """As asked for."""
    mapping: str = ""
    """Path of the mapping file; empty: none."""
    reader: str = ""
    how: str = ""
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A capture that was begun, or is gone on with."""

    capture: int
    batches: int
    """That were committed before."""
    items: int
    """In those: to be passed over."""
    same_as: int | None = None
    """The capture that had read the same file whole: nothing is left to do."""
    reader: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A signal or search, cleaned of what must not be stored."""

    place: str
    record: Signal | SearchEvent
    source: str
    """Of a search: where it came from; of a signal: where the record does not say so itself."""
    key: str = ""
    """Of a search: what tells it from every other of its source."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what a file holds, in its order."""

    found: Sequence[Found]
    skipped: Sequence[Skipped] = ()
    rejected: Sequence[Unreadable] = ()
    redactions: Mapping[str, int] = field(default_factory=dict)
    """Kind of what was replaced, and how often."""
    last: bool = False

    @property
    def read(self) -> int:
        """Items in it."""
        return len(self.found) + len(self.skipped) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class CaptureLedger:
    """The ledger of one capture, and what it is of."""

    capture: int
    name: str
    path: str
    sha256: str
    reader: str
    how: str
    whole: bool
    """Whether it came to the end of the file."""
    same_as: int | None
    settings: str
    key_fingerprint: str
    keep_pii: bool
    source: str
    audience: str
    mapping: str
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class FoundThemes:
    """What a run over all signals found."""

    themes: Sequence[Theme]
    """All that live."""
    changes: Sequence[ThemeChange]
    """What happened in this run."""
    assignments: Sequence[Assignment]
    """Their ids are names of signals in the log: `StoredSignal.name`."""
    keepsakes: Mapping[str, bytes] = field(default_factory=dict)
    """What the next run must know. It must hold no texts of signals: `forgetting` cannot look into it."""


@dataclass(frozen=True, slots=True)
class FoundGaps:
    """What a run over all searches found."""

    gaps: Sequence[KnowledgeGap]
    """All that are open, ranked."""
    queries: Sequence[QueryVerdict]


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Where the signals of one source are: signals = undecided + routed + needs_human + corrected."""

    source: str
    signals: int
    versions: int
    undecided: int
    """Whose current wording no decision was made on, and no person."""
    routed: int
    needs_human: int
    corrected: int
    """Of which a person said whose they are."""
    in_theme: int
    in_no_theme: int
    unassigned: int
    """That no run of themes has looked at."""
    oldest_needs_human: datetime | None
    """When the oldest that waits for a person was said, where that is known."""
    oldest_undecided: datetime | None
    """When it was said, or last captured where that is not known."""
    without_text: int


@dataclass(frozen=True, slots=True)
class RunStage:
    """A stage of a run, or (stage "") the run itself."""

    run: int
    command: str
    stage: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    """finished, failed, or unfinished: still going, or killed."""
    counts: Mapping[str, object]
