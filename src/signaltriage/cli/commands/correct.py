"""`correct`: what people put right → the model folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, working
from signaltriage.cli.options import Json, Model, Seed, Text

Record = dict[str, Any]


@app.command()
def correct(
    corrections: Annotated[
        str, typer.Argument(help="A table of corrected signals, or a filled-in queue of `review`; - is standard input.")
    ],
    model: Model,
    text: Text = None,
    team: Annotated[str | None, typer.Option(help="Column with the right team; recognised if left out.")] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", help="Column with the team it was taken from; else what the model would do."),
    ] = None,
    id: Annotated[str | None, typer.Option(help="Column with the id of the signal.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the time of the correction (ISO 8601).")] = None,
    at: Annotated[
        str | None, typer.Option(help="When they were made, where no column says; else when the file was written.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Column with who corrected it.")] = None,
    none_label: Annotated[str, typer.Option(help="What stands for: it belongs to no team.")] = "none",
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Teach a model what people put right: it counts at once, also for near-duplicates, and outlives retraining."""
    from signaltriage.capture.sources import require_file
    from signaltriage.model.correct import CorrectionColumns, correct_folder

    require_file(corrections)
    columns = CorrectionColumns(text, team, from_, id, time, by, none_label, at)
    with working("correcting"):
        done = correct_folder(corrections, model, columns)
    emit(asdict(done), as_json, words)


def words(r: Record) -> Iterator[str]:
    """What was taken in, and what not."""
    yield (
        f"read {r['read']:,} = added {r['added']:,} + already known {r['already_known']:,} "
        f"+ unanswered {r['unanswered']:,} + rejected {r['rejected']:,}"
    )
    yield f"→ {r['model']} (version {r['model_version']}, {r['corrections']:,} corrections in all)"
    if r["rejected_output"]:
        yield f"→ {r['rejected_output']} (rows that could not be used, each with its reason)"
