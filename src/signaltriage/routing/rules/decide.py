"""Predictions under rules: what each stage routes, forbids and holds.

Within a stage the first route or hold that fires decides, and every forbid counts.

- route: to that team, whatever the probability. `probability` stays what the model gives the team; 0 where the model
  does not list it. A signal that is settled already (by a rule of stage before, or by a person) stays where it is.
- hold: a person must look. Nothing undoes it.
- forbid: the team is neither best guess nor runner-up as long as another is known. If it was the best guess of a routed
  signal, the most probable allowed runner-up takes its place, and is routed only from its own minimum probability on.
  What was held for a person stays held. A forbid of stage before is checked again after.
- A route to a forbidden team, or a forbidden team of a settled signal: held.
- A regex that runs out of time: held, unless an earlier rule decided already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from signaltriage.errors import UsageError
from signaltriage.routing.rules.matching import Record, Test, Truth, tests_of
from signaltriage.routing.rules.records import Rule, RuleSet, Stage
from signaltriage.types import Prediction, RunnerUp


@dataclass(frozen=True)
class Applied:
    """Predictions after the rules of a stage, in order, as many as there were."""

    predictions: list[Prediction]
    timed_out: dict[str, int]
    """Of each rule whose regex ran out of time: how many signals it held for that."""


@dataclass(slots=True)
class _Verdict:
    """What the rules say of one signal."""

    decisive: Rule | None = None
    """The first route or hold that fired."""
    late: Rule | None = None
    """The first rule that ran out of time, unless another had decided."""
    forbidden: dict[str, Rule] = field(default_factory=dict)


def apply_rules(
    rules: RuleSet,
    stage: Stage,
    records: Sequence[Record],
    predictions: Sequence[Prediction],
    limits: Mapping[str, float],
    *,
    settled: Collection[int] = (),
) -> list[Prediction]:
    """Predictions after the rules of a stage: as many as came in, in the same order.

    Args:
        rules: the rules; only those of `stage` act, and the forbids of stage before once more after.
        stage: before or after.
        records: of each prediction, its signal's columns, and its joined text as "text".
        predictions: what the model says, or what is left of it after earlier steps.
        limits: of each team, the least probability at which a signal is routed to it without a person.
        settled: positions of signals that a person's correction decided: never routed elsewhere, only held.

    Raises:
        UsageError: records and predictions differ in number.
    """
    return run_stage(rules, stage, records, predictions, limits, settled=settled).predictions


def run_stage(
    rules: RuleSet,
    stage: Stage,
    records: Sequence[Record],
    predictions: Sequence[Prediction],
    limits: Mapping[str, float],
    *,
    settled: Collection[int] = (),
) -> Applied:
    """As `apply_rules`, with the count of what ran out of time."""
    if len(records) != len(predictions):
        raise UsageError(f"{len(predictions)} predictions but {len(records)} records.", remedy="Give one for each.")
    mine = [rule for rule in rules.rules if rule.stage == stage or (rule.stage == "before" and rule.then == "forbid")]
    if not mine:
        return Applied(list(predictions), {})
    tests, people = tests_of(mine), frozenset(settled)
    routes = {rule.id for rule in rules.rules if rule.then == "route"}
    after, late = [], Counter[str]()
    for i, (record, prediction) in enumerate(zip(records, predictions, strict=True)):
        verdict = _judge(tests, record)
        allowed = _without(prediction, verdict.forbidden)
        if prediction.rule and prediction.team is None:
            after.append(allowed)  # held by a rule of the stage before: that stands
            continue
        if verdict.late is not None:
            late[verdict.late.id] += 1
        after.append(_decided(verdict, prediction, allowed, limits, prediction.rule in routes or i in people))
    return Applied(after, dict(sorted(late.items())))


def _judge(tests: Sequence[tuple[Rule, Test]], record: Record) -> _Verdict:
    verdict = _Verdict()
    for rule, test in tests:
        forbids = rule.then == "forbid"
        if not forbids and (verdict.decisive or verdict.late):
            continue
        truth = test(record)
        if truth is Truth.HOLDS and forbids:
            verdict.forbidden.setdefault(rule.team, rule)
        elif truth is Truth.HOLDS:
            verdict.decisive = rule
        elif truth is Truth.LATE and not verdict.late and not (verdict.decisive and verdict.decisive.then == "hold"):
            verdict.late = rule
    return verdict


def _decided(
    verdict: _Verdict, given: Prediction, allowed: Prediction, limits: Mapping[str, float], settled: bool
) -> Prediction:
    rule = verdict.decisive
    if verdict.late is not None:
        return _held(allowed, verdict.late, "its regex ran out of time on this signal, so a person must look")
    if rule is not None and rule.then == "hold":
        return _held(allowed, rule)
    if rule is not None and not settled:
        ban = verdict.forbidden.get(rule.team)
        if ban is not None:
            return _held(allowed, ban, f"but {rule.id} routes it to {rule.team}, so a person must look")
        return _routed(allowed, rule)
    ban = verdict.forbidden.get(given.best_guess)
    if ban is None:
        return allowed
    if settled:
        return _held(allowed, ban, f"but it was settled as {given.best_guess}'s, so a person must look")
    return _fallen_back(given, allowed, ban, limits)


def _fallen_back(given: Prediction, allowed: Prediction, ban: Rule, limits: Mapping[str, float]) -> Prediction:
    """The best guess is forbidden: the next one, if it may be routed by itself."""
    if allowed.best_guess == given.best_guess:
        return _held(allowed, ban, f"no team but {given.best_guess} is known for it, so a person must look")
    least = limits.get(allowed.best_guess, float("inf"))
    instead = f"best guess {allowed.best_guess} instead of {given.best_guess}"
    if given.team is None:  # it may have been held for more than its probability: that stands
        return _held(allowed, ban, instead)
    if allowed.probability < least:
        return _held(allowed, ban, f"{instead}, at {allowed.probability:.1%} too unsure to be routed")
    reason = _reason(ban, instead, given.reason)
    return replace(allowed, team=allowed.best_guess, outcome="routed", rule=ban.id, reason=reason)


def _without(prediction: Prediction, forbidden: Collection[str]) -> Prediction:
    """Best guess and runners-up without the forbidden teams; a sole best guess remains, for there must be one."""
    if not forbidden:
        return prediction
    others = tuple(runner_up for runner_up in prediction.runners_up if runner_up.team not in forbidden)
    if prediction.best_guess in forbidden and others:
        best, *rest = others
        return replace(prediction, best_guess=best.team, probability=best.probability, runners_up=tuple(rest))
    return replace(prediction, runners_up=others)


def _held(prediction: Prediction, rule: Rule, remark: str = "") -> Prediction:
    reason = _reason(rule, remark, prediction.reason)
    return replace(prediction, team=None, outcome="needs_human", rule=rule.id, reason=reason)


def _routed(prediction: Prediction, rule: Rule) -> Prediction:
    listed = (RunnerUp(prediction.best_guess, prediction.probability), *prediction.runners_up)
    probability = next((known.probability for known in listed if known.team == rule.team), 0.0)
    return replace(
        prediction,
        team=rule.team,
        outcome="routed",
        probability=probability,
        best_guess=rule.team,
        runners_up=tuple(known for known in listed if known.team != rule.team),
        rule=rule.id,
        reason=_reason(rule, "", prediction.reason),
    )


def _reason(rule: Rule, remark: str, before: str) -> str:
    """The rule's id and why, what came of it, then the reason as it was without the rule."""
    parts = [f"{rule.id}: {rule.why.rstrip('.')}", remark, before and f"without this rule: {before}"]
    return "; ".join(part for part in parts if part)
