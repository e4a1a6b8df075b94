"""What holds of rules whatever they are: rows are conserved, names are only names, a hold stands, claims are true."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaltriage.routing.rules import RuleSet, apply_rules, coverage, lint, run_stage
from signaltriage.routing.rules.implication import implies, terms
from signaltriage.routing.rules.patterns import TIME_LIMIT, TIME_LIMIT_PER_CHARACTER, found
from signaltriage.routing.rules.records import AllOf, AnyOf, Condition, Leaf, Not, Rule
from signaltriage.types import Prediction, RunnerUp
from support_rules import holds

TEAMS = ("hr", "it", "docs", "ops")
COLUMNS = ("text", "plan", "audience")
CELLS = ("", "a", "b", "ab", "AB", "ba b")

leaf_conditions = st.one_of(
    st.builds(Leaf, st.sampled_from(COLUMNS), st.just("equals"), st.sampled_from(CELLS)),
    st.builds(Leaf, st.sampled_from(COLUMNS), st.just("contains"), st.sampled_from(CELLS[1:])),
    st.builds(Leaf, st.sampled_from(COLUMNS), st.just("regex"), st.sampled_from(["a+", "^b", "(?i)ab$"])),
)


def nested(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(parts.map(AllOf), parts.map(AnyOf), inner.map(Not))


conditions: st.SearchStrategy[Condition] = st.recursive(leaf_conditions, nested, max_leaves=6)
actions = st.one_of(st.tuples(st.sampled_from(["route", "forbid"]), st.sampled_from(TEAMS)), st.just(("hold", "")))
stages = st.sampled_from(["before", "after"])


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    drawn = draw(st.lists(st.tuples(conditions, actions, stages), max_size=6))
    return RuleSet(
        tuple(Rule(f"r{i}", when, then, stage, "Why.", team) for i, (when, (then, team), stage) in enumerate(drawn))
    )


@st.composite
def guesses(draw: st.DrawFn) -> Prediction:
    order = draw(st.permutations(TEAMS))[: draw(st.integers(1, 4))]
    shares = sorted(draw(st.lists(st.floats(0, 1), min_size=len(order), max_size=len(order))), reverse=True)
    (best, *others), routed = [RunnerUp(*pair) for pair in zip(order, shares, strict=True)], draw(st.booleans())
    outcome = "routed" if routed else "needs_human"
    return Prediction(best.team if routed else None, outcome, best.probability, best.team, tuple(others), "said", "v1")


full_rows = st.fixed_dictionaries({column: st.sampled_from(CELLS) for column in COLUMNS})
rows = st.one_of(full_rows, full_rows.map(lambda row: {key: row[key] for key in ("text", "plan")}))
batches = st.lists(st.tuples(rows, guesses()), max_size=6)
limits = st.fixed_dictionaries({team: st.floats(0, 1) for team in TEAMS})


def both_stages(
    rules: RuleSet, batch: list[tuple[dict[str, str], Prediction]], least: Mapping[str, float]
) -> tuple[list[Prediction], list[Prediction]]:
    records = [row for row, _ in batch]
    before = apply_rules(rules, "before", records, [prediction for _, prediction in batch], least)
    return before, apply_rules(rules, "after", records, before, least)


@given(rule_sets(), batches, limits)
def test_every_signal_comes_out_in_its_place_and_makes_sense(rules, batch, least) -> None:
    before, after = both_stages(rules, batch, least)
    assert len(before) == len(after) == len(batch)
    alone = [both_stages(rules, [one], least)[1][0] for one in batch]
    assert after == alone
    for p, (_, given_prediction) in zip(after, batch, strict=True):
        assert p.best_guess
        assert p.team == (p.best_guess if p.outcome == "routed" else None)
        assert p.best_guess not in {runner_up.team for runner_up in p.runners_up}
        assert not p.rule or p.reason.startswith(f"{p.rule}: Why")
        assert p.reason.endswith(given_prediction.reason)
        if not p.rule:
            known = {r.team for r in given_prediction.runners_up}
            assert replace(p, runners_up=()) == replace(given_prediction, runners_up=())
            assert {r.team for r in p.runners_up} <= known


@given(rule_sets(), batches, limits)
def test_a_hold_is_never_undone_and_a_forbidden_team_never_gets_it(rules, batch, least) -> None:
    before, after = both_stages(rules, batch, least)
    for (row, given_prediction), first, last in zip(batch, before, after, strict=True):
        fired = [r for r in rules.rules if COLUMNS[2] in row and holds(r.when, row)]
        if first.rule and first.team is None:
            assert (last.team, last.rule, last.reason) == (None, first.rule, first.reason)
        assert last.team not in {r.team for r in fired if r.then == "forbid"}
        deciding = next((r for r in fired if r.then != "forbid" and r.stage == "before"), None)
        if deciding is not None and deciding.then == "hold":
            assert (last.team, last.rule) == (None, deciding.id)
        if given_prediction.team is None and last.team is not None:  # only a route may send what was held
            assert any(r.then == "route" and r.team == last.team for r in rules.rules)


@given(rule_sets(), batches, limits)
def test_names_of_teams_and_columns_are_only_names(rules, batch, least) -> None:
    def team(name: str) -> str:
        return f"new {name}" if name else ""

    def column(name: str) -> str:
        return name if name == "text" else f"new {name}"

    def renamed(condition: Condition) -> Condition:
        if isinstance(condition, Leaf):
            return replace(condition, column=column(condition.column))
        if isinstance(condition, Not):
            return Not(renamed(condition.part))
        return type(condition)(tuple(map(renamed, condition.parts)))

    def called(p: Prediction, reason: str) -> Prediction:
        others = tuple(RunnerUp(team(r.team), r.probability) for r in p.runners_up)
        return replace(
            p, team=team(p.team) if p.team else None, best_guess=team(p.best_guess), runners_up=others, reason=reason
        )

    others = RuleSet(tuple(replace(r, when=renamed(r.when), team=team(r.team)) for r in rules.rules))
    other_batch = [({column(key): cell for key, cell in row.items()}, called(p, p.reason)) for row, p in batch]
    _, after = both_stages(rules, batch, least)
    _, other_after = both_stages(others, other_batch, {team(name): limit for name, limit in least.items()})
    assert other_after == [called(p, q.reason) for p, q in zip(after, other_after, strict=True)]
    assert [f.kind for f in lint(others)] == [f.kind for f in lint(rules)]


@given(rule_sets(), full_rows)
def test_a_rule_fires_where_the_plain_judge_says_so(rules: RuleSet, row: dict[str, str]) -> None:
    assert [c.fired for c in coverage(rules, [row])] == [holds(r.when, row) for r in rules.rules]


@given(conditions, conditions, st.lists(full_rows, min_size=1, max_size=20))
def test_what_is_claimed_of_conditions_is_true(a: Condition, b: Condition, batch: list[dict[str, str]]) -> None:
    for one in terms(a) or []:
        whole = AllOf(tuple(literal.leaf if literal.yes else Not(literal.leaf) for literal in one))
        for row in batch:
            if holds(whole, row):
                assert holds(a, row)
                assert holds(b, row) or not implies(one, b)
                assert not holds(b, row) or not implies(one, b, yes=False)
    if terms(a) == []:
        assert not any(holds(a, row) for row in batch)


@given(rule_sets(), st.lists(full_rows, min_size=1, max_size=20))
def test_lint_accuses_no_rule_that_ever_decides(rules: RuleSet, batch: list[dict[str, str]]) -> None:
    accused = {finding.rule: finding.kind for finding in lint(rules)}
    guess = Prediction("nobody", "routed", 0.9, "nobody", (), "said", "v1")
    for row in batch:
        before, after = both_stages(rules, [(row, guess)], {})
        for p in (*before, *after):
            decided = next((r for r in rules.rules if r.id == p.rule), None)
            if decided is not None and decided.then != "forbid":
                assert decided.id not in accused


@pytest.mark.parametrize("pattern", ["(a+)+$", r"(\w+\s?)*$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
@settings(max_examples=5)
@given(st.integers(1000, 20000), st.sampled_from("!?\n#"))
def test_a_catastrophic_pattern_comes_back_within_its_limit(pattern: str, length: int, end: str) -> None:
    text = "a" * length + end + "!"
    start = time.process_time()
    assert found(pattern, text) in {None, True, False}
    assert time.process_time() - start < 4 * (TIME_LIMIT + TIME_LIMIT_PER_CHARACTER * len(text))


def test_a_file_full_of_catastrophes_keeps_every_row() -> None:
    when: Any = Leaf("text", "regex", "(a+)+$")
    rules = RuleSet((Rule("bomb", when, "route", "before", "Why.", "it"),))
    texts = [f"{'a' * (3000 + i)}!" for i in range(10)] + ["fine"] * 990
    guess = Prediction("hr", "routed", 0.9, "hr", (), "said", "v1")
    applied = run_stage(rules, "before", [{"text": text} for text in texts], [guess] * len(texts), {})
    assert [p.team for p in applied.predictions] == [None] * 10 + ["hr"] * 990
    assert applied.timed_out == {"bomb": 10}
