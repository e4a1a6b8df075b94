"""Why an article that answers was not found, and which words of askers and articles are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from signaltriage.encode import Encoder
from signaltriage.gap_types import Cause
from signaltriage.gaps.folding import words_of
from signaltriage.gaps.lexical import FUNCTION_WORDS, terms
from signaltriage.types import Article

_STOP: Final = frozenset(
    (
        *("a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "is", "are", "be", "do", "does", "did", "how"),
        *("what", "why", "when", "where", "which", "who", "can", "could", "i", "my", "me", "we", "our", "you", "your"),
        *("it", "its", "with", "without", "at", "by", "from", "as", "not", "no", "this", "that", "there", "have"),
        *("has", "get", "got", "if", "into", "about", "will", "would", "should"),
    )
)
_GENERAL_WORDS = """
    actually already also another anyone anything best easiest easily easy else everyone everything find look
    looking made make making many much multiple nothing one per please possible really several somehow someone
    something still stuff thing things try trying two use used using want wanted whole
"""
_GENERAL: Final = frozenset(_GENERAL_WORDS.split())
"""Words of questions that name nothing: no search engine should be told of them."""
GUESSED: Final = "the nearest word of the title in meaning: no asker has shown it yet"
_BOTH: Final = 0.2
"""Share of a word's queries that may have its synonym too."""
_ALIKE: Final = 0.5
"""Cosine of two words from which on one may stand for the other."""
_PHRASE: Final = 3
"""Words of a phrase that another stands for, at most."""
_MOST_PAIRS: Final = 5
_ROOT: Final = 5
"""Letters at the beginning of a word that make it a form of another: weigh, weight."""


@dataclass(frozen=True)
class Found:
    """A need that an article answers."""

    typed: tuple[tuple[str, str], ...]
    """Its queries as typed, and as they are read."""
    helped: tuple[tuple[str, str], ...]
    """Queries without results, as they are read, and those with which their askers came to the article in the end."""
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
    causes += [(n, Cause("other_words", asked, said, why)) for asked, said, n, why in _other_words(found, has, encoder)]
    within = [read for _, read in found.typed if set(terms(" ".join(telling(read)))) <= has]
    if within and found.heading and not set(terms(found.heading)) <= title:
        causes.append(
            (len(within), Cause("buried", within[0], found.heading, f"the answer stands under “{found.heading}”"))
        )
    elif within and not any(set(terms(w)) & title for read in within for w in telling(read)):
        causes.append(
            (len(within), Cause("title", within[0], article.title, "the title has none of the askers' words"))
        )
    if not any(cause.kind != "spelling" for _, cause in causes):
        causes += [(0, cause) for cause in _unsaid(found, has)]
    if not causes:
        said = any(set(terms(" ".join(telling(read)))) <= has for _, read in found.typed)
        why = "the article has all the words asked for" if said else "asked in many ways, each with words of its own"
        causes.append((0, Cause("search", "" if said else found.typed[0][0], article.title, why)))
    return tuple(cause for _, cause in sorted(causes, key=lambda pair: (-pair[0], pair[1].kind, pair[1].asked)))


def _other_words(found: Found, has: set[str], encoder: Encoder) -> list[tuple[str, str, int, str]]:
    """Askers' words that the article lacks, each with its word for it: (asked, said, searches, why)."""
    reads = Counter(read for _, read in found.typed)
    pairs: dict[str, tuple[str, str]] = {}
    for read, by in found.helped:
        asked, said = _unlike(read, by), _unlike(by, read)
        if any(sign.isdigit() for sign in "".join(said)):  # a code that was looked up is no other word for the need
            continue
        if 0 < len(asked) <= _PHRASE and 0 < len(said) <= _PHRASE and not set(terms(" ".join(asked))) <= has:
            pairs.setdefault(" ".join(asked), (" ".join(said), f"askers of “{read}” came to it with “{by}”"))
    strange = Counter(word for read in reads for word in _subjects(read) if not set(terms(word)) & has)
    words = [w for w, n in sorted(strange.items(), key=lambda i: (-i[1], i[0])) if n > 1 and not _within(w, pairs)]
    title = [w for w in dict.fromkeys(telling(f"{found.article.title} {found.heading}")) if len(w) > 2]
    if words and title:
        similarity = np.round((encoder.encode(words) @ encoder.encode(title).T).astype(np.float64), 5)
        for row, word in enumerate(words):
            best = int(similarity[row].argmax())
            if similarity[row, best] >= _ALIKE and not _together(word, title[best], reads):
                pairs[word] = (title[best], GUESSED)
    found_in = {a: sum(n for read, n in reads.items() if set(words_of(a)) <= set(words_of(read))) for a in pairs}
    ordered = sorted(pairs, key=lambda asked: (-found_in[asked], asked))[:_MOST_PAIRS]
    return [(asked, pairs[asked][0], found_in[asked], pairs[asked][1]) for asked in ordered]


def _unsaid(found: Found, has: set[str]) -> list[Cause]:
    """Words that several queries have, or the only one, and the article in no form, where no word of it means them."""
    reads = sorted({read for _, read in found.typed})
    counts = Counter(word for read in reads for word in _subjects(read) if not set(terms(word)) & has)
    often = sorted((word for word, n in counts.items() if n > 1 or len(reads) == 1), key=lambda w: (-counts[w], w))
    why = "asked for, and the article does not say it"
    return [Cause("other_words", word, "", why) for word in often[:_PHRASE]]


def _subjects(text: str) -> set[str]:
    """Its words that name something."""
    return {word for word in telling(text) if word.isalnum()} - FUNCTION_WORDS - _GENERAL


def _together(one: str, other: str, reads: Counter[str]) -> bool:
    """Whether two words often stand in one query, as "friends" and "facebook" do: words for one thing do not."""
    a, b = set(terms(one)), set(terms(other))
    found = [set(terms(read)) for read in reads]
    return sum(bool(a & t and b & t) for t in found) > _BOTH * sum(bool(a & t) for t in found)


def _unlike(one: str, other: str) -> list[str]:
    """Telling words of one query that the other has not, in whatever form."""
    there = set(terms(other))
    roots = {word[:_ROOT] for word in words_of(other) if len(word) >= _ROOT}
    subjects = _subjects(one)
    words = [word for word in telling(one) if word in subjects]
    return [w for w in words if not set(terms(w)) & there and w[:_ROOT] not in roots]


def _within(word: str, phrases: Iterable[str]) -> bool:
    return any(word in words_of(phrase) for phrase in phrases)
