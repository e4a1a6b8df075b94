"""Inner products of rows, for one row as for thousands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FEW = 8
"""Rows up to which a product runs without BLAS: waking its threads takes longer than the product itself."""


def inner_products(left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.float64]:
    """All inner products of the rows of `left` (n, d) with those of `right` (m, d): shape (n, m).

    In double precision, because a product's last bits depend on how many rows travel together: this far down they
    vanish when a probability is rounded.
    """
    a, b = left.astype(np.float64, copy=False), right.astype(np.float64, copy=False)
    return np.einsum("nd,md->nm", a, b) if len(a) <= _FEW else np.asarray(a @ b.T)
