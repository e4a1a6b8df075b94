"""Routing by what teams are, not by what they got: a scorer from names and descriptions, needing no labelled signal.

A team is a few unit vectors, its views; a signal belongs to it as it would to a mixture of von Mises-Fisher densities
around them (Banerjee et al. 2005). Signals without a label, where there are any, move each team to where they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.folds import Split
from signaltriage.routing.fusion import fit_fusion, softmax
from signaltriage.routing.products import inner_products

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_STEPS = 10
"""Rounds of expectation and maximisation: they settle sooner."""


@dataclass(frozen=True)
class Profiles:
    """Teams in words, encoded, view by view, and signals that carry no label."""

    teams: tuple[str, ...]
    texts: tuple[str, ...]
    """One a view."""
    of_team: IntArray
    """Position in `teams` of each view; each team has at least one."""
    vectors: NDArray[np.float32]
    """Shape (views, dimension), unit rows."""
    unlabelled: NDArray[np.float32]
    """Shape (n, dimension), n may be 0."""

    def placed(self, classes: Sequence[str]) -> Profiles:
        """The same with teams numbered as in `classes`, which must hold them all."""
        place = np.array([list(classes).index(team) for team in self.teams], dtype=np.int64)
        return Profiles(tuple(classes), self.texts, place[self.of_team], self.vectors, self.unlabelled)


@dataclass(frozen=True)
class ProfileScorer:
    """One similarity a class, -1 to 1."""

    centre: FloatArray
    """What all signals have in common, taken out of each: shape (dimension,) (Mu & Viswanath 2018)."""
    views: FloatArray
    """Shape (views, dimension), unit rows, in the order of their teams."""
    of_team: IntArray
    """Shape (views,): the class each belongs to, ascending; every class has one."""
    concentration: float
    """Of the densities: the weight at which similarities are log-likelihoods."""

    def scores(self, vectors: NDArray[np.float32]) -> FloatArray:
        """Of unit vectors, shape (n, classes): log of the mean likelihood of a class's views, over concentration."""
        return _by_team(inner_products(_unit(vectors - self.centre), self.views), self.of_team, self.concentration)


def fit_profiles(profiles: Profiles, texts: NDArray[np.float32]) -> ProfileScorer:
    """A scorer from views alone, or from views and vectors (n, dimension) of signals, whose labels play no part."""
    order = np.argsort(profiles.of_team, kind="stable")
    raw, of_team = profiles.vectors[order].astype(np.float64), profiles.of_team[order]
    views = _unit(raw - raw.mean(axis=0))
    seen = np.concatenate([texts, profiles.unlabelled]).astype(np.float64)
    if len(seen) < 2 * len(profiles.teams):  # too few to say where signals lie
        others = np.where(of_team[:, None] == of_team, -1.0, views @ views.T).max(axis=1)
        return ProfileScorer(raw.mean(axis=0), views, of_team, _concentration(views, others))
    centre = seen.mean(axis=0)
    signals = _unit(seen - centre)
    concentration = _concentration(signals, (signals @ views.T).max(axis=1))
    scorer = ProfileScorer(centre, views, of_team, concentration)
    return _moved(scorer, _unit(profiles.unlabelled - centre)) if len(profiles.unlabelled) else scorer


@dataclass(frozen=True)
class Taught:
    """What profiles give to a model that has labelled rows as well."""

    scorer: ProfileScorer
    """Moved to where the labelled rows lie."""
    held_out: FloatArray
    """Its scores on held-out rows, split by split, each without what that split holds out."""
    y: IntArray
    """Teams whose profile learnt scorers take for one more labelled signal, shape (m,)."""
    texts: list[str]
    vectors: NDArray[np.float32]
    """Shape (m, dimension), unit rows."""


def teach(profiles: Profiles, vectors: NDArray[np.float32], y: IntArray, splits: Sequence[Split]) -> Taught:
    """From labelled signals, vectors (n, dimension) of teams y, numbered as in the profiles.

    A team without a row always learns from its profile; the others if profiles tell labelled rows apart better than
    chance, by Akaike's criterion (1974) for the one weight that is fitted. Labels such as "7" teach nothing.
    """
    scorer = fit_profiles(profiles, vectors)
    everyone = np.arange(len(profiles.teams))
    gain = len(y) * (np.log(len(everyone)) - fit_fusion([scorer.scores(vectors)], y)[1])
    teams = everyone if gain > 1 else everyone[np.bincount(y, minlength=len(everyone)) == 0]
    parts = [_drawn(scorer, vectors[s.train], y[s.train]).scores(vectors[s.held_out]) for s in splits]
    texts = team_texts(profiles)
    return Taught(
        _drawn(scorer, vectors, y),
        np.concatenate(parts),
        teams,
        [texts[k] for k in teams],
        team_means(profiles)[teams],
    )


