"""Made-up vectors: groups around random directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

Blobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def _blobs(
    groups: int, each: int, *, spread: float = 0.6, dimension: int = 48, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(groups, dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    labels = np.repeat(np.arange(groups), each)
    noise = rng.normal(size=(len(labels), dimension)) / dimension**0.5
    vectors = centres[labels] + spread * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), labels


@pytest.fixture(scope="session")
def blobs() -> Blobs:
    """groups, each -> unit vectors (groups · each, dimension) and the group of each; the directions never change."""
    return _blobs
