"""Floats to 8-bit integers: weights once, when the encoder is built; activations in the graph, one scale a token row.

One scale a row is what makes a text's vector independent of its batch-mates: common "dynamic" quantisation takes one
scale for the whole batch, so a loud neighbour changes every other text's rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LEVELS = 127
"""Weights are in -127 ... 127."""
SIGNED_ZERO = 128
"""Zero point of activations of both signs: the row's largest magnitude becomes 1 or 255."""
GELU_ZERO = 24
"""Zero point of activations after GELU, which go far up and hardly down: most levels serve the upper side."""
GELU_LOW = 0.1702
"""No GELU (exact or tanh) goes below minus this."""
TINY = 1e-12
_BALANCE = 0.65
"""How much of a loud channel's range moves from the activations to the weights (0 none, 1 all); best of 0.3 ... 0.8."""


class Quantised(NamedTuple):
    """Integers and their scales: value ≈ levels * scales."""

    levels: NDArray[np.int8]
    scales: Floats


def quantise_columns(weight: Floats) -> Quantised:
    """An (in, out) weight to int8, one scale an output column.

    The scale also keeps every adjacent pair of a column within 128 on either side of zero. CPUs without VNNI multiply
    uint8 by int8 in pairs and add the two in 16 bits: 255 * 128 fits, 255 * (127 + 127) would be cut off silently, and
    the encoder would give other vectors there. It costs 0.0001 of cosine; scaling to 7 bits instead costs 0.0014.
    """
    magnitude = np.abs(weight).max(axis=0)
    for side in (np.maximum(weight, 0), np.maximum(-weight, 0)):
        magnitude = np.maximum(magnitude, pair_sums(side).max(axis=0))
    scales = np.maximum(magnitude.astype(np.float64) / LEVELS, TINY)
    levels = np.clip(np.round(weight / scales), -LEVELS, LEVELS)
    return Quantised(levels.astype(np.int8), scales.astype(np.float32))


def quantise_rows(table: Floats) -> Quantised:
    """An (entries, width) table to int8, one scale a row, shape (entries, 1)."""
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True).astype(np.float64) / LEVELS, TINY)
    return Quantised(np.round(table / scales).astype(np.int8), scales.astype(np.float32))


def pair_sums(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Sums of rows 0+1, 2+3, ... of (in, out), as paired multiplication adds them; shape (in / 2 rounded up, out)."""
    if len(values) % 2:
        values = np.vstack([values, np.zeros_like(values[:1])])
    return np.asarray(values[0::2] + values[1::2])


def smoothing(peaks: Floats, weight: Floats) -> Floats:
    """What to divide each input channel of a linear layer by (and multiply its weights by), shape (in,).

    A few channels of these models are 20 times louder than the rest; with one scale a row they leave the others few
    levels. `peaks` (in,) is each channel's largest magnitude on sample texts, `weight` is (in, out). The balance of the
    two is SmoothQuant's (Xiao et al. 2023), relative to the median channel. Only powers of two and only shrinking: so
    both sides stay exact, and rounding differences of the machine that measured the peaks hardly ever show.
    """
    loudness = np.maximum(peaks.astype(np.float64), TINY) ** _BALANCE
    own = np.maximum(np.abs(weight).max(axis=1).astype(np.float64), TINY) ** (1 - _BALANCE)
    factors = loudness / own
    steps = np.round(np.log2(factors / np.median(factors)))
    return np.asarray(2.0 ** np.maximum(steps, 0), dtype=np.float32)
