"""searches.csv, searches_truth.csv and articles/: what is planted there can be found, what is missing is missing."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import HelpArticle

Rows = list[dict[str, str]]
VERDICTS = {"missing", "unfindable", "served", "not_a_need"}
STALE = ("A015", "A026", "A028", "A034", "A037", "A048", "A068")
NEAR_DUPLICATES = (("A008", "A009"), ("A031", "A032"))
CONTRADICTIONS = (("A016", "A017", "48 hours", "7 days"), ("A037", "A038", "ten seconds", "3 seconds"))


@pytest.fixture(scope="module")
def by_article(articles: list[HelpArticle]) -> dict[str, HelpArticle]:
    return {article.front["id"]: article for article in articles}


def test_articles_have_front_matter_and_steps(articles: list[HelpArticle], by_article: dict[str, HelpArticle]) -> None:
    assert len(articles) >= 70
    assert len(by_article) == len(articles)
    assert len({article.front["title"] for article in articles}) == len(articles)
    for article in articles:
        assert article.path.stem == article.front["id"]
        assert set(article.front) == {"id", "title", "updated", "product_version", "module"}, article.path
        assert date(2022, 1, 1) <= date.fromisoformat(article.front["updated"]) <= date(2026, 8, 30)
        assert len(article.body.split()) >= 60, article.path
    with_steps = [article for article in articles if re.search(r"(?m)^\d+\. |^\| ", article.body)]
    assert len(with_steps) >= 0.8 * len(articles)


def test_stale_contradicting_and_duplicate_articles_are_there_and_listed(
    by_article: dict[str, HelpArticle], folder: Path
) -> None:
    sheet = (folder / "DATASHEET.md").read_text(encoding="utf-8")
    named = {
        *STALE,
        *(one for pair in NEAR_DUPLICATES for one in pair),
        *(one for pair in CONTRADICTIONS for one in pair[:2]),
    }
    for name in named:
        assert name in sheet, name
        assert name in by_article, name
    for first, second, says, contradicts in CONTRADICTIONS:
        assert says in by_article[first].body
        assert contradicts in by_article[second].body
    for name in STALE:
        assert date.fromisoformat(by_article[name].front["updated"]) < date(2026, 3, 1), name


def test_searches_have_unique_ids_known_times_and_existing_clicks(
    searches: Rows, by_article: dict[str, HelpArticle]
) -> None:
    assert list(searches[0]) == ["id", "time", "user", "session", "query", "result_count", "clicked_article"]
    assert len(searches) >= 500
    assert len({row["id"] for row in searches}) == len(searches)
    times = [datetime.fromisoformat(row["time"]) for row in searches]
    assert times == sorted(times)
    assert all(stamp.tzinfo and date(2026, 3, 2) <= stamp.date() <= date(2026, 8, 30) for stamp in times)
    for row in searches:
        assert row["query"].strip(), row
        assert row["clicked_article"] in {"", *by_article}, row
        assert int(row["result_count"]) > 0 or not row["clicked_article"], row


def test_half_of_the_searches_find_nothing(searches: Rows) -> None:
    without = sum(row["result_count"] == "0" for row in searches)
    assert 0.45 <= without / len(searches) <= 0.6


def test_truth_names_every_search_once(searches: Rows, truth: Rows, by_article: dict[str, HelpArticle]) -> None:
    assert [row["id"] for row in truth] == [row["id"] for row in searches]
    assert {row["verdict"] for row in truth} == VERDICTS
    for row, search in zip(truth, searches, strict=True):
        answered = row["verdict"] in {"served", "unfindable"}
        assert (row["article_id"] in by_article) == answered, row
        assert row["need"], row
        if row["verdict"] != "not_a_need":
            assert (search["result_count"] != "0") == (row["verdict"] == "served"), row


def test_real_gaps_are_asked_by_many_and_answered_by_no_article(searches: Rows, truth: Rows) -> None:
    user = {row["id"]: row["user"] for row in searches}
    askers: dict[str, set[str]] = {}
    for row in truth:
        if row["verdict"] == "missing":
            askers.setdefault(row["need"], set()).add(user[row["id"]])
    assert sum(len(people) >= 8 for people in askers.values()) >= 6
    assert len(askers["dark-mode-kiosk"]) == 1


def test_noise_is_planted(searches: Rows, truth: Rows) -> None:
    query = {row["id"]: row["query"] for row in searches}
    needs = Counter(row["need"] for row in truth if row["verdict"] == "not_a_need")
    assert needs["crawl"] >= 10
    assert needs["probe"] >= 5
    assert any("<script>" in text for text in query.values())
    obsessed = Counter(
        row["user"] for row in searches if re.search(r"(?i)dark ?mode|dark theme|night ?mode", row["query"])
    )
    assert obsessed["u-317"] >= 10
    assert Counter(row["user"] for row in searches)["u-bot1"] >= 10


def test_typos_reformulations_and_other_languages_are_planted(searches: Rows, truth: Rows) -> None:
    notes = [row["note"] for row in truth]
    assert sum("typo" in note for note in notes) >= 40
    assert sum("reformulation" in note for note in notes) >= 20
    for language in ("de", "fr", "es", "pt", "ja"):
        assert sum(f"language {language}" in note for note in notes) >= 2, language
    sessions = Counter(row["session"] for row in searches)
    assert sum(count >= 2 for count in sessions.values()) >= 30
