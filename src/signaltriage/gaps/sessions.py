"""Which searches belong together: one person's, one after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from signaltriage.gap_types import SearchEvent

PAUSE = 1800.0
"""Seconds without a search after which a new session begins, where the log names none: the usual half hour
(Jansen, Spink et al., "Defining a session on Web search engines", 2007)."""


def sessions_of(events: Sequence[SearchEvent]) -> list[list[int]]:
    """Places of the searches of each session, in the order of their times.

    By the log's own session ids (one person's: an id that two share is two sessions), else by person and pauses; a
    search of nobody without a session is alone.
    """
    own: dict[tuple[str, str], list[int]] = defaultdict(list)
    found: list[list[int]] = []
    for place, event in enumerate(events):
        if event.session or event.user:
            own[event.user, event.session].append(place)
        else:
            found.append([place])
    for (_, session), places in own.items():
        ordered = sorted(places, key=lambda i: (seconds_of(events[i]), events[i].id, events[i].query, i))
        found += [ordered] if session else _cut(events, ordered)
    return sorted(found)


def seconds_of(event: SearchEvent) -> float:
    """Seconds since 1970; 0 where the time is not known."""
    return event.time.timestamp() if event.time is not None else 0.0


def _cut(events: Sequence[SearchEvent], places: Sequence[int]) -> list[list[int]]:
    """Cut at pauses; searches without a time are all of one session."""
    found: list[list[int]] = [[]]
    for place in places:
        if found[-1] and seconds_of(events[place]) - seconds_of(events[found[-1][-1]]) > PAUSE:
            found.append([])
        found[-1].append(place)
    return found
