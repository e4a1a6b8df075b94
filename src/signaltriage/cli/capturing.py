"""What `capture` and `run` share: the options of capturing made into what captures, and what could not be read told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.cli.clock import now
from signaltriage.cli.console import say
from signaltriage.cli.keys import ready_key
from signaltriage.errors import InputError, UsageError

if TYPE_CHECKING:
    from signaltriage.model.capturing import CaptureSummary, CaptureWith


@dataclass(frozen=True)
class CaptureOptions:
    """As given on the command line."""

    source: str | None = None
    audience: str | None = None
    mapping: Path | None = None
    keep_pii: bool = False
    key_file: Path | None = None
    other_key: bool = False


def capture_with(given: CaptureOptions) -> CaptureWith:
    """What files are captured with.

    Raises:
        UsageError: an audience or a mapping file that is not there.
        InputError: the key cannot be read.
    """
    from signaltriage.capture.readers import Asked
    from signaltriage.model.capturing import CaptureWith
    from signaltriage.privacy import Privacy

    if given.audience not in {None, "customer", "employee"}:
        raise UsageError(f"There is no audience {given.audience!r}.", remedy="Give --audience customer or employee.")
    if given.mapping is not None and not given.mapping.is_file():
        raise UsageError(f"There is no mapping file {given.mapping}.", remedy="Check the path.")
    key = None if given.keep_pii else ready_key(given.key_file)
    return CaptureWith(
        privacy=Privacy(redact=key is not None, key=key.key if key is not None else b""),
        clock=now,
        asked=Asked(given.source, given.audience, given.mapping),
        key_fingerprint=key.fingerprint if key is not None else "",
        other_key=given.other_key,
        say=say,
    )


def refuse_unread(done: CaptureSummary) -> None:
    """Say which files could not be read, once everything else is done.

    Raises:
        InputError, UsageError: there are some.
    """
    unread = [file.name for file in done.files if 0 < file.ledger.read == file.ledger.rejected]
    if unread and not done.unread:
        raise InputError(
            f"Nothing could be read in {', '.join(unread)}.", remedy="The reasons stand above; export it again."
        )
    if done.unread:
        names = ", ".join(file.name for file in done.unread)
        error = UsageError if {file.exit_code for file in done.unread} == {UsageError.exit_code} else InputError
        raise error(f"Could not be read: {names}.", remedy=done.unread[0].remedy)
