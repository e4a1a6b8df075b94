from __future__ import annotations

import copy
import json
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signaltriage.encode import Encoder
from signaltriage.encode.base import compare
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.errors import EncoderError, UsageError

TEXTS = ["vpn not working", "refund", "please refund the order", "", "card", "the invoice is not the invoice", "a.b.c"]


@pytest.fixture
def folder(tiny_built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_built, tmp_path / "encoder"))


def flip_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def edit_card(folder: Path, **changes: Any) -> None:
    card = json.loads((folder / "encoder.json").read_text())
    (folder / "encoder.json").write_text(json.dumps(card | changes))


def test_unit_rows_in_order(tiny_encoder: OnnxEncoder) -> None:
    vectors = tiny_encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 32)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.array_equal(tiny_encoder.encode([text])[0], vector)


def test_it_is_an_encoder(tiny_encoder: OnnxEncoder) -> None:
    assert isinstance(tiny_encoder, Encoder)
    assert tiny_encoder.name == "tiny-int8"
    assert tiny_encoder.dimension == 32
    assert tiny_encoder.max_tokens == 32
    assert len(tiny_encoder.digest) == 64


def test_nothing_in_nothing_out(tiny_encoder: OnnxEncoder) -> None:
    assert tiny_encoder.encode([]).shape == (0, 32)
    assert tiny_encoder.encode_with_report(()).n_truncated == 0


def test_empty_and_blank_texts_have_one_defined_vector(tiny_encoder: OnnxEncoder) -> None:
    vectors = tiny_encoder.encode(["", "   ", "\n\t"])
    assert np.array_equal(vectors[0], vectors[1])
    assert np.array_equal(vectors[0], vectors[2])
    assert np.isfinite(vectors).all()


def test_duplicates_run_once(tiny_encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    tokens = tiny_encoder._engine._tokens
    original = tokens.encode
    monkeypatch.setattr(tokens, "encode", lambda texts: seen.extend(texts) or original(texts))
    vectors = tiny_encoder.encode(["b", "a", "b", "b", "a"])
    assert seen == ["b", "a"]
    assert np.array_equal(vectors[0], vectors[3])
    assert np.array_equal(vectors[1], vectors[4])


def test_truncated_texts_are_counted(tiny_encoder: OnnxEncoder) -> None:
    limit = "vpn " * 30  # with [CLS] and [SEP] exactly 32 tokens
    report = tiny_encoder.encode_with_report([limit, limit + "order", limit + "card", limit + "card"])
    assert report.n_truncated == 3
    assert np.array_equal(report.vectors[0], report.vectors[1])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_no_bit(tiny_built: Path, tiny_encoder: OnnxEncoder, threads: int) -> None:
    texts = [" ".join(TEXTS[: i % 6]) + str(i) for i in range(300)]
    other = OnnxEncoder.load(tiny_built, threads=threads).encode(texts)
    assert np.array_equal(other, tiny_encoder.encode(texts))


def test_windows_change_no_bit(tiny_encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"order {i} not working {'!' * (i % 7)}" for i in range(60)]
    whole = tiny_encoder.encode_with_report(texts)
    monkeypatch.setattr("signaltriage.encode.engine._WINDOW", 7)
    again = tiny_encoder.encode_with_report(texts)
    assert np.array_equal(whole.vectors, again.vectors)
    assert whole.n_truncated == again.n_truncated


def test_eight_threads_share_one_encoder(tiny_encoder: OnnxEncoder) -> None:
    texts = [f"{TEXTS[i % 7]} {i}" for i in range(200)]
    expected = tiny_encoder.encode(texts)

    def work(seed: int) -> bool:
        order = np.random.default_rng(seed).permutation(len(texts))
        return np.array_equal(tiny_encoder.encode([texts[i] for i in order]), expected[order])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(24)))


@pytest.mark.parametrize("texts", ["a bare text", ["good", None], [1.5], [b"bytes"]])
def test_what_is_not_text_is_refused(tiny_encoder: OnnxEncoder, texts: Any) -> None:
    with pytest.raises(UsageError, match=r"[Tt]ext"):
        tiny_encoder.encode(texts)


def test_lone_surrogates_do_not_stop_a_batch(tiny_encoder: OnnxEncoder) -> None:
    vectors = tiny_encoder.encode(["vpn \udc00 card", "vpn card"])
    assert np.array_equal(vectors[0], vectors[1])


