"""`Router`: the finished routing model. Texts and their vectors in, calibrated probabilities over teams out.

Up to five scorers look at a signal: what it means (kernel machine over encoder vectors), what it is about (kernel
machine over latent topics of its words), how it is worded (linear machine over word and character n-grams), whose name
and description it is near, and, with few rows a team, on which side of straight lines it lies. Their weighted sum is
turned into probabilities. All of it is arrays fitted elsewhere (`training`): a router cannot be unfitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.routing.calibration import TopLabelCalibration
from signaltriage.routing.coldstart import ProfileScorer
from signaltriage.routing.fusion import fuse, softmax
from signaltriage.routing.kernel import KernelScorer
from signaltriage.routing.linear import LinearScorer
from signaltriage.routing.logistic import LogisticScorer
from signaltriage.routing.ngrams import Wording
from signaltriage.routing.novelty import NEVER, NoveltyDetector, Seen

FloatArray = NDArray[np.float64]
DECIMALS = 6
"""Probabilities are rounded here, above the noise of floating-point summation order."""


@dataclass(frozen=True)
class TopicScorer:
    """A kernel machine over latent topics (LSA: Deerwester et al. 1990) of the word columns."""

    components: NDArray[np.float32]
    """Shape (word columns, topics)."""
    machine: KernelScorer

    def scores(self, rows: sparse.csr_matrix) -> FloatArray:
        """Scores of TF-IDF rows, shape (n, classes)."""
        return self.machine.scores(topic_vectors(rows, self.components))


def topic_vectors(rows: sparse.csr_matrix, components: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit rows of shape (n, topics); a text without a known word is the zero vector."""
    projected = np.asarray(rows[:, : components.shape[0]] @ components, dtype=np.float32)
    return np.asarray(projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-12))


@dataclass(frozen=True)
class Router:
    """A fitted routing model over `classes`."""

    classes: tuple[str, ...]
    wording: Wording
    words: LinearScorer
    meaning: KernelScorer
    topics: TopicScorer | None
    """None where latent topics added nothing on held-out rows."""
    fusion: tuple[float, ...]
    """Weights of meaning, words and (where there) topics, profiles and logistic."""
    calibration: TopLabelCalibration
    profiles: ProfileScorer | None = None
    """None where names and descriptions of the teams are not known, or added nothing on held-out rows."""
    logistic: LogisticScorer | None = None
    """None where teams have rows enough for kernels, or it added nothing on held-out rows."""
    novelty: NoveltyDetector | None = None
    """None where no row could be held out to judge it by."""

    def scores(self, rows: sparse.csr_matrix, vectors: NDArray[np.float32]) -> FloatArray:
        """Fused scores before calibration, shape (n, classes)."""
        return self._scores(rows, vectors, self.meaning.similarity(vectors))

    def _scores(self, rows: sparse.csr_matrix, vectors: NDArray[np.float32], similarity: FloatArray) -> FloatArray:
        parts = [self.meaning.scores_at(similarity), self.words.scores(rows)]
        if self.topics is not None:
            parts.append(self.topics.scores(rows))
        if self.profiles is not None:
            parts.append(self.profiles.scores(vectors))
        if self.logistic is not None:
            parts.append(self.logistic.scores(vectors))
        return fuse(parts, self.fusion)

    def judge(self, rows: sparse.csr_matrix, vectors: NDArray[np.float32]) -> tuple[FloatArray, FloatArray]:
        """Calibrated probabilities, shape (n, classes), and that each is none of the known teams', shape (n,)."""
        similarity = self.meaning.similarity(vectors)
        scores = self._scores(rows, vectors, similarity)
        none = np.zeros(len(scores))
        if self.novelty is not None:
            none = self.novelty.probability(Seen(vectors, scores, similarity))
        return self.calibrated(scores), none

    def probabilities(self, rows: sparse.csr_matrix, vectors: NDArray[np.float32]) -> FloatArray:
        """Calibrated probabilities, shape (n, classes), rows summing to one."""
        return self.calibrated(self.scores(rows, vectors))

    def calibrated(self, scores: FloatArray) -> FloatArray:
        """Probabilities from fused scores, shape kept."""
        if len(self.classes) == 1:
            return np.ones((len(scores), 1))
        return self.calibration.apply(softmax(scores)).round(DECIMALS)

    def none_probabilities(self, scores: FloatArray, vectors: NDArray[np.float32]) -> FloatArray:
        """That each signal is none of the known teams', from its fused scores and its vector: shape (n,), 0-1."""
        if self.novelty is None:
            return np.zeros(len(scores))
        return self.novelty.probability(Seen(vectors, scores, self.meaning.similarity(vectors)))

    @property
    def none_limit(self) -> float:
        """The least probability of being none of theirs at which a signal is turned away."""
        return NEVER if self.novelty is None else self.novelty.limit

    def rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """TF-IDF rows of texts."""
        return self.wording.rows(texts)
