"""Themes that stay themselves: what is known keeps its theme, what is new joins one or founds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from signaltriage.errors import InputError
from signaltriage.settings import ThemeSettings
from signaltriage.themes.anchors import add_themes, fold, similarity_to, theme_centres
from signaltriage.themes.arrivals import Surroundings, absorbed, new_groups, surroundings
from signaltriage.themes.canonical import check
from signaltriage.themes.discovery import discover
from signaltriage.themes.partition import BoolArray, FloatArray, IntArray, Partition, places, unit
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
    _check_ids(ids, vectors)
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
        past=Past(tuple(ids), found.nearest, found.member, vectors.astype(np.float16)),
        events=events,
    )
    return Continued(found, list(names), list(events), state)


def continue_themes(
    state: ThemeState,
    ids: Sequence[str],
    vectors: FloatArray,
    *,
    counts: IntArray | None = None,
    settings: ThemeSettings | None = None,
    seed: int = 0,
) -> Continued:
    """A later run. Rows whose id is known keep their theme; the others join one, or found one together.

    Rows of earlier runs need not be given again: the state knows them.

    Args:
        state: of the run before, with what people have changed since.
        ids: of the rows, all different.
        vectors: unit vectors, shape (n, dimension).
        counts: how often each row was said, shape (n,); for size.
        settings: how themes are looked for; only `min_size` matters to what is there already.
        seed: see `discover`.

    Raises:
        InputError: ids, vectors or counts that cannot be used.
    """
    settings = settings or ThemeSettings()
    _check_ids(ids, vectors)
    check(vectors, counts)
    if not state.all_ids:
        return _begun_late(state, (ids, vectors), counts, settings, seed)
    before = len(state.events)
    state = replace(state, run=state.run + 1)
    known = {name: i for i, name in enumerate(state.past.ids)}
    new = np.array([i for i, name in enumerate(ids) if name not in known], dtype=np.int64)
    state, fresh = _remembered(state, [ids[i] for i in new], vectors[new])
    if len(new):
        state = _settled(state, fresh, settings)
    places_of = {name: i for i, name in enumerate(state.past.ids)}
    rows = np.array([places_of[name] for name in ids], dtype=np.int64)
    found = _shown(state, rows, vectors)
    return Continued(found, list(state.theme_ids), list(state.events[before:]), state)


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


def _remembered(state: ThemeState, ids: list[str], vectors: FloatArray) -> tuple[ThemeState, BoolArray]:
    """New rows added to the past, each at the nearest anchor; and which rows of the past are new or in no theme."""
    found = places(vectors, state.anchors.centres, state.anchors.min_similarity)
    past = Past(
        state.past.ids + tuple(ids),
        np.concatenate([state.past.theme, state.anchors.theme[found.nearest]]),
        np.concatenate([state.past.member, found.member]),
        np.concatenate([state.past.vectors, vectors.astype(np.float16)]),
    )
    fresh = np.arange(len(past.ids)) >= len(state.past.ids)
    return replace(state, past=past), fresh


def _settled(state: ThemeState, fresh: BoolArray, settings: ThemeSettings) -> ThemeState:
    """New themes for what is like nothing before, new members for the others, themes that have become one."""
    # In the order of the ids, so that the same rows in another order give the same numbers.
    vectors = unit(state.past.vectors.astype(np.float32))
    around = surroundings(vectors)
    loose = fresh | (~state.past.member & ~_hidden(state)[state.past.theme])
    groups = new_groups(around, loose, theme_centres(state)[0], settings.min_size)
    groups = np.where(groups >= 0, _largest_first(groups, vectors), -1)
    state = _founded(state, vectors, groups, fresh)
    state = _joined(state, fresh & (groups < 0))
    return _become_one(state, around)


def _founded(state: ThemeState, vectors: FloatArray, groups: IntArray, fresh: BoolArray) -> ThemeState:
    """A theme for each group; new and left-over rows that are nearer to it than to what they had go to it."""
    old, was_member = state.past.theme.copy(), state.past.member.copy()
    state, names = add_themes(state, vectors, groups)
    if not names:
        return state
    theme, member, first = old.copy(), was_member.copy(), state.all_ids.index(names[0])
    free = np.flatnonzero((fresh | ~was_member) & (groups < 0))
    near = places(vectors[free], state.anchors.centres, state.anchors.min_similarity)
    target = state.anchors.theme[near.nearest]
    moves = near.member & (target >= first)
    theme[free[moves]], member[free[moves]] = target[moves], True
    founders = np.flatnonzero(groups >= 0)
    theme[founders], member[founders] = first + groups[founders], True
    events = []
    for i, name in enumerate(names):
        own = np.flatnonzero(groups == i)
        size = int((theme == first + i).sum())
        would = np.bincount(old[own][was_member[own] & (old[own] >= 0)], minlength=1)
        if would.max() > len(own) / 2:
            source = state.all_ids[int(would.argmax())]
            reason = f"{size} new signals in a place of their own; {int(would.max())} would have gone to {source}"
            events.append(ThemeEvent(state.run, "split", name, (source,), size, reason))
        else:
            reason = f"{size} new signals that are like each other, and like nothing before"
            events.append(ThemeEvent(state.run, "birth", name, (), size, reason))
    past = replace(state.past, theme=theme, member=member)
    return replace(state, past=past, events=(*state.events, *events))


def _joined(state: ThemeState, fresh: BoolArray) -> ThemeState:
    """Tell how many new rows each theme has taken in."""
    born = {event.theme_id for event in state.events if event.run == state.run and event.kind in ("birth", "split")}
    members = fresh & state.past.member
    took = np.bincount(state.past.theme[members], minlength=len(state.all_ids))
    hidden = state.edits.hidden
    events = [
        ThemeEvent(state.run, "join", name, (), int(n), f"{n} new signals are like it")
        for name, n in zip(state.all_ids, took.tolist(), strict=True)
        if n and name not in hidden and name not in born
    ]
    return replace(state, events=(*state.events, *events))


def _become_one(state: ThemeState, around: Surroundings) -> ThemeState:
    """Merge themes that the new rows have grown together; never one that a person has named, given away or hidden."""
    theme = np.where(state.past.member, state.past.theme, -1)
    touched = {*state.edits.names, *state.edits.owners, *state.edits.hidden}
    by_hand = {id for e in state.events if e.reason.startswith("a person") for id in (e.theme_id, *e.others)}
    names = state.all_ids
    for a, b, share in absorbed(around, theme, len(names)):
        if not {names[a], names[b]} & (touched | by_hand):
            why = f"{share:.0%} of the signals of {names[a]} have most of their neighbours in {names[b]}"
            rows = int((theme == a).sum())
            state = fold(state, names[b], [names[a]])
            events = (
                ThemeEvent(state.run, "merge", names[b], (names[a],), rows, why),
                ThemeEvent(state.run, "death", names[a], (names[b],), 0, why),
            )
            state = replace(state, events=(*state.events, *events))
    return state


def _shown(state: ThemeState, rows: IntArray, vectors: FloatArray) -> Partition:
    """The themes that are shown, with where each row stands; a row of a hidden theme is left over."""
    shown = np.flatnonzero(~_hidden(state)[:-1])
    number = np.full(len(state.all_ids) + 1, -1, dtype=np.int64)
    number[shown] = np.arange(len(shown))
    centres, least = theme_centres(state)
    nearest, member = number[state.past.theme[rows]], state.past.member[rows]
    astray = np.flatnonzero(nearest < 0)
    nearest[astray] = state.assign(vectors[astray]).nearest
    theme = np.where(nearest >= 0, shown[nearest] if len(shown) else -1, -1)
    _, areas = np.unique(state.areas[shown], return_inverse=True)
    return Partition(
        nearest=nearest,
        similarity=similarity_to(state.anchors, vectors, theme),
        member=member & (number[state.past.theme[rows]] >= 0),
        centres=centres[shown],
        min_similarity=least[shown],
        areas=areas.reshape(-1).astype(np.int64),
    )


def _hidden(state: ThemeState) -> BoolArray:
    """Which of `all_ids` are hidden; one False more, so that -1 is "not hidden"."""
    return np.array([*(name in state.edits.hidden for name in state.all_ids), False], dtype=np.bool_)


def _largest_first(groups: IntArray, vectors: FloatArray) -> IntArray:
    """Groups numbered by size; ties by where their means lie."""
    k = int(groups.max(initial=-1)) + 1
    if not k:
        return groups
    means = np.array([vectors[groups == i].mean(axis=0, dtype=np.float64).round(6) for i in range(k)])
    order = np.lexsort((*means.T[::-1], -np.bincount(groups[groups >= 0], minlength=k)))
    return np.argsort(order)[groups]


def _begun_late(
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


def _sizes(theme: IntArray, k: int, counts: IntArray | None) -> IntArray:
    own = theme >= 0
    weight = np.ones(len(theme)) if counts is None else np.asarray(counts, dtype=np.float64)
    return np.bincount(theme[own], weights=weight[own], minlength=k).astype(np.int64)


def _check_ids(ids: Sequence[str], vectors: FloatArray) -> None:
    if len(ids) != len(vectors):
        raise InputError(f"{len(ids)} ids for {len(vectors)} vectors.", remedy="Give one id for each row.")
    if len(set(ids)) != len(ids):
        raise InputError("Some ids stand for several rows.", remedy="Give every row an id of its own.")
