"""Friction facets of one signal, each with the words that show it.

    workaround           a way round a problem is in use
    manual_step          work done by hand, one by one, over and over
    exception_approval   somebody must approve, permit, sign, or has refused
    waiting              waiting, no answer, late, pending
    contradiction        two sources say different things, or what is said is not so
    missing_information  not told, not documented, not findable, nobody knows
    broken               does not work, fails, gives a wrong result

Patterns decide, not a model: what is found can be pointed at, and nothing needs to be loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

from signaltriage.themes.facet_patterns import patterns

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


def facets_of(text: str) -> tuple[Facet, ...]:
    """The facets of a text, in order of their evidence; overlapping evidence of one kind is one facet."""
    if _MACHINE.search(text[:MOST_CHARACTERS]):
        return ()
    seen = _seen(text[:MOST_CHARACTERS])
    spans = {kind: _merged([_clause(seen, *span) for span in _matches(kind, seen)]) for kind in KINDS}
    if spans["manual_step"] and spans["broken"] and not spans["workaround"]:
        spans["workaround"] = [span for span in spans["manual_step"] if _BY_HAND.search(seen, *span)]
    found = [Facet(kind, start, end, text[start:end]) for kind in KINDS for start, end in spans[kind]]
    return tuple(sorted(found, key=lambda facet: (facet.start, facet.end, facet.kind)))


def _seen(text: str) -> str:
    """The text as the patterns see it, character for character: straight apostrophes, no code blocks, no addresses."""
    text = text.translate(_STRAIGHT)
    return _UNSEEN.sub(lambda match: " " * len(match.group()), text)


def _matches(kind: str, seen: str) -> Iterator[tuple[int, int]]:
    of_kind = patterns()[kind]
    try:
        for match in of_kind.plain.finditer(seen, timeout=_TIMEOUT):
            negated = _NEGATOR.search(seen, max(0, match.start() - 40), match.start())
            if not negated and not _MENDED.match(seen, match.end()):
                yield match.span()
        for match in of_kind.whole.finditer(seen, timeout=_TIMEOUT):
            if kind != "broken" or not _NOT_AT_ALL.search(seen, max(0, match.start() - 25), match.start()):
                yield match.span()
    except TimeoutError:
        return


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
