"""`run`: a team's weekly routine over one friction log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.capturing import CaptureOptions, capture_with, refuse_unread
from signaltriage.cli.commands.capture import ledger_words, rejected_words
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import DrawnSeed, Json, KeyFile, Log, Threads

Record = dict[str, Any]


@app.command()
def run(
    log: Log,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE…]", help="Exports to capture first, as `capture` takes them.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder: routes signals and says who owns a theme.")] = None,
    articles: Annotated[
        Path | None, typer.Option(help="Knowledge base, as `gaps` takes it: searches are held against it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the pages and tables of themes and gaps.")] = None,
    source: Annotated[str | None, typer.Option(help="As in `capture`.")] = None,
    audience: Annotated[str | None, typer.Option(help="As in `capture`.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="As in `capture`.")] = None,
    keep_pii: Annotated[bool, typer.Option("--keep-pii", help="As in `capture`.")] = False,
    key_file: KeyFile = None,
    other_key: Annotated[bool, typer.Option("--other-key", help="As in `capture`.")] = False,
    granularity: Annotated[float | None, typer.Option(help="As in `themes`.")] = None,
    threads: Threads = None,
    seed: DrawnSeed = 0,
    as_json: Json = False,
) -> None:
    """Capture, route, find themes and gaps, over all that is new in the log; killed anywhere, it goes on from there."""
    from signaltriage.encode import load_encoder
    from signaltriage.model.log_pages import vectors_beside, write_pages
    from signaltriage.model.pipeline import RunWith, run_log
    from signaltriage.model.triage import TriageModel
    from signaltriage.settings import ThemeSettings
    from signaltriage.store.log.engine import FrictionLog

    asked = CaptureOptions(source, audience, mapping, keep_pii, key_file, other_key)
    loaded = TriageModel.load(model, threads=threads) if model is not None else None
    encoder = loaded.encoder if loaded is not None else load_encoder(threads=threads)
    themes = ThemeSettings() if granularity is None else ThemeSettings(granularity=granularity)
    with FrictionLog.open(log) as opened, working("running") as tell:
        capture = replace(capture_with(asked), tell=tell)
        made = RunWith(capture, encoder, loaded, articles, themes, seed, vectors_beside(opened), say, tell)
        done = run_log(files or (), opened, made)
        if out is not None:
            say("writing pages")
        outputs = write_pages(opened, made, out, done.run) if out is not None else {}
    emit({**asdict(done), "outputs": outputs}, as_json, words)
    refuse_unread(done.captured)


def words(r: Record) -> Iterator[str]:
    """A line a stage, then the pages."""
    for file in r["captured"]["files"]:
        yield f"{file['name']}: {file['how']}"
        yield f"  {ledger_words(file['ledger'])}"
        yield from rejected_words(file)
    for file in r["captured"]["unread"]:
        yield f"{file['name']}: not read: {file['reason']}"
    for stage in r["stages"]:
        counts = "; ".join(
            f"{name.replace('_', ' ')} {n:,}" for name, n in stage["counts"].items() if not isinstance(n, bool)
        )
        idle = "nothing new; " if stage["counts"].get("unchanged") else ""
        said = f"left out, {stage['skipped']}" if stage["skipped"] else f"{idle}{counts}"
        yield f"{stage['stage']:<8} {stage['seconds']:>8,.1f} s  {said}"
    for path in r["outputs"].values():
        yield f"→ {path}"
    yield f"→ {r['log']}"
