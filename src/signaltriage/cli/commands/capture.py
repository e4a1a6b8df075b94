"""`capture`: what tools exported goes into the friction log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.capturing import CaptureOptions, capture_with, refuse_unread
from signaltriage.cli.console import emit, working
from signaltriage.cli.options import Json, KeyFile, Log, Seed

Record = dict[str, Any]
_REASONS = 5


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
    from signaltriage.model.capturing import capture_files
    from signaltriage.store.log.engine import FrictionLog

    asked = CaptureOptions(source, audience, mapping, keep_pii, key_file, other_key)
    made = capture_with(asked)
    with FrictionLog.open(log) as opened, working("capturing") as tell:
        made = replace(made, tell=tell)
        done = capture_files(files, opened, made)
    emit(asdict(done), as_json, words)
    refuse_unread(done)


def words(r: Record) -> Iterator[str]:
    """The ledger of each file, then of all."""
    for file in r["files"]:
        note = ", unchanged since it was captured before" if file["unchanged"] else ""
        note += f", {file['resumed']:,} of them by an interrupted capture" if file["resumed"] else ""
        yield f"{file['name']}: {file['how']}{note}"
        yield f"  {ledger_words(file['ledger'])}"
        for reason, n in file["ledger"]["skipped"]:
            yield f"    skipped {n:,}: {reason}"
        yield from rejected_words(file)
    for file in r["unread"]:
        yield f"{file['name']}: not read: {file['reason']}"
    if len(r["files"]) > 1:
        yield f"together: {ledger_words(r['total'])}"
    yield f"→ {r['log']}"


def rejected_words(file: Record) -> Iterator[str]:
    """Why things in a file could not be read, the most frequent reasons; and where to look each of them up."""
    for reason, n in file["rejected"][:_REASONS]:
        yield f"    rejected {n:,}: {reason}"
    if file["rejected"]:
        yield "    each with its place: signaltriage log export rejected --log … --out rejected.csv"


def ledger_words(ledger: Record) -> str:
    """A ledger in one line."""
    skipped = sum(n for _, n in ledger["skipped"])
    return (
        f"{ledger['read']:,} read = {ledger['new']:,} new + {ledger['duplicate']:,} duplicate + "
        f"{ledger['changed']:,} changed + {skipped:,} skipped + {ledger['rejected']:,} rejected"
    )
