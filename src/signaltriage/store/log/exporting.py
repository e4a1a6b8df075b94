"""Tables and views read from end to end, as plain values: what `log export` writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, column, func, inspect, select, table, text

from signaltriage.errors import UsageError
from signaltriage.store.log.columns import moment_text
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.results import KEEPSAKES
from signaltriage.store.log.schema import METADATA

BATCH: Final = 2_000
_VIEW_ORDER: Final = {
    **{"v_signals": "version_id", "v_current": "id", "v_lost": "version_id", "v_searches": "id"},
    **{"v_ledger": "capture", "v_runs": "run, stage", "v_themes": "id", "v_gaps": "rank"},
}
_TABLES: Final = {found.name: found for found in METADATA.sorted_tables if found is not KEEPSAKES}


def table_names() -> tuple[str, ...]:
    """What can be exported: views for people first."""
    return (*sorted(_VIEW_ORDER), *sorted(_TABLES))


def row_counts(log: FrictionLog) -> dict[str, int]:
    """Rows of each table and view."""
    with log.reading() as connection:
        return {
            name: int(connection.execute(select(func.count()).select_from(table(name))).scalar_one())
            for name in table_names()
        }


def rows(log: FrictionLog, name: str) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """Column names and rows, some thousands at a time and in a fixed order; at least once, if only with names.

    All is read at one moment. Moments are texts in UTC, the same from every database.

    Raises:
        UsageError: there is no such table.
    """
    if name not in table_names():
        raise UsageError(f"The log has no table {name!r}.", remedy=f"It has: {', '.join(table_names())}.")
    with log.reading() as connection:
        columns, query = _query(connection, name)
        result = connection.execute(query, execution_options={"yield_per": BATCH})
        empty = True
        for part in result.partitions():
            empty = False
            yield columns, [tuple(map(_plain, row)) for row in part]
        if empty:
            yield columns, []


def _query(connection: Connection, name: str) -> tuple[list[str], Any]:
    found: Table | None = _TABLES.get(name)
    if found is not None:
        return [c.name for c in found.columns], select(found).order_by(*found.primary_key.columns)
    columns = [str(c["name"]) for c in inspect(connection).get_columns(name)]
    view = table(name, *map(column, columns))
    return columns, select(*view.c).order_by(text(_VIEW_ORDER[name]))


def _plain(value: Any) -> Any:
    return moment_text(value) if isinstance(value, datetime) else value
