"""`log export`, `log tables`, `log forget`: what comes out of the log, and who is taken out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from signaltriage.capture.writer import TableWriter
from signaltriage.privacy import Pseudonyms
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.exporting import rows
from signaltriage.store.log.forgetting import Forgotten, forget
from signaltriage.store.log.ledger import sources

SEARCHERS = "searches"
"""The source that pseudonyms of askers are made with."""


@dataclass(frozen=True)
class Exported:
    """A table that was written."""

    table: str
    rows: int
    columns: int
    output: str


def export_table(log: FrictionLog, table: str, output: Path, tell: Callable[[int], None] = lambda _: None) -> Exported:
    """Write a table or view of the log; the format goes by the extension. In bounded memory, whole or not at all.

    Raises:
        UsageError: there is no such table, or the place cannot be written.
    """
    import pandas as pd

    names: list[str] = []
    with TableWriter(output) as writer:
        for columns, some in rows(log, table):
            names = columns
            # object: a column of numbers with gaps must not become one of floats
            writer.write(pd.DataFrame(some, columns=columns, dtype=object))
            tell(len(some))
    return Exported(table, writer.rows_written, len(names), str(output))


def forget_author(log: FrictionLog, author: str, key: bytes | None, at: datetime) -> Forgotten:
    """Remove what a person wrote.

    Args:
        log: from where.
        author: their pseudonym, or their name or id as the source has it, for which the key is needed.
        key: what pseudonyms are made with; None: not at hand.
        at: when.

    Raises:
        UsageError: the log has nothing of that person.
    """
    names = {author}
    if key is not None:
        people = Pseudonyms(key)
        names |= {people.of(source, author) for source in (*sources(log), SEARCHERS)}
    return forget(log, names, at)
