"""What a person should look at first: signals held, near-duplicates as one item, ordered by what an answer is worth."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.likeness import key_words
from signaltriage.routing.overlay import Signals
from signaltriage.routing.products import inner_products
from signaltriage.types import Prediction

_BLOCK = 256


@dataclass(frozen=True)
class ReviewItem:
    """Held signals that one answer settles."""

    item_id: str
    """From the example's text: the same signals, the same id."""
    text: str
    """The example: the text most of them have."""
    members: tuple[int, ...]
    """Rows, in the order given."""
    worth: float
    """Expected number of wrong best guesses that an answer puts right."""
    best_guess: str
    probability: float
    """Of the best guess, for the example, 0-1."""
    runner_up: str
    reason: str


def review_items(signals: Signals, predictions: Sequence[Prediction], min_similarity: float) -> list[ReviewItem]:
    """The signals a person must look at, each in one item, the item worth most first.

    Certainty gained by an answer is the error it is expected to remove (Roy & McCallum 2001), 1 - probability for each
    signal it settles: what is sure anyway gains little, what many said gains often. Items are made by leaders: the
    most frequent text takes in all that say the same words or reach `min_similarity` to it, then the next that is left.
    The result does not depend on the order of the rows, but for `members`.
    """
    rows_of: dict[str, list[int]] = defaultdict(list)
    for i, prediction in enumerate(predictions):
        if prediction.outcome == "needs_human":
            rows_of[signals.texts[i]].append(i)
    texts = sorted(rows_of, key=lambda text: (-len(rows_of[text]), text))
    first = [rows_of[text][0] for text in texts]
    leaders = _leaders(texts, signals.vectors[first], min_similarity)
    grouped: dict[int, list[int]] = defaultdict(list)
    for k, leader in enumerate(leaders):
        grouped[leader] += rows_of[texts[k]]
    items = [_item(texts[k], first[k], sorted(rows), predictions) for k, rows in grouped.items()]
    return sorted(items, key=lambda item: (-item.worth, item.item_id))


def _leaders(texts: Sequence[str], vectors: NDArray[np.float32], min_similarity: float) -> list[int]:
    """Of each text, the place of the one that leads it: itself, or an earlier one."""
    led = np.full(len(texts), -1)
    words = [key_words(text) for text in texts]
    empty = np.array([not text.strip() for text in texts])
    by_words: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k, found in enumerate(words):
        by_words[found].append(k)
    for start in range(0, len(texts), _BLOCK):
        block = [k for k in range(start, min(start + _BLOCK, len(texts))) if led[k] < 0]
        # Only what comes later can still be taken in: all before it leads or is led.
        near = inner_products(vectors[block], vectors[start:]).round(6) >= min_similarity
        for k, row in zip(block, near, strict=True):
            if led[k] >= 0:
                continue
            taken = np.flatnonzero(row) + start if not empty[k] else np.array([], dtype=np.int64)
            taken = taken[~empty[taken]]
            for other in (k, *taken.tolist(), *by_words[words[k]]):
                if led[other] < 0:
                    led[other] = k
    return [int(k) for k in led]


def _item(text: str, example: int, rows: list[int], predictions: Sequence[Prediction]) -> ReviewItem:
    shown = predictions[example]
    return ReviewItem(
        item_id=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12],
        text=text,
        members=tuple(rows),
        worth=round(sum(sorted(1 - predictions[i].probability for i in rows)), 6),
        best_guess=shown.best_guess,
        probability=shown.probability,
        runner_up=shown.runners_up[0].team if shown.runners_up else "",
        reason=shown.reason,
    )
