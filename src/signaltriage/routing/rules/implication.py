"""Sound reasoning about conditions from their wording alone: what is claimed holds for every signal.

A condition is written as alternatives, each a set of literals (a question, and whether it is answered yes or no) that
must all be so. Literals on one column imply or exclude one another: `equals` decides every other question about its
column, `contains "breach of contract"` implies `contains "breach"`, a regex implies itself. What needs more than that
(one regex within another) is not seen: silence proves nothing. Sound in Kleene's logic too, so absent columns and
regexes out of time do not make a claim untrue.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from signaltriage.routing.rules.patterns import found
from signaltriage.routing.rules.records import AllOf, Condition, Leaf, Not

MAX_TERMS = 256
"""Alternatives of one condition; with more, nothing is claimed."""


class Literal(NamedTuple):
    """A question, and the answer."""

    leaf: Leaf
    yes: bool


Term = frozenset[Literal]
"""Literals that hold together."""


def terms(condition: Condition) -> list[Term] | None:
    """The alternatives that can hold at all; [] when the condition never can, None when there are too many to tell."""
    found_terms = _terms(condition, yes=True)
    return None if found_terms is None else [term for term in found_terms if not excluded(term)]


def implies(term: Term, condition: Condition, *, yes: bool = True) -> bool:
    """Whether the condition surely holds (`yes` False: surely fails) wherever all literals of the term do."""
    if isinstance(condition, Leaf):
        return any(_literal_implies(literal, Literal(condition, yes)) for literal in term)
    if isinstance(condition, Not):
        return implies(term, condition.part, yes=not yes)
    together = all if isinstance(condition, AllOf) == yes else any
    return together(implies(term, part, yes=yes) for part in condition.parts)


def excluded(term: Term) -> bool:
    """Whether two literals of the term can never hold together."""
    return any(_literal_implies(a, b._replace(yes=not b.yes)) for a, b in combinations(sorted(term, key=repr), 2))


def covered(parts: Sequence[Term], conditions: Sequence[Condition]) -> list[int] | None:
    """Positions of the conditions that together hold wherever one of the terms does; None if that is not sure."""
    used = []
    for term in parts:
        first = next((i for i, condition in enumerate(conditions) if implies(term, condition)), None)
        if first is None:
            return None
        used.append(first)
    return sorted(set(used))


def _terms(condition: Condition, *, yes: bool) -> list[Term] | None:
    if isinstance(condition, Leaf):
        return [frozenset([Literal(condition, yes)])]
    if isinstance(condition, Not):
        return _terms(condition.part, yes=not yes)
    result: list[Term] = [frozenset()] if isinstance(condition, AllOf) == yes else []
    for part in condition.parts:
        more = _terms(part, yes=yes)
        if more is None:
            return None
        if isinstance(condition, AllOf) == yes:
            if len(result) * len(more) > MAX_TERMS:
                return None
            result = [a | b for a in result for b in more]
        else:
            result += more
    result = list(dict.fromkeys(result))
    return result if len(result) <= MAX_TERMS else None


def _literal_implies(a: Literal, b: Literal) -> bool:
    if a.leaf.column != b.leaf.column:
        return False
    if a.leaf == b.leaf:
        return a.yes == b.yes
    if a.yes and a.leaf.operation == "equals":
        return _answer(b.leaf, a.leaf.value) is b.yes
    if b.leaf.operation == "equals" and not b.yes:  # a cell that answers `a` the other way is not this one
        return _answer(a.leaf, b.leaf.value) is (not a.yes)
    if a.leaf.operation == b.leaf.operation == "contains" and a.yes == b.yes:
        longer, shorter = (a, b) if a.yes else (b, a)
        return shorter.leaf.value.casefold() in longer.leaf.value.casefold()
    return False


def _answer(leaf: Leaf, cell: str) -> bool | None:
    """What the cell answers to the question; None if a regex ran out of time."""
    if leaf.operation == "regex":
        return found(leaf.value, cell)
    if leaf.operation == "contains":
        return leaf.value.casefold() in cell.casefold()
    return cell == leaf.value
