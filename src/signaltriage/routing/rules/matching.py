"""Does a condition hold of a signal? Yes, no, or it cannot be told: a column is not there, a regex ran out of time.

What cannot be told is carried along in Kleene's strong three-valued logic: `any` holds once one part does, whatever is
not there; `not` of what cannot be told cannot be told either. A rule fires only when its condition is known to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto

from signaltriage.routing.rules.patterns import found
from signaltriage.routing.rules.records import AnyOf, Condition, Leaf, Not, Rule

Record = Mapping[str, str]
"""A signal's columns, and its joined text as "text"."""


class Truth(Enum):
    """What is known of a condition."""

    HOLDS = auto()
    FAILS = auto()
    ABSENT = auto()
    """Cannot be told: a column is not there."""
    LATE = auto()
    """Cannot be told: a regex ran out of time. Outweighs ABSENT, for a person must hear of it."""


Test = Callable[[Record], Truth]
_COST = {"equals": 0, "contains": 1, "regex": 2}


def tests_of(rules: Iterable[Rule]) -> list[tuple[Rule, Test]]:
    """Each rule with the test of its condition. A test remembers cells it has seen: build anew for each batch."""
    leaf_tests: dict[Leaf, Test] = {}
    return [(rule, _test(rule.when, leaf_tests)) for rule in rules]


def _test(condition: Condition, leaf_tests: dict[Leaf, Test]) -> Test:
    if isinstance(condition, Leaf):
        if condition not in leaf_tests:
            leaf_tests[condition] = _leaf_test(condition)
        return leaf_tests[condition]
    if isinstance(condition, Not):
        return _inverted(_test(condition.part, leaf_tests))
    # The cheapest part first: the order changes how long it takes, never what is found.
    parts = [_test(part, leaf_tests) for part in sorted(condition.parts, key=_cost)]
    return _combined(parts, Truth.HOLDS if isinstance(condition, AnyOf) else Truth.FAILS)


def _cost(condition: Condition) -> int:
    if isinstance(condition, Leaf):
        return _COST[condition.operation]
    return max(map(_cost, (condition.part,) if isinstance(condition, Not) else condition.parts))


def _leaf_test(leaf: Leaf) -> Test:
    column, judge = leaf.column, _judge(leaf)
    known: dict[str, Truth] = {}

    def test(record: Record) -> Truth:
        cell = record.get(column)
        if cell is None:
            return Truth.ABSENT
        if cell not in known:
            known[cell] = judge(cell)
        return known[cell]

    return test


def _judge(leaf: Leaf) -> Callable[[str], Truth]:
    if leaf.operation == "regex":
        outcomes = {True: Truth.HOLDS, False: Truth.FAILS, None: Truth.LATE}
        return lambda cell: outcomes[found(leaf.value, cell)]
    if leaf.operation == "contains":
        wanted = leaf.value.casefold()
        return lambda cell: Truth.HOLDS if wanted in cell.casefold() else Truth.FAILS
    return lambda cell: Truth.HOLDS if cell == leaf.value else Truth.FAILS


def _combined(parts: list[Test], decisive: Truth) -> Test:
    """`any` is decided by one part that HOLDS, `all` by one that FAILS."""
    otherwise = Truth.FAILS if decisive is Truth.HOLDS else Truth.HOLDS

    def test(record: Record) -> Truth:
        result = otherwise
        for part in parts:
            part_found = part(record)
            if part_found is decisive:
                return decisive
            if part_found is not otherwise and result is not Truth.LATE:
                result = part_found
        return result

    return test


def _inverted(part: Test) -> Test:
    opposite = {Truth.HOLDS: Truth.FAILS, Truth.FAILS: Truth.HOLDS}

    def test(record: Record) -> Truth:
        part_found = part(record)
        return opposite.get(part_found, part_found)

    return test
