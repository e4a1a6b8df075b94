"""Signals of one theme routed as one: a probability that accounts for their number and their agreement.

Signals of a theme are not independent: what misleads the router in one misleads it in the next. Multiplying their
probabilities counts the same evidence again and again; averaging them throws agreement away. Here

    log-odds = (strongest + gain · ln(1 + support)) · (1 - rivalry)

where `strongest` is the log-odds of the surest signal that guesses the team, `support` the votes of the others that
do, and `rivalry` the votes for the strongest other team as a share of all the team's votes; a vote is the lead of a
signal's guess over the next team, or over the group's team, 0-1. That evidence grows with the logarithm of the number
is the diminishing worth of signals that are alike. The one number, `gain`, is fitted by maximum likelihood on groups
of held-out signals. By construction one signal is as probable as by itself, a further signal that agrees never lowers
the probability, and two teams with equally many votes get no more than one half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.abstention import NEVER
from signaltriage.routing.products import inner_products
from signaltriage.types import GroupPrediction, Prediction, RunnerUp

FloatArray = NDArray[np.float64]
RUNNERS_UP = 3
DECIMALS = 6
SIZES = (2, 30)
"""Signals in the groups that are drawn to fit by; as many small ones as large ones, on a log scale."""
GROUPS_DRAWN = 400
ROWS_DRAWN = 4000
"""Of larger sets, this many rows are looked at."""
MOST_GAIN = 10.0
_EDGE = 1e-7
_AHEAD = 4e-9
"""What a best guess is ahead of a runner-up with the same probability, as served: it is the guess all the same."""


@dataclass(frozen=True)
class GroupPooling:
    """How the signals of a group add up. The default, for want of evidence: agreement earns nothing."""

    gain: float = 0.0

    def probability(self, evidence: Evidence) -> float:
        """Probability that the team is that of most of the group's signals, 0-1."""
        offset, slope = evidence.terms
        return float(1 / (1 + np.exp(-(offset + self.gain * slope))))


@dataclass(frozen=True)
class Evidence:
    """What the signals of one group say. Votes are sums over signals."""

    best: int
    """Position of the group's team."""
    strongest: float
    """Log-odds of the surest signal whose best guess it is."""
    surest_vote: float
    support: float
    """Votes of the other signals whose best guess it is."""
    rival: float
    """Votes for the strongest of the other teams."""

    @property
    def terms(self) -> tuple[float, float]:
        """The log-odds without any gain, and what each unit of gain adds to them."""
        own = self.surest_vote + self.support
        harmony = 1 - min(1.0, self.rival / own) if own > 0 else float(self.rival == 0)
        damped = self.strongest * harmony if self.strongest > 0 else self.strongest
        return damped, float(np.log1p(self.support)) * harmony


def evidence_of(probabilities: FloatArray) -> Evidence:
    """Evidence of one group. `probabilities`: of each signal (row) for each team (column), shape (n, K), K at least 2.

    The group's team is, of those that at least one signal guesses, the one with the largest mean probability.
    """
    rows = np.arange(len(probabilities))
    guess = probabilities.argmax(axis=1)
    top = probabilities[rows, guess]
    candidates = np.unique(guess)
    best = int(candidates[probabilities[:, candidates].sum(axis=0).round(9).argmax()])
    mine = np.clip(probabilities[:, best], _EDGE, 1 - _EDGE)
    agree = guess == best
    surest = int(np.where(agree, mine, -1.0).argmax())
    second = np.partition(probabilities, -2, axis=1)[:, -2]
    votes = np.where(agree, top - second, top - probabilities[:, best])
    others = np.bincount(guess[~agree], weights=votes[~agree], minlength=1)
    return Evidence(
        best=best,
        strongest=float(np.log(mine[surest] / (1 - mine[surest]))),
        surest_vote=float(votes[surest]),
        support=float(votes[agree].sum() - votes[surest]),
        rival=float(others.max()),
    )


def fit_pooling(
    probabilities: FloatArray, y: NDArray[np.int64], vectors: NDArray[np.float32], seed: int = 0
) -> GroupPooling:
    """Fit on held-out signals of shape (n, K), labels (n,), unit vectors (n, d); each distinct text once.

    A group is a signal and its nearest neighbours, as a theme would be; the truth is the label most of them carry.
    """
    from scipy.optimize import minimize_scalar

    drawn = _draw(y, vectors, seed)
    if not drawn:
        return GroupPooling()
    found = [evidence_of(probabilities[rows]) for rows, _ in drawn]
    right = np.array([evidence.best == label for evidence, (_, label) in zip(found, drawn, strict=True)], dtype=float)
    offset, slope = np.array([evidence.terms for evidence in found]).T

    def loss(gain: float) -> float:
        z = offset + gain * slope
        return float((np.logaddexp(0, z) - right * z).mean())

    return GroupPooling(round(float(minimize_scalar(loss, bounds=(0.0, MOST_GAIN), method="bounded").x), 4))


