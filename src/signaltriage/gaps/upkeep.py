"""Articles that need care: twice the same, at odds with one another, unwanted, older than what is asked of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.gap_types import UpkeepItem
from signaltriage.gaps.causes import telling
from signaltriage.gaps.folding import words_of
from signaltriage.theme_types import ThemeTrend
from signaltriage.types import Article

FloatArray = NDArray[np.float64]

NEAREST: Final = 4
"""Articles that an article is compared with."""
_ALIKE: Final = 0.5
"""Cosine of two articles from which on they may be about the same question."""
_TWICE: Final = 0.7
"""Cosine of two articles from which on one may be a copy of the other."""
_SAME_SAYING: Final = 0.6
"""Cosine of two sentences from which on they speak of the same point."""
_SHARED: Final = 0.45
"""Share of the shorter article's telling words that a duplicate has too, and of word pairs half as many."""
_MOST_SENTENCES: Final = 200

_SENTENCE: Final = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_UNITS: Final = r"(?:%|[a-z]{1,12})"
_NUMBER: Final = re.compile(rf"(?<![\w.-])(\d[\d.,]*)\s?-?({_UNITS})?", re.IGNORECASE)
_SMALL: Final = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_TENS: Final = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}
_WORDS: Final = {word: n for n, word in enumerate(_SMALL.split())} | _TENS
_IN_HOURS: Final = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1, "day": 24, "week": 168, "month": 730, "year": 8760}
_MEASURES: Final = frozenset(("%", "kg", "g", "lb", "km", "m", "cm", "mm", "kb", "mb", "gb", "tb", "px", "euro", "eur"))
_NEGATED: Final = re.compile(r"\b(?:never|do not|don[’']t|must not|mustn[’']t|should not)\b", re.IGNORECASE)
_RUN: Final = 4
"""Words in a row that a step and its being forbidden share."""
_OPPOSITES: Final = (
    ("on", "off"),
    ("enable", "disable"),
    ("enabled", "disabled"),
    ("always", "never"),
    ("left", "right"),
    ("before", "after"),
    ("can", "cannot"),
    ("must", "must not"),
    ("add", "remove"),
    ("open", "close"),
    ("up", "down"),
    ("allowed", "forbidden"),
    ("possible", "impossible"),
    ("automatically", "manually"),
    ("kept", "erased"),
    ("keeps", "erases"),
    ("safe", "unsafe"),
    ("free", "charged"),
)


@dataclass(frozen=True)
class Touch:
    """What a log says of one article."""

    searches: int
    """That it answered, whether it was shown or not."""
    trend: ThemeTrend


def article_pairs(vectors: FloatArray) -> list[tuple[int, int, float]]:
    """Pairs of articles that are about the same question, i < j, with their cosine, nearest first.

    Args:
        vectors: one unit vector an article, shape (n, d); zero where it has no text.
    """
    found: set[tuple[int, int]] = set()
    similarity_of: dict[tuple[int, int], float] = {}
    for start in range(0, len(vectors), 1024):
        similarity = np.round(vectors[start : start + 1024] @ vectors.T, 5)
        similarity[np.arange(len(similarity)), np.arange(start, start + len(similarity))] = -1
        near = np.argsort(-similarity, axis=1, kind="stable")[:, :NEAREST]
        for row in range(len(near)):
            for other in near[row].tolist():
                pair = (min(start + row, other), max(start + row, other))
                if similarity[row, other] >= _ALIKE and pair[0] != pair[1]:
                    found.add(pair)
                    similarity_of[pair] = float(similarity[row, other])
    return sorted(((i, j, similarity_of[i, j]) for i, j in found), key=lambda p: (-p[2], p[0], p[1]))


def duplicates(articles: Sequence[Article], pairs: Sequence[tuple[int, int, float]]) -> list[UpkeepItem]:
    """Pairs that say the same in nearly the same words."""
    found = []
    for i, j, similarity in pairs:
        one, other = articles[i], articles[j]
        words, in_order = _overlap(one, other)
        if similarity >= _TWICE and words >= _SHARED and in_order >= _SHARED / 5:
            reason = f"“{one.title}” and “{other.title}” share {words:.0%} of their telling words"
            found.append(
                UpkeepItem("near_duplicate", one.id, other.id, round(similarity, 4), reason, one.title, other.title)
            )
    return found


def contradictions(
    articles: Sequence[Article], pairs: Sequence[tuple[int, int, float]], encoder: Encoder
) -> list[UpkeepItem]:
    """Pairs of articles with sentences on the same point that differ in a number of the same unit or in an opposite."""
    sayings = {i: _sayings(articles[i]) for pair in pairs for i in pair[:2]}
    texts = sorted({text for own in sayings.values() for text in own})
    place = {text: row for row, text in enumerate(texts)}
    vectors = encoder.encode(texts).astype(np.float64) if texts else np.zeros((0, 1))
    found = []
    for i, j, _ in pairs:
        if not sayings[i] or not sayings[j]:
            continue
        similarity = np.round(vectors[[place[t] for t in sayings[i]]] @ vectors[[place[t] for t in sayings[j]]].T, 5)
        best = _forbidden(sayings[i], sayings[j])
        for row, column in zip(*np.nonzero(similarity >= _SAME_SAYING), strict=True):
            left, right = sayings[i][row], sayings[j][column]
            why = _at_odds(left, right)
            if why and (best is None or similarity[row, column] > best[0]):
                best = (float(similarity[row, column]), why, left, right)
        if best:
            found.append(UpkeepItem("contradiction", articles[i].id, articles[j].id, round(best[0], 4), *best[1:]))
    return sorted(found, key=lambda item: (-item.strength, item.article_id, item.other_id))


