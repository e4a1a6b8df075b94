"""May a challenger take a champion's place? Both judged on the same rows, pair by pair.

Overall the burden of proof is the challenger's: it must be shown not to be worse by more than a margin
(non-inferiority). Of a single team there are rarely rows enough for that, so there the burden is reversed: a team
objects only where the challenger is shown to be worse by more than the margin, at a level shared out over the teams
(Holm 1979). And the challenger must keep its promise about the error among what it routes alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.metrics import holm
from signaltriage.routing.abstention import CONFIDENCE
from signaltriage.types import Prediction

MARGIN = 0.01
"""One right guess in a hundred: below what a queue notices, above what a retraining on the same rows moves."""
POWER = 0.8
NONE = "(none)"
"""Rows of no team, in the table: right there is holding them for a person."""


@dataclass(frozen=True)
class Comparison:
    """Champion and challenger on the same rows. Differences are challenger minus champion, in shares of the rows."""

    team: str
    """Empty for all rows together."""
    rows: int
    champion_right: int
    challenger_right: int
    gained: int
    """Rows that only the challenger got right."""
    lost: int
    """Rows that only the champion got right."""
    difference: float
    low: float
    """One-sided lower confidence limit of the difference (Tango 1998), at `CONFIDENCE`."""
    high: float
    """One-sided upper limit, likewise."""
    p_worse: float
    """Of "worse by no more than the margin": small means that it is worse by more. Holm-adjusted over the teams."""


@dataclass(frozen=True)
class Kept:
    """A promise about the error among what is routed alone, held against these rows."""

    team: str
    """Empty for everything routed."""
    target_error: float
    routed: int
    wrong: int
    error: float | None
    p_value: float
    """Exact binomial: of so many wrong ones or more, were the true share the target. Holm-adjusted over the teams."""
    holds: bool


@dataclass(frozen=True)
class Verdict:
    """Whether the challenger may take the champion's place, with the evidence."""

    promoted: bool
    objections: tuple[str, ...]
    """In words; empty where promoted."""
    margin: float
    confidence: float
    overall: Comparison | None
    """None where there was no champion."""
    teams: tuple[Comparison, ...]
    promise: Kept
    team_promises: tuple[Kept, ...]
    champion_share_routed: float | None
    challenger_share_routed: float
    rows_needed: int | None
    """Where the proof fails for want of rows: about how many a challenger as good as the champion would need."""


@dataclass(frozen=True)
class Judged:
    """What is compared: true teams, and both models' predictions of the same rows, in the same order."""

    labels: Sequence[str]
    champion: Sequence[Prediction] | None
    challenger: Sequence[Prediction]
    none_label: str | None = None
    """Label of rows that belong to no team."""


def judge(judged: Judged, target_error: float, team_targets: Mapping[str, float], margin: float = MARGIN) -> Verdict:
    """Compare two models, or hold one against its promise where there is no champion.

    Args:
        judged: the rows; none may be without label.
        target_error: the challenger's promise, 0-1.
        team_targets: of the teams it promises something by themselves.
        margin: the largest loss of right guesses that is put up with, as a share of the rows.
    """
    challenger = _right(judged, judged.challenger)
    promise, team_promises = _promises(judged, challenger, target_error, team_targets)
    overall, rows_needed = None, None
    teams: tuple[Comparison, ...] = ()
    if judged.champion is not None:
        champion = _right(judged, judged.champion)
        overall = compare("", champion, challenger, margin)
        teams = _by_team(judged, champion, challenger, margin)
        if overall.low < -margin and overall.difference > -margin:
            rows_needed = rows_for((overall.gained + overall.lost) / overall.rows, margin)
    objections = [*_against(overall, teams, margin), *_broken(promise, team_promises)]
    return Verdict(
        promoted=not objections,
        objections=tuple(objections),
        margin=margin,
        confidence=CONFIDENCE,
        overall=overall,
        teams=teams,
        promise=promise,
        team_promises=team_promises,
        champion_share_routed=None if judged.champion is None else _share_routed(judged.champion),
        challenger_share_routed=_share_routed(judged.challenger),
        rows_needed=rows_needed,
    )


def compare(team: str, champion: NDArray[np.bool_], challenger: NDArray[np.bool_], margin: float) -> Comparison:
    """Two models on the same rows: whether each was right, shape (n,)."""
    n = len(champion)
    gained, lost = int((challenger & ~champion).sum()), int((champion & ~challenger).sum())
    return Comparison(
        team=team,
        rows=n,
        champion_right=int(champion.sum()),
        challenger_right=int(challenger.sum()),
        gained=gained,
        lost=lost,
        difference=(gained - lost) / n,
        low=_limit(gained, lost, n, upper=False),
        high=_limit(gained, lost, n, upper=True),
        p_worse=_normal_cdf(paired_z(gained, lost, n, -margin)),
    )


