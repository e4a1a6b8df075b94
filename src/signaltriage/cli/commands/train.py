"""`train`: labelled signals → model folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit, say, working
from signaltriage.cli.figures import held_out, promise
from signaltriage.cli.options import Json, NoneLabel, Rules, Text, Threads, settings_of, shares_of

Record = dict[str, Any]


@app.command()
def train(
    data: Annotated[
        list[str] | None, typer.Argument(help="Labelled tables: .csv .tsv .jsonl .json .parquet .xlsx (also .gz).")
    ] = None,
    *,
    label: Annotated[str | None, typer.Option(help="Column with the owning team; needed without --teams.")] = None,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    teams: Annotated[
        Path | None, typer.Option(help="Teams in words (teams.toml): routed to with few labelled rows, or none.")
    ] = None,
    text: Text = None,
    time: Annotated[
        str | None, typer.Option(help="Column with the time of filing: then the newest rows are held out.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Column whose equal values stay on one side of every split.")
    ] = None,
    none_label: NoneLabel = None,
    corrections: Annotated[
        Path | None,
        typer.Option(help="Model folder or table whose corrections count too; those in --out always do."),
    ] = None,
    target_error: Annotated[
        float | None, typer.Option(help="Largest share of wrong teams among what is routed.")
    ] = None,
    per_team: Annotated[
        bool | None, typer.Option("--per-team", help="Keep that promise for each team, or hold the team for people.")
    ] = None,
    team_target_error: Annotated[
        list[str] | None, typer.Option(metavar="TEAM=SHARE", help="A target of one team's own; may be repeated.")
    ] = None,
    rules: Rules = None,
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
    from signaltriage.encode.locate import require_copyable
    from signaltriage.model.runs import Beside, Columns, train_from_files
    from signaltriage.report.card import CARD_PAGE
    from signaltriage.store.folder import check_target

    check_target(out)
    chosen = settings_of(
        settings,
        target_error=target_error,
        per_team=per_team,
        team_target_error=shares_of(team_target_error),
        encoder=encoder,
        seed=seed,
        threads=threads,
    )
    if self_contained:
        require_copyable(chosen.encoder)
    with working("training"):
        beside = Beside([out, *([corrections] if corrections else [])], rules, teams)
        model, rows = train_from_files(data or [], Columns(text, label, time, group, none_label), chosen, beside)
    model.save(out, self_contained=self_contained)
    for line in rows.how:
        say(line)
    facts = {key: model.facts[key] for key in ("training_data", "teams", "split", "choice", "held_out", "profiles")}
    limits = dict(model.decider.min_probability)
    record = {
        "model": str(out),
        "model_version": model.version,
        "card": str(out / CARD_PAGE),
        "rejected": rows.rejected,
        "corrections": len(model.corrections),
        "min_probability": limits,
    }
    emit({**record, **facts}, as_json, words)


def words(r: Record) -> Iterator[str]:
    """What was learnt from what, and how well."""
    data, held = r["training_data"], r["held_out"]
    left_out = data["rows"] - data["used"]
    yield f"trained on {data['used']:,} rows of {len(r['teams'])} teams → {r['model']} (version {r['model_version']})"
    if left_out or r["rejected"]:
        yield (
            f"  left out: {data['without_text']:,} without text, {data['without_team']:,} without team or of none, "
            f"{r['rejected']:,} unreadable"
        )
    if data["texts_with_conflicting_teams"]:
        yield f"  {data['texts_with_conflicting_teams']:,} texts carry more than one team: see which is right"
    single = sorted(team for team, n in r["teams"].items() if n == 1)
    if single:
        yield f"  one example only, so hardly learnt: {', '.join(single[:8])}{', …' if len(single) > 8 else ''}"
    if r["corrections"]:
        yield f"  {r['corrections']:,} corrections by people are carried on"
    yield from _profiles(r["profiles"])
    yield held_out(r)
    yield from promise(held, r["min_probability"])
    yield f"  all of this, with pictures: {r['card']}"


def _profiles(known: Record) -> Iterator[str]:
    """What the teams' descriptions were for."""
    if known["without_rows"]:
        yield f"  known by description only: {_some(known['without_rows'])}"
    if known["unknown_labels"]:
        yield f"  labels that teams.toml does not know, kept as teams: {_some(known['unknown_labels'])}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
