"""Fit a `Router`: what is held out, which settings win, how the scorers share the decision.

Every choice (penalties, kernel width, recency, shares, calibration) is made on rows held out of the fit, by mean
negative log-likelihood; nothing is a constant found by hand on some data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from signaltriage.errors import InputError
from signaltriage.routing.calibration import TopLabelCalibration
from signaltriage.routing.choices import FEW_ROWS, Choice, Grid
from signaltriage.routing.coldstart import Profiles, Taught, teach
from signaltriage.routing.folds import Split, canonical_order, forward_splits, joined_groups, stratified_splits
from signaltriage.routing.fusion import fit_fusion, fit_shares, softmax
from signaltriage.routing.kernel import KernelFit, KernelSpace
from signaltriage.routing.linear import cross_fit_linear, fit_linear
from signaltriage.routing.logistic import choose_logistic
from signaltriage.routing.ngrams import Wording
from signaltriage.routing.novelty_training import JunkJudged, JunkTexts, add_novelty
from signaltriage.routing.novelty_trials import KnownRows, Machines
from signaltriage.routing.recency import recency_weights
from signaltriage.routing.router import Router, TopicScorer, topic_vectors
from signaltriage.threads import one_thread

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NOT_HELD_OUT = "none, all rows being of one text or group"
"""The kind of split where the model could only be judged on what it had learnt: no ground for any promise."""


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
    profiles: Profiles | None = None
    """What the teams are, in words: of every label, and of teams without a row, which can be routed to as well."""


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
    taught: Taught | None = None
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
    def few(self) -> bool:
        """Whether a team has few rows, on average."""
        return len(self.held_out_rows) <= FEW_ROWS * self.n_classes

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
    order = canonical_order(rows.texts, rows.labels, rows.times)
    classes = tuple(sorted({*rows.labels, *(rows.profiles.teams if rows.profiles else ())}))
    if len(classes) < 2:
        found = f"only the label {classes[0]!r}" if classes else "no labelled rows"
        raise InputError(f"The training data holds {found}.", remedy="Give rows of at least two teams.")
    with one_thread():  # summation order, and so the last bits, would follow the number of threads
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
    problem = _Problem(texts, y, len(classes), rows.vectors[order], times, splits, grid, seed)
    return problem if rows.profiles is None else _with_profiles(problem, rows.profiles.placed(classes))


def _with_profiles(problem: _Problem, profiles: Profiles) -> _Problem:
    """The problem with the profiles as a scorer, and as rows that are never held out."""
    taught = teach(profiles, problem.vectors, problem.y, problem.splits)
    own = len(problem.y) + np.arange(len(taught.y))
    return replace(
        problem,
        texts=problem.texts + taught.texts,
        y=np.concatenate([problem.y, taught.y]),
        vectors=np.concatenate([problem.vectors, taught.vectors]),
        times=None if problem.times is None else np.append(problem.times, np.full(len(own), problem.times.max())),
        splits=[Split(np.append(split.train, own), split.held_out) for split in problem.splits],
        taught=taught,
    )


def _train(problem: _Problem, classes: tuple[str, ...], order: IntArray, junk: JunkTexts) -> Trained:
    wording = Wording.learn(problem.texts)
    rows = wording.rows(problem.texts)
    space, scout, kernel_fit, half_life = _choose_kernel(problem)
    weights = recency_weights(problem.times, half_life, len(problem.y))
    linear_c, linear_held_out = _choose_linear(problem, rows, weights, kernel_fit)
    parts = {"meaning": np.concatenate(kernel_fit.held_out), "words": linear_held_out}
    topics, topic_held_out = _fit_topics(problem, rows[:, : wording.n_words], weights)
    if topics is not None:
        parts["topics"] = topic_held_out
    if problem.taught is not None:
        parts["profiles"] = problem.taught.held_out
    logistic = None
    if problem.few:
        grid_cs = problem.grid.logistic_cs
        logistic, parts["logistic"] = choose_logistic(problem.vectors, problem.y, problem.splits, grid_cs)
    earning = {"topics": True, "words": True, "profiles": False} if problem.few else {"profiles": True}
    newest = weights[problem.held_out_rows]  # held-out rows fade as training rows do: the newest tell what is to come
    shares, fused = fit_shares(parts, problem.held_out_y, newest, ("topics", "profiles", "logistic"), earning)
    shares = {"meaning": shares["meaning"], "words": 0.0} | shares
    fusion, uncalibrated = tuple(shares.values()), softmax(fused)
    calibration = TopLabelCalibration.fit(uncalibrated, problem.held_out_y, newest)
    router = Router(
        classes=classes,
        wording=wording,
        words=fit_linear(rows, problem.y, problem.n_classes, linear_c, weights),
        meaning=space.fit(problem.targets, weights, kernel_fit.penalty),
        topics=topics if "topics" in shares else None,
        profiles=problem.taught.scorer if problem.taught and "profiles" in shares else None,
        logistic=logistic if "logistic" in shares else None,
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


def _choose_kernel(problem: _Problem) -> tuple[KernelSpace, KernelSpace, KernelFit, float | None]:
    """Width and recency are scouted with few landmarks; the penalty is settled with all of them."""
    grid = problem.grid
    even = np.ones(len(problem.y))
    scouts = [
        KernelSpace.drawn(problem.vectors, gamma, grid.scout_landmarks, problem.seed) for gamma in grid.kernel_widths
    ]
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
    space = KernelSpace.drawn(problem.vectors, scout.gamma, affordable, problem.seed)
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
    held_out = [np.concatenate(fit.held_out) for fit in fits]
    truth = problem.targets[problem.held_out_rows]
    losses = [float(((h - truth) ** 2).mean()) if problem.few else problem.loss([h]) for h in held_out]
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
    scout = KernelSpace.drawn(vectors, 1.0, grid.scout_landmarks, problem.seed)
    _, scouted = _best_penalty(problem, scout, weights, grid.kernel_penalties)
    space = KernelSpace.drawn(vectors, 1.0, grid.topic_landmarks, problem.seed)
    _, fit = _best_penalty(problem, space, weights, (scouted.penalty,))
    return TopicScorer(components, space.fit(problem.targets, weights, fit.penalty)), np.concatenate(fit.held_out)
