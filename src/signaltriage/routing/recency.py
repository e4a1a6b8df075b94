"""How much an old row counts: exponential fading with a half-life in days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def recency_weights(times: NDArray[np.float64] | None, half_life_days: float | None, n: int) -> NDArray[np.float64]:
    """Weights with mean one, shape (n,): 0.5 ** (age / half-life); all ones without times or half-life.

    Args:
        times: seconds since the epoch, shape (n,).
        half_life_days: age at which a row counts half, in days.
        n: number of rows.
    """
    if times is None or half_life_days is None or half_life_days <= 0:
        return np.ones(n)
    age_days = (times.max() - times) / 86_400
    weights = 0.5 ** (age_days / half_life_days)
    # A floor keeps teams that nobody wrote to lately from vanishing altogether.
    weights = np.maximum(weights, 1e-3)
    return np.asarray(weights / weights.mean())
