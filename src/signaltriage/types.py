"""The records that travel between stages: frozen, typed, free of behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["routed", "needs_human"]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A team that was considered and not chosen."""

    team: str
    probability: float
    """Calibrated, 0-1."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where one signal goes, how sure we are, and why."""

    team: str | None
    """The team it is routed to; None when a person must look."""
    outcome: Outcome
    probability: float
    """Calibrated probability of `best_guess`, 0-1."""
    best_guess: str
    """The most probable team, whatever the outcome."""
    runners_up: tuple[RunnerUp, ...]
    """The next most probable teams, best first."""
    reason: str
    """In words: why this outcome, which words and which known examples spoke for the best guess."""
    model_version: str
    rule: str = ""
    """Id of the rule that decided; empty where none did."""
    none_probability: float = 0.0
    """That it is none of the known teams', 0-1."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input row that could not be read, kept with its place and the reason."""

    line: int
    """1-based line of the file (record number where the format has no lines)."""
    reason: str
    raw: str
