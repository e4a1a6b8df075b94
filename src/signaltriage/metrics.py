"""How good are guesses, and do their probabilities mean what they say: pure functions of labels and probabilities.

Labels are any sequence of text (or of whole numbers); nothing here knows of models. The labels a model can give and
the labels that are true need not be the same set: a row whose true label the model has no class for cannot be guessed
and counts as wrong, and that label enters every mean over classes with recall, precision and F1 of 0. No result depends
on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from signaltriage.errors import UsageError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Labels = Sequence[str] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin of a reliability diagram: the rows whose probability lies in (low, high]; 0 itself is in the first."""

    low: float
    high: float
    n: int
    mean_probability: float | None
    """None where the bin is empty."""
    accuracy: float | None
    """Share of rows guessed right; None where the bin is empty."""


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What routing every row with at least `min_probability` amounts to."""

    min_probability: float
    coverage: float
    """Share of all rows routed, 0-1."""
    error: float
    """Share of the routed rows that are wrong, 0-1 (the selective risk)."""


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """One class: how many rows are truly of it, and how well they are found."""

    label: str
    support: int
    precision: float
    """0 where the class was never guessed."""
    recall: float
    """0 where no row is truly of the class."""
    f1: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile bootstrap interval around `value`."""

    value: float
    """The statistic of the rows as they are."""
    low: float
    high: float


def accuracy(truth: Labels, guess: Labels) -> float:
    """Share of rows guessed right. A true label the model has no class for counts as wrong."""
    true_codes, guess_codes, _ = _codes(truth, guess)
    return float((true_codes == guess_codes).mean())


def macro_f1(truth: Labels, guess: Labels) -> float:
    """Unweighted mean of F1 over every label that is true or guessed somewhere, as in scikit-learn.

    F1 = 2 tp / (support + guessed). A true label the model has no class for has F1 0 and counts in the mean; so does a
    label that is guessed and never true.
    """
    true_codes, guess_codes, labels = _codes(truth, guess)
    return float(_f1(true_codes, guess_codes, len(labels))[0].mean())


def weighted_f1(truth: Labels, guess: Labels) -> float:
    """Mean of F1 over the true labels, weighted by their number of rows; unseen labels weigh in with F1 0."""
    true_codes, guess_codes, labels = _codes(truth, guess)
    f1, support = _f1(true_codes, guess_codes, len(labels))
    return float((f1 * support).sum() / support.sum())


def per_class(truth: Labels, guess: Labels) -> tuple[ClassMetrics, ...]:
    """Support, precision, recall and F1 of every label that is true or guessed somewhere, sorted by label.

    A true label the model has no class for is among them, with 0 for all three.
    """
    from sklearn.metrics import precision_recall_fscore_support

    true_codes, guess_codes, labels = _codes(truth, guess)
    precision, recall, f1, support = precision_recall_fscore_support(
        true_codes, guess_codes, labels=np.arange(len(labels)), average=None, zero_division=0
    )
    return tuple(
        ClassMetrics(str(label), int(n), float(p), float(r), float(f))
        for label, n, p, r, f in zip(labels, support, precision, recall, f1, strict=True)
    )


def expected_calibration_error(probability: ArrayLike, right: ArrayLike, bins: int = 15) -> float:
    """How far probabilities are from the share that is right, over `bins` bins of equal width.

    ECE = Σ_b (n_b / n) · |accuracy_b - mean probability_b| (Guo et al. 2017, equation 3), b over (0, 1/B], (1/B, 2/B] …
    It is biased upwards on few rows, and 0 for a model that always says the base rate: read it beside the accuracy.

    Args:
        probability: of the best guess, shape (n,), 0-1.
        right: whether the best guess was right, shape (n,). A true label without a class counts as wrong, so a model
            that is sure of such rows is charged for it.
        bins: number of bins of equal width.
    """
    p, hit = _probabilities(probability, right)
    n, mean_probability, share = _binned(p, hit, bins)
    return float((n * np.abs(share - mean_probability)).sum() / n.sum())


def worst_class_gap(
    probability: ArrayLike, right: ArrayLike, guess: Labels, min_rows: int = 50
) -> tuple[float, int] | None:
    """The class whose guesses are most over- or understated: |share right - mean probability|, and its code.

    Calibration in the large, class by class: with `min_rows` guesses, finer bins would mostly measure luck.

    Args:
        probability: of the best guess, shape (n,), 0-1.
        right: whether the best guess was right, shape (n,).
        guess: code of the best guess, shape (n,).
        min_rows: fewest guesses of a class that is judged.

    Returns:
        None where no class was guessed as often.
    """
    p, hit, named = np.asarray(probability), np.asarray(right), np.asarray(guess)
    codes, counts = np.unique(named, return_counts=True)
    judged = codes[counts >= min_rows]
    parts = [_probabilities(p[named == k], hit[named == k]) for k in judged]
    gaps = [float(abs(mine.mean() - said.mean())) for said, mine in parts]
    return (max(gaps), int(judged[int(np.argmax(gaps))])) if gaps else None


