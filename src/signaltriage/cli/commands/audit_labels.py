"""`audit-labels`: which labels of the training data are probably wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import Json, Label, Text, Threads, settings_of

Record = dict[str, Any]


@app.command("audit-labels")
def audit_labels(
    data: Annotated[
        list[str], typer.Argument(help="Labelled tables: .csv .tsv .jsonl .json .parquet .xlsx (also .gz).")
    ],
    label: Label,
    out: Annotated[Path, typer.Option(help="Table to write: the suspects, most certain first.")],
    text: Text = None,
    group: Annotated[
        str | None, typer.Option(help="Column whose equal values say nothing about one another (a thread).")
    ] = None,
    none_label: Annotated[str | None, typer.Option(help="Label of rows that belong to no team: left out.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Write all rows, ranked, not only the suspects.")] = False,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings; options here go before it.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Encoder folder, or st:NAME of a sentence-transformers model.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice (default 0).")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Rank the rows whose label is probably wrong, with the team to put there and why."""
    from signaltriage.model.audit import audit_files
    from signaltriage.model.runs import Columns

    chosen = settings_of(settings, encoder=encoder, seed=seed, threads=threads)
    columns = Columns(text, label, group=group, none_label=none_label)
    with working("auditing"):
        run = audit_files(data, columns, out, chosen, everything=everything)
    for line in run.how:
        say(line)
    record = asdict(run)
    record.pop("how")
    emit(record, as_json, words)


def words(r: Record) -> Iterator[str]:
    """How many suspects there are, how far to trust them, and which teams are mixed up."""
    share = r["suspects"] / r["audited"]
    yield f"{r['suspects']:,} of {r['audited']:,} labels are suspect ({share:.1%}) → {r['output']}"
    yield f"  {r['contradictions']:,} of them contradict a near-duplicate: they come first"
    if r["planted_recall"]:
        yield (
            f"  on {r['planted']:,} errors planted to find out: {r['planted_recall']:.0%} found, "
            f"{r['planted_precision']:.0%} of what was flagged was planted"
        )
    else:
        yield "  errors planted to find out could not be told from hard rows: only contradictions are flagged"
    if r["left_out"] or r["rejected"]:
        yield f"  left out: {r['left_out']:,} without text or team or of none, {r['rejected']:,} unreadable"
    for pair in r["mix_ups"]:
        yield f"  {pair['rows']:>6,}  {pair['label']} → {pair['suggested']}"
