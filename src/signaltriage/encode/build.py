"""Builds an encoder folder from a sentence-transformers folder: deterministic, without torch, parity measured."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from signaltriage.encode.base import ParityReport, Vectors, available_cpus, compare
from signaltriage.encode.calibrate import calibrate
from signaltriage.encode.card import CARD, MODEL, NOTICE, TOKENIZER, EncoderCard, Probes
from signaltriage.encode.engine import Engine
from signaltriage.encode.graph import int8_graph, reference_graph
from signaltriage.encode.samples import PARITY_TEXTS, PROBE_TEXTS
from signaltriage.encode.tokens import Tokens, serving_tokenizer
from signaltriage.encode.weights import SourceModel, read_source
from signaltriage.errors import EncoderError

FP32 = "the same graph in fp32"
QUANTISATION = "int8 weights (a scale each output column), uint8 activations (a scale each token row), fp32 elsewhere"
PROBE_MIN_COSINE = 0.995
_DECIMALS = 5


@dataclass(frozen=True, slots=True)
class BuildSpec:
    """What the builder is told about a model; the rest it reads from the model's folder."""

    name: str
    source: str
    licence: str
    notice: str = ""
    """The text of NOTICE; made from the other fields where empty."""
    weights_sha256: str | None = None
    """Refuse any other weights."""


def build_encoder(
    source: Path, out: Path, spec: BuildSpec, texts: Sequence[str] = PARITY_TEXTS, *, threads: int | None = None
) -> ParityReport:
    """Build `source` as int8 into the folder `out`; compare it to fp32 on `texts`. Twice the same: the same bytes."""
    model = read_source(source)
    if spec.weights_sha256 and model.weights_sha256 != spec.weights_sha256:
        raise EncoderError(
            f"{source}: model.safetensors has sha256 {model.weights_sha256}, not {spec.weights_sha256}",
            remedy="get the original weights: these are not the model that was named",
        )
    tokenizer_json = serving_tokenizer(model.tokenizer_json)
    tokens = Tokens(tokenizer_json, model.shape.max_tokens)
    reference = reference_graph(model)
    graph = int8_graph(model, calibrate(model, reference))
    threads = threads or available_cpus()
    engine = Engine(graph, tokens, threads=threads)
    exact = Engine(reference, tokens, threads=threads)
    parity = compare(engine.encode(texts).vectors, exact.encode(texts).vectors, name=FP32)
    card = _card(spec, model, {MODEL: graph, TOKENIZER: tokenizer_json.encode()}, parity, engine)
    notice = spec.notice or _notice(spec)
    _write(
        out, {MODEL: graph, TOKENIZER: tokenizer_json.encode(), CARD: card.to_json().encode(), NOTICE: notice.encode()}
    )
    return parity


def _card(
    spec: BuildSpec, model: SourceModel, files: dict[str, bytes], parity: ParityReport, engine: Engine
) -> EncoderCard:
    return EncoderCard(
        name=spec.name,
        source=spec.source,
        source_sha256=model.weights_sha256,
        licence=spec.licence,
        architecture=model.shape.architecture,
        dimension=model.shape.hidden,
        max_tokens=model.shape.max_tokens,
        pooling=model.shape.pooling,
        normalise=True,
        quantisation=QUANTISATION,
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        parity=ParityReport(
            parity.reference, parity.n_texts, round(parity.cosine_mean, _DECIMALS), round(parity.cosine_min, _DECIMALS)
        ),
        probes=Probes(PROBE_MIN_COSINE, PROBE_TEXTS, _rounded(engine.encode(PROBE_TEXTS).vectors)),
    )


def _rounded(vectors: Vectors) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in np.round(vectors.astype(np.float64), _DECIMALS).tolist())


def _notice(spec: BuildSpec) -> str:
    return (
        f"{spec.name}\n\nThis folder holds a changed copy of {spec.source}, licence: {spec.licence}.\n"
        f"Changes made by signaltriage: the weights were read from model.safetensors, written as an ONNX graph and\n"
        f"quantised ({QUANTISATION});\nkey and value biases were folded; padding and truncation in tokenizer.json were"
        f" switched off.\n"
    )


def _write(out: Path, files: dict[str, bytes]) -> None:
    """Write into a folder beside `out` and put it in place whole, so that no half-built encoder has the final name."""
    if out.exists() and not (out / CARD).exists() and any(out.iterdir()):
        raise EncoderError(f"{out} exists and is not an encoder folder", remedy="name a new folder")
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    try:
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        if out.exists():
            shutil.rmtree(out)
        fresh.rename(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
