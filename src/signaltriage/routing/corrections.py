"""What people put right, remembered: every correction is kept, and of two that conflict the later counts."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from signaltriage.routing.likeness import key_words


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word on one signal."""

    text: str
    """Cleaned, as the model sees it."""
    to_team: str
    """Empty: of no team."""
    from_team: str = ""
    """The team it had been routed to; empty where it was held."""
    at: str = ""
    """ISO 8601 with offset UTC: texts in the order of time."""
    by: str = ""
    id: str = ""
    """Of the signal; empty where it has none."""


@dataclass(frozen=True)
class CorrectionMemory:
    """All corrections in the order they came, none ever dropped, with the vectors of their texts (n, dimension)."""

    corrections: tuple[Correction, ...] = ()
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def add(self, corrections: Sequence[Correction], vectors: NDArray[np.float32]) -> CorrectionMemory:
        """A memory that knows these too; one that is already there, word for word, is not added again."""
        new = [i for i, c in enumerate(corrections) if c not in self.known and c not in corrections[:i]]
        if not new:
            return self
        rows = vectors[new].astype(np.float32)
        return CorrectionMemory(
            (*self.corrections, *(corrections[i] for i in new)),
            np.concatenate([self.vectors, rows]) if len(self.corrections) else rows,
        )

    def __len__(self) -> int:
        return len(self.corrections)

    @cached_property
    def known(self) -> frozenset[Correction]:
        """For looking up."""
        return frozenset(self.corrections)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Of each row, its place in time; of two at one time, the one added later is the later."""
        ranked = sorted(range(len(self)), key=lambda i: (self.corrections[i].at, i))
        place = {row: k for k, row in enumerate(ranked)}
        return tuple(place[row] for row in range(len(self)))

    @cached_property
    def version(self) -> str:
        """First 8 hex digits of the digest over all of it; empty where there is nothing."""
        text = json.dumps([astuple(c) for c in self.corrections])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8] if self.corrections else ""

    @cached_property
    def by_id(self) -> Mapping[str, list[int]]:
        """Rows by signal id."""
        return _index(c.id for c in self.corrections)

    @cached_property
    def by_text(self) -> Mapping[str, list[int]]:
        """Rows by text."""
        return _index(c.text for c in self.corrections)

    @cached_property
    def taken_from(self) -> Mapping[str, list[int]]:
        """Rows by the team that the signal was taken from, but for texts that a later one put there."""
        last = {text: max(rows, key=self.order.__getitem__) for text, rows in self.by_text.items()}
        rows = [i for i, c in enumerate(self.corrections) if self.corrections[last[c.text]].to_team != c.from_team]
        return {
            team: [rows[k] for k in places]
            for team, places in _index(self.corrections[i].from_team for i in rows).items()
        }

    @cached_property
    def by_length(self) -> Mapping[int, list[tuple[int, tuple[str, ...]]]]:
        """Rows with their key words, by how many those are."""
        found = defaultdict(list)
        for row, correction in enumerate(self.corrections):
            words = key_words(correction.text)
            found[len(words)].append((row, words))
        return found

    def latest(self, rows: Sequence[int]) -> int:
        """The latest of these rows."""
        return max(rows, key=lambda row: self.order[row])


def _index(keys: Iterable[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        found[key].append(row)
    return found
