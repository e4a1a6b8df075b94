"""The commands. A body parses, makes one call, prints: results on stdout, talk for people on stderr."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli import talk
from signaltriage.cli.console import emit, say, working
from signaltriage.settings import Settings

app = typer.Typer(
    help="Route customer and employee signals to the team that owns the cause. Offline, every row accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Text = Annotated[str | None, typer.Option(help="Text column or columns, comma separated; recognised if left out.")]
Label = Annotated[str, typer.Option(help="Column with the owning team.")]
NoneLabel = Annotated[
    str | None, typer.Option(help="Label of rows that belong to no team: not trained on, and right when held.")
]
Model = Annotated[Path, typer.Option(help="Model folder.")]
Threads = Annotated[int | None, typer.Option(help="Threads of the encoder; all processors if left out.")]


@app.command()
def train(
    data: Annotated[
        list[str], typer.Argument(help="Labelled tables: .csv .tsv .jsonl .json .parquet .xlsx (also .gz).")
    ],
    label: Label,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    text: Text = None,
    time: Annotated[
        str | None, typer.Option(help="Column with the time of filing: then the newest rows are held out.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Column whose equal values stay on one side of every split.")
    ] = None,
    none_label: NoneLabel = None,
    target_error: Annotated[
        float | None, typer.Option(help="Largest share of wrong teams among what is routed.")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings; options here go before it.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Encoder folder, or st:NAME of a sentence-transformers model.")
    ] = None,
    self_contained: Annotated[bool, typer.Option("--self-contained", help="Copy the encoder into the folder.")] = False,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice (default 0).")] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Train a model on labelled signals and write it as a folder."""
    from signaltriage.model.runs import Columns, train_from_files
    from signaltriage.store.folder import check_target

    check_target(out)
    chosen = _settings(settings, target_error=target_error, encoder=encoder, seed=seed, threads=threads)
    with working("training"):
        model, rows = train_from_files(data, Columns(text, label, time, group, none_label), chosen)
    model.save(out, self_contained=self_contained)
    for line in rows.how:
        say(line)
    facts = {key: model.facts[key] for key in ("training_data", "teams", "split", "choice", "held_out")}
    limits = dict(model.decider.min_probability)
    record = {"model": str(out), "model_version": model.version, "rejected": rows.rejected, "min_probability": limits}
    emit({**record, **facts}, as_json, talk.training)


@app.command()
def classify(
    source: Annotated[str, typer.Argument(metavar="INPUT", help="A table of signals, or - for standard input.")],
    model: Model,
    out: Annotated[Path, typer.Option(help="Table to write: the input's columns, then st_team … st_reason.")],
    text: Text = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take up a run that was interrupted.")] = False,
    seed: Annotated[int, typer.Option(help="Accepted everywhere; classifying draws nothing at random.")] = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Give each signal of a table its team, or say that a person must look."""
    from signaltriage.capture.sources import require_file
    from signaltriage.model.runs import classify_file
    from signaltriage.model.triage import TriageModel

    require_file(source)
    loaded = TriageModel.load(model, threads=threads)
    with working("classifying") as tell:
        done = classify_file(source, loaded, out, text=text, resume=resume, tell=tell, say=say)
    emit(asdict(done), as_json, talk.classified)


@app.command()
def evaluate(
    data: Annotated[str, typer.Argument(help="A labelled table.")],
    model: Model,
    label: Label,
    text: Text = None,
    none_label: NoneLabel = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page here.")] = None,
    seed: Annotated[int, typer.Option(help="Accepted everywhere; evaluating draws nothing at random.")] = 0,
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
    loaded = TriageModel.load(model, threads=threads)
    with working("evaluating"):
        rows, predictions = predict_labelled(loaded, data, Columns(text, label))
    result = judge(rows.labels, predictions, loaded.teams, none_label)
    if report is not None:
        write_page(report, result, Path(data).name, loaded.version)
    say(rows.how[0])
    record = {**asdict(result), "rejected": rows.rejected, "report": str(report) if report else None}
    emit(record, as_json, talk.evaluation)


@app.command()
def doctor(
    model: Annotated[Path, typer.Argument(metavar="MODEL_DIR", help="Model folder.")],
    seed: Annotated[int, typer.Option(help="Accepted everywhere; nothing here is random.")] = 0,
    as_json: Json = False,
) -> None:
    """Verify a model folder and explain it."""
    from signaltriage.model.health import examine

    emit(asdict(examine(model)), as_json, talk.health)


def _settings(path: Path | None, **given: Any) -> Settings:
    """Settings of the file, with the options that were given in their place."""
    from dataclasses import replace

    base = Settings.from_toml(path) if path else Settings()
    return replace(base, **{name: value for name, value in given.items() if value is not None})
