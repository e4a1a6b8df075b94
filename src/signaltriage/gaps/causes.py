"""Why an article that answers was not found, and which words of askers and articles are the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.gap_types import Cause
from signaltriage.gaps.folding import words_of
from signaltriage.gaps.lexical import terms
from signaltriage.types import Article

_STOP: Final = frozenset(
    (
        *("a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "is", "are", "be", "do", "does", "did", "how"),
        *("what", "why", "when", "where", "which", "who", "can", "could", "i", "my", "me", "we", "our", "you", "your"),
        *("it", "its", "with", "without", "at", "by", "from", "as", "not", "no", "this", "that", "there", "have"),
        *("has", "get", "got", "if", "into", "about", "will", "would", "should"),
    )
)
_ALIKE = 0.35
"""Cosine of two words from which on one may stand for the other."""


@dataclass(frozen=True)
class Found:
    """A need that an article answers."""

    typed: tuple[tuple[str, str], ...]
    """Its queries as typed, and as they are read."""
    helped: tuple[str, ...]
    """Queries with which askers of it came to the article in the end."""
    article: Article
    heading: str
    """Where in the article the answer stands; empty: at its top."""


def telling(text: str) -> list[str]:
    """Words that say something, folded, in order."""
    return [word for word in words_of(text) if word not in _STOP and len(word) > 1]


def causes_of(found: Found, encoder: Encoder) -> tuple[Cause, ...]:
    """What keeps search from showing the article, the weightiest first; at least one cause."""
    article = found.article
    if article.draft:
        return (Cause("draft", "", article.title, "the article is not published"),)
    has, title = set(terms(f"{article.title}\n{article.body}")), set(terms(article.title))
    causes: list[tuple[int, Cause]] = []
    spelt = Counter((typed, read) for typed, read in found.typed if words_of(typed) != words_of(read))
    if spelt:
        (typed, read), _ = min(spelt.items(), key=lambda item: (-item[1], item[0]))
        causes.append((sum(spelt.values()), Cause("spelling", typed, read, f"typed “{typed}”, meant “{read}”")))
    strange = Counter(word for _, read in found.typed for word in set(telling(read)) if not set(terms(word)) & has)
    if strange:
        pairs = _other_words(strange, found, encoder)
        causes += [(n, Cause("other_words", asked, said, why)) for asked, said, n, why in pairs]
    within = [read for _, read in found.typed if set(terms(" ".join(telling(read)))) <= has]
    if within and found.heading and not set(terms(found.heading)) <= title:
        causes.append(
            (len(within), Cause("buried", within[0], found.heading, f"the answer stands under “{found.heading}”"))
        )
    elif within and not any(set(terms(w)) & title for read in within for w in telling(read)):
        causes.append(
            (len(within), Cause("title", within[0], article.title, "the title has none of the askers' words"))
        )
    if not causes:
        causes.append((0, Cause("search", found.typed[0][0], article.title, "the article has all the words asked for")))
    return tuple(cause for _, cause in sorted(causes, key=lambda pair: (-pair[0], pair[1].kind, pair[1].asked)))


def _other_words(strange: Counter[str], found: Found, encoder: Encoder) -> list[tuple[str, str, int, str]]:
    """Askers' words that the article lacks, each with the article's likeliest word for it."""
    helped = [word for query in found.helped for word in telling(query)]
    first = [*dict.fromkeys([*helped, *telling(found.article.title)])]
    first = [word for word in first if set(terms(word)) & set(terms(f"{found.article.title}\n{found.article.body}"))]
    pairs: list[tuple[str, str, int, str]] = []
    asked = sorted(strange, key=lambda word: (-strange[word], word))[:8]
    others = [*dict.fromkeys([*first, *telling(f"{found.heading} {found.article.body}"[:4000])])]
    if not asked or not others:
        return []
    similarity = _cosines(encoder.encode(asked), encoder.encode(others))
    for row, word in enumerate(asked):
        # A word that askers came to themselves, or of the title, is nearer than it looks.
        bonus = np.array([0.15 * (other in helped) + 0.1 * (other in first) for other in others])
        best = int(np.round(similarity[row] + bonus, 5).argmax())
        if similarity[row, best] + bonus[best] >= _ALIKE:
            said = others[best]
            why = "askers put it so themselves" if said in helped else "the nearest of the article's own words"
            pairs.append((word, said, strange[word], f"askers say “{word}”, the article “{said}”: {why}"))
    return pairs


def _cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray((one @ other.T).astype(np.float64))
