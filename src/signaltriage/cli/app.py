"""The Typer application that every command of `commands/` registers with."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


log_app = typer.Typer(no_args_is_help=True, help="Look into the friction log: check, export, forget.")
app.add_typer(log_app, name="log")


def _version(asked: bool) -> None:
    if asked:
        from signaltriage import __version__

        typer.echo(f"signaltriage {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # its callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Route customer and employee signals to the team that owns the cause. Offline, every row accounted for."""
