"""What a recogniser finds: a stretch of a text, and what kind of thing stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["secret", "email", "iban", "card", "ip", "phone"]

KINDS: Final[tuple[Kind, ...]] = ("secret", "email", "iban", "card", "ip", "phone")
"""In the order of who goes first where two could claim the same characters."""

PLACEHOLDER: Final[dict[Kind, str]] = {kind: f"[{kind}]" for kind in KINDS}

Stretch = tuple[int, int]
"""Start and end in the text, in characters."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text that is replaced."""

    start: int
    end: int
    kind: Kind


def mask(text: str, stretches: Iterable[Stretch]) -> str:
    """Blank out stretches, in order and apart, by as many NULs: nothing that follows sees them, and all places stay."""
    parts: list[str] = []
    done = 0
    for start, end in stretches:
        parts += text[done:start], "\0" * (end - start)
        done = end
    return "".join((*parts, text[done:]))


def apart(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Sorted and without overlaps: stretches that share characters become one."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
