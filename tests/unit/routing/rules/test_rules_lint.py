"""Rules that cannot work, by their wording and on given signals."""

from __future__ import annotations

import csv

import pytest

from signaltriage.routing.rules import Coverage, RuleSet, coverage, lint, remarkable
from support import ROOT
from support_rules import rule, rules_of

A = '{ column = "plan", equals = "Estate" }'
B = '{ column = "audience", equals = "customer" }'
WORD = '{ column = "text", contains = "breach" }'
PHRASE = '{ column = "text", contains = "Breach of contract" }'
CODE = '{ column = "text", regex = "TS-4\\\\d" }'


def every(*parts: str) -> str:
    return f"{{ all = [{', '.join(parts)}] }}"


def some(*parts: str) -> str:
    return f"{{ any = [{', '.join(parts)}] }}"


def no(part: str) -> str:
    return f"{{ not = {part} }}"


def kinds(rules: RuleSet) -> list[tuple[str, str]]:
    return [(finding.rule, finding.kind) for finding in lint(rules)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (A, A),
        (A, every(B, A)),
        (some(A, B), A),
        (some(A, B), some(B, A)),
        (WORD, PHRASE),
        (no(PHRASE), no(WORD)),
        (CODE, every(CODE, WORD)),
        (CODE, '{ column = "text", equals = "see TS-402" }'),
        (WORD, '{ column = "text", equals = "BREACH" }'),
        (no(A), '{ column = "plan", equals = "Valet" }'),
        (no('{ column = "text", equals = "x" }'), CODE),
        (every(some(A, B), WORD), every(PHRASE, B)),
        (no(every(A, B)), no(A)),
    ],
)
def test_a_rule_that_an_earlier_one_always_forestalls_is_unreachable(earlier: str, later: str) -> None:
    assert kinds(rules_of(rule("first", earlier), rule("second", later, "route", "it"))) == [("second", "unreachable")]
    # Neither a forbid nor a later stage's rule forestalls it.
    assert kinds(rules_of(rule("first", earlier, "forbid", "hr"), rule("second", later, "route", "it"))) == []
    staged = rules_of(rule("first", earlier, stage="after"), rule("second", later))
    assert "second" not in dict(kinds(staged))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (every(B, A), A),
        (A, some(A, B)),
        (PHRASE, WORD),
        (A, B),
        (A, no(A)),
        (CODE, '{ column = "text", equals = "see ts-402" }'),
        (CODE, '{ column = "subject", regex = "TS-4\\\\d" }'),
        (no(WORD), no(PHRASE)),
    ],
)
def test_what_may_still_fire_is_not_found_fault_with(earlier: str, later: str) -> None:
    assert kinds(rules_of(rule("first", earlier), rule("second", later))) == []


def test_several_rules_together_forestall_one() -> None:
    rules = rules_of(rule("a", A), rule("b", B, "route", "it"), rule("c", some(every(A, WORD), B)))
    (finding,) = lint(rules)
    assert (finding.rule, finding.kind) == ("c", "unreachable")
    assert "a, b" in finding.detail


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [("hold", "hold", True), ("hold", "route", True), ("route", "route", True), ("route", "hold", False)],
)
def test_what_stage_before_settles_for_good(before: str, after: str, found: bool) -> None:
    team = {"route": "it", "hold": ""}
    rules = rules_of(rule("later", A, after, team[after], "after"), rule("first", A, before, team[before]))
    assert kinds(rules) == ([("later", "unreachable")] if found else [])


@pytest.mark.parametrize(
    "when",
    [
        every(A, '{ column = "plan", equals = "Valet" }'),
        every(A, no(A)),
        every(PHRASE, no(WORD)),
        every('{ column = "text", equals = "hello" }', CODE),
        every(A, some(no(A), '{ column = "plan", contains = "valet" }')),
        no(some(A, no(A))),
    ],
)
def test_a_condition_that_never_holds_is_contradictory(when: str) -> None:
    assert kinds(rules_of(rule("r", when))) == [("r", "contradictory")]


def test_a_route_to_a_team_forbidden_for_the_same_signals_is_contradictory() -> None:
    for stages in (("before", "before"), ("before", "after"), ("after", "before"), ("after", "after")):
        to, ban = rule("to", every(A, B), "route", "it", stages[0]), rule("ban", A, "forbid", "it", stages[1])
        assert kinds(rules_of(to, ban)) == kinds(rules_of(ban, to)) == [("to", "contradictory")]
    assert kinds(rules_of(rule("to", A, "route", "it"), rule("ban", every(A, B), "forbid", "it"))) == []
    assert kinds(rules_of(rule("to", A, "route", "it"), rule("ban", A, "forbid", "hr"))) == []


def test_a_condition_with_too_many_alternatives_is_left_alone() -> None:
    wide = every(*(some(*(f'{{ column = "c{i}", equals = "{j}" }}' for j in range(10))) for i in range(10)))
    assert kinds(rules_of(rule("a", wide), rule("b", wide))) == []


def test_a_pattern_that_runs_out_of_time_proves_nothing() -> None:
    bomb, late = '{ column = "text", regex = "(a+)+$" }', f'{{ column = "text", equals = "{"a" * 5000}!" }}'
    assert kinds(rules_of(rule("a", bomb), rule("b", late), rule("c", every(bomb, late)))) == [("c", "unreachable")]


def test_coverage_counts_what_fires_and_what_decides() -> None:
    rules = rules_of(
        rule("a", A), rule("b", B, "route", "it"), rule("c", B, "forbid", "hr"), rule("d", B, "route", "x", "after"),
        rule("e", '{ column = "text", regex = "(a+)+$" }'), rule("f", '{ column = "nowhere", equals = "" }'),
        rule("g", '{ column = "text", equals = "?" }'),
    )  # fmt: skip
    rows = [
        {"plan": "Estate", "audience": "customer", "text": "a"},
        {"plan": "Estate", "audience": "customer", "text": "a" * 5000 + "!"},
        {"plan": "Valet", "audience": "employee", "text": ""},
    ]
    covers = coverage(rules, rows)
    assert covers == [
        Coverage("a", 2, 2, 0), Coverage("b", 2, 0, 0), Coverage("c", 2, 2, 0), Coverage("d", 2, 2, 0),
        Coverage("e", 1, 0, 1), Coverage("f", 0, 0, 0), Coverage("g", 0, 0, 0),
    ]  # fmt: skip
    found = [(finding.rule, finding.kind) for finding in remarkable(rules, covers, list(rows[0]))]
    assert found == [
        ("b", "never decides"), ("e", "never decides"), ("e", "out of time"), ("f", "no column"), ("g", "never fires"),
    ]  # fmt: skip


def test_the_rules_that_ship_are_sound_and_three_wait_for_their_day() -> None:
    rules = RuleSet.from_toml(ROOT / "training_data" / "rules.toml")
    assert lint(rules) == []
    with (ROOT / "training_data" / "signals.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = remarkable(rules, coverage(rules, rows), list(rows[0]))
    assert {finding.kind for finding in found} == {"never fires"}
    assert [finding.rule for finding in found] == ["hold-injury", "hold-secret-in-text", "hold-grievance"]
