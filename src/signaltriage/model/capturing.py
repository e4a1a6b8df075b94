"""`capture`: what tools exported goes into the friction log; everything read is accounted for, none twice.

file ─▶ fingerprint ─▶ captured whole before? ─yes─▶ all duplicates
                              │ no
          reader's items ─▶ cleaned of what identifies ─▶ batch by batch into the log ─▶ ledger
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Final

from signaltriage.capture.fingerprint import fingerprint
from signaltriage.capture.readers import Asked, open_signals
from signaltriage.errors import InputError, LogError, SignalTriageError, UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.log_types import Captured, CaptureItem, Ledger
from signaltriage.model.capture_items import SearchKeys, cleaned
from signaltriage.privacy import Privacy
from signaltriage.store.log.captures import append_batch, begin, progress, repeated
from signaltriage.store.log.columns import digest
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import key_fingerprints, ledgers, rejections, total
from signaltriage.store.log.records import Begun, CaptureFacts

BATCH: Final = 2_000
"""Items in one transaction: what a kill costs at most."""


@dataclass(frozen=True)
class CapturedFile:
    """What became of one file."""

    name: str
    capture: int
    reader: str
    how: str
    resumed: int
    """Items that an interrupted capture had already brought in."""
    unchanged: bool
    """It had been captured whole before, and was not read again."""
    ledger: Ledger
    rejected: tuple[tuple[str, int], ...] = ()
    """Reason and how many, most first."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnreadFile:
    """A file that could not be read."""

    name: str
    reason: str
    remedy: str
    exit_code: int = InputError.exit_code


@dataclass(frozen=True)
class CaptureSummary:
    """What became of all files."""

    log: str
    files: tuple[CapturedFile, ...]
    unread: tuple[UnreadFile, ...]
    total: Ledger


@dataclass(frozen=True)
class CaptureWith:
    """What files are captured with."""

    privacy: Privacy
    clock: Callable[[], datetime]
    asked: Asked = field(default_factory=Asked)
    key_fingerprint: str = ""
    """Of the key of `privacy`; empty where nothing is replaced."""
    other_key: bool = False
    """Whether a log whose pseudonyms were made with another key is taken nevertheless."""
    run: int | None = None
    tell: Callable[[int], None] = lambda _: None
    """Called with the number of items done since the last call."""
    say: Callable[[str], None] = lambda _: None
    """Called with remarks for a person."""


def capture_files(paths: Sequence[str | Path], log: FrictionLog, made: CaptureWith) -> CaptureSummary:
    """Capture files one after another; one that cannot be read does not keep the others from it.

    Stopped at any moment, the same call goes on where it was stopped, to the same end.

    Raises:
        UsageError: the log's pseudonyms were made with another key.
        LogError: the database failed.
    """
    _check_key(log, made)
    files: list[CapturedFile] = []
    unread: list[UnreadFile] = []
    for path in paths:
        try:
            files.append(capture_file(path, log, made))
        except LogError:
            raise
        except (SignalTriageError, OSError) as error:
            unread.append(_unread(path, error))
            made.say(f"{path}: {unread[-1].reason}")
        else:
            for remark in files[-1].remarks:
                made.say(remark)
    return CaptureSummary(log.name, tuple(files), tuple(unread), total([file.ledger for file in files]))


def capture_file(path: str | Path, log: FrictionLog, made: CaptureWith) -> CapturedFile:
    """Capture one file, folder or archive, or standard input (-).

    Raises:
        InputError: it cannot be read, or changed while it was read; what was captured of it stays.
    """
    with _at_rest(path) as place:
        facts = facts_of(place, made, name="standard input" if str(path) == "-" else "")
        begun = repeated(log, facts, made.clock())
        remarks: list[str] = []
        if begun is None:
            with open_signals(place, asked=made.asked) as file:
                begun = begin(log, replace(facts, reader=file.reader, how=file.how), made.clock())
                if begun.same_as is None:
                    _Filling(log, made, begun, file.reader).fill(file.items)
                remarks = list(file.remarks)
            if fingerprint(place).sha256 != facts.sha256:
                raise InputError(
                    f"{facts.name} changed while it was read.", remedy="Capture it again when it is complete."
                )
    ledger = ledgers(log, {begun.capture})[0].ledger
    unchanged = begun.same_as is not None
    resumed = 0 if unchanged else begun.items
    reasons = rejections(log, begun.capture) if ledger.rejected else ()
    told = (facts.name, begun.capture, begun.reader, begun.how, resumed, unchanged, ledger, reasons, tuple(remarks))
    return CapturedFile(*told)


