"""`evaluate`: a model judged on labelled signals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.options import Json, Label, Model, NoneLabel, Seed, Text, Threads
from signaltriage.errors import UsageError

Record = dict[str, Any]
_WEAK = 10
"""Teams shown in a table on the terminal; the HTML report has all."""


@app.command()
def evaluate(
    data: Annotated[str, typer.Argument(help="A labelled table.")],
    model: Model,
    label: Label,
    text: Text = None,
    none_label: NoneLabel = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page here.")] = None,
    seed: Seed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Judge a model on labelled signals it has not seen."""
    from signaltriage.capture.sources import require_file
    from signaltriage.model.runs import Columns, predict_labelled
    from signaltriage.model.triage import TriageModel
    from signaltriage.report.evaluation import evaluate as judge
    from signaltriage.report.page import write_page

    require_file(data)
    if report is not None and report.is_dir():
        raise UsageError(f"--report: {report} is a folder.", remedy="Name the HTML file to write.")
    loaded = TriageModel.load(model, threads=threads)
    with working("evaluating"):
        rows, predictions = predict_labelled(loaded, data, Columns(text, label))
    result = judge(rows.labels, predictions, loaded.teams, none_label)
    if report is not None:
        write_page(report, result, Path(data).name, loaded.version, loaded.settings.target_error)
    say(rows.how[0])
    record = {**asdict(result), "rejected": rows.rejected, "report": str(report) if report else None}
    emit(record, as_json, words)


def words(r: Record) -> Iterator[str]:
    """The figures, and the teams that do worst."""
    yield (
        f"{r['labelled']:,} labelled rows: accuracy {r['accuracy']:.1%}, macro F1 {r['macro_f1']:.1%}, "
        f"weighted F1 {r['weighted_f1']:.1%}, calibration error {r['expected_calibration_error']:.1%}"
    )
    wrong = "–" if r["error_among_routed"] is None else f"{r['error_among_routed']:.1%}"
    yield f"routed without a person {r['share_routed']:.1%}, wrong among those {wrong}"
    if r["none_rows"]:
        yield f"of no team: {r['none_rows']:,} rows, rightly held for a person {r['none_held']:.1%}"
    if r["unlabelled"] or r["rejected"]:
        yield f"left out: {r['unlabelled']:,} without label, {r['rejected']:,} unreadable"
    if r["unknown_labels"]:
        names = ", ".join(r["unknown_labels"][:5])
        yield f"unknown to the model, so counted as wrong: {len(r['unknown_labels'])} labels ({names})"
    weakest = sorted((t for t in r["teams"] if t["support"]), key=lambda t: (t["f1"], t["team"]))[:_WEAK]
    yield f"{'weakest teams':<42} {'rows':>6} {'precision':>9} {'recall':>7} {'F1':>7}"
    for t in weakest:
        yield f"{t['team'][:42]:<42} {t['support']:>6} {t['precision']:>9.1%} {t['recall']:>7.1%} {t['f1']:>7.1%}"
    if r["report"]:
        yield f"→ {r['report']}"
