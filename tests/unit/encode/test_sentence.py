"""The same tiny model through sentence-transformers and torch: served directly, and exported."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from signaltriage.encode import Encoder, load_encoder
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.encode.sentence import SentenceEncoder, export
from signaltriage.errors import EncoderError

pytestmark = [
    pytest.mark.teachers,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

TEXTS = ["vpn not working", "refund", "please refund the order", "", "card", "the invoice is not the invoice", "a.b.c"]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sentence_transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_it_is_an_encoder(tiny: Callable[..., Path]) -> None:
    folder = tiny()
    encoder = load_encoder(f"st:{folder}")
    assert isinstance(encoder, SentenceEncoder)
    assert isinstance(encoder, Encoder)
    assert (encoder.name, encoder.dimension, encoder.max_tokens) == (folder.name, 32, 32)
    assert "digest=" in repr(encoder)
    assert encoder.encode([]).shape == (0, 32)


def test_company_and_order_do_not_matter(tiny: Callable[..., Path]) -> None:
    encoder = SentenceEncoder.load(str(tiny()))
    vectors = encoder.encode(TEXTS * 2)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors[: len(TEXTS)], vectors[len(TEXTS) :])
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.abs(alone - vectors[: len(TEXTS)]).max() < 1e-6


def test_truncation_is_counted_and_surrogates_are_read(tiny: Callable[..., Path]) -> None:
    report = SentenceEncoder.load(str(tiny())).encode_with_report(["vpn " * 30, "vpn " * 31, "vpn " * 90, "\ud800 vpn"])
    assert report.n_truncated == 2
    assert np.allclose(report.vectors[0], report.vectors[2], atol=1e-6)


def test_the_digest_follows_what_the_vectors_depend_on(tiny: Callable[..., Path]) -> None:
    digest = SentenceEncoder.load(str(tiny())).digest
    assert len(digest) == 64
    again = SentenceEncoder.load(str(tiny()))
    again.encode(TEXTS)
    assert again.digest == digest
    assert SentenceEncoder.load(str(tiny(seed=1))).digest != digest
    assert SentenceEncoder.load(str(tiny(pooling="cls"))).digest != digest
    assert SentenceEncoder.load(str(tiny(files={"sentence_bert_config.json": {"max_seq_length": 16}}))).digest != digest


def test_pickled_by_its_name(tiny: Callable[..., Path]) -> None:
    encoder = SentenceEncoder.load(str(tiny()))
    assert pickle.loads(pickle.dumps(encoder)).digest == encoder.digest  # noqa: S301


@pytest.mark.parametrize("name", ["no-such-org/no-such-model", "./no/such/folder", "no such name"])
def test_a_model_that_is_not_here_is_an_encoder_error(name: str) -> None:
    with pytest.raises(EncoderError, match="on this machine") as caught:
        SentenceEncoder.load(name)
    assert caught.value.exit_code == 5
    assert caught.value.remedy


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("architecture", ["bert", "distilbert"])
def test_an_export_is_near_the_torch_model(
    tiny: Callable[..., Path], tmp_path: Path, architecture: str, pooling: str
) -> None:
    folder = tiny(architecture=architecture, pooling=pooling)
    report = export(str(folder), tmp_path / "exported", texts=TEXTS)
    assert report.cosine_min > 0.995
    assert report.n_texts == len(TEXTS)
    encoder = OnnxEncoder.load(tmp_path / "exported")
    assert encoder.name == f"{folder.name}-int8"
    assert encoder.max_tokens == 32


def test_pickled_weights_are_exported_through_a_saved_copy(tiny: Callable[..., Path], tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tiny()
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    report = export(str(folder), tmp_path / "exported", texts=TEXTS)
    assert report.cosine_min > 0.995
    assert OnnxEncoder.load(tmp_path / "exported").max_tokens == 32


def test_an_unfaithful_export_is_not_kept(
    tiny: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaltriage.encode.sentence.EXPORT_MIN_COSINE", 1.1)
    with pytest.raises(EncoderError, match="differ") as caught:
        export(str(tiny()), tmp_path / "exported", texts=TEXTS)
    assert "st:" in caught.value.remedy
    assert not (tmp_path / "exported").exists()


def test_an_architecture_without_a_graph_says_serve_it_directly(tiny: Callable[..., Path], tmp_path: Path) -> None:
    folder = tiny(files={"sentence_bert_config.json": {"max_seq_length": 32, "do_lower_case": True}})
    with pytest.raises(EncoderError) as caught:
        export(str(folder), tmp_path / "exported")
    assert "serve it directly" in caught.value.remedy
