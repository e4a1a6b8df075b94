"""`capture`: what tools exported goes into the friction log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.clock import now
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.keys import ready_key
from signaltriage.cli.options import Json, KeyFile, Log, Seed

Record = dict[str, Any]


@app.command()
def capture(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Exports of any tool: files, folders, .zip, or - for stdin.")
    ],
    log: Log,
    source: Annotated[
        str | None, typer.Option(help="Tool that wrote them, where it is not recognised; or a name for the source.")
    ] = None,
    audience: Annotated[str | None, typer.Option(help="Who speaks in them: customer or employee.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help='TOML file that says which column is what, such as text = "Comment".')
    ] = None,
    keep_pii: Annotated[
        bool, typer.Option("--keep-pii", help="Store names, addresses, numbers and secrets as they stand.")
    ] = False,
    key_file: KeyFile = None,
    other_key: Annotated[
        bool, typer.Option("--other-key", help="Use another key than the log was begun with: people become others.")
    ] = False,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Bring exports into the friction log, each row accounted for; the same file again adds nothing."""
    from signaltriage.capture.readers import Asked
    from signaltriage.errors import InputError, UsageError
    from signaltriage.model.capturing import CaptureWith, capture_files
    from signaltriage.privacy import Privacy
    from signaltriage.store.log.engine import FrictionLog

    if audience not in {None, "customer", "employee"}:
        raise UsageError(f"There is no audience {audience!r}.", remedy="Give --audience customer or employee.")
    if mapping is not None and not mapping.is_file():
        raise UsageError(f"There is no mapping file {mapping}.", remedy="Check the path.")
    key = None if keep_pii else ready_key(key_file)
    with FrictionLog.open(log) as opened, working("capturing") as tell:
        made = CaptureWith(
            privacy=Privacy(redact=key is not None, key=key.key if key is not None else b""),
            clock=now,
            asked=Asked(source, audience, mapping),
            key_fingerprint=key.fingerprint if key is not None else "",
            other_key=other_key,
            tell=tell,
            say=say,
        )
        done = capture_files(files, opened, made)
    emit(asdict(done), as_json, words)
    if done.unread:
        names = ", ".join(file.name for file in done.unread)
        error = UsageError if {file.exit_code for file in done.unread} == {UsageError.exit_code} else InputError
        raise error(f"Could not be read: {names}.", remedy=done.unread[0].remedy)


def words(r: Record) -> Iterator[str]:
    """The ledger of each file, then of all."""
    for file in r["files"]:
        note = ", unchanged since it was captured before" if file["unchanged"] else ""
        note += f", {file['resumed']:,} of them by an interrupted capture" if file["resumed"] else ""
        yield f"{file['name']}: {file['how']}{note}"
        yield f"  {ledger_words(file['ledger'])}"
        for reason, n in file["ledger"]["skipped"]:
            yield f"    skipped {n:,}: {reason}"
    for file in r["unread"]:
        yield f"{file['name']}: not read: {file['reason']}"
    if len(r["files"]) > 1:
        yield f"together: {ledger_words(r['total'])}"
    yield f"→ {r['log']}"


def ledger_words(ledger: Record) -> str:
    """A ledger in one line."""
    skipped = sum(n for _, n in ledger["skipped"])
    return (
        f"{ledger['read']:,} read = {ledger['new']:,} new + {ledger['duplicate']:,} duplicate + "
        f"{ledger['changed']:,} changed + {skipped:,} skipped + {ledger['rejected']:,} rejected"
    )
