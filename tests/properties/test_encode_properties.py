"""A text's vector is the text's own: the same bits alone, in any batch, in any order, from any thread count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from signaltriage.encode.batches import by_length
from signaltriage.encode.locate import default_folder
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.encode.quantize import pair_sums, quantise_columns, smoothing
from signaltriage.encode.tokens import Tokens

ENCODER = OnnxEncoder.load(default_folder(), threads=2)
SINGLE = OnnxEncoder.load(default_folder(), threads=1)
TOKENIZER = (default_folder() / "tokenizer.json").read_text(encoding="utf-8")
TOKENS = Tokens(TOKENIZER, 32)
ORACLE = Tokenizer.from_str(TOKENIZER)
ORACLE.enable_truncation(32)

words = st.sampled_from(
    ["vpn", "refund", "invoice", "login", "crashes", "again", "since", "Tuesday", "?", "42", "漢字"]
)
sentences = st.lists(words, max_size=30).map(" ".join)
texts = st.one_of(sentences, st.text(max_size=60))


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_vectors_do_not_depend_on_company_or_order(batch: list[str], random: object) -> None:
    vectors = ENCODER.encode(batch)
    order = list(range(len(batch)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert np.array_equal(ENCODER.encode([batch[i] for i in order]), vectors[order])
    split = len(batch) // 2
    parts = [SINGLE.encode(batch[:split]), SINGLE.encode(batch[split:])]
    assert np.array_equal(np.concatenate(parts), vectors)
    assert np.array_equal(SINGLE.encode([batch[0]])[0], vectors[0])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_unit_vector(text: str) -> None:
    vector = SINGLE.encode([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=40), st.integers(1, 400))
def test_cutting_characters_never_changes_the_tokens_read(piece: str, times: int) -> None:
    assert TOKENS.encode([piece * times]).ids[0] == ORACLE.encode(piece * times).ids


@given(st.lists(st.integers(1, 600), max_size=200), st.integers(1, 8))
def test_batches_are_a_partition_into_equal_lengths(lengths: list[int], workers: int) -> None:
    batches = by_length(lengths, workers=workers)
    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(len(lengths)))
    assert all(len({lengths[row] for row in batch}) == 1 for batch in batches)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 20), st.floats(1e-6, 1e6))
def test_weights_never_leave_16_bits(seed: int, rows: int, columns: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    weight = (rng.standard_t(1.5, (rows, columns)) * size).astype(np.float32)
    levels = quantise_columns(weight * smoothing(np.abs(rng.standard_t(1, rows)).astype(np.float32), weight)[:, None])[
        0
    ]
    for sign in (1, -1):
        assert 255 * pair_sums(np.maximum(levels.astype(np.int64) * sign, 0)).max() <= 32767
