"""A short name for each theme, as a person would give it, its keywords, and one sentence about it.

The name is a phrase that the theme's own texts use: frequent in them, rare in the other themes (the more so where
another theme uses it much), two to four words rather than one, and near in meaning to the theme as a whole. It is
written the way most texts write it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.themes.meaning import CONSIDERED, Meaning, Ranked
from signaltriage.themes.phrases import (
    Counts,
    Key,
    count_phrases,
    count_words,
    different,
    is_content,
    runs_of,
    shaped,
    stem,
    written_as,
)

KEYWORDS: Final = (5, 8)
_VOCABULARY: Final = 60
"""Stems of a theme of which its phrases are made: those that tell it apart best."""
_MOST_TEXTS: Final = 2000
"""Of a larger theme this many texts are read, evenly over the alphabet."""
_COVERAGE: Final = 1.0
_STRAY: Final = 0.02
"""Share of a theme's texts below which a name is of strays: one in fifty."""
_RIVAL: Final = 0.5
_RUNNING_ON: Final = 0.6
_LENGTH: Final = (0.3, 1.0, 1.0, 0.9)
"""What a phrase of one, two, three, four content words is worth: one says too little, four are rarely one thing."""


@dataclass(frozen=True)
class ThemeName:
    """What a theme is called."""

    name: str
    """Two to five words, no two themes alike; one word where the texts hold no more."""
    keywords: tuple[str, ...]
    """Up to eight, the most telling first, one of each word family."""
    description: str
    """One sentence."""


@dataclass(frozen=True)
class Known:
    """What is known of the themes beside their texts."""

    counts: NDArray[np.int64] | None = None
    """How many signals a text stands for, shape (n,); only the description tells."""
    fixed: Mapping[int, str] = field(default_factory=dict)
    """Names that are settled, by theme; no other theme gets one of them."""
    meaning: Meaning | None = None
    """Without it, words alone decide."""


def name_themes(
    texts: Sequence[str], member_of: NDArray[np.int64], n_themes: int, known: Known | None = None
) -> list[ThemeName]:
    """Name every theme.

    Args:
        texts: cleaned, any language, shape (n,); may be empty.
        member_of: theme of each text, -1 for none, shape (n,).
        n_themes: how many themes there are.
        known: what is known beside.
    """
    known = known or Known()
    fixed, counts = known.fixed, known.counts
    groups: list[list[str]] = [[] for _ in range(n_themes + 1)]
    sizes = np.zeros(n_themes + 1, dtype=np.int64)
    for row, (text, theme) in enumerate(zip(texts, np.asarray(member_of).tolist(), strict=True)):
        groups[theme].append(text)  # -1 is the last group
        sizes[theme] += 1 if counts is None else int(counts[row])
    read = [_some(different(group)) for group in groups]
    runs = [[runs_of(text) for text in group] for group in read]
    words = count_words(runs)
    lengths = [len(group) for group in read]
    telling = _telling(words, lengths)
    kept = [{word for word, _ in row[:_VOCABULARY]} for row in telling]
    phrases = count_phrases(runs, kept)
    singles = written_as(runs, kept)
    rates = _Rates.of(phrases.by_theme, lengths)
    ranked = [_ranked(phrases, t, kept[t], rates) for t in range(n_themes)]
    if known.meaning is not None:
        wanted = [[] if t in fixed else row[:CONSIDERED] for t, row in enumerate(ranked)]
        ranked = known.meaning.order(wanted, [[shaped(key, phrases.forms) for _, key in row] for row in wanted])
    chosen = _without_doubles(ranked, phrases, read, fixed)
    out = []
    for theme in range(n_themes):
        keywords = _keywords(telling[theme], singles)
        name = fixed[theme] if theme in fixed else _owned_up(chosen[theme], words[theme], lengths[theme])
        out.append(ThemeName(name, keywords, _description(name, keywords, int(sizes[theme]))))
    return out


def _some(texts: list[str]) -> list[str]:
    if len(texts) <= _MOST_TEXTS:
        return texts
    return [texts[i] for i in np.linspace(0, len(texts) - 1, _MOST_TEXTS).round().astype(int).tolist()]


@dataclass(frozen=True)
class _Rates:
    """In what share of the texts of each theme something occurs, and of all others."""

    total: Counter[Any]
    best: dict[Any, tuple[float, float]]
    """The largest share in any theme, and the second."""
    everything: int

    @classmethod
    def of(cls, counts: Sequence[Mapping[Any, int]], lengths: Sequence[int]) -> _Rates:
        """`counts` and `lengths` (texts) of each theme, and of those in none."""
        total: Counter[Any] = Counter()
        best: dict[Any, tuple[float, float]] = {}
        for found, n in zip(counts, lengths, strict=True):
            total.update(found)
            for key, count in found.items():
                share = count / (n + 1)
                high, second = best.get(key, (0.0, 0.0))
                best[key] = (share, high) if share > high else (high, max(second, share))
        return cls(total, best, sum(lengths))

    def telling(self, key: Any, count: int, n: int) -> float:
        """How much it tells of a theme of n texts that `count` of them have it.

        c-TF-IDF (Grootendorst 2022) with shares of texts instead of counts of words, so that a long text does not
        outvote short ones, and with the share in the theme that has it most beside that in all others: what two
        neighbours have in common names neither.
        """
        share = count / (n + 1)
        rest = (self.total[key] - count + 0.5) / (self.everything - n + 1)
        high, second = self.best[key]
        rival = second if share >= high else high
        return float(share**_COVERAGE * np.log1p(share / (rest + _RIVAL * rival)))


