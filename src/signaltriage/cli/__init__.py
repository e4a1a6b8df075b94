"""The command line: `commands/` parse, call and print; `options` are what they share; `console` reports errors."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `signaltriage` command."""
    from signaltriage.cli.commands import app
    from signaltriage.cli.console import run

    run(app)
