"""Friction facets of one signal, each with the words that show it.

    workaround           a way round a problem is in use
    manual_step          work done by hand, one by one, over and over
    exception_approval   somebody must approve, permit, sign, or has refused
    waiting              waiting, no answer, late, pending
    contradiction        two sources say different things, or what is said is not so
    missing_information  not told, not documented, not findable, nobody knows
    broken               does not work, fails, gives a wrong result

Patterns, the words of the whole text, those of its clauses and, where it is at hand, its sentence vector are weighed
together (`facet_words`). The evidence of a kind is what its patterns match, else the clause that speaks most for it.
In other languages, of which no words were learned, the patterns decide alone. No encoder is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import regex
from numpy.typing import NDArray

from signaltriage.themes.facet_patterns import Expression, patterns
from signaltriage.themes.facet_words import hear, weights

KINDS: Final = (
    "workaround",
    "manual_step",
    "exception_approval",
    "waiting",
    "contradiction",
    "missing_information",
    "broken",
)
MOST_CHARACTERS: Final = 20_000
"""Of a longer text only the beginning is looked at."""
_TIMEOUT: Final = 2.0
"""Seconds for one pattern on one text. They are linear; this guards a service against a text made to hurt."""
_WIDEST: Final = 60
"""Characters of context on either side of what matched."""


@dataclass(frozen=True)
class Facet:
    """A kind of friction and the words that show it."""

    kind: str
    """One of KINDS."""
    start: int
    """First character of the evidence in the text."""
    end: int
    """One past its last character."""
    text: str
    """The evidence itself, text[start:end]."""


def facets_of(text: str, vector: NDArray[np.float32] | None = None) -> tuple[Facet, ...]:
    """The facets of a text, in order of their evidence; overlapping evidence of one kind is one facet.

    Args:
        text: One signal.
        vector: Its unit vector, of the encoder that ships, if it is at hand: more is found with it.
    """
    if _MACHINE.search(text[:MOST_CHARACTERS]):
        return ()
    seen = seen_text(text[:MOST_CHARACTERS])
    clauses = clauses_of(seen)
    if not clauses:
        return ()
    matches = matches_in(seen)
    heard = hear(seen, [seen[start:end] for start, end in clauses], matches.expressions, vector)
    spans: dict[str, list[tuple[int, int]]] = {}
    for kind, log_odds, clause in zip(weights().kinds, heard.log_odds, heard.clause, strict=True):
        if kind in matches.certain or (log_odds > 0 and (kind in matches.spans or kind not in matches.denied)):
            spans[kind] = _merged([_clause(seen, *span) for span in matches.spans.get(kind, ())]) or [clauses[clause]]
    if "manual_step" in spans and "broken" in spans and "workaround" not in spans:
        spans["workaround"] = [span for span in spans["manual_step"] if _BY_HAND.search(seen, *span)]
    found = [Facet(kind, start, end, text[start:end]) for kind in KINDS for start, end in spans.get(kind, ())]
    return tuple(sorted(found, key=lambda facet: (facet.start, facet.end, facet.kind)))


def clauses_of(seen: str) -> list[tuple[int, int]]:
    """All of a text's clauses that say something, each at most 2 * `_WIDEST` characters."""
    ends = [(match.start(), match.end()) for match in _BREAK.finditer(seen)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(seen)]
    out = []
    for start, stop in zip(starts, stops, strict=True):
        while stop - start > 2 * _WIDEST:
            cut = seen.rfind(" ", start + 1, start + 2 * _WIDEST)
            cut = cut if cut > start else start + 2 * _WIDEST
            out.append((start, cut))
            start = cut
        out.append((start, stop))
    trimmed = [(stop - len(seen[start:stop].lstrip()), start + len(seen[start:stop].rstrip())) for start, stop in out]
    return [(start, stop) for start, stop in trimmed if start < stop]


def seen_text(text: str) -> str:
    """The text as the patterns see it, character for character: straight apostrophes, no code blocks, no addresses."""
    text = text.translate(_STRAIGHT)
    return _UNSEEN.sub(lambda match: " " * len(match.group()), text)


