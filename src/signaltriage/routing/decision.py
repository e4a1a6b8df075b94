"""From probabilities to predictions: routed alone, or held for a person, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.explain import Evidence, Examples, Leaders, describe, describe_none, find_evidence
from signaltriage.routing.router import Router
from signaltriage.types import Prediction, RunnerUp

RUNNERS_UP = 3
RIVALS = 16
"""Most probable teams, the best guess among them, that words are weighed against: an unsure model has many rivals."""


@dataclass(frozen=True)
class Decider:
    """A router with what is needed to act on its probabilities."""

    router: Router
    examples: Examples
    min_probability: Mapping[str, float]
    """Of each team: the least probability at which a signal is routed to it without a person."""
    shares: NDArray[np.float64]
    """Of each team in the training rows, shape (K,): all that is known of an empty signal."""
    version: str

    def decide(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Prediction]:
        """Predictions for cleaned texts and their vectors (n, dimension), in order."""
        if not texts:
            return []
        rows = self.router.rows(texts)
        probabilities, none = self.router.judge(rows, vectors)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :RIVALS]
        leaders = Leaders(order, np.take_along_axis(probabilities, order, axis=1))
        order = order[:, : RUNNERS_UP + 1]
        evidence = find_evidence(self.router, self.examples, texts, (rows, vectors), leaders)
        known = np.diff(rows.indptr)
        return [
            self._decided(order[i], (probabilities[i], float(none[i])), evidence[i], int(known[i]))
            if text.strip()
            else self._nothing()
            for i, text in enumerate(texts)
        ]

    def _decided(
        self, order: NDArray[np.intp], judged: tuple[NDArray[np.float64], float], evidence: Evidence, n_known: int
    ) -> Prediction:
        probabilities, none = judged
        classes = self.router.classes
        best = classes[order[0]]
        probability = float(probabilities[order[0]])
        runners_up = tuple(RunnerUp(classes[k], float(probabilities[k])) for k in order[1:])
        least = self.min_probability[best]
        novel = none >= self.router.none_limit
        routed = probability >= least and not novel
        reason = describe(probability, least, best, evidence, runners_up, n_known)
        return Prediction(
            team=best if routed else None,
            outcome="routed" if routed else "needs_human",
            probability=probability,
            best_guess=best,
            runners_up=runners_up,
            reason=f"{describe_none(none)}; {reason}" if novel else reason,
            model_version=self.version,
            none_probability=none,
        )

    def _nothing(self) -> Prediction:
        """An empty signal: a person must look; the best guess is the team that gets most signals."""
        order = np.argsort(-self.shares, kind="stable")[: RUNNERS_UP + 1]
        best, *others = (RunnerUp(self.router.classes[k], round(float(self.shares[k]), 6)) for k in order)
        reason = "no text: nothing to judge by; the best guess is the team that gets most signals"
        return Prediction(None, "needs_human", best.probability, best.team, tuple(others), reason, self.version)
