"""What rules make of predictions."""

from __future__ import annotations

import pytest

from signaltriage.errors import UsageError
from signaltriage.routing.rules import RuleSet, apply_rules, run_stage
from signaltriage.types import Prediction, RunnerUp
from support_rules import guess, rule, rules_of

LAW = '{ column = "text", contains = "LAWYER" }'
CUSTOMER = '{ column = "audience", equals = "customer" }'
BOMB = '{ column = "text", regex = "(a+)+$" }'
ALWAYS = '{ not = { column = "text", equals = "never this" } }'
LATE = "a" * 5000 + "!"


def decide(
    rules: RuleSet,
    prediction: Prediction,
    stage: str = "before",
    *,
    limits: dict[str, float] | None = None,
    **record: str,
) -> Prediction:
    (after,) = apply_rules(rules, stage, [record], [prediction], limits or {})  # type: ignore[arg-type]
    return after


def test_a_hold_keeps_what_the_model_thinks() -> None:
    rules = rules_of(rule("hold-legal", LAW))
    before = guess(it=0.9, hr=0.1)
    assert decide(rules, before, text="my lawyer") == Prediction(
        None, "needs_human", 0.9, "it", before.runners_up,
        "hold-legal: Because of hold-legal; without this rule: as usual", "v1", "hold-legal",
    )  # fmt: skip
    assert decide(rules, before, text="my laptop") == before
    assert decide(rules, before, "after", text="my lawyer") == before


def test_a_route_gives_the_team_with_the_probability_the_model_gives_it() -> None:
    rules = rules_of(rule("r", LAW, "route", "hr"))
    after = decide(rules, guess(routed=False, it=0.5, hr=0.3, docs=0.1), text="lawyer")
    assert (after.team, after.outcome, after.best_guess, after.probability) == ("hr", "routed", "hr", 0.3)
    assert after.runners_up == (RunnerUp("it", 0.5), RunnerUp("docs", 0.1))
    assert (after.rule, after.reason.startswith("r: Because of r; ")) == ("r", True)
    unlisted = decide(rules, guess(it=0.9, docs=0.1), text="lawyer")
    assert (unlisted.team, unlisted.probability) == ("hr", 0.0)
    assert [r.team for r in unlisted.runners_up] == ["it", "docs"]


def test_the_first_route_or_hold_decides() -> None:
    parts = [rule("a", LAW, "route", "hr"), rule("b", CUSTOMER), rule("c", LAW, "route", "docs")]
    row = {"text": "lawyer", "audience": "customer"}
    assert decide(rules_of(*parts), guess(it=0.9), **row).rule == "a"
    assert decide(rules_of(*parts[::-1]), guess(it=0.9), **row).team == "docs"
    assert decide(rules_of(parts[1], parts[0]), guess(it=0.9), **row).team is None


def test_a_forbidden_best_guess_gives_way_to_the_best_allowed_one() -> None:
    rules = rules_of(
        rule("no-it", LAW, "forbid", "it", "after"), rule("no-hr", LAW, "forbid", "hr", "after"),
    )  # fmt: skip
    given = guess(it=0.5, hr=0.3, docs=0.15, ops=0.05)
    sure = decide(rules, given, "after", limits={"docs": 0.15}, text="lawyer")
    assert (sure.team, sure.outcome, sure.best_guess, sure.probability) == ("docs", "routed", "docs", 0.15)
    assert sure.runners_up == (RunnerUp("ops", 0.05),)
    assert sure.rule == "no-it"
    assert sure.reason == "no-it: Because of no-it; best guess docs instead of it; without this rule: as usual"
    for limits in ({"docs": 0.16}, {}):
        unsure = decide(rules, given, "after", limits=limits, text="lawyer")
        assert (unsure.team, unsure.outcome, unsure.best_guess) == (None, "needs_human", "docs")
        assert "too unsure" in unsure.reason


def test_a_forbid_never_routes_what_was_held() -> None:
    rules = rules_of(rule("no-it", LAW, "forbid", "it", "after"))
    after = decide(rules, guess(routed=False, it=0.5, hr=0.4), "after", limits={"hr": 0.1}, text="lawyer")
    assert (after.team, after.best_guess, after.rule) == (None, "hr", "no-it")


def test_a_forbidden_runner_up_is_dropped_and_nothing_else_changes() -> None:
    rules = rules_of(rule("no-hr", LAW, "forbid", "hr", "after"))
    after = decide(rules, guess(it=0.5, hr=0.4, docs=0.1), "after", text="lawyer")
    assert after == guess(it=0.5, docs=0.1)


