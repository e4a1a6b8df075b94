"""`log export`: a table of the log as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import log_app
from signaltriage.cli.console import emit, working
from signaltriage.cli.options import Json, Log, Seed

Record = dict[str, Any]


@log_app.command()
def export(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Such as v_signals; `log tables` lists them.")],
    log: Log,
    out: Annotated[Path, typer.Option(help="File to write: .parquet, .csv, .jsonl and others.")],
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Write a table or view of the log to a file; cells that a spreadsheet would run are made harmless."""
    from signaltriage.model.log_files import export_table
    from signaltriage.store.log.engine import FrictionLog

    with FrictionLog.open(log, create=False) as opened, working("exporting") as tell:
        done = export_table(opened, table, out, tell)
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """What was written."""
    yield f"{r['table']}: {r['rows']:,} rows, {r['columns']:,} columns"
    yield f"→ {r['output']}"
