"""`status`: where signals live in a friction log, and where they die."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit
from signaltriage.cli.options import Json, Seed

Record = dict[str, Any]
_HEADS = (
    *("source", "signals", "routed", "needs person", "by a person", "undecided", "in a theme", "left over"),
    "waits since",
)


@app.command()
def status(
    log: Annotated[str, typer.Option("--log", help="The friction log: a SQLite file, or a postgresql:// URL.")],
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Show per source and stage how many signals there are, what waits, and since when."""
    from signaltriage.model.log_status import status_of
    from signaltriage.store.log.engine import FrictionLog

    with FrictionLog.open(log, create=False) as opened:
        found = status_of(opened)
    record = {**asdict(found), "undecided": found.undecided, "oldest_undecided": found.oldest_undecided}
    emit(_plain(record), as_json, words)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _since(one: Record) -> str:
    """The day of the oldest signal that waits for a decision or for a person."""
    return min(filter(None, (one["oldest_undecided"], one["oldest_needs_human"])), default="")[:10]


def words(r: Record) -> Iterator[str]:
    """A table of sources, then what was read, what is unfinished, and the last run."""
    rows = [
        (
            *(one["source"], one["signals"], one["routed"], one["needs_human"], one["corrected"], one["undecided"]),
            *(one["in_theme"], one["in_no_theme"] + one["unassigned"], _since(one)),
        )
        for one in r["sources"]
    ]
    width = max([len(_HEADS[0]), *(len(str(row[0])) for row in rows)])
    yield f"{_HEADS[0]:<{width}}  " + "  ".join(f"{head:>12}" for head in _HEADS[1:])
    for row in rows:
        cells = (f"{cell:>12,}" if isinstance(cell, int) else f"{cell:>12}" for cell in row[1:])
        yield f"{row[0]:<{width}}  " + "  ".join(cells)
    ledger = r["ledger"]
    skipped = sum(n for _, n in ledger["skipped"])
    yield (
        f"read {ledger['read']:,} = new {ledger['new']:,} + duplicate {ledger['duplicate']:,} + changed "
        f"{ledger['changed']:,} + skipped {skipped:,} + rejected {ledger['rejected']:,}"
    )
    yield f"{r['searches']:,} searches, {r['themes']:,} themes, {r['without_owner']:,} of them without an owner"
    for one in r["unfinished"]:
        yield f"unfinished: {one['name']}, {one['ledger']['read']:,} read so far; the same capture goes on with it"
    if r["undecided"]:
        since = f", the oldest of {r['oldest_undecided'][:10]}" if r["oldest_undecided"] else ""
        yield f"{r['undecided']:,} signals wait for a decision{since}: signaltriage run --log … --model …"
    for one in r["last_run"]:
        what = f"last {one['command']} (run {one['run']})" if not one["stage"] else f"  {one['stage']}"
        yield f"{what}: {one['outcome']}, begun {one['started_at'][:19]}"
