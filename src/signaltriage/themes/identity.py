"""Themes that stay themselves: what is known keeps its theme, what is new joins one or founds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import InputError
from signaltriage.settings import ThemeSettings
from signaltriage.themes.discovery import discover
from signaltriage.themes.partition import FloatArray, IntArray, Partition
from signaltriage.themes.state import Anchors, Past, ThemeEvent, ThemeState, id_of


@dataclass(frozen=True)
class Continued:
    """A run's themes and what the next run must know."""

    partition: Partition
    """Of the rows given; theme i is `theme_ids[i]`."""
    theme_ids: list[str]
    events: list[ThemeEvent]
    """Of this run only; `state.events` has all."""
    state: ThemeState


def found_themes(
    ids: Sequence[str],
    vectors: FloatArray,
    *,
    counts: IntArray | None = None,
    settings: ThemeSettings | None = None,
    seed: int = 0,
) -> Continued:
    """The first run: every theme is born, the largest is T0001."""
    _check_ids(ids, vectors)
    found = by_size(discover(vectors, counts=counts, settings=settings, seed=seed), vectors)
    k = len(found.centres)
    names = tuple(id_of(i + 1) for i in range(k))
    sizes = np.bincount(found.theme[found.theme >= 0], minlength=k)
    events = [
        ThemeEvent(1, "birth", name, (), int(size), f"{size} signals that are alike")
        for name, size in zip(names, sizes, strict=True)
    ]
    state = ThemeState(
        run=1,
        next_number=k + 1,
        all_ids=names,
        areas=found.areas,
        anchors=Anchors(found.centres, np.arange(k), found.min_similarity, sizes.astype(np.int64)),
        past=Past(tuple(ids), found.nearest, found.member, vectors.astype(np.float16)),
        events=tuple(events),
    )
    return Continued(found, list(names), events, state)


def continue_themes(
    state: ThemeState,
    ids: Sequence[str],
    vectors: FloatArray,
    *,
    counts: IntArray | None = None,
    settings: ThemeSettings | None = None,
    seed: int = 0,
) -> Continued:
    """A later run. Rows whose id is known keep their theme; the others join one."""
    _check_ids(ids, vectors)
    placed = state.assign(vectors)
    names = state.theme_ids
    events: list[ThemeEvent] = []
    known = {name: i for i, name in enumerate(state.past.ids)}
    past = np.array([known.get(name, -1) for name in ids], dtype=np.int64)
    shown = np.array([state.all_ids.index(name) for name in names], dtype=np.int64)
    number = np.full(len(state.all_ids) + 1, -1, dtype=np.int64)
    number[shown] = np.arange(len(shown))
    kept = number[state.past.theme[past]]
    old = (past >= 0) & (kept >= 0)
    partition = Partition(
        nearest=np.where(old, kept, placed.nearest),
        similarity=placed.similarity,
        member=np.where(past >= 0, state.past.member[past] & old, placed.member),
        centres=state.anchors.centres[[int(np.flatnonzero(state.anchors.theme == i)[0]) for i in shown]],
        min_similarity=state.anchors.min_similarity[[int(np.flatnonzero(state.anchors.theme == i)[0]) for i in shown]],
        areas=state.areas[shown],
    )
    new = past < 0
    after = Past(
        state.past.ids + tuple(name for name, fresh in zip(ids, new, strict=True) if fresh),
        np.concatenate([state.past.theme, shown[partition.nearest[new]]]),
        np.concatenate([state.past.member, partition.member[new]]),
        np.concatenate([state.past.vectors, vectors[new].astype(np.float16)]),
    )
    return Continued(partition, list(names), events, replace(state, run=state.run + 1, past=after))


def by_size(found: Partition, vectors: FloatArray) -> Partition:
    """The same themes, those with most members first; ties by where their centres lie."""
    k = len(found.centres)
    if not k:
        return found
    sizes = np.bincount(found.theme[found.theme >= 0], minlength=k)
    order = np.lexsort([*found.centres.T[::-1], -sizes])
    number = np.empty(k, dtype=np.int64)
    number[order] = np.arange(k)
    _, areas = np.unique(found.areas[order], return_inverse=True)
    return replace(
        found,
        nearest=number[found.nearest],
        centres=found.centres[order],
        min_similarity=found.min_similarity[order],
        areas=areas.astype(np.int64),
    )


def _check_ids(ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
    if len(ids) != len(vectors):
        raise InputError(f"{len(ids)} ids for {len(vectors)} vectors.", remedy="Give one id for each row.")
    if len(set(ids)) != len(ids):
        raise InputError("Some ids stand for several rows.", remedy="Give every row an id of its own.")
