"""`review`: what a person should look at, most worthwhile first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, working
from signaltriage.cli.options import Json, Model, Seed, Text, Threads

Record = dict[str, Any]


@app.command()
def review(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="Signals, raw or as `classify` wrote them; - is standard input.")
    ],
    model: Model,
    out: Annotated[Path, typer.Option(help="Queue to write, a .csv; its signals go to a .members.csv beside it.")],
    text: Text = None,
    id: Annotated[str | None, typer.Option(help="Column with the id of the signal.")] = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """List what needs a person, near-duplicates as one item, ordered by what an answer is worth."""
    from signaltriage.capture.sources import require_file
    from signaltriage.model.review import review_file
    from signaltriage.model.triage import TriageModel

    require_file(source)
    loaded = TriageModel.load(model, threads=threads)
    with working("reviewing"):
        done = review_file(source, loaded, out, text=text, id=id)
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """How much there is to do."""
    yield f"read {r['read']:,} = routed {r['routed']:,} + held {r['held']:,} + rejected {r['rejected']:,}"
    yield f"{r['held']:,} held signals are {r['items']:,} items → {r['output']}"
    yield f"fill in answer_team, leave {Path(r['members_output']).name} beside it, and give the queue to `correct`"
    if r["rejected_output"]:
        yield f"→ {r['rejected_output']} (rows that could not be read)"
