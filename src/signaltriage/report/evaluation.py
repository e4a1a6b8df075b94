"""A model judged on labelled rows: numbers as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signaltriage import metrics
from signaltriage.report.certainty import thinned
from signaltriage.types import Prediction

CONFUSIONS_SHOWN = 15


@dataclass(frozen=True)
class TeamRow:
    """One team; counts in rows, shares 0-1, None where nothing can be divided."""

    team: str
    support: int
    precision: float
    recall: float
    f1: float
    routed: int
    error_among_routed: float | None
    known: bool
    """Whether the model knows this team: one it does not can never be right."""


@dataclass(frozen=True)
class Confusion:
    """So many rows of `team` were guessed to be `guess`."""

    team: str
    guess: str
    rows: int


@dataclass(frozen=True)
class Evaluation:
    """The whole judgement. Shares and probabilities 0-1."""

    rows: int
    labelled: int
    """Rows with a team; the figures below but `none_held` are over these."""
    accuracy: float
    macro_f1: float
    weighted_f1: float
    expected_calibration_error: float
    share_routed: float
    error_among_routed: float | None
    unknown_labels: tuple[str, ...]
    """Labels in the data that the model has never seen: their rows count as wrong."""
    unlabelled: int
    """Rows without a label, left out."""
    none_rows: int
    """Rows that belong to no team (`--none-label`)."""
    none_held: float | None
    """Share of those that were rightly held for a person."""
    teams: tuple[TeamRow, ...]
    confusions: tuple[Confusion, ...]
    reliability: tuple[metrics.ReliabilityBin, ...]
    risk_coverage: tuple[metrics.RiskPoint, ...]
    """Thinned; empty where the rows are too few for a curve."""


def evaluate(
    labels: Sequence[str], predictions: Sequence[Prediction], known: Sequence[str], none_label: str | None = None
) -> Evaluation:
    """Judge predictions against labels.

    Args:
        labels: the true team of each row; empty: not labelled, left out.
        predictions: what the model said, in the same order.
        known: the teams the model knows.
        none_label: the label of rows that belong to no team; right there is `needs_human`.
    """
    pairs = [(label.strip(), p) for label, p in zip(labels, predictions, strict=True)]
    none_rows = [p for label, p in pairs if none_label is not None and label == none_label]
    judged = [(label, p) for label, p in pairs if label and label != none_label]
    truth = np.array([label for label, _ in judged], dtype=object)
    guess = np.array([p.best_guess for _, p in judged], dtype=object)
    probability = np.array([p.probability for _, p in judged], dtype=np.float64)
    routed = np.array([p.outcome == "routed" for _, p in judged], dtype=bool)
    right = truth == guess
    some = len(judged) > 0
    return Evaluation(
        rows=len(pairs),
        labelled=len(judged),
        accuracy=float(right.mean()) if some else 0.0,
        macro_f1=metrics.macro_f1(truth, guess) if some else 0.0,
        weighted_f1=metrics.weighted_f1(truth, guess) if some else 0.0,
        expected_calibration_error=metrics.expected_calibration_error(probability, right) if some else 0.0,
        share_routed=float(routed.mean()) if some else 0.0,
        error_among_routed=_share(~right[routed]),
        unknown_labels=tuple(sorted(set(truth) - set(known))),
        unlabelled=sum(not label for label, _ in pairs),
        none_rows=len(none_rows),
        none_held=_share(np.array([p.outcome == "needs_human" for p in none_rows], dtype=bool)),
        teams=_teams(truth, guess, routed, known),
        confusions=_confusions(truth, guess),
        reliability=tuple(metrics.reliability_table(probability, right)) if some else (),
        risk_coverage=thinned(metrics.risk_coverage(probability, right), len(judged)) if some else (),
    )


def _share(flags: np.ndarray) -> float | None:
    return float(flags.mean()) if len(flags) else None


def _teams(truth: np.ndarray, guess: np.ndarray, routed: np.ndarray, known: Sequence[str]) -> tuple[TeamRow, ...]:
    rows = []
    for team in sorted(set(truth) | set(guess)):
        hit = int(((truth == team) & (guess == team)).sum())
        support, guessed = int((truth == team).sum()), int((guess == team).sum())
        precision, recall = hit / guessed if guessed else 0.0, hit / support if support else 0.0
        to_team = (guess == team) & routed
        rows.append(
            TeamRow(
                team=team,
                support=support,
                precision=precision,
                recall=recall,
                f1=2 * hit / (support + guessed),
                routed=int(to_team.sum()),
                error_among_routed=_share(truth[to_team] != team),
                known=team in known,
            )
        )
    return tuple(rows)


def _confusions(truth: np.ndarray, guess: np.ndarray) -> tuple[Confusion, ...]:
    counts = Counter((t, g) for t, g in zip(truth, guess, strict=True) if t != g)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:CONFUSIONS_SHOWN]
    return tuple(Confusion(team, guessed, n) for (team, guessed), n in ranked)