def test_where_every_known_team_is_forbidden_a_person_must_look() -> None:
    rules = rules_of(rule("no-it", LAW, "forbid", "it"), rule("no-hr", LAW, "forbid", "hr"))
    after = decide(rules, guess(it=0.6, hr=0.4), text="lawyer", limits={"it": 0.1, "hr": 0.1})
    assert (after.team, after.best_guess, after.probability, after.runners_up) == (None, "it", 0.6, ())
    assert "no team but it is known" in after.reason


@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_route_to_a_forbidden_team_is_held_and_both_rules_are_named(stage: str) -> None:
    parts = [rule("to-hr", LAW, "route", "hr", stage), rule("no-hr", CUSTOMER, "forbid", "hr", stage)]
    for ordered in (parts, parts[::-1]):
        after = decide(
            rules_of(*ordered), guess(hr=0.9, it=0.1), stage, text="lawyer", audience="customer", limits={"it": 0}
        )
        assert (after.team, after.best_guess, after.rule) == (None, "it", "no-hr")
        assert "to-hr routes it to hr" in after.reason


class TestTwoStages:
    def test_a_forbid_after_holds_what_a_rule_routed_before(self) -> None:
        rules = rules_of(rule("to-hr", LAW, "route", "hr"), rule("no-hr", CUSTOMER, "forbid", "hr", "after"))
        row = {"text": "lawyer", "audience": "customer"}
        routed = decide(rules, guess(it=0.9, hr=0.1), **row)
        assert routed.team == "hr"
        after = decide(rules, routed, "after", limits={"it": 0.1}, **row)
        assert (after.team, after.best_guess, after.rule) == (None, "it", "no-hr")
        assert after.reason.startswith("no-hr: Because of no-hr; ")
        assert "to-hr: Because of to-hr" in after.reason

    def test_a_forbid_before_is_checked_again_after(self) -> None:
        rules = rules_of(rule("no-hr", LAW, "forbid", "hr"), rule("to-hr", LAW, "route", "hr", "after"))
        first = decide(rules, guess(it=0.9, hr=0.1), text="lawyer")
        assert first == guess(it=0.9)
        assert decide(rules, first, "after", text="lawyer").rule == "no-hr"

    def test_forbids_of_both_stages_add_up(self) -> None:
        rules = rules_of(rule("no-it", LAW, "forbid", "it"), rule("no-hr", LAW, "forbid", "hr", "after"))
        limits = dict.fromkeys(("it", "hr", "docs"), 0.05)
        first = decide(rules, guess(it=0.6, hr=0.3, docs=0.1), text="lawyer", limits=limits)
        assert (first.team, first.rule) == ("hr", "no-it")
        assert decide(rules, first, "after", text="lawyer", limits=limits).team == "docs"

    def test_a_route_of_before_withstands_one_of_after_but_not_a_hold(self) -> None:
        first = rules_of(rule("to-hr", LAW, "route", "hr"), rule("to-it", ALWAYS, "route", "it", "after"))
        routed = decide(first, guess(docs=0.9), text="lawyer")
        assert decide(first, routed, "after", text="lawyer") == routed
        assert decide(first, guess(docs=0.9), "after", text="laptop").team == "it"
        second = rules_of(rule("to-hr", LAW, "route", "hr"), rule("stop", ALWAYS, stage="after"))
        assert decide(second, routed, "after", text="lawyer").rule == "stop"

    def test_what_a_person_settled_is_held_but_never_moved(self) -> None:
        rules = rules_of(
            rule("no-hr", LAW, "forbid", "hr", "after"), rule("to-it", ALWAYS, "route", "it", "after"),
        )  # fmt: skip
        given = [guess(hr=0.4, it=0.6), guess(docs=0.4, it=0.6)]
        rows = [{"text": "lawyer"}, {"text": "laptop"}]
        moved = apply_rules(rules, "after", rows, given, {"it": 0.1})
        assert [p.team for p in moved] == ["it", "it"]
        held, kept = apply_rules(rules, "after", rows, given, {"it": 0.1}, settled={0, 1})
        assert (held.team, held.rule) == (None, "no-hr")
        assert kept == given[1]

    def test_a_hold_of_before_is_final_but_its_best_guess_obeys_forbids(self) -> None:
        rules = rules_of(
            rule("stop", LAW),
            rule("to-it", ALWAYS, "route", "it", "after"),
            rule("no-hr", LAW, "forbid", "hr", "after"),
        )
        held = decide(rules, guess(hr=0.9, it=0.1), text="lawyer")
        after = decide(rules, held, "after", text="lawyer", limits={"it": 0})
        assert (after.team, after.outcome, after.rule, after.reason) == (None, "needs_human", "stop", held.reason)
        assert after.best_guess == "it"


