"""When to route alone and when to ask a person: a minimum probability with a bound on the error above it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
"""The bound on the error holds with this probability over the draw of the held-out rows."""
NEVER = 1.01
"""A minimum probability that nothing reaches: everything goes to a person."""
_GRID = np.arange(99, -1, -1) / 100


def choose_min_probability(probability: NDArray[np.float64], right: NDArray[np.bool_], target_error: float) -> float:
    """The least minimum probability at which at most `target_error` of what is routed is wrong.

    Walks down a fixed grid and stops at the first value whose exact binomial (Clopper-Pearson) upper bound exceeds the
    target: fixed-sequence testing, valid whatever the model (Learn then Test: Angelopoulos et al. 2021, section 2.3).

    Args:
        probability: of the best guess, on held-out rows, shape (n,).
        right: whether the best guess was right, shape (n,).
        target_error: largest share of wrong rows among those routed, 0-1.
    """
    from scipy.stats import beta

    chosen = NEVER
    enough = _rows_to_start(len(probability), target_error)
    for limit in _GRID:
        routed = probability >= limit
        n, wrong = int(routed.sum()), int((routed & ~right).sum())
        if n < enough:
            continue
        bound = 1.0 if wrong == n else float(beta.ppf(CONFIDENCE, wrong + 1, n - wrong))
        if bound > target_error:
            break
        chosen = float(limit)
    return chosen


def _rows_to_start(n: int, target_error: float) -> int:
    """How many rows the first test of the sequence looks at: chosen without looking at which guesses were right.

    Fewer than `least` rows cannot pass even without a single error; a few times as many forgive one or two.
    """
    least = math.ceil(math.log(1 - CONFIDENCE) / math.log(1 - target_error))
    return min(5 * least, max(least, n // 4))