@dataclass(frozen=True)
class Matches:
    """What the patterns find in a text."""

    spans: dict[str, list[tuple[int, int]]]
    """Where, for each kind that is found."""
    expressions: tuple[Expression, ...]
    """Those that match."""
    denied: frozenset[str]
    """The kinds that are spoken of only to be denied ("no errors")."""

    @property
    def certain(self) -> frozenset[str]:
        """The kinds told of in other languages."""
        return frozenset(expression.kind for expression in self.expressions if expression.foreign)


def matches_in(seen: str) -> Matches:
    """What the patterns find in a text as `seen_text` gives it."""
    spans: dict[str, list[tuple[int, int]]] = {}
    denied: set[str] = set()
    matching = []
    for expression in patterns().worth_trying(seen):
        found: list[tuple[int, int]] = []
        try:
            for match in expression.compiled.finditer(seen, timeout=_TIMEOUT):
                if _taken_back(expression, seen, *match.span()):
                    denied.add(expression.kind)
                else:
                    found.append(match.span())
        except TimeoutError:
            continue
        if found:
            matching.append(expression)
            spans.setdefault(expression.kind, []).extend(found)
    return Matches(spans, tuple(matching), frozenset(denied))


def _taken_back(expression: Expression, seen: str, start: int, end: int) -> bool:
    if expression.plain:
        return bool(_NEGATOR.search(seen, max(0, start - 40), start) or _MENDED.match(seen, end))
    return expression.kind == "broken" and bool(_NOT_AT_ALL.search(seen, max(0, start - 25), start))


def _clause(seen: str, start: int, end: int) -> tuple[int, int]:
    """Widen a match to its clause, at most `_WIDEST` characters either way, to whole words."""
    left = max(0, start - _WIDEST)
    before = [match.end() for match in _BREAK.finditer(seen, left, start)]
    if before:
        left = before[-1]
    elif left:
        left = next((match.end() for match in _GAP.finditer(seen, left, start)), start)
    right = min(len(seen), end + _WIDEST)
    after = _BREAK.search(seen, end, right)
    if after:
        right = after.start()
    elif right < len(seen):
        right = max((match.start() for match in _GAP.finditer(seen, end, right)), default=end)
    while left < start and seen[left].isspace():
        left += 1
    while right > end and seen[right - 1].isspace():
        right -= 1
    return left, right


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


_STRAIGHT: Final = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "\u00a0": " "})
_UNSEEN: Final = regex.compile(r"'{3}.*?(?:'{3}|\Z)|https?://\S+|<https?:[^>]*>", regex.DOTALL)
_BREAK: Final = regex.compile(r"(?<=\w\w)[.](?=\s)|[!?;]+|\n|\s[-–—]\s|[()]")
_GAP: Final = regex.compile(r"\s+")
_NEGATOR: Final = regex.compile(
    r"\b(?:no|not|never|without|nt|no longer|(?:do|does|did|is|was|wo|has|have)n't|nothing|zero|keine?|ohne|sans|sin)"
    r"(?:[ \w]{0,2}|\s(?:\w+\s){0,3})\Z",
    regex.IGNORECASE,
)
_NOT_AT_ALL: Final = regex.compile(r"\b(?:if|in case|so that|would|make sure)\s(?:\w+\s){0,2}\Z", regex.IGNORECASE)
"""What is only supposed is not said to be broken."""
_MENDED: Final = regex.compile(
    r"[^.!?\n]{0,30}\b(?:(?:is|was|has been|have been|been|are|got|all) (?:now |finally )?"
    r"(?:fixed|resolved|solved|sorted|gone now)|no more\b)",
    regex.IGNORECASE,
)
_BY_HAND: Final = regex.compile(r"\bby hand\b|\bmanual(?:ly)?\b", regex.IGNORECASE)
_MACHINE: Final = regex.compile(
    r"\b5\d\d 5\.\d\.\d\b|^\s*(?:automatic reply|auto(?:matic)?-?reply|out of office|undeliverable|delivery status|"
    r"mail delivery)|\b(?:this message was created automatically|out of the office until|unsubscribe here)\b",
    regex.IGNORECASE,
)
"""Bounces and automatic replies: nobody's friction."""
