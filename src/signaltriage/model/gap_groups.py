"""Which queries and tickets become one gap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signaltriage.gaps.needs import SAME, group_needs
from signaltriage.model.gap_making import Context, Group, Judged, Ticket
from signaltriage.types import Signal

if TYPE_CHECKING:
    from signaltriage.model.knowledge import KnowledgeBase

_FEWEST_TICKETS = 2
"""Tickets alone that make a gap, where nobody searched for it."""


def groups_of(judged: Judged, need: NDArray[np.int64], limit: float) -> list[Group]:
    """Missing: queries of one need. Unfindable: queries that one article answers."""
    missing: dict[int, list[int]] = defaultdict(list)
    unfindable: dict[str, list[int]] = defaultdict(list)
    for place in range(len(judged.queries)):
        if not judged.rows[place]:
            continue
        if judged.article[place] and judged.probability[place] >= limit:
            unfindable[judged.article[place]].append(place)
        else:
            missing[int(need[place])].append(place)
    return [
        *(Group("missing", tuple(members)) for _, members in sorted(missing.items())),
        *(Group("unfindable", tuple(members)) for _, members in sorted(unfindable.items())),
    ]


def unanswered(signals: Sequence[Signal], base: KnowledgeBase) -> list[Ticket]:
    """Signals that no article answers, in the order of their ids."""
    asked = sorted((s for s in signals if len(s.text.split()) > 1), key=lambda s: (s.id, s.text))
    answers = base.judge([signal.text for signal in asked])
    return [
        Ticket(s.id, s.text, a, s.created_at.timestamp() if s.created_at else None)
        for s, a in zip(asked, answers, strict=True)
        if not a.answered
    ]


def unanswered_themes(tickets: Sequence[Ticket], theme_of: Mapping[str, str]) -> dict[str, str]:
    """The theme of each ticket whose theme no article answers: not even half of its signals."""
    sizes = Counter(theme_of.values())
    without = Counter(theme_of[ticket.id] for ticket in tickets if ticket.id in theme_of)
    return {
        ticket.id: theme_of[ticket.id]
        for ticket in tickets
        if ticket.id in theme_of and 2 * without[theme_of[ticket.id]] > sizes[theme_of[ticket.id]]
    }


def joined(
    groups: list[Group], tickets: list[Ticket], context: Context, theme_of: Mapping[str, str] | None = None
) -> list[Group]:
    """Tickets with the need they are nearest to, the others by theme where one is known, and among themselves."""
    if not tickets:
        return groups
    vectors = context.base.index.encoder.encode([ticket.text for ticket in tickets])
    taken: dict[int, list[Ticket]] = defaultdict(list)
    missing = [i for i, group in enumerate(groups) if group.kind == "missing"]
    members = [(i, m) for i in missing for m in groups[i].members]
    alone = list(range(len(tickets)))
    if members:
        asked = context.judged.vectors[[m for _, m in members]]
        similarity = np.round(vectors @ asked.T, 5)
        best = similarity.argmax(axis=1)
        alone = [t for t in alone if similarity[t, best[t]] < SAME]
        for t in sorted(set(range(len(tickets))) - set(alone)):
            taken[members[int(best[t])][0]].append(tickets[t])
    found = [
        Group(group.kind, group.members, tuple(taken[i])) if i in taken else group for i, group in enumerate(groups)
    ]
    themes = unanswered_themes(tickets, theme_of or {})
    by_theme: dict[str, list[Ticket]] = defaultdict(list)
    for t in alone:
        if tickets[t].id in themes:
            by_theme[themes[tickets[t].id]].append(tickets[t])
    found += [Group("missing", (), tuple(own)) for _, own in sorted(by_theme.items()) if len(own) >= _FEWEST_TICKETS]
    alone = [t for t in alone if tickets[t].id not in themes]
    lines = [tickets[t].text for t in alone]
    need = group_needs(lines, vectors[alone], [1] * len(alone))
    for number in range(int(need.max()) + 1 if len(need) else 0):
        own = tuple(tickets[alone[k]] for k in np.flatnonzero(need == number))
        if len(own) >= _FEWEST_TICKETS:
            found.append(Group("missing", (), own))
    return found
