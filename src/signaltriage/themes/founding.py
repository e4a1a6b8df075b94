"""The first run: themes are found, named by number, and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from signaltriage.errors import InputError
from signaltriage.settings import ThemeSettings
from signaltriage.themes.discovery import discover
from signaltriage.themes.partition import FloatArray, IntArray, Partition, unit
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
    """The first run: every theme is born, the largest is T0001.

    Args:
        ids: of the rows, all different.
        vectors: unit vectors, shape (n, dimension).
        counts: how often each row was said, shape (n,); for size.
        settings: how themes are looked for.
        seed: see `discover`.

    Raises:
        InputError: ids, vectors or counts that cannot be used.
    """
    check_ids(ids, vectors)
    found = discover(vectors, counts=counts, settings=settings, seed=seed)
    sizes = _sizes(found.theme, len(found.centres), counts)
    found, sizes = by_size(found, sizes)
    k = len(found.centres)
    names = tuple(id_of(i + 1) for i in range(k))
    events = tuple(
        ThemeEvent(1, "birth", name, (), size, f"{size} signals that are alike")
        for name, size in zip(names, sizes.tolist(), strict=True)
    )
    state = ThemeState(
        run=1,
        next_number=k + 1,
        all_ids=names,
        areas=found.areas,
        anchors=Anchors(found.centres, np.arange(k), found.min_similarity, sizes),
        past=_past(ids, found, vectors),
        events=events,
    )
    return Continued(found, list(names), list(events), state)


def begun_late(
    state: ThemeState,
    rows: tuple[Sequence[str], FloatArray],
    counts: IntArray | None,
    settings: ThemeSettings,
    seed: int,
) -> Continued:
    """Earlier runs found no theme: look at all there is; numbers and runs go on."""
    ids, vectors = rows
    given = set(ids)
    past = [i for i, name in enumerate(state.past.ids) if name not in given]
    every = np.concatenate([vectors, unit(state.past.vectors[past].astype(np.float32)).reshape(-1, vectors.shape[1])])
    how_often = None if counts is None else np.concatenate([counts, np.ones(len(past), dtype=np.int64)])
    names = [*ids, *(state.past.ids[i] for i in past)]
    found = found_themes(names, every, counts=how_often, settings=settings, seed=seed)
    first = state.next_number
    renamed = {id_of(i + 1): id_of(i + first) for i in range(len(found.theme_ids))}
    events = [replace(event, run=state.run + 1, theme_id=renamed[event.theme_id]) for event in found.events]
    after = replace(
        found.state,
        run=state.run + 1,
        next_number=first + len(renamed),
        all_ids=tuple(renamed.values()),
        events=(*state.events, *events),
    )
    n, p = len(ids), found.partition
    p = replace(p, nearest=p.nearest[:n], similarity=p.similarity[:n], member=p.member[:n])
    return Continued(p, list(after.all_ids), events, after)


def _past(ids: Sequence[str], found: Partition, vectors: FloatArray) -> Past:
    order = np.array(sorted(range(len(ids)), key=lambda i: ids[i]), dtype=np.int64)
    return Past(
        tuple(ids[i] for i in order), found.nearest[order], found.member[order], vectors[order].astype(np.float16)
    )


def by_size(found: Partition, sizes: IntArray) -> tuple[Partition, IntArray]:
    """The same themes, the largest first, with their sizes (k,); ties by where their centres lie."""
    k = len(found.centres)
    if not k:
        return found, sizes
    order = np.lexsort((*found.centres.T[::-1], -sizes))
    number = np.empty(k, dtype=np.int64)
    number[order] = np.arange(k)
    _, first, areas = np.unique(found.areas[order], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    sorted_found = replace(
        found,
        nearest=number[found.nearest],
        centres=found.centres[order],
        min_similarity=found.min_similarity[order],
        areas=rank[areas].astype(np.int64),
    )
    return sorted_found, sizes[order]


def _sizes(theme: IntArray, k: int, counts: IntArray | None) -> IntArray:
    own = theme >= 0
    weight = np.ones(len(theme)) if counts is None else np.asarray(counts, dtype=np.float64)
    return np.bincount(theme[own], weights=weight[own], minlength=k).astype(np.int64)


def check_ids(ids: Sequence[str], vectors: FloatArray) -> None:
    """Raise InputError where ids and vectors (n, dimension) do not fit, or an id stands for several rows."""
    if len(ids) != len(vectors):
        raise InputError(f"{len(ids)} ids for {len(vectors)} vectors.", remedy="Give one id for each row.")
    if len(set(ids)) != len(ids):
        raise InputError("Some ids stand for several rows.", remedy="Give every row an id of its own.")
