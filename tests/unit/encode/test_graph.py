"""The graph against an oracle: the same model written plainly in numpy, fp32, one text at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from signaltriage.encode.calibrate import calibrate
from signaltriage.encode.engine import Engine, open_session
from signaltriage.encode.graph import int8_graph, peak_place, reference_graph
from signaltriage.encode.tokens import Tokens
from signaltriage.encode.weights import read_source

TEXTS = ["", "vpn not working", "please refund the order, card charged!", "a b c d e f g", "login"]
HEADS = 4
ERF = np.vectorize(math.erf)


def norm(x: np.ndarray, tensors: dict[str, np.ndarray], name: str) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]


def dense(x: np.ndarray, tensors: dict[str, np.ndarray], name: str) -> np.ndarray:
    return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]


def attention(x: np.ndarray, tensors: dict[str, np.ndarray], place: str) -> np.ndarray:
    width = x.shape[1] // HEADS
    query, key, value = (dense(x, tensors, f"{place}.self.{n}") for n in ("query", "key", "value"))
    out = np.empty_like(x)
    for head in range(HEADS):
        part = slice(head * width, (head + 1) * width)
        scores = query[:, part] @ key[:, part].T / math.sqrt(width)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        out[:, part] = weights / weights.sum(-1, keepdims=True) @ value[:, part]
    return dense(out, tensors, f"{place}.output.dense")


def bert(tensors: dict[str, np.ndarray], ids: list[int], *, first: int = 0, pooling: str = "mean") -> np.ndarray:
    x = tensors["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x = x + tensors["embeddings.position_embeddings.weight"][first : first + len(ids)]
    if "embeddings.token_type_embeddings.weight" in tensors:
        x = x + tensors["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, tensors, "embeddings.LayerNorm")
    for layer in range(2):
        place = f"encoder.layer.{layer}"
        mixed = attention(x, tensors, f"{place}.attention")
        x = norm(x + mixed, tensors, f"{place}.attention.output.LayerNorm")
        wide = dense(x, tensors, f"{place}.intermediate.dense")
        wide = 0.5 * wide * (1 + ERF(wide / math.sqrt(2)))
        x = norm(x + dense(wide, tensors, f"{place}.output.dense"), tensors, f"{place}.output.LayerNorm")
    vector = x[0] if pooling == "cls" else x.mean(axis=0)
    return vector / np.linalg.norm(vector)


def oracle(folder: Path, ids: list[list[int]], *, first: int = 0, pooling: str = "mean") -> np.ndarray:
    from safetensors.numpy import load_file

    tensors = {name.removeprefix("bert."): tensor for name, tensor in load_file(folder / "model.safetensors").items()}
    return np.array([bert(tensors, row, first=first, pooling=pooling) for row in ids])


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_fp32_graph_is_bert(tiny: Callable[..., Path], pooling: str) -> None:
    folder = tiny(pooling=pooling)
    source = read_source(folder)
    tokens = Tokens(source.tokenizer_json, 32)
    found = Engine(reference_graph(source), tokens, threads=1).encode(TEXTS).vectors
    assert np.abs(found - oracle(folder, tokens.encode(TEXTS).ids, pooling=pooling)).max() < 1e-5


@pytest.mark.parametrize("architecture", ["roberta", "xlm-roberta"])
def test_fp32_graph_is_roberta(tiny: Callable[..., Path], architecture: str) -> None:
    folder = tiny(architecture=architecture)
    source = read_source(folder)
    tokens = Tokens(source.tokenizer_json, 32)
    found = Engine(reference_graph(source), tokens, threads=1).encode(TEXTS).vectors
    assert np.abs(found - oracle(folder, tokens.encode(TEXTS).ids, first=2)).max() < 1e-5


def test_distilbert_is_bert_under_other_names(tiny: Callable[..., Path]) -> None:
    types = {"embeddings.token_type_embeddings.weight": np.zeros((2, 32), dtype=np.float32)}
    as_bert, as_distilbert = read_source(tiny(tensors=types)), read_source(tiny(architecture="distilbert"))
    assert reference_graph(as_bert) == reference_graph(as_distilbert)


def test_prefixed_and_half_precision_weights_are_read(tiny: Callable[..., Path]) -> None:
    assert reference_graph(read_source(tiny(prefix="bert."))) == reference_graph(read_source(tiny()))
    half = read_source(tiny(dtype=np.float16))
    assert all(tensor.dtype == np.float32 for tensor in half.weights.values())


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_int8_graph_is_near_fp32(tiny: Callable[..., Path], pooling: str) -> None:
    folder = tiny(pooling=pooling)
    source = read_source(folder)
    tokens = Tokens(source.tokenizer_json, 32)
    graph = int8_graph(source, calibrate(source, reference_graph(source)))
    found = Engine(graph, tokens, threads=1).encode(TEXTS).vectors
    cosines = (found * oracle(folder, tokens.encode(TEXTS).ids, pooling=pooling)).sum(axis=1)
    assert cosines.min() > 0.995


def test_smoothing_helps_a_model_with_a_loud_channel(tiny: Callable[..., Path]) -> None:
    gain = np.ones(32, dtype=np.float32)
    gain[7] = 30
    loud = {
        f"encoder.layer.{layer}.{place}LayerNorm.weight": gain for layer in (0, 1) for place in ("attention.output.",)
    }
    source = read_source(tiny(tensors=loud))
    tokens = Tokens(source.tokenizer_json, 32)
    reference = reference_graph(source)
    smooth = calibrate(source, reference)
    assert smooth["0.widen"][7] >= 2
    exact = Engine(reference, tokens, threads=1).encode(TEXTS).vectors
    none = {place: np.ones_like(factors) for place, factors in smooth.items()}
    losses = [
        1 - float((Engine(int8_graph(source, factors), tokens, threads=1).encode(TEXTS).vectors * exact).sum(1).mean())
        for factors in (smooth, none)
    ]
    assert losses[0] < losses[1]


def test_reference_names_its_peaks(tiny: Callable[..., Path]) -> None:
    session = open_session(reference_graph(read_source(tiny())))
    places = [peak_place(output.name) for output in session.get_outputs()]
    assert places == [None, "0.attend", "0.widen", "1.attend", "1.widen"]
