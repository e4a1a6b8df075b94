"""Threads that no result depends on: one for arithmetic whose last bits follow their number, several for blocks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

Item = TypeVar("Item")


def one_thread() -> AbstractContextManager[object]:
    """BLAS and OpenMP keep to one thread within: the order of a sum, and so its last bits, are the same everywhere."""
    import scipy.linalg  # noqa: F401  # a limit reaches only libraries that are loaded already
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limit


def each(work: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Do the work for every item, several at a time; the first error is raised."""
    with one_thread(), ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        for _ in pool.map(work, items):
            pass
