"""The command line: `commands` parse and call, `talk` puts records into words, `console` prints and reports errors."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `signaltriage` command."""
    from signaltriage.cli.commands import app
    from signaltriage.cli.console import run

    run(app)
