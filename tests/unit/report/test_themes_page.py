"""The themes page: figures and words as data, then the page itself."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import numpy as np
import pytest

from signaltriage.report.layout import Layout
from signaltriage.report.sparks import bars, sparkline
from signaltriage.report.theme_words import owner_words, span_words, sure, trend_words
from signaltriage.report.themes import CHANGES_SHOWN, Found, ThemesPage, cut, themes_page
from signaltriage.report.themes_page import render_themes
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

EVIL = '</script><script>alert(1)</script><img src="http://evil.example/x.png">&amp;'
DAY = datetime(2026, 3, 2, tzinfo=UTC)
RISING = ThemeTrend("rising", 0.003, date(2026, 3, 9), (date(2026, 3, 2), date(2026, 3, 9)), (1, 4))


def theme(number: int, **more: object) -> Theme:
    parts = {
        "id": f"T{number:04d}",
        "name": f"Gate {number} reads nothing",
        "keywords": ("gate", "reads"),
        "description": "Gates that read nothing.",
        "size": 5,
        "share": 0.5,
        "area": "Gates",
        "first_seen": DAY,
        "last_seen": datetime(2026, 3, 15, tzinfo=UTC),
        "trend": RISING,
        "owner": Owner("plant", 0.91, "plant", 0.2, "4 of 5 say plant"),
        "exemplars": (Quote("S1", f"the gate is red {EVIL}"),),
        "edge": Quote("S3", "gate and printer"),
        "facets": (FacetCount("manual_step", 2, 0.4, (Evidence("S1", "by hand", 4, 11),)),),
        "hours_lost": 6.5,
        "hours_signals": 2,
        "audiences": (("customer", 4), ("", 1)),
    }
    return Theme(**{**parts, **more})  # type: ignore[arg-type]


def found(**more: object) -> Found:
    signals = [Signal(f"S{i}", f"signal {i} {EVIL}", DAY) for i in range(3)]
    assignments = [
        Assignment("S0", "T0001", "T0001", 0.9),
        Assignment("S1", "T0002", "T0002", 0.8),
        Assignment("S2", None, "T0002", 0.2),
    ]
    layout = Layout(np.array([[0.0, 0.0], [9.0, 1.0], [9.5, 3.0]]), np.array([[0.0, 0.0], [9.0, 1.0]]), np.ones(2))
    parts = {
        "themes": [theme(1), theme(2, owner=None, trend=ThemeTrend(), hours_lost=None, edge=None)],
        "signals": signals,
        "assignments": assignments,
        "layout": layout,
        "changes": [ThemeChange("split", "T0002", ("T0001",), "it was two things")],
        "workarounds": [Workaround("T0001", "S0", 3, "we count by hand", "text"), Workaround(None, "S2", 1, "x", "y")],
    }
    return Found(**{**parts, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def page() -> ThemesPage:
    return themes_page(found())


@pytest.fixture(scope="module")
def html(page: ThemesPage) -> str:
    return render_themes(page, "export <1>.csv", "Run 2 of signaltriage.")


def test_the_figures(page: ThemesPage) -> None:
    assert (page.signals, page.left_over, page.areas, page.rising, page.owned) == (3, 1, 1, 1, 1)
    assert (page.asked, page.timed, page.hours_lost) == (True, True, 6.5)
    assert [name for _, name in page.workarounds] == ["Gate 1 reads nothing", ""]
    first, second = page.rows
    assert (first.trend, first.workarounds, first.owner, first.most) == ("rising", 1, "plant", 4)
    assert (second.trend, second.owner, second.spark, second.bars) == ("–", "", "", "")
    assert first.hue != second.hue
    assert first.facets[0].words == "manual step"


def test_the_points(page: ThemesPage) -> None:
    points = page.points
    assert points["nearest"] == [0, 1, 1]
    assert points["member"] == [1, 1, 0]
    assert points["x"] == [0.0, 9.0, 9.5]
    assert points["id"] == ["S0", "S1", "S2"]
    assert [t["id"] for t in points["themes"]] == ["T0001", "T0002"]
    assert len({len(points[name]) for name in ("x", "y", "nearest", "member", "similarity", "id", "text")}) == 1


def test_of_too_many_signals_evenly_chosen_ones_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaltriage.report.themes.POINTS_SHOWN", 60)
    n = 300
    many = found(
        signals=[Signal(f"S{i:03d}", "text") for i in range(n)],
        assignments=[Assignment(f"S{i:03d}", f"T000{1 + i % 2}", f"T000{1 + i % 2}", 1 - i / n) for i in range(n)],
        layout=Layout(np.arange(2.0 * n).reshape(n, 2), np.zeros((2, 2)), np.ones(2)),
    )
    page = themes_page(many)
    assert page.signals == n
    assert len(page.points["id"]) == 60
    assert page.points["nearest"].count(0) == 30
    assert max(page.points["similarity"]) == 1.0
    assert min(page.points["similarity"]) < 0.05
    assert "Of the 300 signals, 60 are shown" in render_themes(page, "x", "")


def test_long_lists_are_shortened_and_said_to_be() -> None:
    changes = [ThemeChange("birth", f"T{i:04d}", (), "new") for i in range(CHANGES_SHOWN + 7)]
    workarounds = [Workaround("T0001", f"S{i}", 1, "by hand", "text") for i in range(200)]
    page = themes_page(found(changes=changes, workarounds=workarounds))
    assert page.more_changes == 7
    assert page.more_workarounds + len(page.workarounds) == 200
    told = render_themes(page, "x", "")
    assert "And 7 more, in events.csv." in told
    assert "more, in workarounds.csv." in told


def test_the_page_fetches_nothing_and_runs_nothing_of_what_it_shows(html: str) -> None:
    visible = html.split("<script", 1)[0]
    assert EVIL not in html
    assert "alert(1)</script>" not in html
    assert "&lt;/script&gt;" in visible
    assert not re.search(r"<(?:link|img|iframe|object|embed|audio|video)\b", visible)
    assert not re.search(r"<script[^>]*\bsrc\b", html)
    assert 'src="http' not in html
    assert 'href="http' not in visible
    assert "sourceMappingURL=" not in html.replace("sourceMappingURL=data", "")
    assert "export &lt;1&gt;.csv" in visible


def test_the_page_is_the_same_every_time(page: ThemesPage, html: str) -> None:
    assert render_themes(page, "export <1>.csv", "Run 2 of signaltriage.") == html


def test_the_data_of_the_map_is_json_within_the_page(page: ThemesPage, html: str) -> None:
    stored = re.search(r'<script type="application/json" id="points">(.*?)</script>', html, flags=re.DOTALL)
    assert stored
    assert json.loads(stored.group(1)) == page.points


def test_every_theme_has_a_row_and_a_section(html: str) -> None:
    for id in ("T0001", "T0002"):
        assert f'<tr id="row-{id}"' in html
        assert f'<article id="{id}"' in html
        assert f'<a href="#{id}"' in html
    assert "Also contains" in html
    assert "plant owns it, 91% sure; 20% of its texts point to another team." in html
    assert "audience unknown: 1" in html
    assert "6.5 hours" in html


def test_everything_that_is_clicked_can_be_reached_by_keyboard_and_is_named(html: str) -> None:
    body = html.split("<script", 1)[0]
    assert all(re.search(r"aria-label|>[^<\s]", tag) for tag in re.findall(r"<button[^>]*>.", body))
    assert '<label for="query">' in body
    assert re.search(r'id="map" tabindex="0"', body)
    assert body.count('role="region" aria-label') == body.count('class="wide tall"')


def test_without_themes_there_is_no_map_and_no_script() -> None:
    empty = found(
        themes=[],
        assignments=[Assignment(f"S{i}", None, None, 0.0) for i in range(3)],
        layout=Layout(np.zeros((3, 2)), np.zeros((0, 2)), np.zeros(0)),
        changes=[],
        workarounds=[],
    )
    told = render_themes(themes_page(empty), "x", "")
    assert "No theme was found" in told
    assert "<script" not in told
    assert "3 signals are in no theme" in told


def test_without_times_and_model_there_are_no_columns_for_them() -> None:
    bare = [theme(1, owner=None, trend=ThemeTrend(), first_seen=None, last_seen=None, hours_lost=None)]
    layout = Layout(np.zeros((1, 2)), np.zeros((1, 2)), np.ones(1))
    placed = [Assignment("S0", "T0001", "T0001", 1.0)]
    told = render_themes(
        themes_page(found(themes=bare, signals=[Signal("S0", "x")], assignments=placed, layout=layout)), "x", ""
    )
    head = re.search(r"<thead>.*?</thead>", told, flags=re.DOTALL)
    assert head
    assert not re.search("Trend|Owner|Hours", head.group())


@pytest.mark.parametrize(
    ("counts", "points"),
    [((), ""), ((3,), ""), ((0, 0), "1.5,18.5 98.5,18.5"), ((0, 2), "1.5,18.5 98.5,1.5"), ((4, 2), "1.5,1.5 98.5,10")],
)
def test_sparklines_begin_at_zero(counts: tuple[int, ...], points: str) -> None:
    assert sparkline(counts) == points


def test_bars_are_as_many_as_counts_that_are_not_zero_and_at_most_120() -> None:
    assert bars(()) == ""
    assert bars((0, 5, 10)).count("z") == 2
    assert "v-59" in bars((0, 5, 10))
    assert bars((1,) * 1000).count("z") <= 120


def test_words() -> None:
    assert trend_words(RISING) == "Rising since 2026-03-09 (p 0.003)."
    assert trend_words(ThemeTrend()) == "No times, so no trend."
    assert trend_words(ThemeTrend("unknown", counts=(1,))) == "Too little history to tell a trend."
    assert trend_words(ThemeTrend("steady", 0.0004, None)) == "Steady (p < 0.001)."
    over = ThemeTrend("steady", 0.4, None, burst=(date(2026, 3, 2), date(2026, 3, 15)))
    assert trend_words(over) == "Steady (p 0.4). Far more often from 2026-03-02 to 2026-03-15."
    assert owner_words(None).startswith("No model was asked")
    assert owner_words(Owner("tally", None, "tally", None, "", by="person")) == "tally owns it: a person said so."
    person = Owner(None, 0.4, "plant", 0.5, "")
    assert owner_words(person) == (
        "A person must look; the best guess is plant, 40% sure; 50% of its texts point to another team."
    )
    assert (sure(0.9998), sure(0.914), sure(1.0)) == ("99.9%", "91.4%", "100%")
    assert span_words(None, DAY) == ""
    assert span_words(DAY, DAY) == "2026-03-02"
    assert cut("a  b\nc" * 100, 10) == "a b ca b…"