def facts_of(path: str | Path, made: CaptureWith, name: str = "") -> CaptureFacts:
    """What is known of a file before it is read.

    Raises:
        InputError: it is not there.
    """
    from signaltriage import __version__

    asked, keep_pii = made.asked, not made.privacy.redact
    found = fingerprint(path)
    return CaptureFacts(
        path="" if name else str(Path(path).resolve()),
        name=name or Path(path).resolve().name,
        sha256=found.sha256,
        size=found.size,
        source=asked.source or "",
        settings=settings_digest(made),
        key_fingerprint="" if keep_pii else made.key_fingerprint,
        keep_pii=keep_pii,
        version=__version__,
        audience=asked.audience or "",
        mapping=str(asked.mapping.resolve()) if asked.mapping is not None else "",
        run=made.run,
    )


def settings_digest(made: CaptureWith) -> str:
    """Of all besides the file and the source that the outcome depends on: where it differs, a file is read anew.

    Raises:
        InputError: the mapping file is not there.
    """
    from signaltriage import __version__

    mapping = fingerprint(made.asked.mapping).sha256 if made.asked.mapping is not None else ""
    stored = made.key_fingerprint if made.privacy.redact else "as it stands"
    return digest((made.asked.audience or "", mapping, stored, __version__))


class _Filling:
    """One capture on its way: the items of a file, batch by batch into the log."""

    def __init__(self, log: FrictionLog, made: CaptureWith, begun: Begun, reader: str) -> None:
        self._log = log
        self._made = made
        self._begun = begun
        self._source = made.asked.source or reader
        self._keys = SearchKeys()

    def fill(self, items: Iterator[CaptureItem]) -> None:
        """Bring in what is not there yet."""
        done, batches = self._begun.items, self._begun.batches
        self._pass_over(islice(items, done))
        some = list(islice(items, BATCH))
        while True:
            following = list(islice(items, BATCH))
            batch = cleaned(some, self._made.privacy, self._source, self._keys)
            last = not following
            added = append_batch(
                self._log, self._begun.capture, batches + 1, replace(batch, last=last), self._made.clock()
            )
            done += len(some)
            batches += 1
            self._made.tell(len(some))
            if added is None:  # another process captures the same file, and is ahead
                batches, ahead, last = progress(self._log, self._begun.capture)
                items = chain(following, items)
                self._pass_over(islice(items, max(ahead - done, 0)))
                done = max(ahead, done)
                following = list(islice(items, BATCH))
            if last:
                return
            some = following

    def _pass_over(self, items: Iterator[CaptureItem]) -> None:
        """Items that are in the log: only what tells searches apart must be known of them."""
        for item in items:
            if isinstance(item, Captured) and isinstance(item.found, SearchEvent) and not item.found.id:
                record, _ = self._made.privacy.clean(item.found)
                if isinstance(record, SearchEvent):
                    self._keys.of(record)


def _check_key(log: FrictionLog, made: CaptureWith) -> None:
    there = key_fingerprints(log)
    if made.privacy.redact and there and made.key_fingerprint not in there and not made.other_key:
        raise UsageError(
            f"The pseudonyms in {log.name} were made with another key ({', '.join(sorted(there))}).",
            remedy="Give that key with --key-file; with --other-key the same people become others from here on.",
        )


def _unread(path: str | Path, error: Exception) -> UnreadFile:
    name = "standard input" if str(path) == "-" else str(path)
    if isinstance(error, SignalTriageError):
        return UnreadFile(name, error.message, error.remedy, error.exit_code)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return UnreadFile(name, reason, "Check the path, the permissions and the disk space.")


@contextmanager
def _at_rest(path: str | Path) -> Iterator[Path]:
    """A place that can be read twice: what comes by standard input is put into a temporary file first."""
    if str(path) != "-":
        yield Path(path)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with (folder / "standard input").open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream, 1 << 20)
        yield folder / "standard input"
