from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signaltriage.encode.build import BuildSpec, build_encoder
from signaltriage.encode.card import EncoderCard
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.encode.weights import read_source
from signaltriage.errors import EncoderError

SPEC = BuildSpec("tiny-int8", "tests/tiny", "Apache-2.0")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_twice_the_same_gives_the_same_bytes(tiny: Callable[..., Path], tmp_path: Path) -> None:
    source = tiny()
    build_encoder(source, tmp_path / "one", SPEC, threads=1)
    build_encoder(source, tmp_path / "two", SPEC, threads=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_folder_says_what_it_is(tiny: Callable[..., Path], tmp_path: Path) -> None:
    report = build_encoder(tiny(), tmp_path / "built", SPEC)
    assert sorted(contents(tmp_path / "built")) == ["NOTICE", "encoder.json", "model.onnx", "tokenizer.json"]
    card = EncoderCard.read(tmp_path / "built")
    assert (card.name, card.source, card.licence) == ("tiny-int8", "tests/tiny", "Apache-2.0")
    assert (card.dimension, card.max_tokens, card.pooling, card.normalise) == (32, 32, "mean", True)
    assert card.parity.cosine_mean == pytest.approx(report.cosine_mean, abs=1e-5)
    assert report.cosine_min > 0.99
    notice = (tmp_path / "built" / "NOTICE").read_text()
    assert "tests/tiny" in notice
    assert "Apache-2.0" in notice


def test_building_again_replaces_the_encoder(tiny: Callable[..., Path], tmp_path: Path) -> None:
    build_encoder(tiny(), tmp_path / "built", SPEC)
    first = EncoderCard.read(tmp_path / "built").digest
    build_encoder(tiny(seed=1), tmp_path / "built", SPEC)
    assert EncoderCard.read(tmp_path / "built").digest != first
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_with_other_things_is_left_alone(tiny: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(EncoderError, match="not an encoder folder"):
        build_encoder(tiny(), tmp_path / "mine", SPEC)
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_other_weights_are_refused(tiny: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="sha256") as caught:
        build_encoder(tiny(), tmp_path / "built", BuildSpec("x", "y", "z", weights_sha256="0" * 64))
    assert caught.value.exit_code == 5
    assert not (tmp_path / "built").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"config": {"model_type": "mpnet"}}, "architecture 'mpnet'"),
        ({"config": {"model_type": None}}, "architecture None"),
        ({"config": {"position_embedding_type": "relative_key"}}, "relative_key"),
        ({"config": {"hidden_act": "silu"}}, "silu"),
        ({"pooling": "max"}, "pooling max"),
        ({"files": {"1_Pooling/config.json": {"pooling_mode": ["mean", "max"]}}}, "pooling mean"),
        ({"files": {"modules.json": [{"type": "a.Transformer"}, {"type": "a.Pooling"}, {"type": "a.Dense"}]}}, "Dense"),
        ({"files": {"config_sentence_transformers.json": {"default_prompt_name": "query"}}}, "default_prompt_name"),
        ({"files": {"sentence_bert_config.json": {"do_lower_case": True}}}, "do_lower_case"),
        ({"files": {"tokenizer.json": None}}, "tokenizer.json"),
        ({"files": {"config.json": None}}, "config.json"),
        ({"prefix": "other."}, "has no embeddings"),
        ({"tensors": {"embeddings.LayerNorm.bias": np.full(32, np.nan)}}, "not finite"),
    ],
)
def test_what_has_no_graph_is_refused(tiny: Callable[..., Path], tmp_path: Path, options: Any, complaint: str) -> None:
    source = tiny(**options)
    with pytest.raises(EncoderError, match=complaint):
        build_encoder(source, tmp_path / "built", SPEC)
    assert not (tmp_path / "built").exists()


def test_the_remedy_for_other_architectures_is_to_serve_directly(tiny: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as caught:
        build_encoder(tiny(config={"model_type": "mpnet"}), tmp_path / "built", SPEC)
    assert "serve it directly" in caught.value.remedy


def test_damaged_weights_are_refused(tiny: Callable[..., Path], tmp_path: Path) -> None:
    source = tiny()
    (source / "model.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(EncoderError, match="safetensors cannot be read"):
        build_encoder(source, tmp_path / "built", SPEC)


def test_layouts_old_and_new(tiny: Callable[..., Path]) -> None:
    assert read_source(tiny()).shape.max_tokens == 32
    new = {
        "sentence_bert_config.json": {"transformer_task": "feature-extraction"},
        "1_Pooling/config.json": {"embedding_dimension": 32, "pooling_mode": "cls"},
    }
    assert read_source(tiny(files=new)).shape.max_tokens == 48
    assert read_source(tiny(files=new)).shape.pooling == "cls"
    bare = dict.fromkeys(
        ("sentence_bert_config.json", "tokenizer_config.json", "modules.json", "1_Pooling/config.json")
    )
    assert read_source(tiny(files=bare)).shape.max_tokens == 64
    assert read_source(tiny(files=bare)).shape.pooling == "mean"
    endless = {"sentence_bert_config.json": None, "tokenizer_config.json": {"model_max_length": 10**30}}
    assert read_source(tiny(files=endless)).shape.max_tokens == 64
    assert read_source(tiny(architecture="roberta", files=endless)).shape.max_tokens == 64


@pytest.mark.parametrize("architecture", ["bert", "roberta", "xlm-roberta", "distilbert"])
def test_every_architecture_makes_a_working_folder(
    tiny: Callable[..., Path], tmp_path: Path, architecture: str
) -> None:
    build_encoder(tiny(architecture=architecture), tmp_path / "built", SPEC)
    encoder = OnnxEncoder.load(tmp_path / "built")
    assert encoder.encode(["vpn not working"]).shape == (1, 32)
    assert encoder.check_probes().cosine_min > 0.9999


def test_the_card_is_canonical_json(tiny_built: Path) -> None:
    text = (tiny_built / "encoder.json").read_text(encoding="utf-8")
    assert EncoderCard.read(tiny_built).to_json() == text
    parts = json.loads(text)
    assert parts["digest"] == EncoderCard.read(tiny_built).digest
    assert len(parts["probes"]["vectors"][0]) == parts["dimension"]
