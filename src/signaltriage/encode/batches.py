"""Which texts run together: only those with exactly the same number of tokens.

Then nothing is padded, nothing needs a mask, and a text's arithmetic is the same alone and in company.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Batch = NDArray[np.intp]
"""Indices of texts that have the same number of tokens."""

TOKENS_A_BATCH = 512
"""Activations of this many tokens stay in a core's cache; measured best of 128 ... 4096."""
_LEAST_TOKENS = 64
_BATCHES_A_WORKER = 2


def by_length(lengths: Sequence[int], *, workers: int = 1, most_tokens: int = TOKENS_A_BATCH) -> list[Batch]:
    """Split texts with `lengths` tokens (N,) into batches, the costliest first so that workers end together.

    Each batch holds at most `most_tokens` tokens (or one text). Few texts make smaller batches, so that every worker
    gets some.
    """
    counts = np.asarray(lengths, dtype=np.intp)
    if not len(counts):
        return []
    if workers > 1:
        share = int(counts.sum()) // (workers * _BATCHES_A_WORKER)
        most_tokens = min(most_tokens, max(share, _LEAST_TOKENS))
    order = np.argsort(-counts, kind="stable")
    edges = np.flatnonzero(np.diff(counts[order])) + 1
    batches: list[Batch] = []
    for group in np.split(order, edges):
        size = max(1, most_tokens // max(int(counts[group[0]]), 1))
        batches.extend(group[start : start + size] for start in range(0, len(group), size))
    return batches