def paired_z(gained: int, lost: int, n: int, difference: float) -> float:
    """Score statistic of "the true difference of two paired shares is `difference`" (Tango 1998).

    Standard normal under that hypothesis; unlike Wald's it holds its level on few rows and few disagreements.
    """
    d = -difference
    b = gained * (1 - d) + lost * (1 + d) + 2 * n * d
    root = math.sqrt(max(b * b - 8 * n * lost * d * (1 + d), 0.0))
    share_lost = (b + root) / (4 * n)  # most likely share of losses under the hypothesis
    variance = max(2 * share_lost - d * (1 + d), 0.0) / n
    distance = (gained - lost) / n + d
    if variance < 1e-15:
        return 0.0 if abs(distance) < 1e-12 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def rows_for(disagreement: float, margin: float) -> int | None:
    """Rows with which a challenger no worse than the champion is shown to be so, with probability `POWER`."""
    from scipy.stats import norm

    if margin <= 0:
        return None
    reach = float(norm.ppf(CONFIDENCE) + norm.ppf(POWER))
    return math.ceil(max(disagreement, margin) * (reach / margin) ** 2)


def _limit(gained: int, lost: int, n: int, *, upper: bool) -> float:
    from scipy.stats import norm

    z = float(norm.ppf(CONFIDENCE)) * (-1 if upper else 1)
    low, high = -1.0, 1.0
    for _ in range(40):  # the statistic falls as the supposed difference rises
        middle = (low + high) / 2
        low, high = (middle, high) if paired_z(gained, lost, n, middle) > z else (low, middle)
    return round((low + high) / 2, 6)


def _right(judged: Judged, predictions: Sequence[Prediction]) -> NDArray[np.bool_]:
    """Whether the best guess was right; for rows of no team, whether they were held."""
    return np.array(
        [
            p.outcome == "needs_human" if label == judged.none_label else p.best_guess == label
            for label, p in zip(judged.labels, predictions, strict=True)
        ],
        dtype=np.bool_,
    )


def _by_team(
    judged: Judged, champion: NDArray[np.bool_], challenger: NDArray[np.bool_], margin: float
) -> tuple[Comparison, ...]:
    from dataclasses import replace

    labels = np.array([NONE if label == judged.none_label else label for label in judged.labels], dtype=object)
    found = [
        compare(team, champion[labels == team], challenger[labels == team], margin) for team in sorted(set(labels))
    ]
    adjusted = holm([team.p_worse for team in found])
    return tuple(replace(team, p_worse=p) for team, p in zip(found, adjusted, strict=True))


def _promises(
    judged: Judged, right: NDArray[np.bool_], target_error: float, team_targets: Mapping[str, float]
) -> tuple[Kept, tuple[Kept, ...]]:
    """The promise to all must be kept on these rows; one to a team must not be shown broken, few rows being noise."""
    from dataclasses import replace

    team = np.array([p.team if p.team is not None else "" for p in judged.challenger], dtype=object)
    wrong = ~right
    routed = team != ""
    overall = _kept("", target_error, int(routed.sum()), int((routed & wrong).sum()))
    overall = replace(overall, holds=overall.error is not None and overall.error <= target_error)
    found = [
        _kept(name, target, int((team == name).sum()), int(((team == name) & wrong).sum()))
        for name, target in sorted(team_targets.items())
    ]
    adjusted = holm([one.p_value for one in found])
    return overall, tuple(
        replace(one, p_value=p, holds=p > 1 - CONFIDENCE) for one, p in zip(found, adjusted, strict=True)
    )


def _kept(team: str, target: float, routed: int, wrong: int) -> Kept:
    from scipy.stats import binom

    p_value = float(binom.sf(wrong - 1, routed, target)) if routed else 1.0
    return Kept(team, target, routed, wrong, wrong / routed if routed else None, p_value, False)


def _against(overall: Comparison | None, teams: Sequence[Comparison], margin: float) -> list[str]:
    if overall is None:
        return []
    found = []
    if overall.low < -margin:
        found.append(
            f"overall it may be worse by up to {-overall.low:.1%} of the rows, and {margin:.1%} is the margin"
            f" ({overall.gained} gained, {overall.lost} lost of {overall.rows})"
        )
    return found + [
        f"{team.team}: worse by more than the margin ({team.gained} gained, {team.lost} lost of {team.rows})"
        for team in teams
        if team.p_worse <= 1 - CONFIDENCE
    ]


def _broken(promise: Kept, teams: Sequence[Kept]) -> list[str]:
    found = []
    if promise.error is None:
        found.append("it routes none of these rows by itself, so its promise cannot be tried")
    elif not promise.holds:
        found.append(f"{promise.error:.1%} of what it routes is wrong, and it promises {promise.target_error:.1%}")
    return found + [
        f"{one.team}: {one.wrong} of {one.routed} routed there are wrong, and it promises {one.target_error:.1%}"
        for one in teams
        if not one.holds
    ]


def _share_routed(predictions: Sequence[Prediction]) -> float:
    return sum(p.outcome == "routed" for p in predictions) / len(predictions)


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