def test_a_vector_that_is_not_finite_names_its_text(tiny_built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = OnnxEncoder.load(tiny_built, threads=1)
    session = encoder._engine._session

    class Overflowing:
        def run(self, names: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            vectors = session.run(names, inputs)[0]
            vectors[(inputs["input_ids"] == inputs["input_ids"][0, 0]).sum(axis=1) > 1] = np.nan
            return [vectors]

    monkeypatch.setattr(encoder._engine, "_session", Overflowing())
    assert encoder.encode(["fine"]).shape == (1, 32)
    with pytest.raises(EncoderError, match="Text 2") as caught:
        encoder.encode(["fine", "fine", "two [CLS] starts", "fine"])
    assert caught.value.remedy


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_a_flipped_byte_is_refused_and_named(folder: Path, file: str) -> None:
    flip_byte(folder / file)
    with pytest.raises(EncoderError, match=file) as caught:
        OnnxEncoder.load(folder)
    assert caught.value.exit_code == 5
    assert caught.value.remedy


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json", "encoder.json"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(EncoderError, match=file):
        OnnxEncoder.load(folder)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": 2}, "format 2"),
        ({"max_tokens": 16}, "digest"),
        ({"max_tokens": "many"}, "contradicts"),
        ({"dimension": -1}, "contradicts"),
        ({"files": {"model.onnx": "0" * 64}}, "contradicts"),
        ({"files": {"../../etc/passwd": "0" * 64, "model.onnx": "0" * 64}}, "contradicts"),
        ({"files": None}, "contradicts|whole"),
        ({"probes": {}}, "whole"),
        ({"surprise": 1}, "whole"),
    ],
)
def test_an_edited_card_is_refused(folder: Path, changes: dict[str, Any], complaint: str) -> None:
    edit_card(folder, **changes)
    with pytest.raises(EncoderError, match=complaint):
        OnnxEncoder.load(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe"])
def test_a_card_that_is_no_card_is_refused(folder: Path, content: bytes) -> None:
    (folder / "encoder.json").write_bytes(content)
    with pytest.raises(EncoderError):
        OnnxEncoder.load(folder)


def test_probes_hold_on_this_machine(tiny_encoder: OnnxEncoder) -> None:
    report = tiny_encoder.check_probes()
    assert report.n_texts == len(tiny_encoder.card.probes.texts)
    assert report.cosine_min > tiny_encoder.card.probes.min_cosine


def test_probes_notice_other_arithmetic(tiny_encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = np.roll(tiny_encoder.card.probes.matrix(), 1, axis=1)
    monkeypatch.setattr(OnnxEncoder, "encode", lambda self, texts: wrong)
    assert tiny_encoder.check_probes().cosine_min < tiny_encoder.card.probes.min_cosine


def test_pickled_by_its_folder(tiny_encoder: OnnxEncoder) -> None:
    data = pickle.dumps(tiny_encoder)
    assert len(data) < 500
    again = pickle.loads(data)  # noqa: S301
    assert again.digest == tiny_encoder.digest
    assert np.array_equal(again.encode(TEXTS), tiny_encoder.encode(TEXTS))


def test_a_pickle_of_another_encoder_is_refused(folder: Path, tiny_encoder: OnnxEncoder) -> None:
    data = pickle.dumps(OnnxEncoder.load(folder))
    edited = json.loads((folder / "tokenizer.json").read_text()) | {"version": "1.0"}
    (folder / "tokenizer.json").write_text(json.dumps(edited))
    with pytest.raises(EncoderError):
        pickle.loads(data)  # noqa: S301


def test_copies_are_the_encoder_itself(tiny_encoder: OnnxEncoder) -> None:
    assert copy.deepcopy(tiny_encoder) is tiny_encoder
    assert copy.copy(tiny_encoder) is tiny_encoder


def test_scikit_learn_can_clone_an_estimator_that_holds_it(tiny_encoder: OnnxEncoder) -> None:
    from sklearn.base import BaseEstimator, clone

    class Holder(BaseEstimator):  # type: ignore[misc]
        def __init__(self, encoder: object = None) -> None:
            self.encoder = encoder

    assert clone(Holder(tiny_encoder)).encoder is tiny_encoder


def test_repr_is_short(tiny_encoder: OnnxEncoder) -> None:
    assert repr(tiny_encoder).startswith("OnnxEncoder('tiny-int8', dimension=32")
    assert len(repr(tiny_encoder)) < 100


def test_compare_is_a_cosine_by_row() -> None:
    report = compare(np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[0, 1, 0]], name="rows")
    assert (report.n_texts, report.cosine_min) == (3, 0.0)
    assert report.cosine_mean == pytest.approx(2 / 3)
