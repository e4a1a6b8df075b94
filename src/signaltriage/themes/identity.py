"""Themes that stay themselves: what is known keeps its theme, what is new joins one or founds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from signaltriage.settings import ThemeSettings
from signaltriage.themes.anchors import add_themes, fold, similarity_to, theme_centres
from signaltriage.themes.arrivals import Surroundings, absorbed, new_groups, surroundings
from signaltriage.themes.canonical import check
from signaltriage.themes.founding import Continued, begun_late, check_ids, found_themes
from signaltriage.themes.partition import BoolArray, FloatArray, IntArray, Partition, places, unit
from signaltriage.themes.state import Past, ThemeEvent, ThemeState

__all__ = ["Continued", "continue_themes", "found_themes"]


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
    check_ids(ids, vectors)
    check(vectors, counts)
    if not state.all_ids:
        return begun_late(state, (ids, vectors), counts, settings, seed)
    before = len(state.events)
    state = replace(state, run=state.run + 1)
    known = {name: i for i, name in enumerate(state.past.ids)}
    # In the order of the ids, so that the state does not depend on the order of the rows.
    unknown = (i for i, name in enumerate(ids) if name not in known)
    new = np.array(sorted(unknown, key=lambda i: ids[i]), dtype=np.int64)
    state, fresh = _remembered(state, [ids[i] for i in new], vectors[new])
    if len(new):
        state = _settled(state, fresh, settings)
    places_of = {name: i for i, name in enumerate(state.past.ids)}
    rows = np.array([places_of[name] for name in ids], dtype=np.int64)
    found = _shown(state, rows, vectors)
    return Continued(found, list(state.theme_ids), list(state.events[before:]), state)


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
    vectors = unit(state.past.vectors.astype(np.float32))
    around = surroundings(vectors)
    loose = fresh | (~state.past.member & ~_hidden(state)[state.past.theme])
    groups = new_groups(around, np.where(loose, -1, state.past.theme), settings.min_size)
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
