"""stdout is for programs, stderr for people; every error is a message with an exit code, never a stack trace."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from signaltriage.errors import InputError, InterruptedRunError, SignalTriageError

DEBUG = "SIGNALTRIAGE_DEBUG"


def run(app: Callable[[], None]) -> None:
    """Run the app and leave with the exit code of what happened."""
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # a polite kill is an interruption: tidy up, keep progress
    if isinstance(sys.stdout, io.TextIOWrapper):  # an arrow must not end a run where the terminal knows no arrows
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except SignalTriageError as error:
        _fail(error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(
            InputError(
                f"{where}{error.strerror or error}", remedy="Check the path, the permissions and the disk space."
            )
        )
    except MemoryError:
        _fail(InputError("The machine ran out of memory.", remedy="Classify in smaller files, or free some memory."))
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        message = f"Something unforeseen: {type(error).__name__}: {error}"
        _fail(SignalTriageError(message, remedy=f"Please report it; {DEBUG}=1 shows where it happened."))


def say(line: str) -> None:
    """Tell the person something."""
    typer.echo(line, err=True)


def emit(record: dict[str, Any], as_json: bool, words: Callable[[dict[str, Any]], Iterable[str]]) -> None:
    """Print the result: one JSON object, or the same in words."""
    if as_json:
        typer.echo(_as_json(record))
        return
    for line in words(record):
        typer.echo(line)


def _as_json(record: dict[str, Any]) -> str:
    """JSON with its letters as they are, unless stdout cannot hold one of them."""
    text = json.dumps(record, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(record)
    return text


@contextmanager
def working(what: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many rows are done; yields what is to be called with each further number of rows.

    Raises:
        InterruptedRunError: Ctrl-C, or a polite kill.
    """
    try:
        if sys.stderr.isatty():
            with _bar(what) as tell:
                yield tell
        else:
            yield lambda _: None
    except KeyboardInterrupt as stop:
        remedy = "The rows already worked out are kept: the same command with --resume goes on from there."
        raise InterruptedRunError(
            f"{what.capitalize()} was interrupted.", remedy=remedy if what == "classifying" else "Run it again."
        ) from stop


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        number = progress.add_task(what, total=None)
        task = progress.tasks[0]

        def tell(rows: int) -> None:
            progress.advance(number, rows)
            pace = f", {task.speed:,.0f} a second" if task.speed else ""  # not known before the second call
            progress.update(number, description=f"{what}: {task.completed:,.0f} rows{pace}")

        yield tell


def _fail(error: SignalTriageError) -> None:
    typer.echo(f"error: {error}", err=True)
    sys.exit(error.exit_code)