def _telling(words: Sequence[Counter[str]], lengths: Sequence[int]) -> list[list[tuple[str, float]]]:
    """Stems of each theme with what they tell, best first."""
    rates = _Rates.of(words, lengths)
    rows = []
    for counter, n in zip(words[:-1], lengths[:-1], strict=True):
        row = [(word, rates.telling(word, count, n)) for word, count in counter.items()]
        row.sort(key=lambda entry: (-entry[1], entry[0]))
        rows.append(row)
    return rows


def _ranked(phrases: Counts, theme: int, kept: set[str], rates: _Rates) -> Ranked:
    """Phrases of a theme, the best name first."""
    own, n = phrases.by_theme[theme], phrases.texts[theme]
    candidates = {key: count for key, count in own.items() if all(part == "not" or part in kept for part in key)}
    frequent = {key: count for key, count in candidates.items() if count > 1} or candidates
    found = []
    for key, count in frequent.items():
        content = sum(part != "not" for part in key) + (key[0] == "not")
        worth = rates.telling(key, count, n) * _LENGTH[min(content, 4) - 1]
        worth *= 1 - _RUNNING_ON * phrases.running_on[key] / rates.total[key]
        if len(set(key)) < len(key):
            worth *= 0.2
        found.append((worth, key))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    return _whole(found, own)


def _whole(found: Ranked, own: Mapping[Key, int]) -> Ranked:
    """A fragment of a longer phrase that is nearly as frequent gives way to it: "card not" to "card not working"."""
    kept = found[:50]
    out = []
    for worth, key in kept:
        longer = [
            (w, other)
            for w, other in kept
            if len(key) < len(other)
            and (len(key) > 1 or other[0] == "not")
            and _contains(other, key)
            and own[other] >= 0.6 * own[key]
        ]
        out.append(max(longer, key=lambda entry: (own[entry[1]], entry[1])) if longer else (worth, key))
    seen: dict[Key, float] = {}
    for worth, key in out:
        seen.setdefault(key, worth)
    return [(worth, key) for key, worth in seen.items()]


def _contains(long: Key, short: Key) -> bool:
    return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))


def _without_doubles(
    ranked: list[Ranked], phrases: Counts, texts: Sequence[Sequence[str]], fixed: Mapping[int, str]
) -> dict[int, str]:
    """A name for each theme; the theme that a phrase fits best keeps it, the others take their next."""
    taken = {_plain(name) for name in fixed.values()}
    chosen: dict[int, str] = {}
    first = [min(group, default="") for group in texts]  # settles ties, whatever the order of the themes

    def turn(theme: int, place: int) -> tuple[float, Key, str, int, int]:
        worth, key = ranked[theme][place] if place < len(ranked[theme]) else (-1.0, ())
        return -worth, key, first[theme], theme, place

    waiting = [turn(theme, 0) for theme in range(len(ranked)) if theme not in fixed]
    heapq.heapify(waiting)
    while waiting:
        _, key, _, theme, place = heapq.heappop(waiting)
        if key:
            name = shaped(key, phrases.forms)
            if _plain(name) in taken:
                heapq.heappush(waiting, turn(theme, place + 1))
                continue
        else:
            name = _last_resort(texts[theme], ranked[theme], phrases.forms, taken)
        chosen[theme] = name
        taken.add(_plain(name))
    return chosen


def _owned_up(name: str, words: Counter[str], texts: int) -> str:
    """The name, or that it is of a few only: strays and spam have no word in common to be called by."""
    share = max((words[stem(word)] for word in name.split()), default=0) / max(texts, 1)
    return f"Mixed: {name}" if texts * _STRAY >= 1 and share < _STRAY else name


def _plain(name: str) -> str:
    """What two names have in common that a reader would take for one another."""
    return (
        " ".join(sorted(stem(word) for word in name.split() if is_content(word) or word.isdigit()))
        or name.casefold().strip()
    )


def _last_resort(texts: Sequence[str], ranked: Ranked, forms: Mapping[Key, Counter[str]], taken: set[str]) -> str:
    """A name where every phrase is taken or there is none: two phrases, else the beginning of a text, else a number."""
    names = [shaped(key, forms) for _, key in ranked[:8]]
    for first in names:
        for second in names:
            both = f"{first}, {second[:1].lower()}{second[1:]}"
            if first != second and _plain(both) not in taken:
                return both
    starts = [" ".join([word for run in runs_of(text) for word in run][:5]) for text in texts]
    starts += [text.strip()[:20] for text in texts]
    for start in starts:
        if start and _plain(start) not in taken:
            return start[:1].upper() + start[1:]
    number = 1
    while _plain(name := "Signals without words" if number == 1 else f"Signals without words, {number}") in taken:
        number += 1
    return name


def _keywords(telling: list[tuple[str, float]], written: Mapping[str, str]) -> tuple[str, ...]:
    least, most = KEYWORDS
    top = telling[0][1] if telling else 0.0
    kept = [written[word] for place, (word, worth) in enumerate(telling[:most]) if place < least or worth >= 0.1 * top]
    return tuple(dict.fromkeys(kept))


def _description(name: str, keywords: Sequence[str], size: int) -> str:
    """One sentence in plain words."""
    own = {stem(word) for word in name.split()}
    more = [word for word in keywords if stem(word) not in own][:4]
    signals = "One signal" if size == 1 else f"{size:,} signals"
    about = name if any(c.isupper() for c in name[1:]) else name[:1].lower() + name[1:]
    if not more:
        return f"{signals} about {about}."
    listed = more[0] if len(more) == 1 else ", ".join(more[:-1]) + " and " + more[-1]
    return f"{signals} about {about}, often with the words {listed}."
