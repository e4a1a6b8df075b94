"""Options that several commands share, and the settings they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.errors import UsageError
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
Rules = Annotated[Path | None, typer.Option(help="If/then rules (TOML) that go before and after the classifier.")]
Log = Annotated[
    str,
    typer.Option(help="The friction log: a SQLite file, or a URL such as postgresql://user:password@host/database."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="Key of the pseudonyms; SIGNALTRIAGE_KEY_FILE or a file among your settings if left out."),
]
DrawnSeed = Annotated[int, typer.Option("--seed", help="Seed of whatever is drawn at random.")]
Seed = Annotated[int, typer.Option(help="Accepted by every command; this one draws nothing at random.")]


def shares_of(given: Sequence[str] | None) -> dict[str, float] | None:
    """`TEAM=SHARE` texts as a mapping; None where none was given.

    Raises:
        UsageError: a text is of another form.
    """
    if not given:
        return None
    found = {}
    for text in given:
        team, sign, share = text.rpartition("=")
        try:
            found[team.strip()] = float(share)
        except ValueError:
            sign = ""
        if not sign or not team.strip():
            raise UsageError(f"{text!r} is not of the form TEAM=SHARE.", remedy="Write it like billing=0.02.")
    return found


def settings_of(path: Path | None, **given: Any) -> Settings:
    """Settings of the file, with the options that were given in their place."""
    base = Settings.from_toml(path) if path else Settings()
    return replace(base, **{name: value for name, value in given.items() if value is not None})