def reliability_table(probability: ArrayLike, right: ArrayLike, bins: int = 15) -> tuple[ReliabilityBin, ...]:
    """The bins behind `expected_calibration_error`, empty ones too, lowest probability first."""
    p, hit = _probabilities(probability, right)
    n, mean_probability, share = _binned(p, hit, bins)
    edges = _edges(bins)
    return tuple(
        ReliabilityBin(
            low=float(edges[b]),
            high=float(edges[b + 1]),
            n=int(n[b]),
            mean_probability=float(mean_probability[b]) if n[b] else None,
            accuracy=float(share[b]) if n[b] else None,
        )
        for b in range(bins)
    )


def risk_coverage(probability: ArrayLike, right: ArrayLike) -> tuple[RiskPoint, ...]:
    """Error among the routed rows at every possible minimum probability, highest first (El-Yaniv & Wiener 2010).

    One point for each distinct probability: rows that are equally probable are routed together. The last point routes
    everything, and its error is 1 - accuracy. Shapes and `right` as in `expected_calibration_error`.
    """
    p, hit = _probabilities(probability, right)
    levels, place = np.unique(-p, return_inverse=True)
    routed = np.cumsum(np.bincount(place, minlength=len(levels)))
    wrong = np.cumsum(np.bincount(place, weights=~hit, minlength=len(levels)))
    return tuple(
        RiskPoint(min_probability=float(-level), coverage=float(n / len(p)), error=float(w / n))
        for level, n, w in zip(levels, routed, wrong, strict=True)
    )


def bootstrap_interval(
    statistic: Callable[..., float],
    *arrays: ArrayLike,
    n_resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval:
    """Percentile bootstrap interval of `statistic(*arrays)` (Efron 1979): rows are drawn together, with replacement.

    Says how much another sample of rows like these could move the figure; it knows nothing of rows unlike these, nor of
    another training run. For a mean over rare classes (macro-F1) the percentile interval sits somewhat low, because a
    resample loses some of the classes. Arrays of labels are quickest as whole numbers.

    Args:
        statistic: takes the resampled arrays in the order given, returns a number.
        arrays: of one length each, rows first.
        n_resamples: how many times the rows are drawn.
        seed: of the draws.
        confidence: share of resamples inside the interval.
    """
    rows = [np.asarray(array) for array in arrays]
    if not rows or len({len(array) for array in rows}) != 1 or len(rows[0]) == 0:
        raise UsageError("A bootstrap needs arrays of one length, with rows", remedy="Give at least one row.")
    generator = np.random.default_rng(seed)
    n = len(rows[0])
    values = np.empty(n_resamples)
    for k in range(n_resamples):
        drawn = generator.integers(0, n, size=n)
        values[k] = statistic(*(array[drawn] for array in rows))
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(value=float(statistic(*rows)), low=float(low), high=float(high))


def _codes(truth: Labels, guess: Labels) -> tuple[IntArray, IntArray, NDArray[Any]]:
    """Whole numbers for labels, shape (n,) each, and the sorted labels they stand for."""
    if len(truth) != len(guess) or len(truth) == 0:
        raise UsageError(
            f"{len(truth)} true labels and {len(guess)} guesses cannot be compared",
            remedy="Give one guess for each true label, and at least one.",
        )
    both = np.concatenate([np.asarray(truth), np.asarray(guess)])
    labels, codes = np.unique(both, return_inverse=True)
    return codes[: len(truth)].astype(np.int64), codes[len(truth) :].astype(np.int64), labels


def _f1(truth: IntArray, guess: IntArray, n_labels: int) -> tuple[FloatArray, IntArray]:
    """F1 and support of each label, shape (labels,); every label occurs in `truth` or in `guess`."""
    support = np.bincount(truth, minlength=n_labels)
    guessed = np.bincount(guess, minlength=n_labels)
    hits = np.bincount(truth[truth == guess], minlength=n_labels)
    return 2.0 * hits / (support + guessed), support.astype(np.int64)


def _probabilities(probability: ArrayLike, right: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Both as arrays of shape (n,), checked, in an order that depends on their values only: sums repeat to the bit."""
    p = np.asarray(probability, dtype=np.float64)
    hit = np.asarray(right, dtype=np.bool_)
    if p.ndim != 1 or p.shape != hit.shape or len(p) == 0:
        raise UsageError(
            f"probabilities of shape {p.shape} and outcomes of shape {hit.shape} cannot be compared",
            remedy="Give one probability, and whether the guess was right, for each row; at least one row.",
        )
    if not bool(((p >= 0) & (p <= 1)).all()):  # NaN fails too
        raise UsageError("A probability lies outside 0-1", remedy="Pass probabilities, not scores or similarities.")
    order = np.lexsort((hit, p))
    return p[order], hit[order]


def _edges(bins: int) -> FloatArray:
    if bins < 1:
        raise UsageError(f"{bins} bins are too few", remedy="Ask for at least one.")
    return np.linspace(0.0, 1.0, bins + 1)


def _binned(p: FloatArray, hit: BoolArray, bins: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Rows, mean probability and share right of each bin, shape (bins,); the last two are 0 where a bin is empty."""
    place = np.searchsorted(_edges(bins)[1:-1], p, side="left")
    n = np.bincount(place, minlength=bins).astype(np.int64)
    least = np.maximum(n, 1)
    return n, np.bincount(place, weights=p, minlength=bins) / least, np.bincount(place, hit, bins) / least


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted so that rejecting those up to alpha errs at all with probability alpha at most (Holm 1979).

    Valid whatever the tests have to do with one another.
    """
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = largest
    return adjusted
