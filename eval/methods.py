"""The methods that are measured: signaltriage through its public API, and its peers, behind one signature."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.peers import Predict
from eval.sets import Part

OWN: Final = "signaltriage"
BASE: Final = "TF-IDF + LinearSVC"
"""Times are told as ratios to this method's in the same run."""
PEERS: Final = {
    "majority": "majority",
    BASE: "tfidf_svc",
    "sentence-transformers + logistic regression": "sentence_lr",
}
METHODS: Final = (OWN, *PEERS)
UNCALIBRATED: Final = frozenset((BASE,))
"""Methods whose probability is a softmax of scores that nobody has calibrated."""
TARGET_ERROR: Final = 0.10


@dataclass(frozen=True)
class Guesses:
    """A method's answers, row by row."""

    labels: list[str]
    probabilities: NDArray[np.float64]
    """Of the labels, 0-1."""
    routed: list[bool] | None = None
    """Whether the method would route the row alone; None where it has no such notion."""


def fit(method: str, train: Part, seed: int) -> Callable[[list[str]], Guesses]:
    """Train a method; what comes back predicts."""
    if method == OWN:
        return _fit_own(train, seed)
    predict: Predict = import_module(f"eval.peers.{PEERS[method]}").fit(train.texts, train.labels, seed)
    return lambda texts: Guesses(*predict(texts))


def _fit_own(train: Part, seed: int) -> Callable[[list[str]], Guesses]:
    st: Any = import_module("signaltriage")
    settings = st.Settings() if seed == 0 else dataclasses.replace(st.Settings(), seed=seed)
    model = st.TriageModel.train(train.texts, train.labels, times=train.times, settings=settings)

    def predict(texts: list[str]) -> Guesses:
        found = model.predict(texts)
        return Guesses(
            [p.best_guess for p in found],
            np.array([p.probability for p in found]),
            [p.outcome == "routed" for p in found],
        )

    return predict
