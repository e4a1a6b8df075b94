"""The signals that show what a theme is: typical ones that differ from one another, and one from its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TYPICAL: Final = 3
_CORE: Final = 0.5
"""Share of a theme, the nearest to its centre, that typical examples are taken from."""
_CANDIDATES: Final = 200
"""Of a large core, the nearest this many are looked at."""
_SAME: Final = 0.95
"""Cosine from which two texts are one and the same for a reader."""
_READABLE: Final = (20, 400)
"""Characters: of shorter texts a reader learns little, longer ones nobody reads; others serve where these lack."""

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Exemplars:
    """Rows that stand for a theme."""

    typical: tuple[int, ...]
    """Up to three, the most typical first; no two say the same."""
    edge: int | None
    """What the theme also contains: the member least like it and like the typical ones; None where all are alike."""


def exemplars(
    vectors: FloatArray,
    member_of: IntArray,
    nearest: IntArray,
    similarity: NDArray[np.floating],
    centres: FloatArray,
    texts: Sequence[str],
) -> list[Exemplars]:
    """Examples of each theme.

    Maximal marginal relevance (Carbonell & Goldstein 1998) within the core of the theme: near its centre, unlike those
    already chosen, both counted alike.

    Args:
        vectors: unit vectors of all signals, shape (n, d).
        member_of: theme of each signal, -1 for none, shape (n,).
        nearest: nearest theme of each signal, shape (n,); serves a theme without members.
        similarity: cosine of each signal to the centre of its nearest theme, shape (n,).
        centres: unit vectors of the themes, shape (k, d).
        texts: of all signals, shape (n,).
    """
    member_of, nearest = np.asarray(member_of), np.asarray(nearest)
    order = np.argsort(member_of, kind="stable")
    starts = np.searchsorted(member_of[order], np.arange(len(centres) + 1))
    out = []
    for theme, centre in enumerate(centres):
        rows = order[starts[theme] : starts[theme + 1]]
        if not len(rows):
            rows = np.flatnonzero(nearest == theme)
        to_centre = (vectors[rows] @ centre).astype(np.float64)
        out.append(_of_theme(rows, to_centre, vectors, texts))
    del similarity  # to the nearest centre; a person may have moved a signal elsewhere, so it is worked out again
    return out


def _of_theme(rows: IntArray, to_centre: NDArray[np.float64], vectors: FloatArray, texts: Sequence[str]) -> Exemplars:
    ranked = _different(rows, to_centre, texts)
    if not ranked:
        return Exemplars((), None)
    least, most = _READABLE
    core = ranked[: max(TYPICAL * 3, int(len(ranked) * _CORE))][:_CANDIDATES]
    readable = [entry for entry in core if least <= len(texts[entry[1]]) <= most]
    core = readable if len(readable) >= TYPICAL else core
    chosen = [core[0]]
    seen = vectors[[row for _, row in core]].astype(np.float64)
    while len(chosen) < TYPICAL:
        like = (seen @ vectors[[row for _, row in chosen]].astype(np.float64).T).max(axis=1).round(6)
        able = [
            (near - same, -place)
            for place, ((near, _), same) in enumerate(zip(core, like, strict=True))
            if same < _SAME
        ]
        if not able:
            break
        chosen.append(core[-max(able)[1]])
    typical = tuple(row for _, row in chosen)
    return Exemplars(typical, _edge(ranked, typical, vectors, texts))


def _different(rows: IntArray, to_centre: NDArray[np.float64], texts: Sequence[str]) -> list[tuple[float, int]]:
    """Similarity and row of each different text that is not empty, the most similar first, ties by text."""
    first: dict[str, tuple[float, int]] = {}
    for row, near in sorted(zip(rows.tolist(), to_centre.round(6).tolist(), strict=True), key=lambda e: (-e[1], e[0])):
        key = " ".join(texts[row].casefold().split())
        if key:
            first.setdefault(key, (near, row))
    return [entry for key, entry in sorted(first.items(), key=lambda item: (-item[1][0], item[0]))]


def _edge(
    ranked: list[tuple[float, int]], typical: Sequence[int], vectors: FloatArray, texts: Sequence[str]
) -> int | None:
    """The least central member that is unlike every typical one and long enough to be read."""
    shown = vectors[list(typical)].astype(np.float64)
    for readable in (True, False):
        for _, row in reversed(ranked[-_CANDIDATES:]):
            if row in typical or (readable and len(texts[row]) < _READABLE[0]):
                continue
            if float((shown @ vectors[row].astype(np.float64)).max()) < _SAME:
                return row
    return None
