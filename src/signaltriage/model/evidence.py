"""What the held-out rows say: the figures in the manifest, and the minimum probability each team is routed at."""

from __future__ import annotations

from typing import Any

import numpy as np

from signaltriage import metrics
from signaltriage.routing.abstention import CONFIDENCE, NEVER, choose_min_probability
from signaltriage.routing.training import NOT_HELD_OUT, HeldOut, Trained


def least_probability(trained: Trained, target_error: float) -> float:
    """The minimum probability that keeps the error of what is routed within `target_error`."""
    held_out = trained.held_out
    if trained.choice.split == NOT_HELD_OUT:
        return NEVER
    best = held_out.probabilities.argmax(axis=1)
    return choose_min_probability(held_out.probabilities.max(axis=1), best == held_out.y, target_error)


def held_out_metrics(held_out: HeldOut, target_error: float, limit: float) -> dict[str, Any]:
    """Figures on rows the model had not seen when it guessed them. Probabilities 0-1, counts in rows."""
    probability = held_out.probabilities.max(axis=1)
    guess = held_out.probabilities.argmax(axis=1)
    right = guess == held_out.y
    routed = probability >= limit
    return {
        "rows": len(right),
        "accuracy": _digits(right.mean()),
        "macro_f1": _digits(metrics.macro_f1(held_out.y, guess)),
        "expected_calibration_error": _digits(metrics.expected_calibration_error(probability, right)),
        "target_error": target_error,
        "confidence": CONFIDENCE,
        "share_routed": _digits(routed.mean()),
        "error_among_routed": _digits(np.mean(~right[routed])) if routed.any() else None,
    }


def _digits(value: float) -> float:
    return round(float(value), 4)
