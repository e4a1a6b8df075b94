"""`doctor`: a model folder verified and explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signaltriage.cli.app import app
from signaltriage.cli.console import emit
from signaltriage.cli.figures import held_out, promise
from signaltriage.cli.options import Json, Seed

Record = dict[str, Any]


@app.command()
def doctor(
    model: Annotated[Path, typer.Argument(metavar="MODEL_DIR", help="Model folder.")],
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Verify a model folder and explain it."""
    from signaltriage.model.health import examine

    emit(asdict(examine(model)), as_json, words)


def words(r: Record) -> Iterator[str]:
    """A model folder explained."""
    held, data = r["held_out"], r["training_data"]
    yield f"{r['path']}: sound. Every file is what the manifest says."
    yield f"  version {r['model_version']}, trained {r['created_at']}"
    yield f"  learnt from {data['used']:,} rows (sha256 {data['sha256'][:12]}…) of {len(r['teams'])} teams"
    yield held_out(r)
    yield from promise(held, r["min_probability"])
    if r["card"]:
        yield f"  its model card: {r['card']}"
    probe = "" if r["probe_cosine"] is None else f"; this processor agrees with it (cosine {r['probe_cosine']:.4f})"
    yield f"  encoder {r['encoder']['name']} ({r['encoder']['digest'][:12]}…){probe}"
    yield "  written with " + ", ".join(f"{name} {version}" for name, version in r["libraries"].items())
    for name, size in r["files"].items():
        yield f"  {size:>12,} bytes  {name}"
