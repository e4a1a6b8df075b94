"""Fit a `Router`: what is held out, which settings win, how the scorers share the decision.

Every choice (penalties, kernel width, recency, shares, calibration) is made on rows held out of the fit, by mean
negative log-likelihood; nothing is a constant found by hand on some data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.errors import InputError
from signaltriage.routing.calibration import TopLabelCalibration
from signaltriage.routing.folds import Split, canonical_order, forward_splits, joined_groups, stratified_splits
from signaltriage.routing.fusion import fit_fusion, fuse, softmax
from signaltriage.routing.kernel import KernelFit, KernelSpace
from signaltriage.routing.linear import cross_fit_linear, fit_linear
from signaltriage.routing.ngrams import Wording
from signaltriage.routing.novelty_training import JunkJudged, JunkTexts, add_novelty
from signaltriage.routing.novelty_trials import KnownRows, Machines
from signaltriage.routing.recency import recency_weights
from signaltriage.routing.router import Router, TopicScorer, topic_vectors

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NOT_HELD_OUT = "none, all rows being of one text or group"
"""The kind of split where the model could only be judged on what it had learnt: no ground for any promise."""


@dataclass(frozen=True)
class Grid:
    """The settings that are tried; the data chooses among them."""

    kernel_widths: tuple[float, ...] = (0.5, 1.0, 2.0)
    kernel_penalties: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0)
    linear_cs: tuple[float, ...] = (0.1, 0.3, 1.0)
    half_life_shares: tuple[float, ...] = (1.0, 0.5, 0.25, 0.125, 0.0625)
    """Half-lives tried, as shares of the time the training rows span; weighing all times equally is always tried."""
    landmarks: int = 6000
    """At most; fewer where the rows are so many that the features would not fit in `feature_entries`."""
    feature_entries: int = 100_000_000
    scout_landmarks: int = 1000
    """Landmarks of the small machines that settle the kernel's width and the half-life."""
    topics: int = 128
    topic_landmarks: int = 3000


@dataclass(frozen=True)
class Choice:
    """What was chosen, for the model card."""

    kernel_width: float
    kernel_penalty: float
    linear_c: float
    half_life_days: float | None
    split: str
    """"stratified", "forward in time", or `NOT_HELD_OUT`."""
    fusion: tuple[float, ...]


@dataclass(frozen=True)
class HeldOut:
    """Calibrated predictions on rows the model had not seen: what every later promise rests on."""

    rows: IntArray
    """Row numbers in the order the caller passed them."""
    probabilities: FloatArray
    """Shape (len(rows), classes)."""
    y: IntArray
    none_probability: FloatArray
    """That each row is none of the known teams', shape (len(rows),)."""


@dataclass(frozen=True)
class Trained:
    """A router with the evidence for it."""

    router: Router
    choice: Choice
    held_out: HeldOut
    junk: JunkJudged


@dataclass(frozen=True)
class TrainingRows:
    """Cleaned texts with labels and vectors, row by row."""

    texts: Sequence[str]
    labels: Sequence[str]
    vectors: NDArray[np.float32]
    times: FloatArray | None = None
    """Seconds since the epoch; where given, rows are held out forward in time."""
    groups: Sequence[str] | None = None
    """Rows of one group (a thread, an account) are never on both sides of a split."""
    junk: JunkTexts = ((), None)
    """Texts labelled as nobody's and their vectors: no team is trained on them."""


