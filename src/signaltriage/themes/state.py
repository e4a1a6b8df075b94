"""Themes that last from run to run (`ThemeState`), as arrays and one JSON object. Nothing here can run code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.partition import BoolArray, FloatArray, IntArray, Places, places

Arrays = dict[str, NDArray[Any]]
KINDS = ("birth", "death", "split", "merge", "join", "rename", "not_a_theme", "owner")


@dataclass(frozen=True, slots=True)
class ThemeEvent:
    """Something that happened to a theme, and why."""

    run: int
    """The run it happened in, or came after; the first is 1."""
    kind: str
    """One of KINDS."""
    theme_id: str
    others: tuple[str, ...] = ()
    """The themes it was split from, or merged with."""
    rows: int = 0
    """Signals concerned."""
    reason: str = ""
    """One sentence for a person."""


@dataclass(frozen=True)
class Anchors:
    """Points that themes are known by: one for each theme, several where a person has merged some."""

    centres: FloatArray
    """Unit vectors, shape (m, dimension)."""
    theme: IntArray
    """The theme of each anchor, as an index into `ThemeState.all_ids`, shape (m,)."""
    min_similarity: FloatArray
    """From which similarity on a row belongs, shape (m,)."""
    weight: IntArray
    """Rows the anchor was made of, shape (m,)."""


@dataclass(frozen=True)
class Past:
    """The signals of earlier runs. Shapes (r,)."""

    ids: tuple[str, ...]
    theme: IntArray
    """Nearest theme of each, as an index into `ThemeState.all_ids`; -1 where there was none."""
    member: BoolArray
    vectors: NDArray[np.float16]
    """Unit vectors, shape (r, dimension)."""


@dataclass(frozen=True)
class Edits:
    """What people have said of themes. Keys are theme ids."""

    names: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    """Not a theme: what is like them is left over, and is not found again."""


@dataclass(frozen=True)
class ThemeState:
    """Everything a later run must know."""

    run: int
    """Runs made so far."""
    next_number: int
    """Of the next theme; numbers are never used again."""
    all_ids: tuple[str, ...]
    """Themes that live, those hidden by a person among them."""
    areas: IntArray
    """Area of each, shape (len(all_ids),)."""
    anchors: Anchors
    past: Past
    edits: Edits = field(default_factory=Edits)
    events: tuple[ThemeEvent, ...] = ()

    @property
    def theme_ids(self) -> tuple[str, ...]:
        """Themes that live and are shown, in the order of the partition."""
        return tuple(name for name in self.all_ids if name not in self.edits.hidden)

    def assign(self, vectors: FloatArray) -> Places:
        """Where new rows stand among `theme_ids`; a product of matrices, reads only, so that threads may share it.

        A row that is like something a person called "not a theme" is no member of any.
        """
        found = places(vectors, self.anchors.centres, self.anchors.min_similarity)
        shown = np.array([name not in self.edits.hidden for name in self.all_ids], dtype=np.bool_)
        if shown.all() or not len(self.anchors.centres):
            return Places(_of(self.anchors.theme, found.nearest), found.similarity, found.member)
        kept = shown[self.anchors.theme]
        hidden = ~kept[found.nearest]
        other = places(vectors, self.anchors.centres[kept], self.anchors.min_similarity[kept])
        number = np.cumsum(shown) - 1
        member = found.member & ~hidden
        return Places(_of(number[self.anchors.theme[kept]], other.nearest), other.similarity, member)

    def to_data(self) -> tuple[Arrays, dict[str, Any]]:
        """Named arrays, and what JSON can hold."""
        arrays: Arrays = {
            "areas": self.areas,
            "anchors.centres": self.anchors.centres,
            "anchors.theme": self.anchors.theme,
            "anchors.min_similarity": self.anchors.min_similarity,
            "anchors.weight": self.anchors.weight,
            "past.theme": self.past.theme,
            "past.member": self.past.member,
            "past.vectors": self.past.vectors,
        }
        record = {
            "run": self.run,
            "next_number": self.next_number,
            "theme_ids": list(self.all_ids),
            "row_ids": list(self.past.ids),
            "names": dict(self.edits.names),
            "owners": dict(self.edits.owners),
            "not_a_theme": list(self.edits.hidden),
            "events": [asdict(event) | {"others": list(event.others)} for event in self.events],
        }
        return arrays, record

    @classmethod
    def from_data(cls, arrays: Mapping[str, NDArray[Any]], record: Mapping[str, Any]) -> ThemeState:
        """Build a state from its parts.

        Raises:
            KeyError, ValueError, TypeError: a part is missing or does not fit the others.
        """
        anchors = Anchors(
            np.asarray(arrays["anchors.centres"], dtype=np.float32),
            np.asarray(arrays["anchors.theme"], dtype=np.int64),
            np.asarray(arrays["anchors.min_similarity"], dtype=np.float32),
            np.asarray(arrays["anchors.weight"], dtype=np.int64),
        )
        past = Past(
            tuple(map(str, record["row_ids"])),
            np.asarray(arrays["past.theme"], dtype=np.int64),
            np.asarray(arrays["past.member"], dtype=np.bool_),
            np.asarray(arrays["past.vectors"], dtype=np.float16),
        )
        edits = Edits(
            {str(k): str(v) for k, v in record["names"].items()},
            {str(k): str(v) for k, v in record["owners"].items()},
            tuple(map(str, record["not_a_theme"])),
        )
        events = tuple(ThemeEvent(**{**event, "others": tuple(event["others"])}) for event in record["events"])
        state = cls(
            run=int(record["run"]),
            next_number=int(record["next_number"]),
            all_ids=tuple(map(str, record["theme_ids"])),
            areas=np.asarray(arrays["areas"], dtype=np.int64),
            anchors=anchors,
            past=past,
            edits=edits,
            events=events,
        )
        state._check()
        return state

    def _check(self) -> None:
        k, m, r = len(self.all_ids), len(self.anchors.theme), len(self.past.ids)
        fits = {
            "theme_ids": len(set(self.all_ids)) == k == len(self.areas),
            "anchors": self.anchors.centres.ndim == 2
            and len(self.anchors.centres) == len(self.anchors.min_similarity) == len(self.anchors.weight) == m,
            "anchors.theme": set(self.anchors.theme.tolist()) == set(range(k)),
            "past": len(self.past.theme) == len(self.past.member) == len(self.past.vectors) == r,
            "past.theme": r == 0 or -1 <= int(self.past.theme.min()) <= int(self.past.theme.max()) < k,
            "finite": bool(np.isfinite(self.anchors.centres).all() and np.isfinite(self.past.vectors).all()),
            "next_number": all(number_of(name) < self.next_number for name in self.all_ids),
        }
        for part, holds in fits.items():
            if not holds:
                raise ValueError(f"{part} does not fit")


def id_of(number: int) -> str:
    """The id of the theme of that number."""
    return f"T{number:04d}"


def number_of(theme_id: str) -> int:
    """The number within an id. Raises ValueError."""
    return int(theme_id.removeprefix("T"))


def _of(values: IntArray, index: IntArray) -> IntArray:
    return np.where(index >= 0, values[index], -1) if len(values) else index
