"""`themes`: a table of signals → recurring themes, as tables, a page, and a state to go on from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import DrawnSeed, Json, Text, Threads

Record = dict[str, Any]
_TREND_ORDER = ("rising", "new", "recurring", "falling", "steady", "unknown")
_TREND_WORDS = {"recurring": "back again", "unknown": "too little history"}


@app.command()
def themes(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A table of signals, or - for standard input.")],
    out: Annotated[Path, typer.Option(help="Folder to write: tables, themes.html, and the state to go on from.")],
    text: Text = None,
    id: Annotated[str | None, typer.Option(help="Column with the id of the signal; recognised if left out.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the time it was said; recognised if left out.")] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder: says who owns each theme.")] = None,
    previous: Annotated[
        Path | None,
        typer.Option(help="Folder of an earlier run to go on from: themes keep ids, names and edits."),
    ] = None,
    granularity: Annotated[
        float | None,
        typer.Option(help="About so many times the themes that the data suggest: 2 for twice, 0.5 for half."),
    ] = None,
    method: Annotated[str | None, typer.Option(help="How they are looked for: graph (the default) or hdbscan.")] = None,
    min_size: Annotated[int | None, typer.Option(help="Fewest distinct signals that make a theme.")] = None,
    seed: DrawnSeed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Find what many signals have in common: named, with examples, friction, trend and owner."""
    from signaltriage.capture.sources import require_file
    from signaltriage.model.theme_reading import Asked
    from signaltriage.model.theme_runs import With, themes_from_file
    from signaltriage.model.themes import ThemeSet
    from signaltriage.model.triage import TriageModel
    from signaltriage.settings import ThemeSettings

    require_file(source)
    before = ThemeSet.load(previous, threads=threads) if previous is not None else None
    given = {"granularity": granularity, "method": method, "min_size": min_size}
    chosen = {name: value for name, value in given.items() if value is not None}
    base = asdict(before.settings if before else ThemeSettings())
    owner = TriageModel.load(model, threads=threads) if model is not None else None
    made = With(before, owner, ThemeSettings(**{**base, **chosen}), threads, seed, previous)
    with working("finding themes"):
        done = themes_from_file(source, out, Asked(text, id, time), made, say)
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """How many themes there are, where the rows went, what happened, and where to look."""
    areas = f" in {r['areas']:,} areas" if r["areas"] > 1 else ""
    more = f", {r['known']:,} signals with those of earlier runs" if r["known"] > r["read"] - r["rejected"] else ""
    yield f"{r['themes']:,} {'theme' if r['themes'] == 1 else 'themes'}{areas} (run {r['run']}{more})"
    trends = [f"{r['trends'][k]:,} {_TREND_WORDS.get(k, k)}" for k in _TREND_ORDER if r["trends"].get(k)]
    if trends and set(r["trends"]) != {"unknown"}:
        past = f"; {r['bursts']:,} of the steady ones had a burst that is over" if r["bursts"] else ""
        yield f"trend: {', '.join(trends)}{past}"
    if r["owned"]:
        yield f"with an owner: {r['owned']:,}; for the others a person must look"
    if r["workarounds"]:
        yield f"workarounds: {r['workarounds']:,}"
    if r["events"]:
        yield f"what happened: {', '.join(f'{n:,} {kind}' for kind, n in r['events'].items())}"
    yield (
        f"read {r['read']:,} = assigned {r['assigned']:,} + left over {r['left_over']:,} + rejected {r['rejected']:,}"
    )
    if r["without_text"]:
        yield f"of those left over, {r['without_text']:,} have no text"
    for path in r["outputs"].values():
        yield f"→ {path}"
