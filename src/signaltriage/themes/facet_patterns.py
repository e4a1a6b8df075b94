"""The expressions of `facet_patterns.toml`, compiled when a text first has the words that they need."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Final

import regex

_FILE: Final = "facet_patterns.toml"
_PART: Final = regex.compile(r"<([A-Z]+)>")
_SHORTEST: Final = 2
"""Characters: what is shorter is in almost every text."""
_MOST_SETS: Final = 4
"""More cost more than they spare."""


@dataclass(frozen=True)
class Expression:
    """One way of saying something."""

    kind: str
    plain: bool
    """A negator before it takes it back."""
    foreign: bool
    """In a language other than English."""
    source: str
    needs: tuple[frozenset[str], ...]
    """Sets of pieces of text, in small letters: one of each set is in whatever matches. The rarest set first."""

    @cached_property
    def compiled(self) -> Any:
        """The regular expression, for whole words, case ignored."""
        return regex.compile(rf"(?<!\w)(?:{self.source})(?!\w)", regex.IGNORECASE)


@dataclass(frozen=True)
class Patterns:
    """All of them, and which to try on a text."""

    expressions: tuple[Expression, ...]
    always: tuple[int, ...]
    """Those that need nothing in particular."""
    of_piece: dict[str, tuple[int, ...]]
    """By a piece of text that they need."""

    def worth_trying(self, text: str) -> Iterator[Expression]:
        """The expressions that may match, in the order of the file."""
        small = text.lower()
        chosen = set(self.always)
        for piece, numbers in self.of_piece.items():
            if piece in small:
                chosen.update(numbers)
        for number in sorted(chosen):
            expression = self.expressions[number]
            if all(any(piece in small for piece in pieces) for pieces in expression.needs[1:]):
                yield expression


@lru_cache(maxsize=1)
def patterns() -> Patterns:
    """Those of the file."""
    tables = tomllib.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    parts: dict[str, str] = tables["parts"]
    expressions = []
    for section in ("plain", "whole", "other_languages"):
        for kind, sources in tables[section].items():
            for source in sources:
                whole = _PART.sub(lambda name: parts[name[1]], source)
                foreign = section == "other_languages"
                expressions.append(Expression(kind, section == "plain", foreign, whole, needed(whole)))
    of_piece: dict[str, list[int]] = {}
    for number, expression in enumerate(expressions):
        for piece in expression.needs[0] if expression.needs else ():
            of_piece.setdefault(piece, []).append(number)
    always = tuple(number for number, expression in enumerate(expressions) if not expression.needs)
    return Patterns(tuple(expressions), always, {piece: tuple(numbers) for piece, numbers in of_piece.items()})


def needed(source: str) -> tuple[frozenset[str], ...]:
    """Sets of pieces of text, one of each of which is in every match of an expression, those of the rarest set first.

    Python's own parser reads the expression; where it is not to be had, nothing is needed and all is tried.
    """
    try:
        parsed = importlib.import_module("re._parser").parse(source)
    except Exception:  # an expression that only `regex` understands, or another Python
        return ()
    return tuple(sorted(_sets(parsed), key=_rarity, reverse=True)[:_MOST_SETS])


def _sets(items: Iterable[Any]) -> list[frozenset[str]]:
    """What a sequence needs: its literal pieces, and what its groups need."""
    found: list[frozenset[str] | None] = []
    literal = ""
    for operation, argument in [*items, ("END", None)]:
        name = str(operation)
        if name == "LITERAL":
            literal += chr(argument).lower()
        elif name != "AT":
            found += [frozenset({literal}) if len(literal) >= _SHORTEST else None, _of_group(name, argument)]
            literal = ""
    return [pieces for pieces in found if pieces is not None]


def _needed(items: Iterable[Any]) -> frozenset[str] | None:
    return max(_sets(items), key=_rarity, default=None)


def _of_group(name: str, argument: Any) -> frozenset[str] | None:
    if name == "SUBPATTERN":
        return _needed(argument[-1])
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"} and argument[0] > 0:
        return _needed(argument[2])
    if name == "BRANCH":
        branches = [_needed(branch) for branch in argument[1]]
        found = [branch for branch in branches if branch is not None]
        return frozenset().union(*found) if len(found) == len(branches) else None
    return None


def _rarity(pieces: frozenset[str]) -> tuple[int, int, list[str]]:
    """Longer pieces are in fewer texts, then fewer of them."""
    return min(4, min(map(len, pieces))), -len(pieces), sorted(pieces)
