"""`themes-edit`: what people know better about themes, kept through every later run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.clock import now
from signaltriage.cli.console import emit, working
from signaltriage.cli.options import DrawnSeed, Json, Threads
from signaltriage.errors import UsageError

Record = dict[str, Any]


@app.command("themes-edit")
def themes_edit(
    where: Annotated[
        str, typer.Argument(metavar="DIR|LOG", help="Folder written by `signaltriage themes`, or a friction log.")
    ],
    rename: Annotated[list[str] | None, typer.Option(help='ID=NAME, such as T0001="Invite links expire".')] = None,
    merge: Annotated[list[str] | None, typer.Option(help="ID=ID,ID: the first takes in the others.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="ID: is two themes or more; what they are is found.")] = None,
    not_a_theme: Annotated[
        list[str] | None, typer.Option("--not-a-theme", help="ID: no theme at all; its signals are left over.")
    ] = None,
    owner: Annotated[list[str] | None, typer.Option(help="ID=TEAM: who owns it, whatever a model says.")] = None,
    edits: Annotated[
        Path | None, typer.Option(help="TOML file of such edits, by theme: name, owner, merge, split, not_a_theme.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder: says who owns the other themes.")] = None,
    seed: DrawnSeed = 0,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Rename, merge or split themes, set one aside, or give one an owner; every later run keeps to it."""
    from signaltriage.encode import load_encoder
    from signaltriage.model.log_themes import ThemesWith, edit_log
    from signaltriage.model.theme_edits import ThemeEdits, edit_folder
    from signaltriage.model.triage import TriageModel
    from signaltriage.store.log.engine import FrictionLog

    given = ThemeEdits(
        rename=pairs(rename, "T0001=NAME"),
        merge={id: tuple(part.strip() for part in ids.split(",")) for id, ids in pairs(merge, "T0001=T0002").items()},
        split=tuple(split or ()),
        not_a_theme=tuple(not_a_theme or ()),
        owner=pairs(owner, "T0001=TEAM"),
    )
    asked = ThemeEdits.from_toml(edits).and_then(given) if edits is not None else given
    if not asked:
        raise UsageError(
            "Nothing is to be edited.", remedy="Give --rename, --merge, --split, --not-a-theme or --owner."
        )
    owners = TriageModel.load(model, threads=threads) if model is not None else None
    with working("editing themes"):
        if "://" in where or Path(where).is_file():
            encoder = owners.encoder if owners is not None else load_encoder(threads=threads)
            with FrictionLog.open(where, create=False) as log:
                done = edit_log(log, asked, ThemesWith(encoder, owners, seed=seed), now())
        else:
            done = edit_folder(Path(where), asked, owners, threads=threads, seed=seed)
    emit(asdict(done), as_json, words)


def pairs(given: Sequence[str] | None, form: str) -> dict[str, str]:
    """`ID=TEXT` arguments as a mapping.

    Raises:
        UsageError: one is of another form, or an id comes twice.
    """
    found: dict[str, str] = {}
    for text in given or ():
        id, sign, value = text.partition("=")
        if not sign or not id.strip() or not value.strip():
            raise UsageError(f"{text!r} is not of the form {form}.", remedy=f"Write it like {form}.")
        if id.strip() in found:
            raise UsageError(f"{id.strip()} is named twice.", remedy="Say what it is to be once.")
        found[id.strip()] = value.strip()
    return found


def words(r: Record) -> Iterator[str]:
    """What was done, and where to look."""
    for change in r["changes"]:
        others = f" ({', '.join(change['others'])})" if change["others"] else ""
        yield f"{change['kind'].replace('_', ' ')} {change['theme_id']}{others}: {change['reason']}"
    yield f"{r['themes']:,} themes, {r['assigned']:,} signals in one, {r['left_over']:,} left over"
    for path in r["outputs"].values():
        yield f"→ {path}"