class TestOutOfTime:
    def test_the_signal_is_held_with_the_reason_and_counted(self) -> None:
        rules = rules_of(rule("bomb", BOMB, "route", "hr"), rule("stop", LAW))
        rows = [{"text": text} for text in (LATE, "aaa", "laptop", LATE + " lawyer", LATE)]
        applied = run_stage(rules, "before", rows, [guess(it=0.9)] * 5, {})
        assert [p.team for p in applied.predictions] == [None, "hr", "it", None, None]
        assert applied.timed_out == {"bomb": 3}
        held = applied.predictions[0]
        assert held.rule == "bomb"
        assert held.reason.startswith("bomb: Because of bomb; its regex ran out of time")
        assert held.reason.endswith("as usual")

    def test_an_earlier_rule_that_decided_is_not_disturbed(self) -> None:
        rules = rules_of(rule("first", CUSTOMER, "route", "docs"), rule("bomb", BOMB))
        applied = run_stage(rules, "before", [{"text": LATE, "audience": "customer"}], [guess(it=0.9)], {})
        assert (applied.predictions[0].team, applied.timed_out) == ("docs", {})

    def test_a_forbid_that_cannot_be_told_holds_what_was_routed(self) -> None:
        rules = rules_of(rule("to-hr", CUSTOMER, "route", "hr"), rule("bomb", BOMB, "forbid", "hr"))
        assert decide(rules, guess(it=0.9), text=LATE, audience="customer").rule == "bomb"

    def test_it_does_not_matter_where_the_rest_decides(self) -> None:
        whole = f"{{ any = [{BOMB}, {CUSTOMER}] }}", f"{{ all = [{BOMB}, {CUSTOMER}] }}"
        rows = [{"text": LATE, "audience": audience} for audience in ("customer", "employee")]
        for when, teams in zip(whole, (["hr", None], [None, "it"]), strict=True):
            rules = rules_of(rule("r", when, "route", "hr"))
            assert [p.team for p in apply_rules(rules, "before", rows, [guess(it=0.9)] * 2, {})] == teams


def test_a_column_that_is_not_there_fires_nothing_but_what_is_certain_without_it() -> None:
    conditions = {
        CUSTOMER: None,
        f"{{ not = {CUSTOMER} }}": None,
        f"{{ all = [{CUSTOMER}, {LAW}] }}": None,
        f"{{ any = [{CUSTOMER}, {LAW}] }}": "r",
        f"{{ not = {{ all = [{CUSTOMER}, {{ not = {LAW} }}] }} }}": "r",
    }
    for when, fired in conditions.items():
        assert (decide(rules_of(rule("r", when)), guess(it=0.9), text="lawyer").rule or None) == fired, when


@pytest.mark.parametrize(
    ("when", "yes", "no"),
    [
        ('{ column = "text", equals = "Pay" }', ["Pay"], ["pay", "Pay ", ""]),
        ('{ column = "text", contains = "straSSe" }', ["Hauptstraße 1", "STRASSE"], ["strase", ""]),
        ('{ column = "text", regex = "\\\\bTS-4\\\\d{2}\\\\b" }', ["see TS-402."], ["ts-402", "TS-4021"]),
        ('{ column = "text", regex = "(?i)ts-402" }', ["see ts-402."], ["ts 402"]),
        ('{ column = "text", regex = "a.c" }', ["a\ud800c"], ["\ud800"]),
    ],
)
def test_what_each_question_means(when: str, yes: list[str], no: list[str]) -> None:
    rules = rules_of(rule("r", when))
    found = apply_rules(rules, "before", [{"text": text} for text in yes + no], [guess(it=0.9)] * len(yes + no), {})
    assert [p.rule == "r" for p in found] == [True] * len(yes) + [False] * len(no)


def test_records_and_predictions_must_match() -> None:
    with pytest.raises(UsageError, match="1 predictions but 0 records"):
        apply_rules(RuleSet(), "before", [], [guess(it=0.9)], {})
    assert apply_rules(RuleSet(), "after", [{"text": ""}], [guess(it=0.9)], {}) == [guess(it=0.9)]
