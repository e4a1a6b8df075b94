"""When to route alone and when to ask a person: minimum probabilities that keep a promise about the error above them.

The promise: in a batch of signals like the held-out ones, at most `target_error` of what is routed alone goes to a wrong
team, with probability `CONFIDENCE`. It is about the error a team will *see*, so the bound is a prediction limit for a
batch to come, not only a confidence limit for a mean nobody sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
NEVER = 1.01
"""A minimum probability that nothing reaches: everything goes to a person."""
BATCH_SHARE = 5
"""The batch the promise is about is one fifth of the held-out rows that were routed: as large as one held-out fold."""
_GRID = np.arange(99, -1, -1) / 100
_STRICTER = np.array([0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5])

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class TeamPromise:
    """What held-out rows say of one team at the limits chosen. Counts in held-out rows, shares 0-1."""

    team: str
    target_error: float
    min_probability: float
    """`NEVER` where the team is held for people."""
    guessed: int
    """Rows whose best guess it was."""
    routed: int
    wrong: int
    """Of those routed."""
    error_limit: float | None
    """Most wrong ones to expect in a batch, at a confidence shared out over all teams; None where none was routed."""
    holds: bool
    """Whether that limit is within the target: only then is anything promised of this team by itself."""
    more_rows: int | None
    """Further held-out rows guessed to be this team's that would do, errors staying as rare; None: no number would."""


@dataclass(frozen=True)
class Promise:
    """What is promised, the limits that keep it, and the evidence."""

    target_error: float
    confidence: float
    rows: int
    """Held-out rows."""
    routed: int
    wrong: int
    error_limit: float | None
    holds: bool
    """False: no limit keeps the promise, and everything goes to a person."""
    teams: tuple[TeamPromise, ...]

    @property
    def min_probability(self) -> dict[str, float]:
        """Of each team: the least probability at which a signal is routed to it without a person."""
        return {team.team: team.min_probability for team in self.teams}