def _forbidden(one: Sequence[str], other: Sequence[str]) -> tuple[float, str, str, str] | None:
    """A step of one article that the other forbids in the same words."""
    for left, right, swapped in ((one, other, False), (other, one, True)):
        plain = [(text, words_of(text)) for text in left if not _NEGATED.search(text)]
        for text in right:
            found = _NEGATED.search(text)
            words = words_of(text[found.end() :])[:_RUN] if found else []
            for said, own in plain:
                if len(words) == _RUN and any(own[k : k + _RUN] == words for k in range(len(own) - _RUN + 1)):
                    pair = (text, said) if swapped else (said, text)
                    return 1.0, f"“{' '.join(words)}” is told in one and forbidden in the other", *pair
    return None


def untouched(articles: Sequence[Article], touched: Mapping[str, Touch]) -> list[UpkeepItem]:
    """Articles that no search of the log needed."""
    return [
        UpkeepItem("untouched", a.id, "", 0.0, f"“{a.title}” answers no search of this log")
        for a in articles
        if a.id not in touched and not a.draft
    ]


def outdated(articles: Sequence[Article], touched: Mapping[str, Touch]) -> list[UpkeepItem]:
    """Articles last changed before what is asked of them began to rise."""
    found = []
    for article in articles:
        touch = touched.get(article.id)
        since = touch.trend.since if touch else None
        if touch and since and article.updated and article.updated < since:
            reason = f"“{article.title}” is of {article.updated}; searches for it rose from {since} on"
            found.append(UpkeepItem("outdated", article.id, "", round(1 - (touch.trend.p or 0.0), 4), reason))
    return sorted(found, key=lambda item: (-item.strength, item.article_id))


def _overlap(one: Article, other: Article) -> tuple[float, float]:
    """Shares of telling words, and of pairs of neighbouring words, of the shorter article that the other has too."""
    sets = []
    for article in (one, other):
        own = words_of(f"{article.title}\n{article.body}"[:20_000])
        sets.append((set(telling(" ".join(own))), set(pairwise(own))))
    shares = []
    for kind in range(2):
        a, b = sets[0][kind], sets[1][kind]
        shares.append(len(a & b) / max(1, min(len(a), len(b))))
    return shares[0], shares[1]


def _sayings(article: Article) -> list[str]:
    """Sentences that hold a number or a word that has an opposite."""
    sentences = [s.strip() for s in _SENTENCE.split(article.body[:60_000]) if 12 <= len(s.strip()) <= 400]
    kept = [s for s in dict.fromkeys(sentences) if any(_values(s)) or _signs(s) or _NEGATED.search(s)]
    return kept[:_MOST_SENTENCES]


def _values(sentence: str) -> Iterator[tuple[str, float]]:
    """Numbers by their unit; times in hours, so that 7 days and 168 hours are the same."""
    text = re.sub(r"[a-z]+", lambda found: str(_WORDS.get(found[0].lower(), found[0])), sentence, flags=re.IGNORECASE)
    for found in _NUMBER.finditer(text):
        named = (found[2] or "").lower()
        unit = named.rstrip("s")
        if not (unit in _IN_HOURS or unit in _MEASURES or named.endswith("s")):
            continue  # "level 3 travel": a name, not an amount
        try:
            value = float(found[1].rstrip(".,").replace(",", ""))
        except ValueError:
            continue
        if unit in _IN_HOURS:
            yield "time", round(value * _IN_HOURS[unit], 6)
        else:
            yield unit, value


def _signs(sentence: str) -> set[tuple[int, bool]]:
    words = set(words_of(sentence))
    return {(k, side) for k, pair in enumerate(_OPPOSITES) for side in (False, True) if pair[side] in words}


def _at_odds(left: str, right: str) -> str:
    """How two sentences on one point differ, in words; empty where they do not."""
    one, other = dict[str, set[float]](), dict[str, set[float]]()
    for found, sentence in ((one, left), (other, right)):
        for unit, value in _values(sentence):
            found.setdefault(unit, set()).add(value)
    for unit in sorted(one.keys() & other.keys()):
        if not one[unit] & other[unit]:
            return "different times" if unit == "time" else f"different numbers of {unit}"
    a, b = set(telling(left)), set(telling(right))
    if len(a & b) * 2 >= max(1, min(len(a), len(b))):
        for k, side in sorted(_signs(left)):
            if (k, not side) in _signs(right) and (k, side) not in _signs(right) and (k, not side) not in _signs(left):
                return f"“{_OPPOSITES[k][side]}” against “{_OPPOSITES[k][not side]}”"
    return ""
