"""Groups of a graph whose links run within them rather than between them."""

from __future__ import annotations

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
