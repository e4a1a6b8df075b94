"""Records of themes ↔ JSON, and their tables."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from signaltriage.model.theme_records import change_from, plain, signal_from, signal_record, theme_from
from signaltriage.model.theme_tables import (
    THEME_COLUMNS,
    assignments_frame,
    changes_frame,
    themes_frame,
    workarounds_frame,
)
from signaltriage.theme_types import (
    Assignment,
    Evidence,
    FacetCount,
    Owner,
    Quote,
    Theme,
    ThemeChange,
    ThemeTrend,
    Workaround,
)
from signaltriage.types import Signal

DAY = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
FULL = Theme(
    id="T0001",
    name="Gate reads nothing",
    keywords=("gate", "reads"),
    description="Gates that read nothing.",
    size=5,
    share=0.25,
    area="Gates",
    first_seen=DAY,
    last_seen=DAY,
    trend=ThemeTrend("rising", 0.01, date(2026, 3, 9), (date(2026, 3, 2), date(2026, 3, 9)), (1, 4)),
    owner=Owner(None, 0.4, "plant", 0.6, "too unsure"),
    exemplars=(Quote("S1", "the gate is red"), Quote("S2", "no reads")),
    edge=Quote("S3", "printer"),
    facets=(FacetCount("waiting", 2, 0.4, (Evidence("S1", "since Monday", 3, 15),)), FacetCount("broken", 1, 0.2)),
    hours_lost=6.5,
    hours_signals=2,
    audiences=(("customer", 4), ("", 1)),
)
BARE = replace(
    FULL, id="T0002", owner=None, trend=ThemeTrend(), first_seen=None, last_seen=None, edge=None, hours_lost=None
)


def through_json(record: object) -> object:
    return json.loads(json.dumps(plain(record)))


def test_records_come_back_as_they_were() -> None:
    for theme in (FULL, BARE):
        assert theme_from(through_json(theme)) == theme  # type: ignore[arg-type]
    for signal in (Signal("a", "x"), Signal("b", "y\u2028z", DAY, "customer", "slack")):
        assert signal_from(json.loads(json.dumps(signal_record(signal)))) == signal
    told = Signal("c", "z", author="person", link="https://desk.example/7", tags=("vip",))
    assert signal_from(signal_record(told)) == Signal("c", "z")
    change = ThemeChange("merge", "T0001", ("T0002", "T0003"), "alike")
    assert change_from(through_json(change)) == change  # type: ignore[arg-type]


def test_a_burst_is_kept_and_a_state_that_knows_none_is_read() -> None:
    over = (date(2026, 3, 2), date(2026, 3, 15))
    theme = replace(FULL, trend=replace(FULL.trend, kind="steady", burst=over))
    assert theme_from(through_json(theme)) == theme  # type: ignore[arg-type]
    row = themes_frame([theme]).to_dict("records")[0]
    assert (row["burst_first_day"], row["burst_last_day"]) == ("2026-03-02", "2026-03-15")
    earlier = through_json(FULL)
    del earlier["trend"]["burst"]  # type: ignore[index]
    assert theme_from(earlier) == FULL  # type: ignore[arg-type]


def test_the_columns_of_the_contract_come_first() -> None:
    assert THEME_COLUMNS[:14] == (
        *("theme_id", "name", "keywords", "size", "share", "first_seen", "last_seen", "trend", "trend_p"),
        *("owner", "owner_probability", "example_1", "example_2", "example_3"),
    )


def test_a_theme_as_a_row() -> None:
    frame = themes_frame([FULL, BARE])
    assert tuple(frame.columns) == THEME_COLUMNS
    full, bare = frame.to_dict("records")
    assert (full["owner"], full["owner_probability"], full["owner_best_guess"]) == ("", 0.4, "plant")
    assert (full["example_2"], full["example_3"], full["also_contains"]) == ("no reads", "", "printer")
    assert full["facets"] == "waiting 2; broken 1"
    assert full["audiences"] == "customer 4; unknown 1"
    assert full["first_seen"] == "2026-03-02T07:30:00+00:00"
    assert {bare[name] for name in ("owner", "owner_probability", "trend_p", "hours_lost", "last_seen")} == {""}
    assert themes_frame([]).shape == (0, len(THEME_COLUMNS))


def test_the_other_tables() -> None:
    placed = assignments_frame([Assignment("a", "T0001", "T0001", 0.5), Assignment("b", None, "T0001", 0.1)])
    assert placed.to_numpy().tolist() == [["a", "T0001", 0.5], ["b", "", 0.1]]
    assert list(placed.columns) == ["id", "theme_id", "similarity"]
    changes = changes_frame([ThemeChange("merge", "T0001", ("T0002", "T0003"), "alike")])
    assert changes.to_numpy().tolist() == [["merge", "T0001", "T0002 T0003", "alike"]]
    debts = workarounds_frame([Workaround(None, "a", 2, "by hand", "we do it by hand")])
    assert debts.to_numpy().tolist() == [["", "a", 2, "by hand", "we do it by hand"]]
