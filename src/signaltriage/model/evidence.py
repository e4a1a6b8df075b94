"""What the held-out rows say: the figures in the manifest, and the minimum probability each team is routed at."""

from __future__ import annotations

from typing import Any

import numpy as np

from signaltriage import metrics
from signaltriage.routing.abstention import CONFIDENCE, Guesses, Promise, Targets, make_promise
from signaltriage.routing.groups import GroupPooling, fit_pooling
from signaltriage.routing.training import NOT_HELD_OUT, HeldOut, Trained, TrainingRows
from signaltriage.settings import Settings


def promise_of(trained: Trained, settings: Settings) -> Promise:
    """The minimum probabilities that keep the error of what is routed within the targets, with their evidence."""
    held_out, classes = trained.held_out, trained.router.classes
    best = held_out.probabilities.argmax(axis=1)
    guesses = Guesses(best, held_out.probabilities.max(axis=1), best == held_out.y)
    if trained.choice.split == NOT_HELD_OUT:  # judged on what it had learnt: no evidence at all
        guesses = Guesses(best[:0], guesses.probability[:0], guesses.right[:0])
    own = dict(settings.team_target_error)
    if settings.per_team:
        own = {team: own.get(team, settings.target_error) for team in classes}
    return make_promise(guesses, classes, Targets(settings.target_error, own))


def pooling_of(trained: Trained, rows: TrainingRows, seed: int) -> GroupPooling:
    """How signals of one group add up, from groups of held-out rows; each distinct text once."""
    if trained.choice.split == NOT_HELD_OUT:
        return GroupPooling()
    held_out = trained.held_out
    first = {rows.texts[row]: place for place, row in reversed(list(enumerate(held_out.rows)))}
    kept = np.sort(np.fromiter(first.values(), dtype=np.int64, count=len(first)))
    vectors = rows.vectors[held_out.rows[kept]]
    return fit_pooling(held_out.probabilities[kept], held_out.y[kept], vectors, seed)


def held_out_metrics(held_out: HeldOut, promise: Promise) -> dict[str, Any]:
    """Figures on rows the model had not seen when it guessed them. Probabilities 0-1, counts in rows."""
    probability = held_out.probabilities.max(axis=1)
    guess = held_out.probabilities.argmax(axis=1)
    right = guess == held_out.y
    return {
        "rows": len(right),
        "accuracy": _digits(right.mean()),
        "macro_f1": _digits(metrics.macro_f1(held_out.y, guess)),
        "expected_calibration_error": _digits(metrics.expected_calibration_error(probability, right)),
        "target_error": promise.target_error,
        "confidence": CONFIDENCE,
        "share_routed": _digits(promise.routed / promise.rows) if promise.rows else 0.0,
        "error_among_routed": _digits(promise.wrong / promise.routed) if promise.routed else None,
    }


def _digits(value: float) -> float:
    return round(float(value), 4)
