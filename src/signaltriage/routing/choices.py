"""What training tries, and what it chose."""

from __future__ import annotations

from dataclasses import dataclass

FEW_ROWS = 10
"""Rows a team up to which likelihood, which softmax makes of a ridge, pays for blurring: squared error decides there
(PRESS: Allen 1974), and a scorer must pay in right guesses."""


@dataclass(frozen=True)
class Grid:
    """The settings that are tried; the data chooses among them."""

    kernel_widths: tuple[float, ...] = (0.5, 1.0, 2.0)
    kernel_penalties: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0)
    linear_cs: tuple[float, ...] = (0.1, 0.3, 1.0)
    logistic_cs: tuple[float, ...] = (10.0, 30.0, 100.0)
    """Of the scorer that only few rows a team have need of."""
    half_life_shares: tuple[float, ...] = (1.0, 0.5, 0.25, 0.125, 0.0625)
    """Half-lives tried, as shares of the time the training rows span; weighing all times equally is always tried."""
    landmarks: int = 6000
    """At most; fewer where the rows are so many that the features would not fit in `feature_entries`."""
    feature_entries: int = 100_000_000
    scout_landmarks: int = 1000
    """Landmarks of the small machines that settle the kernel's width and the half-life."""
    topics: int = 128
    topic_landmarks: int = 3000


@dataclass(frozen=True)
class Choice:
    """What was chosen, for the model card."""

    kernel_width: float
    kernel_penalty: float
    linear_c: float
    half_life_days: float | None
    split: str
    """"stratified", "forward in time", or `training.NOT_HELD_OUT`."""
    fusion: tuple[float, ...]
