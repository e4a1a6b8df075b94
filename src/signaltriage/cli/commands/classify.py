"""`classify`: a table of signals → the same table with teams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import Json, Model, Rules, Seed, Text, Threads

Record = dict[str, Any]


@app.command()
def classify(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A table of signals, or - for standard input.")],
    model: Model,
    out: Annotated[Path, typer.Option(help="Table to write: the input's columns, then st_team … st_reason.")],
    text: Text = None,
    id: Annotated[
        str | None, typer.Option(help="Column with the id of the signal, by which its own corrections are found.")
    ] = None,
    rules: Rules = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take up a run that was interrupted.")] = False,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Give each signal of a table its team, or say that a person must look."""
    from signaltriage.capture.sources import require_file
    from signaltriage.model.guidance import with_rules
    from signaltriage.model.runs import classify_file
    from signaltriage.model.triage import TriageModel

    require_file(source)
    loaded = with_rules(TriageModel.load(model, threads=threads), rules)
    with working("classifying") as tell:
        done = classify_file(source, loaded, out, text=text, id=id, resume=resume, tell=tell, say=say)
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """Where the rows went, in all and team by team."""
    yield f"{'best guess':<30} {'routed':>8} {'needs a person':>15}"
    for team, counts in r["teams"].items():
        yield f"{team[:30]:<30} {counts['routed']:>8,} {counts['needs_human']:>15,}"
    yield f"read {r['read']:,} = written {r['written']:,} + rejected {r['rejected']:,}"
    share = r["routed"] / r["written"] if r["written"] else 0
    yield f"written {r['written']:,} = routed {r['routed']:,} ({share:.0%}) + needs_human {r['needs_human']:,}"
    if r["resumed"]:
        yield f"taken up from the interrupted run: {r['resumed']:,} rows"
    yield f"→ {r['output']}"
    if r["rejected_output"]:
        yield f"→ {r['rejected_output']} (rows that could not be read)"
