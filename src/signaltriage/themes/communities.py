"""Groups of a graph whose links run within them rather than between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

IntArray = NDArray[np.int64]


def louvain(graph: sparse.csr_matrix, resolution: float) -> IntArray:
    """Groups of most modularity (Blondel et al. 2008), numbered 0 on; rows are visited in order, nothing is drawn.

    Args:
        graph: symmetric, not negative, shape (n, n).
        resolution: 1 is Newman's modularity, more gives smaller groups.
    """
    from sknetwork.clustering import Louvain

    if graph.nnz == 0:
        return np.arange(graph.shape[0], dtype=np.int64)
    found = Louvain(resolution=resolution, modularity="newman", shuffle_nodes=False).fit_predict(graph)
    return cast("IntArray", np.unique(found, return_inverse=True)[1].astype(np.int64))


@dataclass(frozen=True)
class Cuts:
    """How good it is to stop merging at each number of groups. Shapes (m,)."""

    k: IntArray
    """Numbers of groups, rising."""
    within: NDArray[np.float64]
    """Share of the links that run within groups, 0-1."""
    expected: NDArray[np.float64]
    """What that share would be if links fell by chance."""

    def modularity(self, resolution: float) -> NDArray[np.float64]:
        """Newman's, at a resolution (Reichardt and Bornholdt 2006)."""
        return self.within - resolution * self.expected


def cuts(graph: sparse.csr_matrix, groups: IntArray, merged: Mapping[int, IntArray]) -> Cuts:
    """Modularity of a hierarchy.

    Args:
        graph: links between rows, shape (n, n).
        groups: the finest groups, 0 to g - 1, shape (n,).
        merged: for each number of groups, what each of the finest belongs to, shape (g,).
    """
    n, g = len(groups), int(groups.max()) + 1
    belongs = sparse.csr_matrix((np.ones(n), (np.arange(n), groups)), shape=(n, g))
    between = np.asarray((belongs.T @ graph @ belongs).todense(), dtype=np.float64)
    total = max(between.sum(), 1e-12)
    between /= total
    degree = between.sum(axis=1)
    numbers = sorted(merged)
    within, expected = np.empty(len(numbers)), np.empty(len(numbers))
    for i, k in enumerate(numbers):
        _, part = np.unique(merged[k], return_inverse=True)
        within[i] = between[part[:, None] == part[None, :]].sum()
        expected[i] = (np.bincount(part, degree) ** 2).sum()
    return Cuts(np.array(numbers, dtype=np.int64), within, expected)
