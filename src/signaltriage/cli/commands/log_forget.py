"""`log forget`: a person's texts out of the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from signaltriage.cli.app import log_app
from signaltriage.cli.clock import now
from signaltriage.cli.console import emit, working
from signaltriage.cli.keys import key_at_hand
from signaltriage.cli.options import Json, KeyFile, Log, Seed

Record = dict[str, Any]


@log_app.command()
def forget(
    author: Annotated[
        str,
        typer.Argument(metavar="AUTHOR", help="Pseudonym; or, with the key at hand, name or id as the tool has it."),
    ],
    log: Log,
    key_file: KeyFile = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Remove what a person wrote from the log, for good; what was counted stays counted."""
    from signaltriage.model.log_files import forget_author
    from signaltriage.store.log.engine import FrictionLog

    key = key_at_hand(key_file)
    with FrictionLog.open(log, create=False) as opened, working("forgetting"):
        done = forget_author(opened, author, None if key is None else key.key, now())
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """What was blanked."""
    yield f"forgotten: {', '.join(r['authors'])}"
    yield f"  {r['versions']:,} versions of signals, {r['searches']:,} searches blanked"
    yield (
        f"  {r['decisions']:,} reasons, {r['rejected']:,} unreadable rows and {r['quoted']:,} themes, gaps and queries "
        "that quoted them"
    )
    yield "  capturing the same files again does not bring it back; copies and exports of the log are yours to delete"
