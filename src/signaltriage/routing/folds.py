"""How rows are held out: stratified folds, or forward in time where times are known; equal texts never straddle.

Rows are dealt into blocks; a `Split` says which blocks train and which one is held out. With times, a model is always
judged on what came after what it learnt from, as it will be when it serves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FORWARD_TRAIN_SHARE = 0.6
"""With times, the oldest share of rows is only ever trained on."""


@dataclass(frozen=True)
class Split:
    """Row numbers to train on and row numbers held out."""

    train: IntArray
    held_out: IntArray


def canonical_order(texts: Sequence[str], labels: Sequence[str], times: NDArray[np.float64] | None) -> IntArray:
    """An order of the rows that depends on their content only, so that shuffling the input changes nothing."""
    keys = [_digest(f"{text}\x1f{label}") for text, label in zip(texts, labels, strict=True)]
    stamps = np.zeros(len(keys)) if times is None else times
    return np.array(sorted(range(len(keys)), key=lambda i: (stamps[i], keys[i])), dtype=np.int64)


def joined_groups(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    """One name for rows that hang together, by group or by equal text: neither may straddle a split."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = name = leader[leader[name]]
        return name

    for text, group in zip(texts, groups, strict=True):
        ends = sorted((find(f"text {text}"), find(f"group {group}" if group else f"text {text}")))
        leader[ends[1]] = ends[0]
    return [find(f"text {text}") for text in texts]


def stratified_splits(y: IntArray, groups: Sequence[str], n_folds: int) -> list[Split]:
    """K folds; each class is spread evenly, each group stays whole. Which fold depends on content, not row order."""
    fold_of_group: dict[str, int] = {}
    turn = np.zeros(int(y.max()) + 1, dtype=np.int64)
    for _, group, label in sorted((_digest(group), group, int(label)) for group, label in zip(groups, y, strict=True)):
        if group not in fold_of_group:
            fold_of_group[group] = int((turn[label] + label) % n_folds)
            turn[label] += 1
    fold = np.array([fold_of_group[group] for group in groups], dtype=np.int64)
    return [Split(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n_folds) if (fold == k).any()]


def forward_splits(times: NDArray[np.float64], groups: Sequence[str], n_folds: int) -> list[Split]:
    """Train on everything before, hold out the next block; held-out rows whose group was seen before are left out."""
    order = np.argsort(times, kind="stable")
    start = max(1, int(len(order) * FORWARD_TRAIN_SHARE))
    edges = np.linspace(start, len(order), n_folds + 1).astype(int)
    splits = []
    for begin, end in pairwise(edges):
        train = order[:begin]
        seen = {groups[i] for i in train}
        held_out = np.array([i for i in order[begin:end] if groups[i] not in seen], dtype=np.int64)
        if len(held_out):
            splits.append(Split(np.sort(train), np.sort(held_out)))
    return splits


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
