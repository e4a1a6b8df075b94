"""What is wrong with rules: by their wording alone (`lint`), and by what they do on given signals (`coverage`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from signaltriage.routing.rules.implication import covered, terms
from signaltriage.routing.rules.matching import Record, Truth, tests_of
from signaltriage.routing.rules.records import TEXT, Rule, RuleSet

Kind = Literal["contradictory", "unreachable", "never fires", "never decides", "out of time", "no column"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should mend, or at least know."""

    rule: str
    kind: Kind
    detail: str
    """In words, with the other rules that it is about."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one rule does on given signals, whatever the model says. Numbers of signals."""

    rule: str
    fired: int
    """Its condition held."""
    decided: int
    """… and no earlier route or hold of its stage had fired; every forbid decides."""
    timed_out: int
    """Its regex ran out of time."""


def lint(rules: RuleSet) -> list[Finding]:
    """Rules that can never hold, never decide, or only ever contradict another. All it claims is certain.

    - contradictory: the condition cannot hold; or the team that it routes to is forbidden wherever it does.
    - unreachable: wherever a route or hold fires, an earlier one of its stage does too; or one of stage before, which
      stands after as well.
    """
    found = []
    for i, rule in enumerate(rules.rules):
        finding = _finding(rule, rules.rules[:i], rules)
        if finding is not None:
            found.append(finding)
    return found


def _finding(rule: Rule, earlier: Sequence[Rule], rules: RuleSet) -> Finding | None:
    own = terms(rule.when)
    if own is None:
        return None
    if not own:
        return Finding(rule.id, "contradictory", "its condition can never hold")
    if rule.then == "forbid":
        return None
    deciding = [other for other in earlier if other.stage == rule.stage and other.then != "forbid"]
    if rule.stage == "after":
        before = rules.of_stage("before")
        # A hold of stage before is final; a route of it withstands later routes, but not later holds.
        deciding += [other for other in before if other.then == "hold" or (other.then == rule.then == "route")]
    used = covered(own, [other.when for other in deciding])
    if used is not None:
        names = ", ".join(deciding[k].id for k in used)
        return Finding(rule.id, "unreachable", f"wherever it fires, {names} has decided already")
    bans = [other for other in rules.rules if other.then == "forbid" and other.team == rule.team]
    used = covered(own, [other.when for other in bans])
    if used is not None:
        names = ", ".join(bans[k].id for k in used)
        return Finding(rule.id, "contradictory", f"wherever it routes to {rule.team}, {names} forbids that: held")
    return None


def coverage(rules: RuleSet, records: Iterable[Record]) -> list[Coverage]:
    """What each rule does on the signals, in the order of the rules. Counts of parts add up to those of the whole."""
    tests = tests_of(rules.rules)
    fired, decided, late = ([0] * len(tests) for _ in range(3))
    for record in records:
        taken: set[str] = set()
        for k, (rule, test) in enumerate(tests):
            truth = test(record)
            late[k] += truth is Truth.LATE
            if truth is not Truth.HOLDS:
                continue
            fired[k] += 1
            decided[k] += rule.then == "forbid" or rule.stage not in taken
            if rule.then != "forbid":
                taken.add(rule.stage)
    return [Coverage(rule.id, fired[k], decided[k], late[k]) for k, rule in enumerate(rules.rules)]


def remarkable(rules: RuleSet, covers: Sequence[Coverage], columns: Iterable[str]) -> list[Finding]:
    """Findings that rest on given signals, whose table has these columns."""
    found = []
    there = {*columns, TEXT}
    for rule, cover in zip(rules.rules, covers, strict=True):
        missing = [column for column in rule.columns if column not in there]
        if missing:
            found.append(Finding(rule.id, "no column", f"there is no column {', '.join(map(repr, missing))}"))
        elif not cover.fired and not cover.timed_out:
            found.append(Finding(rule.id, "never fires", "on none of these signals"))
        elif cover.fired and not cover.decided:
            found.append(Finding(rule.id, "never decides", "each time an earlier rule of its stage fires too"))
        if cover.timed_out:
            detail = f"its regex ran out of time on {cover.timed_out:,} signals, which are held for that"
            found.append(Finding(rule.id, "out of time", detail))
    return found
