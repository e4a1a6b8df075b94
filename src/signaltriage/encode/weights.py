"""Reads a sentence-transformers folder as plain data: the model's shape, and its weights under one set of names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import EncoderError

Floats = NDArray[np.float32]

REMEDY = "serve it directly instead: --encoder st:NAME_OR_PATH (needs the extra `teachers`)"
_POOLINGS = {"mean": "mean", "cls": "cls", "mean_tokens": "mean", "cls_token": "cls"}
_ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh", "gelu_fast": "tanh"}

_BERT = {
    "query": "encoder.layer.{}.attention.self.query",
    "key": "encoder.layer.{}.attention.self.key",
    "value": "encoder.layer.{}.attention.self.value",
    "mix": "encoder.layer.{}.attention.output.dense",
    "mix_norm": "encoder.layer.{}.attention.output.LayerNorm",
    "widen": "encoder.layer.{}.intermediate.dense",
    "narrow": "encoder.layer.{}.output.dense",
    "narrow_norm": "encoder.layer.{}.output.LayerNorm",
}
_DISTILBERT = {
    "query": "transformer.layer.{}.attention.q_lin",
    "key": "transformer.layer.{}.attention.k_lin",
    "value": "transformer.layer.{}.attention.v_lin",
    "mix": "transformer.layer.{}.attention.out_lin",
    "mix_norm": "transformer.layer.{}.sa_layer_norm",
    "widen": "transformer.layer.{}.ffn.lin1",
    "narrow": "transformer.layer.{}.ffn.lin2",
    "narrow_norm": "transformer.layer.{}.output_layer_norm",
}
_NAMES = {"bert": _BERT, "roberta": _BERT, "xlm-roberta": _BERT, "distilbert": _DISTILBERT}
_DISTILBERT_CONFIG = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "hidden_act": "activation",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a model's configuration the graph needs."""

    architecture: str
    hidden: int
    layers: int
    heads: int
    norm_epsilon: float
    gelu: str
    """ONNX's name of the approximation: none | tanh."""
    pooling: str
    """mean | cls."""
    max_tokens: int


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A model as read: linear weights are (in, out), token type 0 is added to the positions."""

    shape: Shape
    weights: Mapping[str, Floats]
    tokenizer_json: str
    weights_sha256: str


def read_source(folder: Path) -> SourceModel:
    """Read a folder of config.json, model.safetensors, tokenizer.json (and sentence-transformers' own files)."""
    config = _json(folder / "config.json")
    data = _bytes(folder / "model.safetensors")
    shape = _shape(folder, config)
    weights = _weights(_tensors(data), shape, _first_position(config))
    tokenizer_json = _bytes(folder / "tokenizer.json").decode()
    return SourceModel(shape, weights, tokenizer_json, hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EncoderError(f"cannot read {path}: {error.strerror}", remedy=REMEDY) from error


def _json(path: Path) -> Any:
    try:
        return json.loads(_bytes(path))
    except ValueError as error:
        raise EncoderError(f"{path} is not JSON: {error}") from error


def _shape(folder: Path, config: dict[str, Any]) -> Shape:
    architecture = config.get("model_type", "")
    if architecture not in _NAMES:
        raise EncoderError(
            f"{folder}: no graph for architecture {architecture!r} (known: {', '.join(_NAMES)})", remedy=REMEDY
        )
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise EncoderError(f"{folder}: no graph for {config['position_embedding_type']} positions", remedy=REMEDY)
    if architecture == "distilbert":
        config = config | {ours: config[theirs] for ours, theirs in _DISTILBERT_CONFIG.items()}
    if config["hidden_act"] not in _ACTIVATIONS:
        raise EncoderError(f"{folder}: no graph for activation {config['hidden_act']!r}", remedy=REMEDY)
    _refuse_altered_texts(folder)
    return Shape(
        architecture=architecture,
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        norm_epsilon=config.get("layer_norm_eps", 1e-12),
        gelu=_ACTIVATIONS[config["hidden_act"]],
        pooling=_pooling(folder),
        max_tokens=_max_tokens(folder, config),
    )


def _refuse_altered_texts(folder: Path) -> None:
    """Sentence-transformers can change a text before its tokenizer sees it; an encoder folder cannot."""
    for file, key in (
        ("config_sentence_transformers.json", "default_prompt_name"),
        ("sentence_bert_config.json", "do_lower_case"),
    ):
        stated = _json(folder / file).get(key) if (folder / file).exists() else None
        if stated:
            raise EncoderError(f"{folder}: no graph for {key} = {stated!r} in {file}", remedy=REMEDY)


def _pooling(folder: Path) -> str:
    """Walk modules.json: Transformer, Pooling (mean or cls), perhaps Normalize; anything else has no graph."""
    modules = _json(folder / "modules.json") if (folder / "modules.json").exists() else []
    kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
    if kinds and kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise EncoderError(f"{folder}: no graph for the modules {' → '.join(kinds)}", remedy=REMEDY)
    place = next((module["path"] for module in modules if module["type"].endswith("Pooling")), "1_Pooling")
    if not (folder / place / "config.json").exists():
        return "mean"
    config = _json(folder / place / "config.json")
    modes = config.get("pooling_mode") or [
        key[13:] for key, on in config.items() if key.startswith("pooling_mode_") and on
    ]
    modes = [modes] if isinstance(modes, str) else list(modes)
    if len(modes) != 1 or modes[0] not in _POOLINGS:
        raise EncoderError(f"{folder}: no graph for pooling {' + '.join(modes) or 'unknown'}", remedy=REMEDY)
    return _POOLINGS[modes[0]]


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    longest = int(config["max_position_embeddings"]) - _first_position(config)
    for file, key in (("sentence_bert_config.json", "max_seq_length"), ("tokenizer_config.json", "model_max_length")):
        stated = _json(folder / file).get(key) if (folder / file).exists() else None
        if stated:
            return min(int(stated), longest)
    return longest


def _first_position(config: dict[str, Any]) -> int:
    """RoBERTa numbers its positions from the padding token's id + 1."""
    return int(config.get("pad_token_id", 1)) + 1 if "roberta" in config["model_type"] else 0


def _tensors(data: bytes) -> dict[str, Floats]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return {name: np.asarray(tensor) for name, tensor in load(data).items()}
    except (SafetensorError, TypeError, KeyError, AttributeError) as error:
        raise EncoderError(f"model.safetensors cannot be read: {error}", remedy=REMEDY) from error


def _weights(tensors: dict[str, Floats], shape: Shape, first_position: int) -> dict[str, Floats]:
    def take(name: str) -> Floats:
        for prefix in ("", f"{shape.architecture.removeprefix('xlm-')}."):
            if prefix + name in tensors:
                tensor = tensors[prefix + name].astype(np.float32)
                if not np.isfinite(tensor).all():
                    raise EncoderError(f"model.safetensors: {prefix}{name} holds numbers that are not finite")
                return tensor
        raise EncoderError(f"model.safetensors has no {name}", remedy=REMEDY)

    position = take("embeddings.position_embeddings.weight")[first_position:]
    if shape.architecture != "distilbert":
        position = position + take("embeddings.token_type_embeddings.weight")[0]
    found = {
        "word": take("embeddings.word_embeddings.weight"),
        "position": position,
        "embed_norm.weight": take("embeddings.LayerNorm.weight"),
        "embed_norm.bias": take("embeddings.LayerNorm.bias"),
    }
    for layer in range(shape.layers):
        for ours, theirs in _NAMES[shape.architecture].items():
            name = theirs.format(layer)
            weight = take(f"{name}.weight")
            found[f"{layer}.{ours}.weight"] = np.ascontiguousarray(weight.T)
            found[f"{layer}.{ours}.bias"] = take(f"{name}.bias")
    return found
