"""What the held-out rows say: the figures in the manifest, and the minimum probability each team is routed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage import metrics
from signaltriage.routing.abstention import CONFIDENCE, NEVER, Guesses, Promise, Targets, make_promise
from signaltriage.routing.training import NOT_HELD_OUT, HeldOut, Trained
from signaltriage.settings import Settings


def promise_of(trained: Trained, settings: Settings, rows: Mapping[str, int]) -> Promise:
    """The minimum probabilities that keep the error of what is routed within the targets, with their evidence.

    Nothing goes alone to a team without a labelled row, of which `rows` gives the number: nobody has seen it be right.
    """
    held_out, classes = trained.held_out, trained.router.classes
    best = held_out.probabilities.argmax(axis=1)
    guesses = Guesses(best, held_out.probabilities.max(axis=1), best == held_out.y)
    if trained.choice.split == NOT_HELD_OUT:  # judged on what it had learnt: no evidence at all
        guesses = Guesses(best[:0], guesses.probability[:0], guesses.right[:0])
    own = dict(settings.team_target_error)
    if settings.per_team:
        own = {team: own.get(team, settings.target_error) for team in classes}
    promise = make_promise(guesses, classes, Targets(settings.target_error, own))
    teams = (team if rows[team.team] else replace(team, min_probability=NEVER) for team in promise.teams)
    return replace(promise, teams=tuple(teams))


def held_out_metrics(held_out: HeldOut, promise: Promise) -> dict[str, Any]:
    """Figures on rows the model had not seen when it guessed them. Probabilities 0-1, counts in rows."""
    probability = held_out.probabilities.max(axis=1)
    guess = held_out.probabilities.argmax(axis=1)
    right = guess == held_out.y
    return {
        "rows": len(right),
        "accuracy": _digits(right.mean()) if len(right) else None,
        "macro_f1": _digits(metrics.macro_f1(held_out.y, guess)) if len(right) else None,
        "expected_calibration_error": _digits(metrics.expected_calibration_error(probability, right))
        if len(right)
        else None,
        "target_error": promise.target_error,
        "confidence": CONFIDENCE,
        "share_routed": _digits(promise.routed / promise.rows) if promise.rows else 0.0,
        "error_among_routed": _digits(promise.wrong / promise.routed) if promise.routed else None,
    }


def team_shares(rows: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each team in the training rows, shape (K,); even where there are none."""
    counts = np.asarray(rows, dtype=np.float64)
    return np.asarray(counts / counts.sum() if counts.any() else np.full(len(counts), 1 / max(len(counts), 1)))


def _digits(value: float) -> float:
    return round(float(value), 4)
