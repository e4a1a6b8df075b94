"""stories.toml and rules.toml: the planted stories are told by their signals, the rules agree with the labels."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

STORY_KINDS = (
    "outage",
    "confusing release",
    "slow poison",
    "policy change, workaround first, complaint three weeks later",
    "policy change, workaround first, complaint five weeks later",
    "a fix that worked",
    "a fix that did not work",
    "leadership announcement",
    "seasonal peak that is not a problem",
)
FIRST_DAY = date(2026, 3, 2)

Rows = list[dict[str, str]]


def day_of(row: dict[str, str]) -> date:
    """The day on the author's calendar."""
    return datetime.fromisoformat(row["created_at"]).date()


def by_id(rows: Rows) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows}


def test_rules_name_known_columns_teams_and_work_as_regular_expressions(
    signals: Rows, rules: list[dict[str, Any]], teams: list[dict[str, Any]]
) -> None:
    ids = {team["id"] for team in teams}
    assert len(rules) >= 12
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["then"] in {"route", "forbid", "hold"}
        assert rule["stage"] in {"before", "after"}
        assert (rule.get("team") in ids) == (rule["then"] != "hold")
        for leaf in leaves(rule["when"]):
            assert leaf["column"] in signals[0]
            re.compile(leaf.get("regex", ""))


def leaves(when_table: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions {column, …} inside all, any and not."""
    if "column" in when_table:
        return [when_table]
    inner = [
        *when_table.get("all", ()),
        *when_table.get("any", ()),
        *([when_table["not"]] if "not" in when_table else ()),
    ]
    return [leaf for part in inner for leaf in leaves(part)]


def holds(when_table: dict[str, Any], row: dict[str, str]) -> bool:
    if "all" in when_table:
        return all(holds(part, row) for part in when_table["all"])
    if "any" in when_table:
        return any(holds(part, row) for part in when_table["any"])
    if "not" in when_table:
        return not holds(when_table["not"], row)
    value = row[when_table["column"]]
    if "equals" in when_table:
        return value == when_table["equals"]
    if "contains" in when_table:
        return when_table["contains"].lower() in value.lower()
    return re.search(when_table["regex"], value) is not None


def test_rules_agree_with_the_labels(signals: Rows, rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        for row in (row for row in signals if holds(rule["when"], row)):
            if rule["then"] != "hold":
                assert (row["team"] == rule["team"]) == (rule["then"] == "route"), (rule["id"], row["id"])


def test_stories_are_told_by_existing_signals_on_their_days(
    signals: Rows, stories: list[dict[str, Any]], teams: list[dict[str, Any]]
) -> None:
    ids, rows = {team["id"] for team in teams}, by_id(signals)
    assert len(stories) >= 8
    assert {story["kind"] for story in stories} >= set(STORY_KINDS)
    told = [name for story in stories for name in story["signal_ids"]]
    assert len(set(told)) == len(told)
    for story in stories:
        assert story["what"], story["id"]
        assert story["cause"], story["id"]
        assert {story["expected_owner"], *story["teams"], *story["second_teams"]} <= ids
        first, last = date.fromisoformat(story["first_day"]), date.fromisoformat(story["last_day"])
        mine = [rows[name] for name in story["signal_ids"]]
        days = [day_of(row) for row in mine]
        assert all(first <= day <= last for day in days), story["id"]
        assert story["week_counts"] == week_counts(days)
        assert {row["team"] for row in mine} == {story["expected_owner"]}, story["id"]


def week_counts(days: list[date]) -> list[int]:
    counts = Counter((day - FIRST_DAY).days // 7 for day in days)
    return [counts[week] for week in range(26)]


def test_the_slow_poison_grows_for_ten_weeks(stories: list[dict[str, Any]]) -> None:
    counts = next(story["week_counts"] for story in stories if story["kind"] == "slow poison")
    alive = counts[9:19]
    assert counts == [0] * 9 + alive + [0] * 7
    assert all(later >= earlier for earlier, later in pairwise(alive))
    assert alive[-1] >= 4 * alive[0]


def test_policy_changes_reach_employees_first_with_two_different_lags(
    signals: Rows, stories: list[dict[str, Any]]
) -> None:
    rows, lags = by_id(signals), []
    for story in (story for story in stories if story["kind"].startswith("policy change")):
        first = {
            audience: min(
                day_of(row) for row in map(rows.get, story["signal_ids"]) if row and row["audience"] == audience
            )
            for audience in ("employee", "customer")
        }
        lags.append(first["customer"] - first["employee"])
    assert len(lags) == 2
    assert all(timedelta(weeks=2, days=4) <= lag <= timedelta(weeks=5, days=3) for lag in lags)
    assert abs(lags[0] - lags[1]) >= timedelta(weeks=1)


def test_the_announcement_unsettles_staff_only(signals: Rows, stories: list[dict[str, Any]]) -> None:
    rows = by_id(signals)
    story = next(story for story in stories if story["kind"] == "leadership announcement")
    assert {rows[name]["audience"] for name in story["signal_ids"]} == {"employee"}
