"""Have incoming signals moved away from what a model was trained on: their text, their words, their teams, how sure the
model is of them, how true its probabilities are?

The tests share one stated false-alarm rate (Holm 1979). Each has an exact null: where nothing has moved, the reference
rows and the incoming ones can be exchanged, so permuting which is which shows what chance alone does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.metrics import holm
from signaltriage.routing.reference import Reference
from signaltriage.routing.samples import Alarm, calibration_p, certainty_p, least_possible, mix_p, text_p, two_sided

SHOWN = 20
"""Words and teams named, at most."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Incoming:
    """Signals as a model sees them, row by row."""

    vectors: NDArray[np.float32]
    """Unit vectors, shape (n, dimension)."""
    probabilities: FloatArray
    """Calibrated, shape (n, teams)."""
    word_counts: Mapping[str, tuple[int, int]]
    """Of each word: in how many of the incoming texts it occurs, and in how many of the reference."""
    judged: tuple[FloatArray, NDArray[np.bool_]] | None = None
    """Of the rows whose team is known: probability of the best guess, and whether it was right."""


@dataclass(frozen=True)
class Test:
    """One of the tests."""

    name: str
    """"text", "words", "teams", "certainty" or "calibration"."""
    p_value: float
    adjusted_p: float
    """Over all tests: moved where it is within the rate."""
    moved: bool


@dataclass(frozen=True)
class WordMove:
    """A word that became more or less frequent. Shares 0-1, of texts."""

    word: str
    before: float
    now: float
    p_value: float
    """Adjusted over all words."""


@dataclass(frozen=True)
class TeamMove:
    """A team that is guessed more or less often. Shares 0-1, of signals."""

    team: str
    before: float
    now: float
    estimated: float
    """Its true share now, if only the mix of teams has changed (Saerens et al. 2002)."""
    p_value: float
    """Adjusted over all teams."""


@dataclass(frozen=True)
class Calibration:
    """How often the best guess was right, and how often it was said to be."""

    right_before: float
    said_before: float
    right_now: float
    said_now: float


@dataclass(frozen=True)
class Drift:
    """What has moved, and how sure that is."""

    moved: bool
    rate: float
    rows: int
    reference_rows: int
    tests: tuple[Test, ...]
    words: tuple[WordMove, ...]
    """Those that moved at this rate, most first."""
    teams: tuple[TeamMove, ...]
    calibration: Calibration | None
    """None without labels."""


def find_drift(reference: Reference, incoming: Incoming, classes: Sequence[str], alarm: Alarm) -> Drift:
    """Compare incoming signals with the held-out rows of training."""
    guess = incoming.probabilities.argmax(axis=1)
    probability = incoming.probabilities.max(axis=1)
    counts = np.stack([np.bincount(codes, minlength=len(classes)) for codes in (reference.guess, guess)])
    words, words_p = _words(incoming, reference.rows, alarm.rate)
    found = {
        "text": text_p(reference.vectors, incoming.vectors, alarm),
        "words": words_p,
        "teams": mix_p(counts, alarm),
        "certainty": certainty_p(reference.probability.astype(np.float64), probability, alarm),
    }
    calibration = None
    if incoming.judged is not None and len(incoming.judged[0]):
        before = reference.probability.astype(np.float64), reference.right
        found["calibration"] = calibration_p(before, incoming.judged, alarm)
        calibration = Calibration(
            *(_six(part.mean()) for pair in (before, incoming.judged) for part in (pair[1], pair[0]))
        )
    tests = tuple(
        Test(name, p, adjusted, adjusted <= alarm.rate)
        for (name, p), adjusted in zip(found.items(), holm(list(found.values())), strict=True)
    )
    return Drift(
        moved=any(test.moved for test in tests),
        rate=alarm.rate,
        rows=len(guess),
        reference_rows=len(reference.guess),
        tests=tests,
        words=words,
        teams=_teams(counts, classes, incoming.probabilities, alarm.rate),
        calibration=calibration,
    )


def estimated_shares(probabilities: FloatArray, before: FloatArray, steps: int = 200) -> FloatArray:
    """The mix of teams behind these probabilities, the teams' own texts being as before: EM of Saerens et al. (2002).

    Args:
        probabilities: calibrated on a mix `before`, shape (n, teams).
        before: shares of the teams then, shape (teams,).
        steps: of the iteration; it moves little after some dozens.
    """
    before = np.maximum(before, 1e-9)
    share = before
    for _ in range(steps):
        weighed = probabilities * (share / before)
        new: FloatArray = (weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
        if np.abs(new - share).max() < 1e-6:
            break
        share = new
    return share


def _teams(counts: IntArray, classes: Sequence[str], probabilities: FloatArray, rate: float) -> tuple[TeamMove, ...]:
    n = counts.sum(axis=1)
    before, now = counts[0] / n[0], counts[1] / n[1]
    estimated = estimated_shares(probabilities, before)
    adjusted = holm(two_sided(counts[1], counts[0], (int(n[1]), int(n[0]))).tolist())
    order = sorted(range(len(classes)), key=lambda k: (adjusted[k], -abs(now[k] - before[k]), classes[k]))
    return tuple(
        TeamMove(classes[k], _six(before[k]), _six(now[k]), _six(estimated[k]), adjusted[k])
        for k in order
        if adjusted[k] <= rate
    )[:SHOWN]


def _words(incoming: Incoming, reference_rows: int, rate: float) -> tuple[tuple[WordMove, ...], float]:
    """Words that moved, and the p-value of "no word has".

    A word too rare to be able to move by any test is left out of the count of tests (Tarone 1990): how rare it is, both
    sides together, says nothing of where it occurs.
    """
    n, m = reference_rows, len(incoming.vectors)
    names = sorted(incoming.word_counts)
    if not names or not n or not m:
        return (), 1.0
    now, before = np.array([incoming.word_counts[name] for name in names]).T
    total = now + before
    lowest = least_possible(total, (m, n))
    ranked = np.sort(lowest)
    tests = next((k for k in range(1, len(names) + 1) if np.searchsorted(ranked, rate / k, "right") <= k), len(names))
    able = np.flatnonzero(lowest <= rate / tests)
    if not len(able):
        return (), 1.0
    p = two_sided(now[able], before[able], (m, n))
    adjusted = holm([*p.tolist(), *[1.0] * (tests - len(able))])[: len(able)]
    moves = [
        WordMove(names[i], _six(before[i] / n), _six(now[i] / m), q)
        for i, q in zip(able.tolist(), adjusted, strict=True)
        if q <= rate
    ]
    moves.sort(key=lambda move: (move.p_value, -abs(move.now - move.before), move.word))
    return tuple(moves[:SHOWN]), min(1.0, min(adjusted))


def _six(value: float) -> float:
    return round(float(value), 6)
