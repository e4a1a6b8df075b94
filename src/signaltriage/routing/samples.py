"""Two samples compared by tests that are exact: where nothing has moved, chance alone says which row is in which.

Each takes what was before and what is now, and gives a p-value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.reference import MOST_VECTORS

FALSE_ALARM_RATE = 0.05
PERMUTATIONS = 999
"""The smallest p-value is one in a thousand."""
NEIGHBOURS = (1, 3)
TAIL = 0.9
"""Rows farther from their neighbours than this share of all rows are called remote."""

Floats = NDArray[np.float32]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Alarm:
    """What is asked for."""

    rate: float = FALSE_ALARM_RATE
    """Probability of a false alarm, over all tests together."""
    permutations: int = PERMUTATIONS
    seed: int = 0


def text_p(reference: NDArray[np.float16], incoming: NDArray[np.float32], alarm: Alarm) -> float:
    """Permutation test on vectors: several statistics, each in units of its own spread, the largest counts.

    The permutations are ranked by that largest one together with the observed value, so that trying several statistics
    costs no validity (as in Schrab et al. 2023, MMD aggregated).
    """
    rng = np.random.default_rng(alarm.seed)
    if len(incoming) > MOST_VECTORS:
        incoming = incoming[np.sort(rng.choice(len(incoming), MOST_VECTORS, replace=False))]
    # Half precision on both sides: what is compared must have gone through the same.
    both = np.concatenate([reference, incoming.astype(np.float16)]).astype(np.float32)
    n, m = len(reference), len(incoming)
    sides = np.concatenate([np.full(n, -1 / n), np.full(m, 1 / m)]).astype(np.float32)
    columns = np.stack([sides, *(rng.permutation(sides) for _ in range(alarm.permutations))], axis=1)
    return _largest_p(text_statistics(both, columns))


def mix_p(counts: IntArray, alarm: Alarm) -> float:
    """Chi-square statistic of a table (2, teams), its null by permutation: exact however rare some teams are."""
    total, n = counts.sum(axis=0), counts.sum(axis=1)
    total_seen = total > 0
    pooled = total[total_seen]
    rng = np.random.default_rng(alarm.seed)
    drawn = rng.multivariate_hypergeometric(pooled, int(n[1]), size=alarm.permutations)
    now = np.concatenate([counts[1:, total_seen], drawn])
    expected = pooled * n[1] / n.sum()
    distance = ((now - expected) ** 2 / pooled).sum(axis=1)  # up to a constant, chi-square with both margins fixed
    return _rank_p(distance)


def certainty_p(before: FloatArray, now: FloatArray, alarm: Alarm) -> float:
    """Whether the model is less sure than it was, on average or of its least certain tenth and quarter.

    One-sided, for it is surer of any fresh row than it was of the held-out ones: it has learnt from more rows since.
    """
    both = np.concatenate([before, now])
    least = [(both <= np.quantile(both, share)).astype(np.float64) for share in (0.1, 0.25)]
    parts = np.stack([-both, *least])
    return _largest_p(list(_permuted_sums(parts, len(now), alarm)))


def calibration_p(
    before: tuple[FloatArray, NDArray[np.bool_]], now: tuple[FloatArray, NDArray[np.bool_]], alarm: Alarm
) -> float:
    """Whether probabilities say more, or less, than they did: pairs of (probability, whether right).

    Two statistics: the mean of (right - p), and Spiegelhalter's (1986), which weighs it by (1 - 2p) and so sees
    probabilities that are too extreme, or not enough, though right on average.
    """
    p = np.concatenate([before[0], now[0]])
    right = np.concatenate([before[1], now[1]])
    parts = np.stack([right - p, (right - p) * (1 - 2 * p)])
    sums = _permuted_sums(parts, len(now[0]), alarm)
    return _largest_p(list(np.abs(sums - parts.mean(axis=1, keepdims=True) * len(now[0]))))


def _permuted_sums(parts: FloatArray, m: int, alarm: Alarm) -> FloatArray:
    """Sums of each row of `parts` over the last m entries, then over m at random: (parts, permutations + 1)."""
    n = parts.shape[1]
    rng = np.random.default_rng(alarm.seed)
    chosen = [np.arange(n - m, n), *(rng.choice(n, m, replace=False) for _ in range(alarm.permutations))]
    return np.stack([parts[:, rows].sum(axis=1) for rows in chosen], axis=1)


def least_possible(total: IntArray, rows: tuple[int, int]) -> FloatArray:
    """The smallest p-value `two_sided` can give where now and before add up to `total`: all of them on one side."""
    from scipy.stats import hypergeom

    m, n = rows
    distinct, place = np.unique(total, return_inverse=True)
    ends = np.minimum(distinct, m), np.maximum(distinct - n, 0)
    p = np.minimum(*(hypergeom.pmf(end, m + n, distinct, m) for end in ends))
    return np.asarray(np.minimum(1.0, 2 * p)[place], dtype=np.float64)


def two_sided(now: IntArray, before: IntArray, rows: tuple[int, int]) -> FloatArray:
    """Fisher's exact test for each pair of counts out of `rows`: twice the smaller tail, at most 1."""
    from scipy.stats import hypergeom

    m, n = rows
    total = now + before
    less = hypergeom.cdf(now, m + n, total, m)
    more = hypergeom.sf(now - 1, m + n, total, m)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(less, more)), dtype=np.float64)


