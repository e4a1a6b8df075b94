from __future__ import annotations

import numpy as np
import pytest

from signaltriage.encode.locate import default_folder
from signaltriage.encode.quantize import pair_sums, quantise_columns, quantise_rows, smoothing

INT16 = 32767


def random_weight(seed: int, rows: int = 64, columns: int = 48) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(rows, columns)) * rng.lognormal(size=(1, columns))).astype(np.float32)


def test_columns_come_back_within_half_a_step() -> None:
    weight = random_weight(0)
    levels, scales = quantise_columns(weight)
    assert levels.dtype == np.int8
    assert np.all(np.abs(levels * scales - weight) <= scales * 0.5001)


@pytest.mark.parametrize("seed", range(5))
def test_no_pair_of_products_leaves_16_bits(seed: int) -> None:
    weight = random_weight(seed)
    weight[0] = weight[1] = np.abs(weight).max(axis=0)  # the worst pair: both at the column's maximum
    levels = quantise_columns(weight).levels.astype(np.int64)
    assert 255 * pair_sums(np.maximum(levels, 0)).max() <= INT16
    assert 255 * pair_sums(np.maximum(-levels, 0)).max() <= INT16


def test_paired_16_bit_arithmetic_equals_exact_arithmetic() -> None:
    """An oracle: CPUs without VNNI add two products with 16-bit saturation."""
    rng = np.random.default_rng(1)
    levels = quantise_columns(random_weight(7)).levels.astype(np.int64)
    rows = rng.choice([0, 1, 128, 254, 255], size=(200, len(levels)))
    products = rows[:, :, None] * levels[None]
    saturated = np.clip(products[:, 0::2] + products[:, 1::2], -INT16 - 1, INT16).sum(axis=1)
    assert np.array_equal(saturated, rows @ levels)


def test_shipped_weights_never_saturate() -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string((default_folder() / "model.onnx").read_bytes())
    checked = 0
    for constant in model.graph.initializer:
        if constant.name.endswith("_q") and constant.name != "word_q":
            levels = onnx.numpy_helper.to_array(constant).astype(np.int64)
            assert 255 * pair_sums(np.maximum(levels, 0)).max() <= INT16, constant.name
            assert 255 * pair_sums(np.maximum(-levels, 0)).max() <= INT16, constant.name
            checked += 1
    assert checked == 36


def test_zero_columns_and_rows_stay_zero() -> None:
    weight = random_weight(2)
    weight[:, 3] = 0
    levels, scales = quantise_columns(weight)
    assert not levels[:, 3].any()
    assert np.isfinite(scales).all()
    assert not quantise_rows(np.zeros((2, 4), dtype=np.float32)).levels.any()


def test_rows_have_a_scale_each() -> None:
    table = np.array([[1, -2, 0.5], [100, 50, -25]], dtype=np.float32)
    levels, scales = quantise_rows(table)
    assert scales.shape == (2, 1)
    assert np.abs(levels).max(axis=1).tolist() == [127, 127]
    assert np.all(np.abs(levels * scales - table) <= scales * 0.5001)


def test_odd_number_of_rows_pairs_the_last_with_zero() -> None:
    assert pair_sums(np.array([[1.0], [2.0], [4.0]])).ravel().tolist() == [3.0, 4.0]


def test_smoothing_turns_only_loud_channels_down_by_powers_of_two() -> None:
    rng = np.random.default_rng(3)
    peaks = rng.uniform(0.8, 1.2, 64).astype(np.float32)
    peaks[5] = 20
    peaks[6] = 0.001
    factors = smoothing(peaks, rng.uniform(-1, 1, (64, 32)).astype(np.float32))
    assert factors[5] >= 4
    assert factors.min() == 1
    assert np.array_equal(np.exp2(np.round(np.log2(factors))), factors)
    assert np.delete(factors, 5).max() <= 2


def test_smoothing_survives_dead_channels() -> None:
    factors = smoothing(np.zeros(8, dtype=np.float32), np.zeros((8, 4), dtype=np.float32))
    assert factors.tolist() == [1.0] * 8
