"""What a person says of themes, kept in the state: every later run goes by it.

Each function takes a state and returns one, with an event that says what was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from signaltriage.errors import UsageError
from signaltriage.themes.anchors import add_themes, fold, replace_anchors, without
from signaltriage.themes.discovery import principal, steps
from signaltriage.themes.partition import IntArray, unit
from signaltriage.themes.state import ThemeEvent, ThemeState
from signaltriage.threads import one_thread


def rename(state: ThemeState, theme_id: str, name: str) -> ThemeState:
    """Call a theme by a name of one's own. Raises UsageError: no such theme, or no name."""
    _there(state, theme_id)
    if not name.strip():
        raise UsageError("A theme needs a name.", remedy="Give some words.")
    names = {**state.edits.names, theme_id: name.strip()}
    state = replace(state, edits=replace(state.edits, names=names))
    return _told(state, ThemeEvent(state.run, "rename", theme_id, (), 0, f"a person called it “{name.strip()}”"))


def owner(state: ThemeState, theme_id: str, team: str) -> ThemeState:
    """Say which team owns a theme. Raises UsageError: no such theme, or no team."""
    _there(state, theme_id)
    if not team.strip():
        raise UsageError("An owner needs a name.", remedy="Give a team.")
    owners = {**state.edits.owners, theme_id: team.strip()}
    state = replace(state, edits=replace(state.edits, owners=owners))
    return _told(state, ThemeEvent(state.run, "owner", theme_id, (), 0, f"a person gave it to {team.strip()}"))


def not_a_theme(state: ThemeState, theme_id: str) -> ThemeState:
    """Its signals are left over from now on, and what is like them too; it is not found again.

    Raises:
        UsageError: no such theme.
    """
    _there(state, theme_id)
    rows = _rows(state, theme_id)
    state = replace(state, edits=replace(state.edits, hidden=(*state.edits.hidden, theme_id)))
    return _told(state, ThemeEvent(state.run, "not_a_theme", theme_id, (), len(rows), "a person said it is no theme"))


def merge(state: ThemeState, kept: str, others: Sequence[str]) -> ThemeState:
    """Make several themes one, under the id `kept`; it is known by all they were known by.

    Raises:
        UsageError: no such theme, or a theme is to be merged with itself.
    """
    for name in (kept, *others):
        _there(state, name)
    if not others or kept in others or len(set(others)) < len(others):
        raise UsageError(f"{kept} cannot be merged with {', '.join(others) or 'nothing'}.", remedy="Name other themes.")
    rows = sum(len(_rows(state, name)) for name in others)
    state = fold(state, kept, others)
    state = _told(state, ThemeEvent(state.run, "merge", kept, tuple(others), rows, "a person merged them"))
    for name in others:
        state = _told(state, ThemeEvent(state.run, "death", name, (kept,), 0, f"a person merged it into {kept}"))
    return state


def split(state: ThemeState, theme_id: str, rows: Sequence[str] | None = None) -> ThemeState:
    """Make a theme two: the larger part keeps the id, the other gets a new one.

    Args:
        state: the state.
        theme_id: the theme.
        rows: ids of the signals of the new theme; None: the two parts that differ most.

    Raises:
        UsageError: no such theme, signals that are not in it, or nothing to split.
    """
    _there(state, theme_id)
    own = _rows(state, theme_id)
    vectors = unit(state.past.vectors.astype(np.float32))
    if rows is None:
        moved = _other_half(state, own)
    else:
        named = set(rows)
        moved = np.array([i for i in own.tolist() if state.past.ids[i] in named], dtype=np.int64)
        if len(moved) < len(named):
            raise UsageError(f"Some signals are not in {theme_id}.", remedy="Name signals of that theme.")
    stay = np.setdiff1d(own, moved)
    if not len(moved) or not len(stay):
        raise UsageError(f"{theme_id} cannot be split.", remedy="It needs signals that differ, in both parts.")
    groups = np.full(len(vectors), -1, dtype=np.int64)
    groups[moved] = 0
    state, (new,) = add_themes(state, vectors, groups)
    state = replace_anchors(state, state.all_ids.index(theme_id), vectors, stay)
    theme = state.past.theme.copy()
    theme[moved] = state.all_ids.index(new)
    member = state.past.member.copy()
    member[own] = True
    state = replace(state, past=replace(state.past, theme=theme, member=member))
    return _told(state, ThemeEvent(state.run, "split", new, (theme_id,), len(moved), "a person split it off"))


def forget(state: ThemeState, theme_id: str) -> ThemeState:
    """Take a hidden theme out for good, so that it may be found again. Raises UsageError."""
    if theme_id not in state.edits.hidden:
        raise UsageError(f"{theme_id} was not called “not a theme”.", remedy="Name one that was.")
    anchors = state.anchors
    index = state.all_ids.index(theme_id)
    keep = anchors.theme != index
    anchors = replace(
        anchors,
        centres=anchors.centres[keep],
        theme=anchors.theme[keep],
        min_similarity=anchors.min_similarity[keep],
        weight=anchors.weight[keep],
    )
    gone = state.past.theme == index
    past = replace(
        state.past, theme=np.where(gone, -1, state.past.theme), member=np.where(gone, False, state.past.member)
    )
    return without(replace(state, anchors=anchors, past=past), [theme_id])


def _other_half(state: ThemeState, own: IntArray) -> IntArray:
    """The smaller of the two parts that differ most: by the main axis, then a few steps of spherical 2-means."""
    vectors = unit(state.past.vectors[own].astype(np.float32))
    distinct, place = np.unique(vectors, axis=0, return_inverse=True)
    if len(distinct) < 2:
        return own[:0]
    with one_thread():
        axis = principal(distinct, 2)[:, 0]
        sides = (axis > 0).astype(np.int64)
        if sides.min() == sides.max():
            sides = (np.arange(len(distinct)) == 0).astype(np.int64)
        sides = steps(unit(distinct), sides, 10, 1)
    sides = sides[place.reshape(-1)]
    if sides.max() == 0:
        return own[:0]
    size = np.bincount(sides, minlength=2)
    smaller: IntArray = own[sides == int(size.argmin())]
    return smaller


def _rows(state: ThemeState, theme_id: str) -> IntArray:
    """Signals of a theme, as places in the past."""
    index = state.all_ids.index(theme_id)
    rows: IntArray = np.flatnonzero((state.past.theme == index) & state.past.member)
    return rows


def _there(state: ThemeState, theme_id: str) -> None:
    if theme_id not in state.theme_ids:
        raise UsageError(f"There is no theme {theme_id}.", remedy="See theme_id in themes.csv.")


def _told(state: ThemeState, event: ThemeEvent) -> ThemeState:
    return replace(state, events=(*state.events, event))
