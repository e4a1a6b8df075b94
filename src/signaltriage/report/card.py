"""A model card's figures as plain data: what a model learnt from, how it did on rows it had not seen, what it promises.

After Mitchell et al., "Model Cards for Model Reporting" (2019). `words` says them, `page` shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage import metrics
from signaltriage.report.certainty import Share, calibration_error_by_chance, share_of, thinned
from signaltriage.report.evaluation import Confusion

CARD_JSON, CARD_PAGE, CARD_TEXT = CARD_FILES = ("card.json", "card.html", "CARD.md")
"""What a card's files are called: the figures, the page, the same for a terminal."""
PAIRS_SHOWN = 15
MATRIX_TEAMS = 12
THINNEST_SHOWN = 8

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Guessed:
    """What the model said of held-out rows, and what was true. Without rows where nothing could be held out."""

    teams: tuple[str, ...]
    y: IntArray
    """The true team's position, shape (n,)."""
    probabilities: FloatArray
    """Shape (n, teams)."""


@dataclass(frozen=True, slots=True)
class TeamCard:
    """One team. Counts in rows, probabilities and shares 0-1."""

    team: str
    training_rows: int
    held_out_rows: int
    precision: Share
    """Of the rows guessed to be the team's, those that are."""
    recall: Share
    """Of the team's rows, those guessed to be."""
    f1: float | None
    """None where the team has too few rows to tell."""
    routed: int
    wrong: int
    """Of those routed."""
    min_probability: float | None
    """None where nothing is routed to it without a person."""
    target_error: float
    own_target: bool
    """Whether it was asked to be promised something by itself, beyond what is promised of all teams together."""
    holds: bool
    """Whether the promise holds for this team by itself."""
    more_rows: int | None
    """Further labelled rows of its own, about, with which it would, errors staying as rare (at least so many, where
    none was routed yet); None where it holds, and where more rows alone would not do."""
    taken_for: str
    """The team its rows are most often mistaken for; empty: none."""