@dataclass(frozen=True)
class _Problem:
    """Rows in canonical order, encoded as arrays."""

    texts: list[str]
    y: IntArray
    n_classes: int
    vectors: NDArray[np.float32]
    times: FloatArray | None
    splits: list[Split]
    grid: Grid
    seed: int
    targets: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        targets = np.zeros((len(self.y), self.n_classes), dtype=np.float32)
        targets[np.arange(len(self.y)), self.y] = 1
        object.__setattr__(self, "targets", targets)

    def loss(self, scores: Sequence[FloatArray], y: IntArray | None = None) -> float:
        """Mean negative log-likelihood, in nats, of held-out scores fused as well as they can be."""
        y = self.held_out_y if y is None else y
        step = max(1, y.size * self.n_classes // 500_000)  # a choice among settings needs no more entries than that
        return fit_fusion([part[::step] for part in scores], y[::step])[1]

    @property
    def split_kind(self) -> str:
        if len(self.splits[0].train) == len(self.y):
            return NOT_HELD_OUT
        return "stratified" if self.times is None else "forward in time"

    @property
    def held_out_rows(self) -> IntArray:
        return np.concatenate([split.held_out for split in self.splits])

    @property
    def held_out_y(self) -> IntArray:
        return self.y[self.held_out_rows]


def train_router(rows: TrainingRows, *, folds: int = 5, seed: int = 0, grid: Grid | None = None) -> Trained:
    """Fit a router. Shuffling the rows, or the number of threads, changes nothing.

    Raises:
        InputError: no rows, or fewer than two distinct labels.
    """
    import scipy.linalg  # noqa: F401  # the limit below reaches only libraries that are already loaded
    from threadpoolctl import threadpool_limits

    order = canonical_order(rows.texts, rows.labels, rows.times)
    classes = tuple(sorted(set(rows.labels)))
    if len(classes) < 2:
        found = f"only the label {classes[0]!r}" if classes else "no labelled rows"
        raise InputError(f"The training data holds {found}.", remedy="Give rows of at least two teams.")
    with threadpool_limits(limits=1):  # summation order, and so the last bits, would follow the number of threads
        problem = _problem(rows, order, classes, (folds, seed), grid or Grid())
        return _train(problem, classes, order, rows.junk)


def _problem(
    rows: TrainingRows, order: IntArray, classes: tuple[str, ...], folds_seed: tuple[int, int], grid: Grid
) -> _Problem:
    folds, seed = min(folds_seed[0], max(2, len(order))), folds_seed[1]
    texts = [rows.texts[i] for i in order]
    code = {label: i for i, label in enumerate(classes)}
    y = np.array([code[rows.labels[i]] for i in order], dtype=np.int64)
    groups = texts if rows.groups is None else joined_groups(texts, [rows.groups[i] for i in order])
    times = None if rows.times is None else rows.times[order]
    splits = forward_splits(times, groups, folds) if times is not None and np.ptp(times) > 0 else []
    if not splits:
        times, splits = None, stratified_splits(y, groups, folds)
    if not splits or any(len(split.train) == 0 for split in splits):
        splits = [Split(np.arange(len(y)), np.arange(len(y)))]  # one distinct text: nothing can be held out
    return _Problem(texts, y, len(classes), rows.vectors[order], times, splits, grid, seed)


def _train(problem: _Problem, classes: tuple[str, ...], order: IntArray, junk: JunkTexts) -> Trained:
    wording = Wording.learn(problem.texts)
    rows = wording.rows(problem.texts)
    space, scout, kernel_fit, half_life = _choose_kernel(problem)
    weights = recency_weights(problem.times, half_life, len(problem.y))
    linear_c, linear_held_out = _choose_linear(problem, rows, weights, kernel_fit)
    parts = [np.concatenate(kernel_fit.held_out), linear_held_out]
    topics, topic_held_out = _fit_topics(problem, rows[:, : wording.n_words], weights)
    if topics is not None:
        parts.append(topic_held_out)
    newest = weights[problem.held_out_rows]  # held-out rows fade as training rows do: the newest tell what is to come
    fusion, _ = fit_fusion(parts, problem.held_out_y, newest)
    if topics is not None and fusion[2] <= 0.01 * sum(fusion):
        topics, parts = None, parts[:2]
        fusion, _ = fit_fusion(parts, problem.held_out_y, newest)
    if not any(fusion):  # no scorer was of use on held-out rows: rank by meaning all the same, sure of nothing
        fusion = (1e-3, *fusion[1:])
    fused = fuse(parts, fusion)
    uncalibrated = softmax(fused)
    calibration = TopLabelCalibration.fit(uncalibrated, problem.held_out_y, newest)
    router = Router(
        classes=classes,
        wording=wording,
        words=fit_linear(rows, problem.y, problem.n_classes, linear_c, weights),
        meaning=space.fit(problem.targets, weights, kernel_fit.penalty),
        topics=topics,
        fusion=fusion,
        calibration=calibration,
    )
    choice = Choice(space.gamma, kernel_fit.penalty, linear_c, half_life, problem.split_kind, fusion)
    known = KnownRows(problem.texts, problem.vectors, problem.y, weights, problem.splits, fused)
    machines = Machines(space.landmark_rows, scout, kernel_fit.penalty)
    novelty = add_novelty(router, known, machines, junk, problem.seed)
    calibrated = calibration.apply(uncalibrated)
    held_out = HeldOut(order[problem.held_out_rows], calibrated, problem.held_out_y, novelty.held_out)
    return Trained(novelty.router, choice, held_out, novelty.junk)


def _space(problem: _Problem, vectors: NDArray[np.float32], gamma: float, landmarks: int) -> KernelSpace:
    rng = np.random.default_rng(problem.seed)
    n = len(problem.y)
    rows = np.sort(rng.choice(n, size=min(landmarks, n), replace=False)).astype(np.int64)
    return KernelSpace(vectors, rows, gamma)


def _choose_kernel(problem: _Problem) -> tuple[KernelSpace, KernelSpace, KernelFit, float | None]:
    """Width and recency are scouted with few landmarks; the penalty is settled with all of them."""
    grid = problem.grid
    even = np.ones(len(problem.y))
    scouts = [_space(problem, problem.vectors, gamma, grid.scout_landmarks) for gamma in grid.kernel_widths]
    found = [_best_penalty(problem, scout, even, grid.kernel_penalties) for scout in scouts]
    loss, fit, scout = min(
        ((*result, scout) for result, scout in zip(found, scouts, strict=True)), key=lambda candidate: candidate[0]
    )
    half_life = None
    if problem.times is not None:
        span_days = float(np.ptp(problem.times)) / 86_400
        for share in grid.half_life_shares:
            weights = recency_weights(problem.times, share * span_days, len(problem.y))
            new_loss, new_fit = _best_penalty(problem, scout, weights, grid.kernel_penalties)
            if new_loss < loss:
                loss, fit, half_life = new_loss, new_fit, share * span_days
    weights = recency_weights(problem.times, half_life, len(problem.y))
    affordable = max(grid.scout_landmarks, min(grid.landmarks, grid.feature_entries // len(problem.y)))
    space = _space(problem, problem.vectors, scout.gamma, affordable)
    _, final = _best_penalty(problem, space, weights, _around(fit.penalty, grid.kernel_penalties))
    return space, scout, final, half_life


def _around(value: float, ladder: Sequence[float]) -> Sequence[float]:
    """The value and its neighbours on the ladder."""
    i = list(ladder).index(value)
    return ladder[max(0, i - 1) : i + 2]


def _best_penalty(
    problem: _Problem, space: KernelSpace, weights: FloatArray, penalties: Sequence[float]
) -> tuple[float, KernelFit]:
    fits = space.cross_fit(problem.targets, problem.splits, weights, penalties)
    losses = [problem.loss([np.concatenate(fit.held_out)]) for fit in fits]
    best = int(np.argmin(losses))
    return losses[best], fits[best]


def _choose_linear(
    problem: _Problem, rows: sparse.csr_matrix, weights: FloatArray, kernel_fit: KernelFit
) -> tuple[float, FloatArray]:
    """The C that serves best beside the kernel machine on two of the splits, with its held-out scores on all."""
    splits, cs = problem.splits, problem.grid.linear_cs
    first = list(range(len(splits)))[-2:]  # the newest, where splits go forward in time
    jobs = [(c, splits[k]) for c in cs for k in first]
    fitted = iter(cross_fit_linear(rows, problem.y, jobs, weights))
    known = {(c, k): next(fitted) for c in cs for k in first}
    meaning = np.concatenate([kernel_fit.held_out[k] for k in first])
    y = np.concatenate([problem.y[splits[k].held_out] for k in first])
    best = min(cs, key=lambda c: problem.loss([meaning, np.concatenate([known[c, k] for k in first])], y))
    others = [k for k in range(len(splits)) if k not in first]
    fitted = iter(cross_fit_linear(rows, problem.y, [(best, splits[k]) for k in others], weights))
    known |= {(best, k): next(fitted) for k in others}
    return best, np.concatenate([known[best, k] for k in range(len(splits))])


def _fit_topics(
    problem: _Problem, word_rows: sparse.csr_matrix, weights: FloatArray
) -> tuple[TopicScorer | None, FloatArray]:
    """Latent topics of the words and a kernel machine over them; None where the texts are too few to have any."""
    from sklearn.decomposition import TruncatedSVD

    grid = problem.grid
    n_topics = min(grid.topics, min(word_rows.shape) - 1)
    if n_topics < 2:
        return None, np.empty(0)
    with np.errstate(invalid="ignore"):  # where all texts are the same, no variance is there to be explained
        components = TruncatedSVD(n_topics, random_state=problem.seed).fit(word_rows).components_.T
    components = np.ascontiguousarray(components, dtype=np.float32)
    vectors = topic_vectors(word_rows, components)
    _, scouted = _best_penalty(
        problem, _space(problem, vectors, 1.0, grid.scout_landmarks), weights, grid.kernel_penalties
    )
    space = _space(problem, vectors, 1.0, grid.topic_landmarks)
    _, fit = _best_penalty(problem, space, weights, (scouted.penalty,))
    return TopicScorer(components, space.fit(problem.targets, weights, fit.penalty)), np.concatenate(fit.held_out)
