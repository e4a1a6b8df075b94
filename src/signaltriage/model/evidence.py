"""What the held-out rows say: the figures in the manifest, and the minimum probability each team is routed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage import metrics
from signaltriage.errors import SettingsError
from signaltriage.routing.abstention import CONFIDENCE, NEVER, Guesses, Promise, Targets, make_promise
from signaltriage.routing.groups import GroupPooling, fit_pooling
from signaltriage.routing.training import NOT_HELD_OUT, HeldOut, Trained, TrainingRows
from signaltriage.settings import Settings


def promise_of(trained: Trained, settings: Settings, rows: Mapping[str, int]) -> Promise:
    """The minimum probabilities that keep the error of what is routed within the targets, with their evidence.

    Nothing goes alone to a team without a labelled row, of which `rows` gives the number: nobody has seen it be right.
    """
    held_out, classes = trained.held_out, trained.router.classes
    best = held_out.probabilities.argmax(axis=1)
    guesses = Guesses(best, held_out.probabilities.max(axis=1), best == held_out.y)
    guesses = _as_routed(guesses, trained)
    if trained.choice.split == NOT_HELD_OUT:  # judged on what it had learnt: no evidence at all
        guesses = Guesses(best[:0], guesses.probability[:0], guesses.right[:0])
    own = dict(settings.team_target_error)
    unknown = sorted(set(own) - set(classes))
    if unknown:
        raise SettingsError(
            f"team_target_error names {unknown[0]!r}, which no training row has.",
            remedy=f"The teams are: {', '.join(classes[:12])}{', …' if len(classes) > 12 else ''}.",
        )
    if settings.per_team:
        own = {team: own.get(team, settings.target_error) for team in classes}
    promise = make_promise(guesses, classes, Targets(settings.target_error, own))
    teams = (team if rows[team.team] else replace(team, min_probability=NEVER) for team in promise.teams)
    return replace(promise, teams=tuple(teams))


def _as_routed(guesses: Guesses, trained: Trained) -> Guesses:
    """With junk rows, wrong wherever they go; what is turned away reaches no minimum probability."""
    junk = trained.junk
    none = np.concatenate([trained.held_out.none_probability, junk.none_probability])
    probability = np.concatenate([guesses.probability, junk.probabilities.max(axis=1)])
    return Guesses(
        np.concatenate([guesses.team, junk.probabilities.argmax(axis=1)]),
        np.where(none < trained.router.none_limit, probability, -1.0),
        np.concatenate([guesses.right, np.zeros(len(junk.none_probability), dtype=bool)]),
    )


def novelty_facts(trained: Trained) -> dict[str, Any]:
    """What the limit for "none of the known teams" does on rows the detector had not seen. Shares 0-1."""
    held_out, limit = trained.held_out, trained.router.none_limit
    if not len(held_out.y):
        return {"limit": limit, "junk_rows": len(trained.junk.none_probability)}
    right = held_out.probabilities.argmax(axis=1) == held_out.y
    away, junk = held_out.none_probability >= limit, trained.junk.none_probability >= limit
    return {
        "limit": limit,
        "turned_away": _digits(away.mean()),
        "rightly_guessed_turned_away": _digits((away & right).sum() / max(int(right.sum()), 1)),
        "junk_rows": len(junk),
        "junk_turned_away": _digits(junk.mean()) if len(junk) else None,
    }


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
