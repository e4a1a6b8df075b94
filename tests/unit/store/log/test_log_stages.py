"""What the stages of a run read from the log and add to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from signaltriage.errors import UsageError
from signaltriage.gap_types import SearchEvent
from signaltriage.store.log import reading, writing
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.records import Decision, FoundGaps, FoundThemes
from signaltriage.store.log.theme_writing import append_gaps, append_themes, keep
from signaltriage.theme_types import Assignment, ThemeChange
from signaltriage.types import Signal
from support_log import AT, GAP, VERDICT, prediction, put, signal, table, theme

EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def names(log: FrictionLog, model: str = "m1", rules: str = "") -> list[str]:
    return [one.name for batch in reading.undecided(log, model, rules, batch=2) for one in batch]


def test_every_current_version_is_decided_on_once(log: FrictionLog) -> None:
    put(log, *(signal(str(i)) for i in range(5)), signal("2", "in other words"))
    assert names(log) == [f"zendesk:{i}" for i in (0, 1, 3, 4, 2)]
    for batch in reading.undecided(log, "m1", batch=2):
        assert writing.append_decisions(log, [Decision(one.version, prediction()) for one in batch]) == len(batch)
        assert writing.append_decisions(log, [Decision(one.version, prediction("payroll")) for one in batch]) == 0
    assert names(log) == []
    assert reading.count_undecided(log, "m1") == 0
    assert reading.count_undecided(log, "m2") == reading.count_undecided(log, "m1", "rules") == 5
    put(log, signal("3", "in other words"), sha256="1" * 64)
    assert names(log) == ["zendesk:3"]
    assert {row["team"] for row in table(log, "decisions")} == {"network"}


def test_a_signal_comes_out_as_it_went_in(log: FrictionLog) -> None:
    more = {"title": "VPN", "audience": "employee", "link": "https://x/1", "status": "open", "team": "IT"}
    one = signal("1", created_at=EARLY, updated_at=AT, tags=("a", "b"), thread="0", assignee="p", **more)
    put(log, one)
    assert [s.record for batch in reading.current_signals(log) for s in batch] == [one]


def test_searches_come_out_as_they_went_in(log: FrictionLog) -> None:
    events = [SearchEvent("vpn", 0, "u", EARLY, "s", "", "1", 2), SearchEvent("", None, id="2")]
    put(log, *events)
    assert [found.event for found in reading.current_searches(log)] == events


def test_where_the_signals_of_a_source_stand(log: FrictionLog) -> None:
    put(log, *(signal(str(i), created_at=EARLY + timedelta(days=i)) for i in range(5)), signal("9", source="jira"))
    by_name = {one.name: one for batch in reading.current_signals(log) for one in batch}
    held = prediction(team=None, outcome="needs_human", best_guess="network")
    decisions = [Decision(by_name["zendesk:0"].version, prediction()), Decision(by_name["zendesk:1"].version, held)]
    writing.append_decisions(log, decisions)
    writing.append_correction(log, ("zendesk", "1"), "payroll", "ops", AT)
    append_themes(log, FoundThemes([theme("T0001")], [], [Assignment("zendesk:0", "T0001", "T0001", 0.9)]), None, AT)
    jira, zendesk = reading.source_counts(log)
    assert (jira.source, jira.signals, jira.undecided, jira.oldest_undecided) == ("jira", 1, 1, None)
    assert (zendesk.signals, zendesk.undecided, zendesk.routed, zendesk.needs_human, zendesk.corrected) == (
        5,
        3,
        1,
        0,
        1,
    )
    assert (zendesk.in_theme, zendesk.in_no_theme, zendesk.unassigned) == (1, 0, 4)
    assert zendesk.oldest_undecided == EARLY + timedelta(days=2)
    assert {row["id"] for row in table(log, "v_lost")} == {"2", "3", "4", "9"}
    told = {row["id"]: (row["outcome"], row["team"], row["theme_name"]) for row in table(log, "v_signals")}
    assert told["0"] == ("routed", "network", "VPN drops")
    assert told["1"] == ("corrected", "payroll", None)


def test_a_correction_of_a_signal_that_is_not_there_is_refused(log: FrictionLog) -> None:
    with pytest.raises(UsageError, match="no signal"):
        writing.append_correction(log, ("zendesk", "1"), "payroll", "ops", AT)


def test_runs_and_their_stages(log: FrictionLog) -> None:
    first = writing.start_run(log, "run", {"model": "m1"}, AT)
    writing.start_stage(log, first, "route", AT)
    writing.finish_stage(log, first, "route", {"routed": 3}, AT + timedelta(seconds=5))
    writing.start_stage(log, first, "themes", AT + timedelta(seconds=6))
    second = writing.start_run(log, "run", {}, AT)
    writing.finish_run(log, second, {"error": "no articles"}, AT, failed=True)
    stages = reading.run_stages(log)
    assert [(s.run, s.stage, s.outcome) for s in stages] == [
        (second, "", "failed"),
        (first, "", "unfinished"),
        (first, "route", "finished"),
        (first, "themes", "unfinished"),
    ]
    assert stages[2].counts == {"routed": 3}
    assert stages[2].ended_at == AT + timedelta(seconds=5)
    assert [s.run for s in reading.run_stages(log, runs=1)] == [second]
    with pytest.raises(ValueError, match="name"):
        writing.finish_stage(log, first, "", {}, AT)


def test_themes_are_added_where_they_differ(log: FrictionLog) -> None:
    put(log, signal("1"), signal("2"))
    placed = [Assignment("zendesk:1", "T0001", "T0001", 0.8), Assignment("zendesk:2", None, "T0001", 0.1)]
    found = FoundThemes([theme("T0001")], [ThemeChange("birth", "T0001", (), "new")], placed, {"state": b"\x00\xff"})
    append_themes(log, found, None, AT)
    append_themes(log, replace(found, changes=()), None, AT)
    assert [len(table(log, name)) for name in ("themes", "theme_states", "theme_events", "assignments")] == [1, 1, 1, 2]
    moved = [Assignment("zendesk:1", "T0001", "T0001", 0.801), Assignment("zendesk:2", "T0002", "T0002", 0.7)]
    append_themes(log, FoundThemes([theme("T0002", "Printers")], [], moved, {"state": b"new"}), None, AT)
    assert [row["id"] for row in table(log, "v_themes")] == ["T0002"]
    assert [row["theme_id"] for row in table(log, "assignments")] == ["T0001", "", "T0002"]
    assert reading.keepsake(log, "state") == b"new"
    assert reading.keepsake(log, "other") is None
    append_themes(log, FoundThemes([theme("T0001"), theme("T0002", "Printers")], [], []), None, AT)
    assert [row["id"] for row in table(log, "v_themes")] == ["T0001", "T0002"]


def test_an_assignment_of_an_unknown_signal_adds_nothing(log: FrictionLog) -> None:
    with pytest.raises(KeyError):
        append_themes(log, FoundThemes([theme("T0001")], [], [Assignment("x:1", None, None, 0.0)]), None, AT)
    assert table(log, "themes") == []


def test_gaps_are_added_where_they_differ_and_closed_when_gone(log: FrictionLog) -> None:
    append_gaps(log, FoundGaps([GAP], [VERDICT]), None)
    append_gaps(log, FoundGaps([GAP], [VERDICT]), None)
    assert [len(table(log, name)) for name in ("gaps", "query_verdicts")] == [1, 1]
    append_gaps(log, FoundGaps([replace(GAP, demand=5)], [replace(VERDICT, verdict="served")]), None)
    assert [(row["id"], row["demand"]) for row in table(log, "v_gaps")] == [("G1", 5)]
    append_gaps(log, FoundGaps([], []), None)
    assert table(log, "v_gaps") == []
    assert len(table(log, "query_verdicts")) == 2


def test_keepsakes_and_edits(log: FrictionLog) -> None:
    keep(log, "a", b"1", None, AT)
    keep(log, "a", b"2", None, AT)
    assert reading.keepsake(log, "a") == b"2"
    writing.append_edit(log, "rename", "T0001", {"name": "Printers"}, AT)
    assert [(row["kind"], row["value"]) for row in table(log, "edits")] == [("rename", '{"name": "Printers"}')]


def test_names_of_signals_tell_sources_apart() -> None:
    assert reading.StoredSignal(1, 1, Signal("7", "x", source="jira")).name == "jira:7"
