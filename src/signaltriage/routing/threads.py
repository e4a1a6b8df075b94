"""One thread for arithmetic whose last bits must not follow the number of threads."""

from __future__ import annotations

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """BLAS and OpenMP keep to one thread within: the order of a sum, and so its last bits, are the same everywhere."""
    import scipy.linalg  # noqa: F401  # a limit reaches only libraries that are loaded already
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limit
