"""When to route alone and when to ask a person: minimum probabilities that keep a promise about the error above them.

The promise: in a batch of signals like the held-out ones, at most `target_error` of what is routed alone goes to a
wrong team, with probability `CONFIDENCE`. It is about the error a team will *see*, so the bound is a prediction limit
for a batch to come, not only a confidence limit for a mean nobody sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
NEVER = 1.01
"""A minimum probability that nothing reaches: everything goes to a person."""
BATCH_ROWS, BATCH_SHARE = 500, 3
"""The promise is about the next 500 routed signals, or a third as many as were routed of the held-out rows (what a
75/25 split sees), whichever is more: a smaller batch has so much luck of its own that nothing could be promised."""
MOST_ROWS = 50_000
_GRID = np.arange(99, -1, -1) / 100
_STRICTER = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class TeamPromise:
    """What held-out rows say of one team at the limits chosen. Counts in held-out rows, shares 0-1."""

    team: str
    target_error: float
    min_probability: float
    """`NEVER` where the team is held for people."""
    guessed: int
    """Rows whose best guess it was."""
    routed: int
    wrong: int
    """Of those routed."""
    error_limit: float | None
    """Most wrong ones to expect in a batch, at a confidence shared out over all teams; None where none was routed."""
    holds: bool
    """Whether that limit is within the target: only then is anything promised of this team by itself."""
    more_rows: int | None
    """Further held-out rows routed to it that would do, errors staying as rare; None: no number up to `MOST_ROWS`."""


@dataclass(frozen=True)
class Promise:
    """What is promised, the limits that keep it, and the evidence."""

    target_error: float
    confidence: float
    rows: int
    """Held-out rows."""
    routed: int
    wrong: int
    error_limit: float | None
    holds: bool
    """False: no limit keeps the promise, and everything goes to a person."""
    teams: tuple[TeamPromise, ...]

    @property
    def min_probability(self) -> dict[str, float]:
        """Of each team: the least probability at which a signal is routed to it without a person."""
        return {team.team: team.min_probability for team in self.teams}


@dataclass(frozen=True)
class Guesses:
    """Best guesses on held-out rows: all the promise rests on. Shapes (n,)."""

    team: IntArray
    """Position of the best guess in the list of teams."""
    probability: FloatArray
    right: BoolArray


@dataclass(frozen=True)
class Targets:
    """What is asked for. Shares 0-1."""

    error: float
    """Of everything that is routed."""
    of_team: Mapping[str, float]
    """Teams that are promised something by themselves: one without enough evidence is held for people."""


def make_promise(guesses: Guesses, teams: Sequence[str], targets: Targets) -> Promise:
    """Choose the minimum probabilities: first of the teams with a target of their own, then one below all."""
    own = np.zeros(len(teams))
    strict = 1 - (1 - CONFIDENCE) / max(len(targets.of_team), 1)
    for k, team in enumerate(teams):
        if team in targets.of_team:
            rows = guesses.team == k
            own[k] = choose_min_probability(
                guesses.probability[rows], guesses.right[rows], targets.of_team[team], strict
            )
    allowed = guesses.probability >= own[guesses.team]
    shared = choose_min_probability(guesses.probability[allowed], guesses.right[allowed], targets.error)
    limits = np.maximum(own, shared)
    routed = guesses.probability >= limits[guesses.team]
    n, wrong = int(routed.sum()), int((routed & ~guesses.right).sum())
    limit = error_limit(n, wrong, CONFIDENCE) if n else None
    each = 1 - (1 - CONFIDENCE) / len(teams)  # said of many teams at once, so each needs more evidence
    return Promise(
        targets.error,
        CONFIDENCE,
        len(guesses.right),
        n,
        wrong,
        limit,
        limit is not None and limit <= targets.error,
        tuple(
            _of_team(guesses, k, float(limits[k]), each, (team, targets.of_team.get(team, targets.error)))
            for k, team in enumerate(teams)
        ),
    )


def _of_team(guesses: Guesses, k: int, least: float, confidence: float, asked: tuple[str, float]) -> TeamPromise:
    team, target = asked
    mine = guesses.team == k
    routed = mine & (guesses.probability >= least)
    n, wrong = int(routed.sum()), int((routed & ~guesses.right).sum())
    limit = error_limit(n, wrong, confidence) if n else None
    holds = limit is not None and limit <= target
    return TeamPromise(
        team,
        target,
        least,
        int(mine.sum()),
        n,
        wrong,
        limit,
        holds,
        None if holds else _more_rows(n, wrong, target, of_the_walk(confidence)),
    )


def choose_min_probability(
    probability: FloatArray, right: BoolArray, target_error: float, confidence: float = CONFIDENCE
) -> float:
    """The least minimum probability at which at most `target_error` of what is routed is wrong.

    Walks down a fixed grid and stops at the first value whose `error_limit` exceeds the target: fixed-sequence testing,
    valid whatever the model (Learn then Test: Angelopoulos et al. 2021, section 2.3). Two things may go wrong, the walk
    going one step too far and the batch to come being unlucky, so each is given half of what the confidence leaves. A
    looser target never routes less: it inherits the limit of every stricter one.

    Args:
        probability: of the best guess, on held-out rows, shape (n,).
        right: whether the best guess was right, shape (n,).
        target_error: largest share of wrong rows among those routed, 0-1.
        confidence: with which the promise is to hold, 0-1.
    """
    order = np.argsort(-probability, kind="stable")
    wrong = np.concatenate([[0], np.cumsum(~right[order])])
    n_routed = np.searchsorted(-probability[order], -_GRID, side="right")
    targets = [*(stricter for stricter in _STRICTER if stricter < target_error), target_error]
    return min(_walk(n_routed, wrong[n_routed], target, of_the_walk(confidence)) for target in targets)


def of_the_walk(confidence: float) -> float:
    """What each step of the walk must pass with: half of the doubt is left for the batch."""
    return 1 - (1 - confidence) / 2


def _walk(n_routed: IntArray, n_wrong: IntArray, target_error: float, confidence: float) -> float:
    least = rows_to_start(target_error, confidence)
    # Where the walk begins is chosen without looking at which guesses were right: fewer than `least` rows cannot pass
    # even without an error, and a few times as many forgive one or two.
    start = min(5 * least, max(least, int(n_routed[-1]) // 4))
    chosen = NEVER
    for limit, n, wrong in zip(_GRID, n_routed.tolist(), n_wrong.tolist(), strict=True):
        if n < start:
            continue
        if error_limit(n, wrong, confidence) > target_error:
            break
        chosen = float(limit)
    return chosen


@lru_cache(maxsize=100_000)
def error_limit(routed: int, wrong: int, confidence: float) -> float:
    """The largest share of wrong ones in a batch to come, given `wrong` of `routed` seen.

    An exact prediction limit for a binomial count (Thatcher 1964): the quantile of the beta-binomial that follows from
    the Clopper-Pearson posterior. For the batch see `BATCH_ROWS`.
    """
    from scipy.stats import betabinom

    if wrong >= routed:
        return 1.0
    batch = max(BATCH_ROWS, routed // BATCH_SHARE)
    shares = np.cumsum(betabinom.pmf(np.arange(batch + 1), batch, wrong + 1, routed - wrong))
    return min(int(np.searchsorted(shares, confidence)), batch) / batch  # far quicker than betabinom.ppf


@lru_cache(maxsize=1000)
def rows_to_start(target_error: float, confidence: float) -> int:
    """The fewest rows, none of them wrong, whose `error_limit` is within the target."""
    n = 1
    while error_limit(n, 0, confidence) > target_error:
        n += max(1, n // 50)
    return n


def _more_rows(routed: int, wrong: int, target_error: float, confidence: float) -> int | None:
    """How many more rows with errors as rare would make the promise hold; None: not even `MOST_ROWS` would."""
    # Nothing wrong among few rows is no proof of perfection: one error is reckoned with.
    rate = wrong / routed if routed and wrong else 1 / (routed + 2)
    if wrong and rate >= target_error:
        return None
    if not wrong:
        return max(0, rows_to_start(target_error, confidence) - routed)
    low, high = routed, routed
    while error_limit(high, round(rate * high), confidence) > target_error:
        low, high = high, high * 2
        if high > MOST_ROWS:
            return None
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (
            (low, middle) if error_limit(middle, round(rate * middle), confidence) <= target_error else (middle, high)
        )
    return high - routed
