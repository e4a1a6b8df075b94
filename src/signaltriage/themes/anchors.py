"""The points that themes are known by, and what can be done to them. All functions return a new state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.discovery import directions
from signaltriage.themes.membership import limits
from signaltriage.themes.partition import DECIMALS, FloatArray, IntArray, unit
from signaltriage.themes.state import Anchors, ThemeState, id_of


def theme_centres(state: ThemeState) -> tuple[FloatArray, FloatArray]:
    """One centre and one limit for each of `state.all_ids`: where people merged themes, the mean and the lowest."""
    k, anchors = len(state.all_ids), state.anchors
    sums = np.zeros((k, anchors.centres.shape[1]))
    np.add.at(sums, anchors.theme, anchors.centres * np.maximum(anchors.weight, 1)[:, None])
    least = np.ones(k, dtype=np.float32)
    np.minimum.at(least, anchors.theme, anchors.min_similarity)
    return unit(sums), least


def similarity_to(anchors: Anchors, vectors: FloatArray, theme: IntArray) -> FloatArray:
    """Similarity of each row to the nearest anchor of its theme, 0 where it has none, shape (n,)."""
    best = np.zeros(len(vectors), dtype=np.float32)
    for t in np.unique(theme[theme >= 0]).tolist():
        rows = np.flatnonzero(theme == t)
        best[rows] = (vectors[rows] @ anchors.centres[anchors.theme == t].T).max(axis=1)
    return best.round(DECIMALS)


def add_themes(state: ThemeState, vectors: FloatArray, groups: IntArray) -> tuple[ThemeState, tuple[str, ...]]:
    """A new theme for each group 0 to g - 1 of rows, with an id that was never used; its area is its neighbour's."""
    g = int(groups.max(initial=-1)) + 1
    if not g:
        return state, ()
    centres = directions(vectors, groups)
    own = np.where(groups >= 0, np.einsum("nd,nd->n", vectors, centres[groups]), 0).round(DECIMALS)
    names = tuple(id_of(state.next_number + i) for i in range(g))
    k, old = len(state.all_ids), state.anchors
    if k:
        areas = state.areas[old.theme[(centres @ old.centres.T).round(DECIMALS).argmax(axis=1)]]
    else:
        areas = np.zeros(g, dtype=np.int64)
    anchors = Anchors(
        np.concatenate([old.centres.reshape(-1, vectors.shape[1]), centres]).astype(np.float32),
        np.concatenate([old.theme, k + np.arange(g)]),
        np.concatenate([old.min_similarity, limits(own, groups, g)]).astype(np.float32),
        np.concatenate([old.weight, np.bincount(groups[groups >= 0], minlength=g)]).astype(np.int64),
    )
    after = replace(
        state,
        next_number=state.next_number + g,
        all_ids=state.all_ids + names,
        areas=np.concatenate([state.areas, areas]).astype(np.int64),
        anchors=anchors,
    )
    return after, names


def fold(state: ThemeState, kept: str, gone: Sequence[str]) -> ThemeState:
    """What was `gone` is `kept` from now on: its anchors, its signals. Names and owners given to it are dropped."""
    into = state.all_ids.index(kept)
    target = np.array([into if name in gone else i for i, name in enumerate(state.all_ids)], dtype=np.int64)
    return without(_retargeted(state, target), gone)


def without(state: ThemeState, gone: Sequence[str]) -> ThemeState:
    """The state without themes that nothing points to any more."""
    kept = [i for i, name in enumerate(state.all_ids) if name not in gone]
    number = np.full(len(state.all_ids) + 1, -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    state = _retargeted(state, number)
    edits = replace(
        state.edits,
        names={id: name for id, name in state.edits.names.items() if id not in gone},
        owners={id: name for id, name in state.edits.owners.items() if id not in gone},
        hidden=tuple(id for id in state.edits.hidden if id not in gone),
    )
    return replace(state, all_ids=tuple(state.all_ids[i] for i in kept), areas=state.areas[kept], edits=edits)


def replace_anchors(state: ThemeState, theme: int, vectors: FloatArray, rows: NDArray[np.int64]) -> ThemeState:
    """One anchor for a theme, made of rows (n, dimension): those of `vectors` that `rows` names."""
    old = state.anchors
    keep = old.theme != theme
    centre = directions(vectors[rows], np.zeros(len(rows), dtype=np.int64))
    own = (vectors[rows] @ centre[0]).round(DECIMALS)
    anchors = Anchors(
        np.concatenate([old.centres[keep], centre]),
        np.concatenate([old.theme[keep], [theme]]),
        np.concatenate([old.min_similarity[keep], limits(own, np.zeros(len(rows), dtype=np.int64), 1)]),
        np.concatenate([old.weight[keep], [len(rows)]]),
    )
    return replace(state, anchors=anchors)


def _retargeted(state: ThemeState, target: IntArray) -> ThemeState:
    """Themes renumbered in anchors and signals; `target` of -1 is "none"."""
    past = np.where(state.past.theme >= 0, target[state.past.theme], -1)
    anchors = replace(state.anchors, theme=target[state.anchors.theme])
    return replace(state, anchors=anchors, past=replace(state.past, theme=past))