def _drawn(scorer: ProfileScorer, vectors: NDArray[np.float32], y: IntArray) -> ProfileScorer:
    """Each team with labelled rows gets their mean as a view, in which its profile keeps the weight √n of n rows.

    A profile of one view is that mean from then on. One of several says different things a team owns, of which a few
    rows show only some: its views stay beside the mean.
    """
    first = _means(scorer.views, scorer.of_team)
    counts = np.bincount(y, minlength=len(first))
    total = first * np.sqrt(counts)[:, None]
    np.add.at(total, y, _unit(vectors - scorer.centre))
    warm = np.flatnonzero(counts)
    several = np.bincount(scorer.of_team)[scorer.of_team] > 1
    stay = several | (counts[scorer.of_team] == 0)
    views, of_team = np.vstack([_unit(total[warm]), scorer.views[stay]]), np.append(warm, scorer.of_team[stay])
    order = np.argsort(of_team, kind="stable")
    return ProfileScorer(scorer.centre, views[order], of_team[order], scorer.concentration)


def team_means(profiles: Profiles) -> NDArray[np.float32]:
    """One unit vector a team, shape (K, dimension): the direction its views have in common."""
    order = np.argsort(profiles.of_team, kind="stable")
    return _means(profiles.vectors[order].astype(np.float64), profiles.of_team[order]).astype(np.float32)


def team_texts(profiles: Profiles) -> list[str]:
    """One text a team: its views, one after the other."""
    return [
        ". ".join(profiles.texts[i] for i in np.flatnonzero(profiles.of_team == k)) for k in range(len(profiles.teams))
    ]


def _moved(scorer: ProfileScorer, signals: FloatArray) -> ProfileScorer:
    """Each team at the mean of the unlabelled signals that are its own, in so far as they are (EM).

    The profile stays in the sum with the weight of its standard error, √n of n unit vectors: it decides where few
    signals lie, and keeps a team from drifting to a neighbour's.
    """
    start = _means(scorer.views, scorer.of_team)
    similar = _by_team(signals @ scorer.views.T, scorer.of_team, scorer.concentration)
    means, concentration = start, scorer.concentration
    for _ in range(_STEPS):
        share = softmax(concentration * similar)
        means = _unit(share.T @ signals + start * np.sqrt(share.sum(axis=0))[:, None])
        similar = signals @ means.T
        concentration = _concentration(signals, similar.max(axis=1))
    return ProfileScorer(scorer.centre, means, np.arange(len(means)), concentration)


def _means(views: FloatArray, of_team: IntArray) -> FloatArray:
    """The mean direction of each team's views, whose teams ascend."""
    return _unit(np.add.reduceat(views, np.flatnonzero(np.diff(of_team, prepend=-1)), axis=0))


def _by_team(similar: FloatArray, of_team: IntArray, concentration: float) -> FloatArray:
    first = np.flatnonzero(np.diff(of_team, prepend=-1))
    sizes = np.diff(np.append(first, len(of_team)))
    powers = np.exp(concentration * (similar - 1))
    mean = np.add.reduceat(powers, first, axis=1) / sizes
    return np.asarray(1 + np.log(np.maximum(mean, 1e-300)) / concentration)


def _concentration(vectors: FloatArray, nearest: FloatArray) -> float:
    """Of von Mises-Fisher densities: r d / (1 - r²) (Banerjee et al. 2005, eq. 4.4, without its small last term).

    r is the mean similarity to the nearest view. Vectors of language fill few of their dimensions; d is how many, the
    participation ratio (Σλ)² / Σλ² of their spread.
    """
    r = float(np.clip(nearest.mean(), 0.05, 0.95))
    spread = np.linalg.eigvalsh(vectors.T @ vectors)
    squares = float((spread**2).sum())
    dimensions = float(spread.sum()) ** 2 / squares if squares > 0 else 1.0  # all signals one and the same
    return r * dimensions / (1 - r * r)


def _unit(vectors: NDArray[np.floating]) -> FloatArray:
    wide = vectors.astype(np.float64)
    return np.asarray(wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12))
