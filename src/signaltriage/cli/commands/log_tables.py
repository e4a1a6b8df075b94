"""`log tables`: what the log holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signaltriage.cli.app import log_app
from signaltriage.cli.console import emit
from signaltriage.cli.options import Json, Log, Seed

Record = dict[str, Any]


@log_app.command()
def tables(log: Log, seed: Seed = 0, as_json: Json = False) -> None:
    """List the tables of the log and how many rows each has; v_… are views made for reading."""
    from signaltriage.store.log.engine import FrictionLog
    from signaltriage.store.log.exporting import row_counts

    with FrictionLog.open(log, create=False) as opened:
        record = {"log": opened.name, "tables": row_counts(opened)}
    emit(record, as_json, words)


def words(r: Record) -> Iterator[str]:
    """A line for each."""
    for name, n in r["tables"].items():
        yield f"{name:<20} {n:>12,}"
