"""`log verify`: every ledger counted anew, from the rows of the log and from the files it was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from signaltriage.capture.fingerprint import fingerprint
from signaltriage.capture.readers import Asked, open_signals
from signaltriage.errors import SignalTriageError
from signaltriage.log_types import Skipped, Unreadable
from signaltriage.model.capture_items import SearchKeys, cleaned
from signaltriage.model.capturing import BATCH, CaptureWith, settings_digest
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.ledger import ledgers
from signaltriage.store.log.records import CaptureLedger
from signaltriage.store.log.verifying import Difference, altered, check_rows, missing

_SHOWN = 5
"""Places named of each difference."""


@dataclass(frozen=True)
class NotCompared:
    """A file that the log could not be compared with, and why."""

    capture: int
    name: str
    why: str


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what does not add up."""

    log: str
    captures: int
    rows: int
    """Of all files together, by their ledgers."""
    compared: int
    """Captures whose file was read again."""
    not_compared: tuple[NotCompared, ...]
    differences: tuple[Difference, ...]


def verify(log: FrictionLog, made: CaptureWith | None, tell: Callable[[int], None] = lambda _: None) -> Verified:
    """Count everything anew; nothing is written.

    Args:
        log: which log.
        made: the key that its pseudonyms were made with; None: not at hand, and files are not read.
        tell: called with the number of items read since the last call.
    """
    differences = [*check_rows(log), *altered(log)]
    told = ledgers(log)
    not_compared: list[NotCompared] = []
    compared = 0
    for one in told:
        if one.same_as is not None or not one.whole:
            continue
        why = _incomparable(one, made)
        if why or made is None:
            not_compared.append(NotCompared(one.capture, one.name, why))
            continue
        compared += 1
        try:
            found = _against_file(log, one, made, tell)
        except SignalTriageError as error:
            found = [f"its file cannot be read any more: {error.message}"]
        differences += [Difference(one.capture, one.name, what) for what in found]
    read = sum(one.ledger.read for one in told)
    return Verified(log.name, len(told), read, compared, tuple(not_compared), tuple(differences))


def _incomparable(one: CaptureLedger, made: CaptureWith | None) -> str:
    if not one.path:
        return "it came by standard input"
    if not Path(one.path).exists():
        return f"{one.path} is not there any more"
    if made is None:
        return "the key of the pseudonyms is not at hand: give it with --key-file"
    if not one.keep_pii and one.key_fingerprint != made.key_fingerprint:
        return "its pseudonyms were made with another key"
    if one.mapping and not Path(one.mapping).exists():
        return f"the mapping file {one.mapping} is not there any more"
    if settings_digest(_as_then(one, made)) != one.settings:
        return "it was captured by another version, or with another mapping file"
    return "" if fingerprint(one.path).sha256 == one.sha256 else f"{one.path} has changed since"


def _as_then(one: CaptureLedger, made: CaptureWith) -> CaptureWith:
    """What the file was captured with."""
    asked = Asked(one.source or None, one.audience or None, Path(one.mapping) if one.mapping else None)
    return replace(made, asked=asked, privacy=replace(made.privacy, redact=not one.keep_pii))


def _against_file(log: FrictionLog, one: CaptureLedger, made: CaptureWith, tell: Callable[[int], None]) -> list[str]:
    """Read the file again: every item counted, every signal and search looked up."""
    then = _as_then(one, made)
    reasons: Counter[str] = Counter()
    read = rejected = 0
    lost: list[str] = []
    with open_signals(one.path, asked=then.asked) as file:
        keys, source = SearchKeys(), then.asked.source or file.reader
        for items in iter(lambda: list(islice(file.items, BATCH)), []):
            batch = cleaned(items, then.privacy, source, keys)
            reasons.update(item.reason for item in items if isinstance(item, Skipped))
            rejected += sum(isinstance(item, Unreadable) for item in items)
            read += len(items)
            lost += missing(log, batch.found)
            tell(len(items))
    ledger = one.ledger
    kept = ledger.new + ledger.duplicate + ledger.changed
    told = {"read": ledger.read, "rejected": ledger.rejected, "signals and searches": kept}
    counted = {"read": read, "rejected": rejected, "signals and searches": read - rejected - reasons.total()}
    found = [
        f"{told[kind]:,} {kind} by its ledger, {n:,} in its file" for kind, n in counted.items() if told[kind] != n
    ]
    if dict(ledger.skipped) != dict(reasons):
        found.append(f"skipped by its ledger {dict(ledger.skipped)}, in its file {dict(reasons)}")
    if lost:
        found.append(f"{len(lost):,} signals or searches of its file are not in the log: {', '.join(lost[:_SHOWN])}")
    return found
