"""Fit a `NoveltyDetector` without a row of the kind it is to find.

A logistic curve learns what the views mean together from rows of hidden teams (see `novelty_trials`). Such rows are
nearer to the known than most of what is nobody's: they would teach to trust one view alone, so the views count alike.

The limit is one half, reckoning with one signal in ten being nobody's; it is raised until, with 95 % confidence, at
most 2 % of the rightly guessed held-out rows are turned away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.novelty import DECIMALS, NEVER, Background, Curve, NoveltyDetector, Seen, views_of
from signaltriage.routing.novelty_trials import (
    Junk,
    KnownRows,
    Machines,
    Trial,
    fit_background,
    hide_groups,
    views_of_held_out,
)
from signaltriage.routing.products import inner_products
from signaltriage.routing.router import Router

FloatArray = NDArray[np.float64]
JunkTexts = tuple[Sequence[str], NDArray[np.float32] | None]
"""Texts labelled as nobody's, and their vectors; None where there are none."""
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
PRIOR = 0.1
"""Share of signals reckoned to be nobody's: nothing in rows of known teams could tell it."""
MAX_TURNED_AWAY = 0.02
"""Largest share of rightly guessed signals that may be turned away."""
CONFIDENCE = 0.95
"""With which that is to hold."""
_UNTAUGHT = (3.0, 0.0, -6.0)
"""Weights where nothing can be hidden: even odds two spreads above the mean of known rows."""


@dataclass(frozen=True)
class JunkJudged:
    """Predictions on rows labelled as nobody's, sorted by text: whatever team they would go to is wrong."""

    probabilities: FloatArray
    """Shape (j, teams)."""
    none_probability: FloatArray
    """Of each row, judged beside junk of other texts only."""


@dataclass(frozen=True)
class Judged:
    """A router with its detector, and what that says of rows it has not seen."""

    router: Router
    held_out: FloatArray
    """Probability of being nobody's, of each held-out row."""
    junk: JunkJudged


def add_novelty(
    router: Router,
    known: KnownRows,
    machines: Machines,
    junk: JunkTexts,
    seed: int,
) -> Judged:
    """Fit the views on all rows, the curve on hidden teams and junk, the limit on held-out rows.

    Where the held-out rows are those trained on, nothing can be learnt: such a router has no detector.
    """
    seen = _junk_rows(router, junk)
    probabilities = router.calibrated(seen.seen.scores)
    if any(len(split.train) == len(known.y) for split in known.splits):
        return Judged(router, np.zeros(len(known.held_out)), JunkJudged(probabilities, np.zeros(len(probabilities))))
    ends = np.cumsum([len(split.held_out) for split in known.splits])[:-1]
    parts = zip(known.splits, np.split(known.held_out, ends), strict=True)
    views = np.concatenate([views_of_held_out(known, machines, seen, split, scores) for split, scores in parts])
    background = fit_background(known.vectors, known.y)
    junk_views = _junk_views(background, seen)
    curve = _fit_curve(_spread(views), views, junk_views, hide_groups(known, machines, seen, seed))
    probability = curve.probability(views)
    right = known.held_out.argmax(axis=1) == known.y[np.concatenate([split.held_out for split in known.splits])]
    detector = NoveltyDetector(background, seen.seen.vectors, curve, choose_limit(probability[right]))
    return Judged(
        replace(router, novelty=detector), probability, JunkJudged(probabilities, curve.probability(junk_views))
    )


def _junk_rows(router: Router, junk: JunkTexts) -> Junk:
    """Junk in an order that depends on its texts only, as the router sees it."""
    order = sorted(range(len(junk[0])), key=lambda i: junk[0][i])
    texts = [junk[0][i] for i in order]
    dimension = router.meaning.landmarks.shape[1]
    vectors = np.empty((0, dimension), dtype=np.float32) if junk[1] is None else junk[1][order]
    return Junk(texts, Seen(vectors, router.scores(router.rows(texts), vectors), router.meaning.similarity(vectors)))


def choose_limit(right: FloatArray) -> float:
    """The least limit, one half or more, that turns away at most `MAX_TURNED_AWAY` of such rows, with `CONFIDENCE`.

    A distribution-free tolerance limit (Wilks 1941) from probabilities of rightly guessed held-out rows, shape (n,).
    """
    from scipy.stats import binom

    n = len(right)
    allowed = np.flatnonzero(binom.cdf(np.arange(n), n, MAX_TURNED_AWAY) <= 1 - CONFIDENCE)
    if not len(allowed):  # too few rows to vouch for any limit
        return NEVER
    first_kept = np.sort(right)[n - 1 - int(allowed[-1])]
    return max(0.5, round(float(first_kept) + 10.0**-DECIMALS, DECIMALS))


def _junk_views(background: Background, junk: Junk) -> FloatArray:
    """Views of the junk rows, each beside junk of other texts only."""
    seen, texts = junk.seen, np.array(junk.texts, dtype=object)
    if not len(texts):
        return np.empty((0, 3))
    views = views_of(background, seen.vectors, seen)
    alike = inner_products(seen.vectors, seen.vectors)
    alike[texts[:, None] == texts[None, :]] = -1
    views[:, 3] = alike.max(axis=1) - seen.similarity.max(axis=1)
    return views


def _spread(views: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centre and scale of each view."""
    scale = views.std(axis=0)
    return views.mean(axis=0), np.where(scale > 1e-9, scale, 1.0)


def _fit_curve(
    spread: tuple[FloatArray, FloatArray], views: FloatArray, junk_views: FloatArray, trials: Sequence[Trial]
) -> Curve:
    """Logistic regression of rows of hidden teams, and of junk rows, against held-out rows of known teams.

    A trial is measured by its own known rows: fewer teams and rows shift every view a little.
    """
    curve = Curve(*spread, weights=np.array([_UNTAUGHT]))
    if trials:
        own = [Curve(*_spread(trial.known), weights=curve.weights) for trial in trials]
        known = [one.evidence(trial.known) for one, trial in zip(own, trials, strict=True)]
        hidden = [one.evidence(trial.hidden) for one, trial in zip(own, trials, strict=True)]
        new = _logistic(np.concatenate(known), np.concatenate(hidden), np.array([1.0, 0.0, 1.0]))
        curve = replace(curve, weights=new[None, :])
    if len(junk_views):
        like_junk = _logistic(curve.evidence(views), curve.evidence(junk_views), np.ones(3))
        curve = replace(curve, weights=np.concatenate([curve.weights, like_junk[None, :]]))
    prior = np.array([0.0, 0.0, np.log(PRIOR / (1 - PRIOR))])
    return replace(curve, weights=curve.weights + prior)


def _logistic(known: FloatArray, novel: FloatArray, used: FloatArray) -> FloatArray:
    """Weights, slopes never negative, that tell two kinds of rows apart at even odds; columns not `used` weigh 0."""
    from scipy.optimize import minimize

    x = np.concatenate([known, novel]) * used
    target = np.arange(len(x)) >= len(known)
    share = np.where(target, 0.5 / len(novel), 0.5 / len(known))
    ridge = np.array([1e-3, 1e-3, 0.0])

    def loss(p: FloatArray) -> tuple[float, FloatArray]:
        z = np.clip(x @ p, -30, 30)
        error = share * (1 / (1 + np.exp(-z)) - target)
        value = (share * (np.logaddexp(0, z) - target * z)).sum() + (ridge * p * p).sum()
        return float(value), x.T @ error + 2 * ridge * p

    bounds = [(0.0, 30.0), (0.0, 30.0), (-60.0, 60.0)]
    found = minimize(loss, np.array(_UNTAUGHT), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x) * used
