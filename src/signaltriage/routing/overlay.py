"""Predictions as people have corrected them: at once, for near-duplicates too, and never back to where it came from.

A correction speaks for a signal in one of three ways, the nearer before the farther:

    its own     the same id; or the same text, where one of the two has no id: the latest correction decides
    same words  another signal that says the same words (see `likeness`): the latest decides
    alike       a near-duplicate in meaning: the nearest decides, the later of two as near

A signal is alike only if it lies clearly nearer to the corrected one than to every labelled example of another team
(the ratio of distances of Lowe 2004, section 7.1): what is corrected was an error of the model, so it lies where teams
meet, and many of its neighbours are rightly another team's.

What is not quite alike is not sent elsewhere, but where it would be routed to the very team that a person took its
nearest known signal from, a person must look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.corrections import Correction, CorrectionMemory
from signaltriage.routing.likeness import key_words, same_words
from signaltriage.routing.products import inner_products
from signaltriage.types import Prediction, RunnerUp

RATIO = 0.8
"""Largest ratio of the distance to the corrected signal to that to an example of another team (Lowe 2004)."""
OWN, WORDS, ALIKE = 3, 2, 1
_BLOCK = 512


@dataclass(frozen=True)
class Signals:
    """Some signals to be judged, row by row."""

    texts: Sequence[str]
    """Cleaned."""
    vectors: NDArray[np.float32]
    """Unit vectors, shape (n, dimension)."""
    ids: Sequence[str]
    """Empty where a signal has none."""


@dataclass(frozen=True)
class Surroundings:
    """What the model knows of likeness."""

    teams: tuple[str, ...]
    min_similarity: float
    """Cosine from which on two signals share their team at least in `share` of cases."""
    share: float
    vectors: NDArray[np.float16]
    """Labelled examples, shape (m, dimension)."""
    team_codes: NDArray[np.int32]
    """Their teams, shape (m,)."""


@dataclass(frozen=True)
class Match:
    """A correction that speaks for a signal."""

    level: int
    similarity: float
    row: int
    """In `CorrectionMemory.corrections`."""
    doubtful: bool = False
    """Near-duplicate by its cosine, but an example of another team is about as near: it decides nothing."""


def apply_corrections(
    memory: CorrectionMemory, signals: Signals, predictions: Sequence[Prediction], around: Surroundings
) -> list[Prediction]:
    """The predictions as the corrections would have them, in the same order.

    What a rule holds stays held. A signal never goes to a team that a person took it, or a near-duplicate of it, from,
    unless a later correction of it says so: where nothing allows another team, a person must look.
    """
    if not len(memory) or not predictions:
        return list(predictions)
    out = list(predictions)
    for i, matches in enumerate(find_matches(memory, signals, around)):
        held_by_rule = bool(predictions[i].rule) and predictions[i].outcome == "needs_human"
        if matches and not held_by_rule and signals.texts[i].strip():
            out[i] = _corrected(memory, matches, predictions[i], around)
        elif not matches and out[i].team is not None and not out[i].rule and signals.texts[i].strip():
            out[i] = _beside(memory, signals.vectors[i : i + 1], out[i], around)
    return out


def _beside(
    memory: CorrectionMemory, vector: NDArray[np.float32], prediction: Prediction, around: Surroundings
) -> Prediction:
    """Held where the nearest of all known signals is one that a person took from the team it would be routed to.

    Within twice the distance of near-duplicates, that is: as far as two can be that are near-duplicates of a third.
    """
    taken = memory.taken_from.get(str(prediction.team), [])
    if not taken:
        return prediction
    similarity = inner_products(vector, memory.vectors[taken])[0].round(6)
    best = int(similarity.argmax())
    if 1 - similarity[best] > 4 * (1 - around.min_similarity):  # cosine distance goes with the square of the distance
        return prediction
    itself = inner_products(memory.vectors[taken[best]][None], around.vectors)[0] > 1 - 1e-3
    rivals = inner_products(vector, around.vectors)[0].round(6)[~itself]
    if len(rivals) and rivals.max() >= similarity[best]:
        return prediction
    when = _when(memory.corrections[taken[best]])
    said = f"a person took the nearest known signal (similarity {similarity[best]:.2f}) from {prediction.team} {when}"
    return _held(prediction, said)


def find_matches(memory: CorrectionMemory, signals: Signals, around: Surroundings) -> list[list[Match]]:
    """The corrections that speak for each signal: those of the highest level found, and any near-duplicates by cosine.

    At OWN and WORDS the first is the one that decides (the latest); at ALIKE, the nearest.
    """
    found: list[list[Match]] = [[] for _ in signals.texts]
    for i, (text, name) in enumerate(zip(signals.texts, signals.ids, strict=True)):
        own = [row for row in memory.by_text.get(text, ()) if not name or memory.corrections[row].id in ("", name)]
        own += [row for row in memory.by_id.get(name, ()) if name]
        rows, level = own, OWN
        if not own:
            words = key_words(text)
            rows = [row for row, other in memory.by_length.get(len(words), ()) if same_words(words, other)]
            level = WORDS
        if rows:
            found[i] = [Match(level, 1.0, memory.latest(rows))]
    rest = np.array([i for i, matches in enumerate(found) if not matches and signals.texts[i].strip()], dtype=np.int64)
    for start in range(0, len(rest), _BLOCK):
        rows_now = rest[start : start + _BLOCK]
        for i, matches in zip(rows_now, _alike(memory, signals.vectors[rows_now], around), strict=True):
            found[i] = matches
    return found


def forbidden_teams(memory: CorrectionMemory, signals: Signals, around: Surroundings) -> list[frozenset[str]]:
    """Of each signal, the teams it must not be routed to: people took it, or its like, from there, and not back."""
    if not len(memory):
        return [frozenset()] * len(signals.texts)
    return [_forbidden(memory, matches) for matches in find_matches(memory, signals, around)]


def _alike(memory: CorrectionMemory, vectors: NDArray[np.float32], around: Surroundings) -> list[list[Match]]:
    similarity = inner_products(vectors, memory.vectors).round(6)
    near = similarity >= around.min_similarity
    rows = np.flatnonzero(near.any(axis=1))
    found: list[list[Match]] = [[] for _ in vectors]
    if not len(rows):
        return found
    examples = around.vectors.astype(np.float64)
    to_examples = inner_products(vectors[rows], examples).round(6)
    used = np.flatnonzero(near.any(axis=0))
    # The corrected signal itself may be among the examples, under the team it was taken from.
    itself = dict(zip(used.tolist(), inner_products(memory.vectors[used], examples) > 1 - 1e-3, strict=True))
    code = {team: k for k, team in enumerate(around.teams)}
    for i, distances in zip(rows, to_examples, strict=True):
        for row in np.flatnonzero(near[i]):
            others = (around.team_codes != code.get(memory.corrections[row].to_team, -1)) & ~itself[int(row)]
            rival = float(distances[others].max()) if others.any() else -1.0
            clear = len(examples) > 0 and 1 - similarity[i, row] <= RATIO**2 * (1 - rival)
            found[i].append(Match(ALIKE, float(min(similarity[i, row], 1.0)), int(row), not clear))
        found[i].sort(key=lambda m: (m.doubtful, -m.similarity, -memory.order[m.row]))
    return found


def _forbidden(memory: CorrectionMemory, matches: Sequence[Match]) -> frozenset[str]:
    """From-teams of the matching corrections, in the order of time; a later one that puts it there lifts the ban."""
    teams: set[str] = set()
    for row in sorted((match.row for match in matches), key=lambda row: memory.order[row]):
        teams |= {memory.corrections[row].from_team} - {""}
        teams -= {memory.corrections[row].to_team}
    return frozenset(teams)


def _corrected(
    memory: CorrectionMemory, matches: Sequence[Match], prediction: Prediction, around: Surroundings
) -> Prediction:
    first = matches[0]
    correction = memory.corrections[first.row]
    forbidden = _forbidden(memory, matches)
    if first.doubtful:
        if prediction.team not in forbidden:
            return prediction
        taken = next(m for m in matches if memory.corrections[m.row].from_team == prediction.team)
        when = _when(memory.corrections[taken.row])
        return _held(prediction, f"a person took {_like(taken)} from {prediction.team} {when}")
    if not correction.to_team:
        return _held(_without(prediction, forbidden), f"a person put {_like(first)} to no team {_when(correction)}")
    if correction.to_team in forbidden:
        return _held(prediction, f"people put signals like it to different teams, last {_when(correction)}")
    if correction.to_team not in around.teams:
        said = f"a person put {_like(first)} to {correction.to_team} {_when(correction)}, a team this model has not"
        return _held(_without(prediction, forbidden), said)
    sure = 1.0 if first.level > ALIKE else around.share
    verb = "corrected this signal" if first.level == OWN else f"corrected {_like(first)}"
    said = f"a person {verb} {_when(correction)}: {correction.to_team}"
    return _routed(prediction, correction.to_team, sure, said)


def _like(match: Match) -> str:
    if match.level == ALIKE:
        return f"a like signal (similarity {match.similarity:.2f})"
    return "this signal" if match.level == OWN else "a signal of the same words"


def _when(correction: Correction) -> str:
    return f"on {correction.at[:10]}" if correction.at else "before"


def _routed(prediction: Prediction, team: str, sure: float, said: str) -> Prediction:
    """Routed to this team; the other teams share what probability is left, as they shared it before."""
    before = {prediction.best_guess: prediction.probability, **{r.team: r.probability for r in prediction.runners_up}}
    probability = max(sure, before.pop(team, 0.0))
    left = (1 - probability) / max(sum(before.values()), 1e-9)
    others = [RunnerUp(name, round(min(p * min(left, 1.0), probability), 6)) for name, p in before.items()]
    return replace(
        prediction,
        team=team,
        outcome="routed",
        probability=probability,
        best_guess=team,
        runners_up=tuple(sorted(others, key=lambda r: -r.probability)[: max(len(prediction.runners_up), 1)]),
        reason=f"{said}; the model by itself: {prediction.best_guess}, {prediction.reason}",
    )


def _held(prediction: Prediction, said: str) -> Prediction:
    return replace(prediction, team=None, outcome="needs_human", reason=f"{said}; {prediction.reason}")


def _without(prediction: Prediction, forbidden: frozenset[str]) -> Prediction:
    """The next team that is allowed becomes the best guess; where none is, the guess stays, held as it is."""
    ranked = [RunnerUp(prediction.best_guess, prediction.probability), *prediction.runners_up]
    allowed = [r for r in ranked if r.team not in forbidden]
    if not allowed or allowed[0].team == prediction.best_guess:
        return prediction
    best, *others = allowed
    return replace(prediction, best_guess=best.team, probability=best.probability, runners_up=tuple(others))
