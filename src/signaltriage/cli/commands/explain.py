"""`explain`: why one signal gets its team, measured by deleting words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit
from signaltriage.cli.options import Json, Model, Seed, Threads

Record = dict[str, Any]
_WORDS = 10
"""Words shown on the terminal; --json has all."""


@app.command()
def explain(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="One signal, as it was said.")],
    model: Model,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Show which words carried a decision, and the known signals it is like."""
    from signaltriage.model.triage import TriageModel

    emit(asdict(TriageModel.load(model, threads=threads).explain(text)), as_json, words)


def words(r: Record) -> Iterator[str]:
    """The decision, what carried it, and what it is like."""
    p = r["prediction"]
    yield f"{p['best_guess']}: {p['outcome'].replace('_', ' ')}; {p['reason']}"
    yield r["summary"]
    if r["words"]:
        yield "deleted alone, the probability of the best guess falls by (points)"
    for word in sorted(r["words"], key=lambda word: -word["drop"])[:_WORDS]:
        yield f"  {100 * word['drop']:>6.1f}  {word['word']}"
    if r["neighbours"]:
        yield "nearest known signals (similarity, team)"
    for known in r["neighbours"]:
        yield f"  {known['similarity']:>6.2f}  {known['team']:<20}  {known['text']}"
