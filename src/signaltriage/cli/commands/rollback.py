"""`rollback`: the former model comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit
from signaltriage.cli.options import Json, Seed

Record = dict[str, Any]


@app.command()
def rollback(
    model: Annotated[Path, typer.Argument(metavar="MODEL_DIR", help="Model folder that was promoted to.")],
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="A former version; the one before this if left out.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Bring a former model back; the one it replaces is kept."""
    from signaltriage.model.promotion import roll_back

    emit({"model": str(model), **asdict(roll_back(model, to))}, as_json, words)


def words(r: Record) -> Iterator[str]:
    """What is in place now, and where the other went."""
    yield f"{r['model']} is version {r['version']} again; what was there is kept as {r['kept']}"
    if r["before"]:
        yield f"  another rollback goes back to {r['before']}"
