"""What tests of rules share: rules as TOML, predictions in a few words, a plain judge of conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from signaltriage.routing.rules import RuleSet
from signaltriage.routing.rules.records import AllOf, AnyOf, Condition, Leaf
from signaltriage.types import Prediction, RunnerUp


def rule(name: str, when: str, then: str = "hold", team: str = "", stage: str = "before") -> str:
    """A rule as TOML."""
    lines = [
        f'id = "{name}"',
        f"when = {when}",
        f'then = "{then}"',
        f'stage = "{stage}"',
        f'why = "Because of {name}."',
    ]
    return "\n".join(["[[rule]]", *lines, *([f'team = "{team}"'] if team else [])]) + "\n"


def rules_of(*rules: str) -> RuleSet:
    return RuleSet.from_text("\n".join(rules))


def guess(*, routed: bool = True, rule: str = "", **teams: float) -> Prediction:
    """A prediction from teams and probabilities, best first."""
    (best, probability), *others = teams.items()
    outcome = "routed" if routed else "needs_human"
    runners_up = tuple(RunnerUp(team, p) for team, p in others)
    return Prediction(best if routed else None, outcome, probability, best, runners_up, "as usual", "v1", rule)


def holds(condition: Condition, row: Mapping[str, str]) -> bool:
    """Whether a condition holds of a row that has every column: the plain way, with Python's own `re`."""
    if isinstance(condition, Leaf):
        cell = row[condition.column]
        if condition.operation == "regex":
            return re.search(condition.value, cell) is not None
        if condition.operation == "contains":
            return condition.value.casefold() in cell.casefold()
        return condition.value == cell
    if isinstance(condition, AllOf):
        return all(holds(part, row) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, row) for part in condition.parts)
    return not holds(condition.part, row)
