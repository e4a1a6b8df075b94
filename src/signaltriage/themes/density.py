"""Dense regions as themes: HDBSCAN, on the reduced and smoothed rows."""

from __future__ import annotations

from typing import cast

import numpy as np

from signaltriage.themes.partition import FloatArray, IntArray


def dense_regions(vectors: FloatArray, min_size: int, granularity: float) -> IntArray:
    """Label of each row, -1 where it lies in no dense region (Campello et al. 2013), shape (n,).

    Raw sentence vectors are too many-dimensional for it: half the rows become noise.

    Args:
        vectors: reduced and smoothed rows, shape (n, dimension).
        min_size: fewest rows of a region; larger in large sets.
        granularity: the fewest rows of a region are divided by it.
    """
    from hdbscan import HDBSCAN

    n = len(vectors)
    fewest = max(min_size, round(0.25 * n**0.5 / granularity), 2)
    if n < 2 * fewest:
        return np.zeros(n, dtype=np.int64)
    # The exact tree on one thread: the approximate one follows the order in which rows are visited.
    search = HDBSCAN(
        min_cluster_size=fewest, min_samples=min(5, fewest), approx_min_span_tree=False, core_dist_n_jobs=1
    )
    return cast("IntArray", search.fit_predict(vectors).astype(np.int64))
