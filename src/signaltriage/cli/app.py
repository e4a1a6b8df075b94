"""The Typer application that every command of `commands/` registers with."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Route customer and employee signals to the team that owns the cause. Offline, every row accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