@dataclass(frozen=True, slots=True)
class PromiseCard:
    """What is promised of all that is routed without a person."""

    target_error: float
    confidence: float
    holds: bool
    routed: Share
    """Of the held-out rows."""
    wrong: Share
    """Of those routed."""
    error_limit: float | None
    """The largest share of wrong ones to expect in a batch to come; None where nothing is routed."""
    min_probability: float | None
    """The least at which anything is routed; None where nothing is."""
    teams_that_hold: tuple[str, ...]
    """Teams for which it holds by themselves, sorted."""


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Teams that are most often mistaken for one another."""

    teams: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    """Held-out rows of the team (row) guessed to be the team (column)."""
    support: tuple[int, ...]
    """Held-out rows of each team, whatever they were guessed to be."""


@dataclass(frozen=True)
class Card:
    """All that a model card says, in figures. Shares and probabilities 0-1."""

    model_version: str
    data: Facts
    """Rows, used and left out and why, digest, time span."""
    split: Facts
    held_out_rows: int
    """0: nothing could be held out, and nothing is known of how good the model is."""
    accuracy: Share
    macro_f1: float | None
    calibration_error: float | None
    calibration_error_by_chance: float | None
    """What flawless probabilities would stay below on as many rows in 19 of 20 cases."""
    promise: PromiseCard
    teams: tuple[TeamCard, ...]
    """Lowest F1 first; at the end those with too few rows to tell, the fewest first."""
    reliability: tuple[metrics.ReliabilityBin, ...]
    risk_coverage: tuple[metrics.RiskPoint, ...]
    confusions: tuple[Confusion, ...]
    """The most frequent ones."""
    matrix: ConfusionMatrix | None
    """None where fewer than two teams are confused."""
    thinnest: tuple[str, ...]
    """Teams with the fewest training rows, those first."""
    encoder: Facts
    choice: Facts
    """The settings that training chose."""
    settings: Facts
    """The settings a user chose."""
    libraries: Mapping[str, str]


def make_card(guessed: Guessed, facts: Facts, encoder: Facts, model_version: str) -> Card:
    """Gather a model's figures; the order of the rows changes nothing.

    Args:
        guessed: held-out rows.
        facts: what the manifest says of training: `training_data`, `teams` (training rows of each), `split`,
            `choice`, `promise`, `settings`, `libraries`.
        encoder: name, digest and dimension.
        model_version: of the model.
    """
    n = len(guessed.y)
    guess, probability = guessed.probabilities.argmax(axis=1), guessed.probabilities.max(axis=1)
    right = guess == guessed.y
    k = len(guessed.teams)
    counts = np.zeros((k, k), dtype=np.int64)
    np.add.at(counts, (guessed.y, guess), 1)
    accuracy = share_of(int(right.sum()), n)
    told = accuracy.enough
    promise = facts["promise"]
    confusions = _confusions(guessed.teams, counts)
    thinnest = sorted(guessed.teams, key=lambda team: (facts["teams"][team], team))[:THINNEST_SHOWN]
    return Card(
        model_version=model_version,
        data=facts["training_data"],
        split=facts["split"],
        held_out_rows=n,
        accuracy=accuracy,
        macro_f1=metrics.macro_f1(guessed.y, guess) if told else None,
        calibration_error=metrics.expected_calibration_error(probability, right) if told else None,
        calibration_error_by_chance=calibration_error_by_chance(probability) if told else None,
        promise=_promise(promise),
        teams=_teams(guessed.teams, counts, promise, facts),
        reliability=metrics.reliability_table(probability, right) if told else (),
        risk_coverage=thinned(metrics.risk_coverage(probability, right), n) if told else (),
        confusions=confusions[:PAIRS_SHOWN],
        matrix=_matrix(guessed.teams, counts, confusions),
        thinnest=tuple(thinnest),
        encoder=encoder,
        choice=facts["choice"],
        settings=facts["settings"],
        libraries=facts["libraries"],
    )


def _promise(promise: Facts) -> PromiseCard:
    least = min(team["min_probability"] for team in promise["teams"])
    return PromiseCard(
        target_error=promise["target_error"],
        confidence=promise["confidence"],
        holds=promise["holds"],
        routed=share_of(promise["routed"], promise["rows"]),
        wrong=share_of(promise["wrong"], promise["routed"]),
        error_limit=promise["error_limit"],
        min_probability=_reachable(least),
        teams_that_hold=tuple(sorted(team["team"] for team in promise["teams"] if team["holds"])),
    )


def _teams(teams: Sequence[str], counts: IntArray, promise: Facts, facts: Facts) -> tuple[TeamCard, ...]:
    promised = {team["team"]: team for team in promise["teams"]}
    own = facts["settings"].get("team_target_error", {})
    every = facts["settings"].get("per_team", False)
    found = []
    for k, team in enumerate(teams):
        hits, support, guessed = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
        precision, recall = share_of(hits, guessed), share_of(hits, support)
        others = np.where(np.arange(len(teams)) == k, 0, counts[k])
        p = promised[team]
        found.append(
            TeamCard(
                team=team,
                training_rows=facts["teams"][team],
                held_out_rows=support,
                precision=precision,
                recall=recall,
                f1=2 * hits / (support + guessed) if recall.enough else None,
                routed=p["routed"],
                wrong=p["wrong"],
                min_probability=_reachable(p["min_probability"]),
                target_error=p["target_error"],
                own_target=every or team in own,
                holds=p["holds"],
                more_rows=None if p["holds"] else _more_labelled_rows(p, promise, facts["training_data"]["used"]),
                taken_for=teams[int(others.argmax())] if others.any() else "",
            )
        )
    return tuple(sorted(found, key=_worst_first))


def _worst_first(team: TeamCard) -> tuple[bool, float, int, str]:
    return team.f1 is None, team.f1 or 0.0, team.held_out_rows, team.team


def _more_labelled_rows(team: Facts, promise: Facts, labelled: int) -> int | None:
    """What is lacking is held-out rows that are routed; labelled rows of all teams together become such at one rate.

    The team's own rate would rest on few rows.
    """
    lacking: int | None = team["more_rows"]
    return ceil(lacking * labelled / promise["routed"]) if lacking and promise["routed"] else lacking


def _reachable(min_probability: float) -> float | None:
    return min_probability if min_probability <= 1 else None


def _confusions(teams: Sequence[str], counts: IntArray) -> tuple[Confusion, ...]:
    wrong = counts - np.diag(np.diag(counts))
    pairs = [Confusion(teams[t], teams[g], int(wrong[t, g])) for t, g in zip(*np.nonzero(wrong), strict=True)]
    return tuple(sorted(pairs, key=lambda pair: (-pair.rows, pair.team, pair.guess)))


def _matrix(teams: Sequence[str], counts: IntArray, pairs: Sequence[Confusion]) -> ConfusionMatrix | None:
    shown: dict[str, None] = {}
    for pair in pairs:
        if len(shown | {pair.team: None, pair.guess: None}) <= MATRIX_TEAMS:
            shown |= {pair.team: None, pair.guess: None}
    if not shown:
        return None
    places = [teams.index(team) for team in shown]
    return ConfusionMatrix(
        tuple(shown),
        tuple(tuple(int(counts[t, g]) for g in places) for t in places),
        tuple(int(counts[t].sum()) for t in places),
    )
