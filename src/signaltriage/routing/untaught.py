"""A router for teams that nobody has given an example of: their profiles decide alone, and nothing is promised."""

from __future__ import annotations

import numpy as np

from signaltriage.errors import InputError
from signaltriage.routing.calibration import TopLabelCalibration
from signaltriage.routing.choices import Choice
from signaltriage.routing.coldstart import Profiles, fit_profiles, team_means, team_texts
from signaltriage.routing.kernel import KernelScorer
from signaltriage.routing.linear import fit_linear
from signaltriage.routing.ngrams import Wording
from signaltriage.routing.novelty_training import JunkJudged
from signaltriage.routing.router import Router
from signaltriage.routing.training import HeldOut, Trained
from signaltriage.threads import one_thread

NO_ROWS = "none, no row being labelled"
"""The kind of split: no row to hold out, so no ground for any promise."""


def untaught_router(profiles: Profiles) -> Trained:
    """Fit without a labelled row.

    The probabilities are those of the densities around the profiles. How often they are right, nobody has seen.

    Raises:
        InputError: fewer than two teams.
    """
    classes = tuple(sorted(profiles.teams))
    if len(classes) < 2:
        raise InputError(f"There are profiles of {len(classes)} teams.", remedy="Describe at least two teams.")
    placed, everyone = profiles.placed(classes), np.arange(len(classes))
    texts = team_texts(placed)
    wording = Wording.learn([text for text in texts for _ in range(2)])  # a word of one profile counts here
    with one_thread():  # as in `train_router`
        scorer = fit_profiles(placed, np.empty((0, placed.vectors.shape[1]), dtype=np.float32))
        words = fit_linear(wording.rows(texts), everyone, len(classes), 1.0, np.ones(len(classes)))
    router = Router(
        classes=classes,
        wording=wording,
        words=words,  # without weight: names the words that a profile and a signal share
        meaning=KernelScorer(team_means(placed), 1.0, np.eye(len(classes)), np.zeros(len(classes))),
        topics=None,
        fusion=(0.0, 0.0, scorer.concentration),
        calibration=TopLabelCalibration(1.0, 0.0),
        profiles=scorer,
    )
    choice = Choice(1.0, 0.0, 0.0, None, NO_ROWS, router.fusion)
    nothing = np.empty(0, dtype=np.int64)
    no_guess, no_probability = np.empty((0, len(classes))), np.empty(0)
    held_out = HeldOut(nothing, no_guess, nothing, no_probability)
    return Trained(router, choice, held_out, JunkJudged(no_guess, no_probability))
