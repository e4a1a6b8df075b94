"""A search log folded into what was asked for: noise and machines told apart, spellings joined, askers counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from signaltriage.gap_types import SearchEvent
from signaltriage.gaps.bots import machines
from signaltriage.gaps.folding import Speller, fold_all
from signaltriage.gaps.noise import why_noise
from signaltriage.gaps.sessions import sessions_of


@dataclass(frozen=True)
class Log:
    """A search log as it was read: every search is noise or belongs to one of `queries`."""

    events: tuple[SearchEvent, ...]
    noise: tuple[str, ...]
    """Of each search: why it asks for nothing; empty where it may ask for something."""
    folded: tuple[str, ...]
    """Of each search: the query it is read as."""
    sessions: tuple[tuple[int, ...], ...]
    """Places of the searches of each session that ask for something, in the order of their times."""
    queries: tuple[str, ...]
    """The different queries that ask for something, folded; sorted."""
    rows: dict[str, tuple[int, ...]]
    """Where each of them stands in the log."""
    speller: Speller
    has_users: bool

    def demand(self, places: Iterable[int]) -> int:
        """Distinct askers of these searches; searches, where the log does not say who asked."""
        places = tuple(places)
        if not self.has_users:
            return self.searches(places)
        # One who is not named is somebody all the same: a session each, a search each where there is none.
        return len({self.events[i].user or self.events[i].session or f"\0{i}" for i in places})

    def searches(self, places: Iterable[int]) -> int:
        """How many searches these rows stand for."""
        return sum(self.events[i].times for i in places)


def read_log(events: Sequence[SearchEvent], texts: Iterable[str], general: Set[str] = frozenset()) -> Log:
    """Fold a log.

    Args:
        events: the searches, in any order.
        texts: the knowledge base's articles: their words are spelt right.
        general: words that are known anyway.
    """
    who = machines(events)
    typed: dict[str, set[str]] = defaultdict(set)
    for place, event in enumerate(events):
        if event.user not in who:
            typed[event.query].add(event.user or str(place))
    speller = Speller.of(texts, ((query, len(askers)) for query, askers in sorted(typed.items())), general)
    plain = {query: why_noise(query, frozenset(), speller.is_known) for query in typed}
    reading = fold_all([query for query, why in plain.items() if not why], speller)
    why = {query: plain[query] or why_noise(reading[query], frozenset(), speller.is_known) for query in typed}
    noise = [f"a machine: {who[e.user]}" if e.user in who else why[e.query] for e in events]
    rows: dict[str, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        if not noise[place]:
            rows[reading[event.query]].append(place)
    asking = ([i for i in session if not noise[i]] for session in sessions_of(events))
    return Log(
        events=tuple(events),
        noise=tuple(noise),
        folded=tuple(reading.get(e.query, e.query) if not noise[i] else e.query for i, e in enumerate(events)),
        sessions=tuple(tuple(session) for session in asking if session),
        queries=tuple(sorted(rows)),
        rows={query: tuple(places) for query, places in rows.items()},
        speller=speller,
        has_users=any(event.user for event in events),
    )


def repeats(log: Log, need_of: dict[str, int]) -> dict[int, str]:
    """Searches that one person makes for one need beyond what people do: all but the first of each session.

    How often people search for one need is taken for geometric, its mean from everybody's counts but the largest; a
    count whose chance, among all those looked at, is below one in a hundred is no demand but insistence.
    """
    counts: Counter[tuple[str, int]] = Counter()
    for query in log.queries:
        if query in need_of:
            counts.update((log.events[i].user, need_of[query]) for i in log.rows[query] if log.events[i].user)
    if len(counts) < 2:
        return {}
    largest = max(counts.values())
    mean = (sum(counts.values()) - largest + 1) / len(counts)  # as if the largest had searched once
    again = 1 - 1 / max(mean, 1.0 + 1.0 / len(counts))
    many = {pair for pair, count in counts.items() if len(counts) * again ** (count - 1) < 0.01}
    insistent = dict(sorted(many))
    found: dict[int, str] = {}
    for session in log.sessions:
        user = log.events[session[0]].user
        tried = [i for i in session if not log.events[i].results]
        needs = [need_of.get(log.folded[i], -1) for i in tried]
        # Who insists tries other words too: what such a session holds beside it is the same need.
        if user in insistent and 2 * sum((user, need) in many for need in needs) >= len(needs):
            for place in tried[1:]:
                times = counts[user, insistent[user]]
                found[place] = f"the same need again: this asker searched for it {times:,} times"
    return found