def _draw(y: NDArray[np.int64], vectors: NDArray[np.float32], seed: int) -> list[tuple[NDArray[np.intp], int]]:
    """Groups of row numbers with the label that most of the rows carry; those without such a label are left out."""
    if len(y) > ROWS_DRAWN:
        kept = np.sort(np.random.default_rng(seed).choice(len(y), ROWS_DRAWN, replace=False))
        return [(kept[rows], label) for rows, label in _draw(y[kept], vectors[kept], seed)]
    least, most = SIZES[0], min(SIZES[1], len(y) // 2)
    if most < least:
        return []
    rng = np.random.default_rng(seed)
    wide = vectors.astype(np.float64)
    seeds = rng.integers(len(y), size=GROUPS_DRAWN)
    sizes = np.exp(rng.uniform(np.log(least), np.log(most + 1), size=GROUPS_DRAWN)).astype(int).clip(least, most)
    groups = []
    for row, size in zip(seeds, sizes, strict=True):
        similarity = inner_products(wide[row : row + 1], wide)[0].round(9)  # above the noise of summation order
        similarity[row] = 2  # itself first, whatever its neighbours
        members = np.argsort(-similarity, kind="stable")[:size]
        counts = np.bincount(y[members])
        if (counts == counts.max()).sum() == 1:
            groups.append((members, int(counts.argmax())))
    return groups


def pool(
    texts: Sequence[str], predictions: Sequence[Prediction], min_probability: Mapping[str, float], how: GroupPooling
) -> GroupPrediction:
    """One prediction for a group of signals, given their cleaned texts and their predictions.

    The order is of no account, and a text that comes again (but for case and spaces) counts once.
    """
    surest: dict[str, Prediction] = {}
    for text, prediction in sorted(zip(texts, predictions, strict=True), key=lambda pair: pair[0]):
        key = " ".join(text.casefold().split())
        if key not in surest or prediction.probability > surest[key].probability:
            surest[key] = prediction
    different = [surest[key] for key in sorted(surest)]
    n = sum(bool(text.strip()) for text in texts)
    teams = sorted({team for p in different for team in (p.best_guess, *(r.team for r in p.runners_up))})
    if len(different) == 1 or len(teams) == 1:
        return _as_one(different, n)
    probabilities = np.array([_row(p, teams) for p in different])
    evidence = evidence_of(probabilities)
    best = teams[evidence.best]
    probability = round(how.probability(evidence), DECIMALS)
    least = min_probability.get(best, NEVER)
    routed = probability >= least
    votes = Counter(p.best_guess for p in different)
    dissent = tuple(sorted(((t, n) for t, n in votes.items() if t != best), key=lambda vote: (-vote[1], vote[0])))
    return GroupPrediction(
        team=best if routed else None,
        outcome="routed" if routed else "needs_human",
        probability=probability,
        best_guess=best,
        runners_up=_runners_up(probabilities, teams, evidence.best, probability),
        n=n,
        agreement=round(votes[best] / len(different), DECIMALS),
        dissent=dissent,
        reason=_describe((probability, least), (votes[best], len(different), n), best, dissent),
        model_version=different[0].model_version,
    )


def _as_one(different: Sequence[Prediction], n: int) -> GroupPrediction:
    """A group that says one thing is as probable as the surest of its signals."""
    p = max(different, key=lambda prediction: prediction.probability)
    said = p.reason if n <= 1 else f"{n} signals, all of one text or one team; {p.reason}"
    return GroupPrediction(
        p.team, p.outcome, p.probability, p.best_guess, p.runners_up, n, 1.0, (), said, p.model_version
    )


def _row(p: Prediction, teams: Sequence[str]) -> list[float]:
    known = {p.best_guess: p.probability + _AHEAD, **{r.team: r.probability for r in p.runners_up}}
    return [known.get(team, 0.0) for team in teams]


def _runners_up(probabilities: FloatArray, teams: Sequence[str], best: int, probability: float) -> tuple[RunnerUp, ...]:
    """What the best guess leaves, shared out as the signals' mean probabilities are; none passes the best guess."""
    mean = probabilities.sum(axis=0)
    mean[best] = 0
    left = (1 - probability) * mean / max(float(mean.sum()), _EDGE)
    order = [int(k) for k in np.argsort(-left.round(9), kind="stable") if k != best][:RUNNERS_UP]
    return tuple(RunnerUp(teams[k], round(min(float(left[k]), probability), DECIMALS)) for k in order)


def _describe(
    sure: tuple[float, float], counts: tuple[int, int, int], best: str, dissent: Sequence[tuple[str, int]]
) -> str:
    (probability, least), (agreeing, different, n) = sure, counts
    percent = f"{int(probability * 100 + 1e-9)}% sure"
    if least > 1:
        decided = f"{percent}; held-out data allow no limit at which this model may route alone"
    else:
        decided = f"{percent if probability >= least else f'only {percent}'}, {least:.0%} needed"
    texts = f"{different} different texts" + (f" among {n} signals" if n > different else "")
    parts = [decided, f"{agreeing} of {texts} say {best}"]
    if dissent:
        parts.append("others: " + ", ".join(f"{team} ({votes})" for team, votes in dissent[:RUNNERS_UP]))
    return "; ".join(parts)
