from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from signaltriage.encode import default_folder, find_encoder, load_encoder
from signaltriage.encode import locate as place
from signaltriage.encode.cache import CachedEncoder
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.errors import EncoderError

HEAVY = ["onnxruntime", "tokenizers", "onnx", "torch", "joblib", "sentence_transformers", "transformers", "safetensors"]
TORCH = ["torch", "sentence_transformers", "transformers"]


def loaded_after(code: str, names: list[str]) -> list[str]:
    ask = f"{code}\nimport sys, json\nprint(json.dumps([n for n in {names!r} if n in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def test_the_import_is_light() -> None:
    assert loaded_after("import signaltriage.encode", HEAVY) == []


def test_encoding_needs_no_torch() -> None:
    code = "from signaltriage.encode import load_encoder; load_encoder().encode(['a text'])"
    assert loaded_after(code, [*TORCH, "onnx", "joblib"]) == []


def test_the_shipped_encoder_is_the_default_and_shared() -> None:
    encoder = load_encoder()
    assert encoder.name == "all-MiniLM-L6-v2-int8"
    assert encoder.dimension == 384
    assert load_encoder() is encoder
    assert load_encoder(threads=1) is not encoder
    assert default_folder().name == encoder.name


def test_the_shipped_encoder_gives_its_probes_here() -> None:
    encoder = OnnxEncoder.load(default_folder())
    assert encoder.check_probes().cosine_min > encoder.card.probes.min_cosine
    assert encoder.card.licence == "Apache-2.0"
    assert encoder.card.parity.cosine_mean > 0.998
    assert "Apache License" in (default_folder() / "NOTICE").read_text()


def test_an_installed_wheel_has_it_inside_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(default_folder(), tmp_path / "_encoders" / place.DEFAULT)
    monkeypatch.setattr(place, "_ROOTS", (tmp_path / "_encoders", tmp_path / "none"))
    assert default_folder() == tmp_path / "_encoders" / place.DEFAULT


def test_without_it_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(place, "_ROOTS", (tmp_path,))
    with pytest.raises(EncoderError) as caught:
        default_folder()
    assert caught.value.exit_code == 5
    assert "build_encoder.py" in caught.value.remedy


def test_a_folder_is_loaded(tiny_built: Path) -> None:
    for source in (tiny_built, str(tiny_built)):
        encoder = load_encoder(source, threads=1)
        assert isinstance(encoder, OnnxEncoder)
        assert (encoder.name, encoder.threads) == ("tiny-int8", 1)


def test_a_cache_is_put_around_it(tiny_built: Path, tmp_path: Path) -> None:
    cached = load_encoder(tiny_built, cache=tmp_path / "cache")
    assert isinstance(cached, CachedEncoder)
    assert np.array_equal(cached.encode(["a", "b"]), load_encoder(tiny_built).encode(["a", "b"]))
    assert (tmp_path / "cache").is_dir()


@pytest.mark.parametrize("source", ["no/such/folder", "all-mpnet-base-v2"])
def test_what_is_no_encoder_folder_is_refused(source: str) -> None:
    with pytest.raises(EncoderError, match=r"encoder\.json") as caught:
        load_encoder(source)
    assert f"st:{source}" in caught.value.remedy


def test_sentence_transformers_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match="not installed") as caught:
        load_encoder("st:all-mpnet-base-v2")
    assert caught.value.exit_code == 5
    assert "teachers" in caught.value.remedy


def test_found_by_digest(tiny_built: Path, tmp_path: Path) -> None:
    digest = load_encoder(tiny_built).digest
    assert find_encoder(digest) is None
    assert find_encoder(digest, [tiny_built]) == tiny_built
    assert find_encoder(digest, [tmp_path / "none", str(tiny_built.parent)]) == tiny_built
    assert find_encoder(load_encoder().digest) == default_folder()
    assert find_encoder("0" * 64, [tiny_built]) is None


def test_a_damaged_neighbour_does_not_stop_the_search(tiny_built: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_built, tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "encoder.json").write_text("{")
    assert find_encoder(load_encoder(tiny_built).digest, [tmp_path]) == tmp_path / "good"
