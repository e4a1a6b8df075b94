"""`log correct`: a person says whose a signal is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from signaltriage.cli.app import log_app
from signaltriage.cli.clock import now
from signaltriage.cli.console import emit, say
from signaltriage.cli.options import Json, Log, Seed

Record = dict[str, Any]


@log_app.command()
def correct(
    signal: Annotated[str, typer.Argument(metavar="SOURCE:ID", help="The signal, such as zendesk:4711.")],
    team: Annotated[str, typer.Option(help='The team it belongs to; "" where it is nobody\'s.')],
    log: Log,
    by: Annotated[str, typer.Option(help="Who says so, as they are to be known.")] = "",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Say whose a signal is: it stands above every decision of a model, until somebody says otherwise."""
    from signaltriage.errors import UsageError
    from signaltriage.store.log.engine import FrictionLog
    from signaltriage.store.log.reading import known_teams
    from signaltriage.store.log.writing import append_correction

    source, sign, id = signal.partition(":")
    if not sign or not source or not id:
        raise UsageError(f"{signal!r} is not of the form SOURCE:ID.", remedy="Write it like zendesk:4711.")
    with FrictionLog.open(log, create=False) as opened:
        known = known_teams(opened)
        append_correction(opened, (source, id), team.strip(), by, now())
        record = {"log": opened.name, "signal": signal, "team": team.strip()}
    if record["team"] and known and record["team"] not in known:
        say(f"no model has guessed {record['team']!r} in this log, and nobody has named it: is it spelt right?")
    emit(record, as_json, words)


def words(r: Record) -> Iterator[str]:
    """What holds from now on."""
    yield f"{r['signal']} is {r['team'] or 'nobody'}'s, whatever a model says"
    yield f"→ {r['log']}"
