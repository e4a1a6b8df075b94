"""A small trained router whose encoder costs nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from signaltriage.routing.explain import Examples
from signaltriage.routing.training import Trained, TrainingRows, train_router
from support import TEAMS, TEXTS, WordsEncoder


@dataclass(frozen=True)
class Small:
    """What was trained, on what, and the examples it explains by."""

    trained: Trained
    vectors: np.ndarray
    examples: Examples
    encoder: WordsEncoder


@pytest.fixture(scope="session")
def small() -> Small:
    encoder = WordsEncoder()
    vectors = encoder.encode(TEXTS)
    trained = train_router(TrainingRows(TEXTS, TEAMS, vectors))
    y = np.array([trained.router.classes.index(team) for team in TEAMS])
    return Small(trained, vectors, Examples.choose(TEXTS, y, vectors, 5), encoder)
