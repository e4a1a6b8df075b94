"""Options that several commands share, and the settings they add up to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Text = Annotated[str | None, typer.Option(help="Text column or columns, comma separated; recognised if left out.")]
Label = Annotated[str, typer.Option(help="Column with the owning team.")]
NoneLabel = Annotated[
    str | None,
    typer.Option(help="Label of rows that belong to no team: they teach what to turn away, and are right when held."),
]
Model = Annotated[Path, typer.Option(help="Model folder.")]
Threads = Annotated[int | None, typer.Option(help="Threads of the encoder; all processors if left out.")]
Seed = Annotated[int, typer.Option(help="Accepted by every command; this one draws nothing at random.")]


def settings_of(path: Path | None, **given: Any) -> Settings:
    """Settings of the file, with the options that were given in their place."""
    base = Settings.from_toml(path) if path else Settings()
    return replace(base, **{name: value for name, value in given.items() if value is not None})
