"""A tiny random BERT written to disk by the tests, and a fake encoder: nothing here needs torch or a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signaltriage.encode.build import BuildSpec, build_encoder
from signaltriage.encode.onnx import OnnxEncoder

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 4, 64, 64
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"
WORDS = ["the", "vpn", "order", "refund", "invoice", "card", "login", "password", "please", "not", "working"]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS), *WORDS]


@dataclass(frozen=True)
class TinyModel:
    """What to write; `config` and `files` override or add."""

    architecture: str = "bert"
    pooling: str = "mean"
    seed: int = 0
    prefix: str = ""
    dtype: Any = np.float32
    config: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Any] = field(default_factory=dict)


def bert_tensors(rng: np.random.Generator, positions: int, types: int) -> dict[str, np.ndarray]:
    def normal(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.25, shape).astype(np.float32)

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": 1 + normal(HIDDEN), f"{name}.bias": normal(HIDDEN)}

    found = {
        "embeddings.word_embeddings.weight": normal(len(VOCABULARY), HIDDEN),
        "embeddings.position_embeddings.weight": normal(positions, HIDDEN),
        "embeddings.token_type_embeddings.weight": normal(types, HIDDEN),
    } | norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        place = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            found |= {f"{place}attention.self.{name}.weight": normal(HIDDEN, HIDDEN)}
            found |= {f"{place}attention.self.{name}.bias": normal(HIDDEN)}
        for name, out, into in (
            ("attention.output", HIDDEN, HIDDEN),
            ("intermediate", INNER, HIDDEN),
            ("output", HIDDEN, INNER),
        ):
            found |= {f"{place}{name}.dense.weight": normal(out, into), f"{place}{name}.dense.bias": normal(out)}
        found |= norm(f"{place}attention.output.LayerNorm") | norm(f"{place}output.LayerNorm")
    return found


def to_distilbert(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    names = {
        "encoder.layer": "transformer.layer",
        "attention.self.query": "attention.q_lin",
        "attention.self.key": "attention.k_lin",
        "attention.self.value": "attention.v_lin",
        "attention.output.dense": "attention.out_lin",
        "attention.output.LayerNorm": "sa_layer_norm",
        "intermediate.dense": "ffn.lin1",
        "output.dense": "ffn.lin2",
        "output.LayerNorm": "output_layer_norm",
    }
    found = {}
    for name, tensor in tensors.items():
        if "token_type" in name:
            continue
        for theirs, ours in names.items():
            name = name.replace(theirs, ours)
        found[name] = tensor
    return found


def tokenizer_json() -> str:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.enable_padding(length=40)
    tokenizer.enable_truncation(16)
    return tokenizer.to_str()


def tiny_config(model: TinyModel, positions: int) -> dict[str, Any]:
    shared = {"model_type": model.architecture, "max_position_embeddings": positions, "vocab_size": len(VOCABULARY)}
    if model.architecture == "distilbert":
        own = {"dim": HIDDEN, "n_layers": LAYERS, "n_heads": HEADS, "hidden_dim": INNER, "activation": "gelu"}
        return shared | own | {"pad_token_id": 0} | model.config
    own = {
        "architectures": ["BertModel"],
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "type_vocab_size": 2,
        "pad_token_id": 1 if "roberta" in model.architecture else 0,
    }
    return shared | own | model.config


def write_tiny(folder: Path, model: TinyModel) -> Path:
    from safetensors.numpy import save_file

    roberta = "roberta" in model.architecture
    positions = POSITIONS + (2 if roberta else 0)
    tensors = bert_tensors(np.random.default_rng(model.seed), positions, 1 if roberta else 2) | model.tensors
    if model.architecture == "distilbert":
        tensors = to_distilbert(tensors)
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)
    ]
    pooling = {
        "word_embedding_dimension": HIDDEN,
        "pooling_mode_cls_token": model.pooling == "cls",
        "pooling_mode_mean_tokens": model.pooling == "mean",
        "pooling_mode_max_tokens": model.pooling == "max",
    }
    files = {
        "config.json": tiny_config(model, positions),
        "modules.json": modules,
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": 32, "do_lower_case": False},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "model_max_length": 48},
        "tokenizer.json": json.loads(tokenizer_json()),
    } | model.files
    (folder / "1_Pooling").mkdir(parents=True)
    for name, content in files.items():
        if content is not None:
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
    save_file({model.prefix + k: v.astype(model.dtype) for k, v in tensors.items()}, folder / "model.safetensors")
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Write a tiny model: tiny(architecture="roberta", pooling="cls", ...) → its folder."""
    count = iter(range(100))

    def write(**options: Any) -> Path:
        return write_tiny(tmp_path / f"source-{next(count)}", TinyModel(**options))

    return write


@pytest.fixture(scope="session")
def tiny_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built encoder folder of the tiny model; copy it before changing it."""
    base = tmp_path_factory.mktemp("tiny")
    source = write_tiny(base / "source", TinyModel())
    build_encoder(source, base / "tiny-int8", BuildSpec("tiny-int8", "tests", "none"))
    return base / "tiny-int8"


@pytest.fixture(scope="session")
def tiny_encoder(tiny_built: Path) -> OnnxEncoder:
    return OnnxEncoder.load(tiny_built, threads=2)


class FakeEncoder:
    """Vectors from the text's own hash: fast, distinct, and it notes what it was asked."""

    def __init__(self, name: str = "fake", dimension: int = 8) -> None:
        self.name = name
        self.dimension = dimension
        self.digest = hashlib.sha256(name.encode()).hexdigest()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked.extend(texts)
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)

    def _vector(self, text: str) -> np.ndarray:
        key = hashlib.sha256((self.name + text).encode("utf-8", "surrogatepass")).digest()
        vector = np.random.default_rng(list(key)).normal(size=self.dimension)
        return vector / np.linalg.norm(vector)


@pytest.fixture
def make_fake() -> Callable[..., FakeEncoder]:
    return FakeEncoder