def text_statistics(vectors: Floats, columns: Floats) -> list[Floats]:
    """Each of shape (ways,), large where the samples differ.

    The squared distance of the two means (the maximum mean discrepancy with a linear kernel: Gretton et al. 2012) sees
    a topic that many new rows share; the same by Mahalanobis, with a ridge of the mean variance (regularised Hotelling:
    Chen et al. 2011), sees one that lies where the rows hardly spread. The difference in the share of remote rows sees
    single rows unlike any other, though they have nothing in common.

    Args:
        vectors: unit vectors of both samples, shape (n, dimension).
        columns: ways of telling who is in which sample, shape (n, ways): -1/a for the a rows of the first, 1/b for the
            b rows of the second, so that a product is a difference of means.
    """
    centred = vectors - vectors.mean(axis=0)
    means = centred.T @ columns
    spread, axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred / len(centred))
    turned = axes.T @ means
    scaled = turned * turned / (spread + max(float(spread.mean()), 1e-12))[:, None]
    found = [np.asarray((means * means).sum(axis=0), dtype=np.float32), scaled.sum(axis=0).astype(np.float32)]
    nearest = nearest_similarities(vectors, max(NEIGHBOURS))
    for k in NEIGHBOURS[: nearest.shape[1]]:
        similarity = nearest[:, min(k, nearest.shape[1]) - 1]
        remote = similarity < np.quantile(similarity, 1 - TAIL)
        found.append(np.asarray(np.abs(remote.astype(np.float32) @ columns), dtype=np.float32))
    return found


def nearest_similarities(vectors: Floats, k: int) -> Floats:
    """Cosines of each row to its k nearest others, nearest first, shape (n, k); fewer where there are fewer rows."""
    k = min(k, len(vectors) - 1)
    out = np.empty((len(vectors), k), dtype=np.float32)
    for start in range(0, len(vectors), 500):
        block = vectors[start : start + 500] @ vectors.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -2.0  # not its own neighbour
        for place in range(k):  # a few passes for the largest are quicker than any partition
            best = block.argmax(axis=1)
            out[start : start + len(block), place] = block[rows, best]
            block[rows, best] = -2.0
    return out


def _largest_p(statistics: Sequence[NDArray[np.floating]]) -> float:
    """Rank of the observed among all, by the largest standardised statistic; the first entry of each is observed."""
    scaled = [(one - one.mean()) / max(float(one.std()), 1e-12) for one in statistics]
    return _rank_p(np.max(scaled, axis=0))


def _rank_p(values: NDArray[np.floating]) -> float:
    """Share of values that reach the first, itself among them; a hair less reaches it too, being rounding."""
    return float((values >= values[0] - 1e-9 * abs(values[0])).mean())
