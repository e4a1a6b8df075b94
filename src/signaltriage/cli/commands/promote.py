"""`promote`: a challenger takes the champion's place, if it may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import Json, Label, NoneLabel, Seed, Text, Threads

Record = dict[str, Any]


@app.command()
def promote(
    challenger: Annotated[Path, typer.Argument(help="Model folder that wants the place.")],
    over: Annotated[Path, typer.Option(metavar="CHAMPION", help="Model folder that has it; made if there is none.")],
    data: Annotated[str, typer.Option(help="Labelled table that neither model was trained on.")],
    label: Label,
    text: Text = None,
    time: Annotated[
        str | None, typer.Option(help="Column with the time of filing: then only the newest rows count.")
    ] = None,
    none_label: NoneLabel = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="Largest loss of right guesses put up with, as a share of the rows.")
    ] = 0.01,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Put a challenger in the champion's place, if it is shown not to be worse and keeps its promise."""
    from signaltriage.capture.sources import require_file
    from signaltriage.errors import QualityGateError
    from signaltriage.model import promotion
    from signaltriage.model.runs import Columns

    require_file(data)
    columns = Columns(text, label, time, none_label=none_label)
    with working("comparing"):
        done = promotion.promote(promotion.Contest(challenger, over, data, columns, margin), threads=threads)
    for warning in done.warnings:
        say(f"warning: {warning}")
    emit(asdict(done), as_json, words)
    if not done.promoted:
        raise QualityGateError(
            f"{challenger} does not take the place of {over}: {'; '.join(done.verdict.objections)}.",
            remedy=_remedy(done.verdict.rows_needed),
        )


def _remedy(rows_needed: int | None) -> str:
    if rows_needed is None:
        return "Nothing was changed. Train again, or see what it gets wrong with `signaltriage evaluate`."
    return (
        f"Nothing was changed. If it is as good as it looks, about {rows_needed:,} labelled rows would show it, or a "
        "wider --margin."
    )


def words(r: Record) -> Iterator[str]:
    """The table the verdict rests on, then the verdict."""
    v = r["verdict"]
    yield f"judged on {r['rows']}"
    if v["overall"]:
        head = f"{'':<30} {'rows':>6} {'champion':>9} {'challenger':>10} {'gained':>7} {'lost':>6}"
        yield f"{head}  difference (limits)"
        yield _line("all", v["overall"])
        for team in sorted(v["teams"], key=lambda team: (team["p_worse"], team["difference"], team["team"])):
            worse = "  worse" if team["p_worse"] <= 1 - v["confidence"] else ""
            yield _line(team["team"], team) + worse
    for kept in (v["promise"], *v["team_promises"]):
        error = "–" if kept["error"] is None else f"{kept['error']:.1%}"
        to = f" to {kept['team']}" if kept["team"] else ""
        yield (
            f"promise{to}: at most {kept['target_error']:.1%} wrong; {kept['wrong']:,} of {kept['routed']:,} routed "
            f"are wrong ({error}): {'kept' if kept['holds'] else 'broken'}"
        )
    routed = "" if v["champion_share_routed"] is None else f", the champion {v['champion_share_routed']:.1%}"
    yield f"routes {v['challenger_share_routed']:.1%} alone{routed}"
    if r["promoted"]:
        yield f"promoted: {r['champion']} is now version {r['challenger_version']}"
        if r["kept"]:
            yield f"  version {r['champion_version']} is kept as {r['kept']}; `signaltriage rollback` brings it back"


def _line(name: str, c: Record) -> str:
    rows = c["rows"]
    return (
        f"{name[:30]:<30} {rows:>6,} {c['champion_right'] / rows:>9.1%} {c['challenger_right'] / rows:>10.1%} "
        f"{c['gained']:>7,} {c['lost']:>6,}  {c['difference']:+.1%} ({c['low']:+.1%} … {c['high']:+.1%})"
    )
