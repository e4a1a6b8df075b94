"""The gaps page: numbers as plain data, text escaped, nothing fetched."""

from __future__ import annotations

from datetime import date

from signaltriage.gap_types import Cause, KnowledgeGap, SearchEvent, SearchVerdict, UpkeepItem
from signaltriage.report.gaps import FIRST, Extra, gaps_page, render_gaps
from signaltriage.theme_types import Owner, Quote, ThemeTrend
from signaltriage.types import Article

COUNTS = {"missing": 5, "unfindable": 3, "served": 2, "not_a_need": 1}
ARTICLES = {
    "A1": Article("A1", "Weigh <in> a cart", "", link="javascript:alert(1)"),
    "A2": Article("A2", "B", "", link="https://x.example/b"),
}


def _gap(number: int, kind: str = "missing", article: str = "A1") -> KnowledgeGap:
    return KnowledgeGap(
        id=f"G{number:03d}",
        kind="missing" if kind == "missing" else "unfindable",
        name="split <b>cart</b>",
        demand=number,
        searches=number,
        tickets=1,
        queries=(("split <script>", 2), ("إعادة", 1)),
        article_id=article,
        article_title=ARTICLES[article].title,
        similarity=0.5,
        answer_probability=0.25,
        lacks=("split",),
        causes=(Cause("other_words", "trolley", "cart", "why"),) if kind != "missing" else (),
        title="Split a cart",
        outline=("One", "Two"),
        action="Write it.",
        trend=ThemeTrend("rising", 0.001, date(2026, 3, 1), (date(2026, 1, 1), date(2026, 2, 1)), (1, 4)),
        priority=1.0,
        owner=Owner("plant", 0.9, "plant", 0.0, "said"),
        quotes=(Quote("T1", "a ticket"),),
    )


def test_everything_is_said_and_escaped() -> None:
    gaps = [_gap(1), _gap(2, "unfindable", "A2")]
    upkeep = [UpkeepItem("contradiction", "A1", "A2", 1.0, "different times", "48 <h>", "7 d")]
    page = render_gaps(gaps_page(gaps, COUNTS, upkeep, ARTICLES), "log.csv", "Made.")
    assert "11 searches = 5 that no article answers + 3 " in page
    assert "split &lt;script&gt;" in page
    assert "<script" not in page
    assert "javascript:" not in page
    assert 'href="https://x.example/b"' in page
    assert "48 &lt;h&gt;" in page
    assert "trolley" in page
    assert "1 ticket<" in page
    assert "plant owns it" in page


def test_only_the_first_are_shown_before_a_click() -> None:
    many = gaps_page([_gap(i) for i in range(1, 130)], COUNTS, [], ARTICLES)
    assert len(many.write) == 100
    assert many.more_write == 29
    page = render_gaps(many, "log.csv", "Made.")
    assert f"{100 - FIRST} more" in page
    assert page.count('class="gap"') == 100


def test_a_page_without_gaps() -> None:
    page = render_gaps(gaps_page([], {**COUNTS, "missing": 0, "unfindable": 0}, [], {}, Extra(named=False)), "x", "")
    assert "Nothing is missing." in page
    assert "Whatever is there was found." in page


def test_what_to_tell_search_and_what_was_ignored_is_said() -> None:
    searches = [
        SearchVerdict(SearchEvent("asdf <b>", times=3), "not_a_need", "typed at random", "asdf"),
        SearchVerdict(SearchEvent("vpn"), "missing", "", "vpn"),
    ]
    extra = Extra([("trolley", "cart"), ("bin", "cart")], searches)
    page = render_gaps(gaps_page([_gap(2, "unfindable")], COUNTS, [], ARTICLES, extra), "log.csv", "")
    assert "bin, trolley → <b>cart</b>" in page
    assert "typed at random: 3 " in page
    assert "asdf &lt;b&gt;" in page
    assert "vpn" not in page
    assert "synonym: trolley = cart" in page
