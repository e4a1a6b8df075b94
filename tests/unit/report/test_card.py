"""A model card: its figures by hand, its sentences, its pages and pictures."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from signaltriage import metrics
from signaltriage.report.card import Card, Guessed, TeamCard, make_card
from signaltriage.report.certainty import calibration_error_by_chance, share_of, thinned, wilson_interval
from signaltriage.report.page import card_files
from signaltriage.report.plots import confusion_svg, reliability_svg
from signaltriage.report.words import CardWords, card_words
from support import python

NASTY = "<script>alert('$x^2$')</script>|`*_ \n"


def promised(team: str, routed: int, wrong: int, **changes: Any) -> dict[str, Any]:
    record = {"team": team, "target_error": 0.1, "min_probability": 0.6, "guessed": routed, "routed": routed}
    return {**record, "wrong": wrong, "error_limit": 0.08, "holds": False, "more_rows": 40, **changes}


def facts_of(teams: dict[str, int], *records: dict[str, Any], rows: int, **changes: Any) -> dict[str, Any]:
    routed, wrong = sum(r["routed"] for r in records), sum(r["wrong"] for r in records)
    promise = {"target_error": 0.1, "confidence": 0.95, "rows": rows, "routed": routed, "wrong": wrong}
    data = {"rows": 500, "used": 480, "without_text": 12, "without_team": 8, "distinct_texts": 470, "sha256": "ab" * 32}
    return {
        "training_data": {**data, "texts_with_conflicting_teams": 3},
        "teams": teams,
        "split": {"kind": "stratified", "folds": 5},
        "choice": {"kernel_width": 1.0, "half_life_days": None, "fusion": (1.0, 2.0)},
        "promise": {**promise, "error_limit": 0.08, "holds": True, "teams": records, **changes},
        "settings": {"target_error": 0.1, "per_team": False, "team_target_error": {}},
        "libraries": {"numpy": "2.0"},
    }


def guesses(counts: list[list[int]], teams: list[str], sure: float = 0.9) -> Guessed:
    """As many held-out rows of each team (row) guessed to be each team (column)."""
    pairs = [(t, g) for t, row in enumerate(counts) for g, n in enumerate(row) for _ in range(n)]
    spread = np.full((len(pairs), len(teams)), (1 - sure) / max(1, len(teams) - 1))
    for i, (_, g) in enumerate(pairs):
        spread[i, g] = sure
    return Guessed(tuple(teams), np.array([t for t, _ in pairs], dtype=np.int64), spread)


TEAMS = ["app", "bank", "card"]
COUNTS = [[90, 8, 2], [5, 45, 0], [1, 0, 2]]
RECORDS = (
    promised("app", 80, 2, holds=True, more_rows=None),
    promised("bank", 40, 4),
    promised("card", 0, 0, min_probability=1.01, error_limit=None, more_rows=29),
)


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    return facts_of({"app": 300, "bank": 170, "card": 10}, *RECORDS, rows=153)


@pytest.fixture(scope="module")
def card(facts: dict[str, Any]) -> Card:
    return make_card(guesses(COUNTS, TEAMS), facts, {"name": "words", "digest": "d", "dimension": 48}, "v1")


@pytest.fixture(scope="module")
def files(card: Card) -> dict[str, str]:
    return {name: body.decode() for name, body in card_files(card).items()}


def of(card: Card, team: str) -> TeamCard:
    return next(found for found in card.teams if found.team == team)


def test_the_figures_by_hand(card: Card) -> None:
    assert (card.accuracy.hits, card.accuracy.rows, card.accuracy.enough) == (137, 153, True)
    app = of(card, "app")
    assert (app.precision.hits, app.precision.rows, app.recall.hits, app.recall.rows) == (90, 96, 90, 100)
    assert app.f1 == pytest.approx(180 / 196)
    assert (app.training_rows, app.held_out_rows, app.routed, app.wrong, app.taken_for) == (300, 100, 80, 2, "bank")
    assert (app.min_probability, app.holds, app.more_rows) == (0.6, True, None)
    assert [(c.team, c.guess, c.rows) for c in card.confusions] == [
        *(("app", "bank", 8), ("bank", "app", 5), ("app", "card", 2), ("card", "app", 1)),
    ]
    assert card.matrix is not None
    assert card.matrix.rows == tuple(map(tuple, COUNTS))
    assert card.thinnest == ("card", "bank", "app")
    assert card.promise.teams_that_hold == ("app",)


def test_the_worst_team_is_first_and_those_too_small_to_judge_are_last(card: Card) -> None:
    assert [team.team for team in card.teams] == ["bank", "app", "card"]
    assert of(card, "card").f1 is None
    assert not of(card, "card").recall.enough


def test_more_rows_are_labelled_rows_not_only_routed_ones(card: Card) -> None:
    assert of(card, "bank").more_rows == 40 * 480 / 120  # a quarter of the labelled rows was routed when held out
    assert of(card, "card").min_probability is None


def test_the_order_of_the_rows_changes_no_byte(facts: dict[str, Any], card: Card) -> None:
    found = guesses(COUNTS, TEAMS)
    order = np.random.default_rng(0).permutation(len(found.y))
    shuffled = Guessed(found.teams, found.y[order], found.probabilities[order])
    again = make_card(shuffled, facts, card.encoder, "v1")
    assert again == card
    assert card_files(again) == card_files(card)


def test_wilson_against_scipy() -> None:
    from scipy.stats import binomtest

    assert wilson_interval(0, 0) == (0.0, 1.0)
    for hits, rows in [(0, 10), (15, 20), (10, 10), (3, 4000)]:
        found = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
        assert wilson_interval(hits, rows) == pytest.approx((found.low, found.high), abs=1e-12)


@pytest.mark.parametrize(("hits", "rows", "enough"), [(0, 0, False), (1, 2, False), (3, 3, False), (8, 16, True)])
def test_too_few_rows_are_told_from_enough(hits: int, rows: int, enough: bool) -> None:
    assert share_of(hits, rows).enough is enough


def test_chance_alone_exceeds_its_own_limit_in_one_case_of_twenty() -> None:
    rng = np.random.default_rng(5)
    p = rng.uniform(0.3, 1.0, 300)
    limit = calibration_error_by_chance(p)
    seen = [metrics.expected_calibration_error(p, rng.random(300) < p) for _ in range(400)]
    assert 0.01 <= np.mean(np.array(seen) > limit) <= 0.1
    assert calibration_error_by_chance(p[::-1]) == limit


def test_a_thinned_curve_keeps_its_end_and_leaves_out_what_is_too_sparse() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(5000)
    whole = metrics.risk_coverage(p, rng.random(5000) < p)
    thin = thinned(whole, 5000)
    assert len(thin) <= 100
    assert thin[-1] == whole[-1]
    assert set(thin) <= set(whole)
    assert thinned(metrics.risk_coverage([0.9, 0.8], [True, False]), 2) == ()


def words_of(card: Card) -> tuple[CardWords, str]:
    words = card_words(card)
    return words, " ".join(words.promise)


def test_the_sentences_say_for_whom_the_promise_holds(card: Card) -> None:
    words, promise = words_of(card)
    assert "at most 10% goes to a wrong team, with 95% confidence" in promise
    assert "Of 153 held-out rows it routed 120 (78.4%), 6 of them to a wrong team (5%)" in promise
    assert "by itself for 1 of 3 teams: app" in promise
    assert words.team_promise == {
        "app": "holds (at most 10%)",
        "bank": "about 160 more rows",
        "card": "at least 120 more rows",
    }
    assert "routes about 78.4% of them without a person, 5% of those to a wrong team" in words.intended_use
    assert "gives no promise for 2 of them by itself" in words.limits


def test_a_promise_that_holds_for_nothing() -> None:
    records = [replace_routed(record) for record in RECORDS]
    facts = facts_of({"app": 300, "bank": 170, "card": 10}, *records, rows=153, holds=False, error_limit=None)
    card = make_card(guesses(COUNTS, TEAMS), facts, {}, "v1")
    words, promise = words_of(card)
    assert "cannot be promised that at most 10% goes wrong: everything goes to a person" in promise
    assert "by itself" not in promise
    assert "routes none alone, and it was right on 89.5% of the held-out rows" in words.intended_use
    assert words.team_promise["bank"] == "at least 40 more rows"
    page = card_files(card)["card.html"].decode()
    assert "routes nothing" in page
    assert "never" in page


def replace_routed(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "routed": 0, "wrong": 0, "min_probability": 1.01, "holds": False, "more_rows": 40}


def test_a_team_held_back_because_of_its_own_target_is_named() -> None:
    facts = facts_of({"app": 300, "bank": 170, "card": 10}, *RECORDS, rows=153)
    facts["settings"] = {"team_target_error": {"card": 0.02}, "per_team": False}
    promise = words_of(make_card(guesses(COUNTS, TEAMS), facts, {}, "v1"))[1]
    assert "Held for people" in promise
    assert promise.endswith("card.")


@pytest.mark.parametrize(("more", "said"), [(None, "not by more rows alone"), (10**6, "more than 10,000 more rows")])
def test_what_rows_cannot_mend_is_said(card: Card, more: int | None, said: str) -> None:
    teams = tuple(replace(team, more_rows=more) if team.team == "bank" else team for team in card.teams)
    assert card_words(replace(card, teams=teams)).team_promise["bank"] == said


def test_few_held_out_rows_show_no_figure_and_no_picture() -> None:
    counts = [[2, 1, 0], [1, 2, 0], [0, 0, 1]]
    facts = facts_of({"app": 3, "bank": 3, "card": 1}, *map(replace_routed, RECORDS), rows=7, holds=False)
    card = make_card(guesses(counts, TEAMS), facts, {}, "v1")
    assert (card.macro_f1, card.calibration_error, card.reliability) == (None, None, ())
    files = card_files(card)
    for name in ("card.html", "CARD.md"):
        text = files[name].decode()
        assert "Only 7 rows were held out" in text
        assert "Macro F1" not in text
        assert "<svg" not in text
        assert "One example, so hardly learnt" in text


def test_nothing_held_out() -> None:
    facts = facts_of({"app": 3, "bank": 3, "card": 1}, *map(replace_routed, RECORDS), rows=0, holds=False)
    card = make_card(guesses([[0] * 3] * 3, TEAMS), facts, {}, "v1")
    assert "how often it is right is not known" in card_words(card).intended_use
    assert "Nothing was held out" in card_files(card)["CARD.md"].decode()


def test_the_pages_hold_everything_and_fetch_nothing(files: dict[str, str]) -> None:
    page = files["card.html"]
    assert page.count("<svg") == 3
    assert not re.search(r"https?:|<script|<link|src=|@import|metadata|font-family: '", page)
    for said in ("Intended use", "The promise", "Thinnest teams", "ab" * 32, "61", "wrong", "texts with more than one"):
        assert said in page
    record = json.loads(files["card.json"])
    assert record["accuracy"]["hits"] == 137
    assert [team["team"] for team in record["teams"]] == ["bank", "app", "card"]
    assert files["CARD.md"].count("| bank |") >= 3


def test_hostile_names_stay_text() -> None:
    names = [NASTY, "日本語のチーム" * 9, "a" * 5000]
    records = [{**record, "team": name} for record, name in zip(RECORDS, names, strict=True)]
    facts = facts_of(dict(zip(names, (300, 170, 10), strict=True)), *records, rows=153)
    files = card_files(make_card(guesses(COUNTS, names), facts, {}, "v1"))
    page, text = files["card.html"].decode(), files["CARD.md"].decode()
    assert "<script" not in page + text
    assert "&lt;script&gt;" in page
    assert "a" * 100 not in page + text
    rows = [line for line in text.splitlines() if "script" in line and line.startswith("|")]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", row)) in {4, 11} for row in rows)
    assert json.loads(files["card.json"])["thinnest"][0] == "a" * 5000


def test_a_hundred_and_fifty_teams_make_a_page_that_scrolls() -> None:
    names = [f"team {i:03}" for i in range(150)]
    counts = [[20 if g == t else int(g == t + 1) for g in range(150)] for t in range(150)]
    records = [promised(name, 15, 1) for name in names]
    facts = facts_of(dict.fromkeys(names, 21), *records, rows=3149)
    card = make_card(guesses(counts, names), facts, {}, "v1")
    assert card.matrix is not None
    assert len(card.matrix.teams) <= 12
    assert len(card.confusions) == 15
    page = card_files(card)["card.html"]
    assert len(page) < 400_000
    assert b'class="wide tall"' in page


def test_pictures_are_well_formed_and_take_the_colours_of_the_page(card: Card) -> None:
    assert card.matrix is not None
    for svg in (reliability_svg(card.reliability), confusion_svg(card.matrix)):
        root = ElementTree.fromstring(svg.replace("<svg", '<svg xmlns:xlink="x"', 1))
        assert root.get("viewBox")
        assert "var(--ink)" in svg
        assert not re.search(r"#[0-9a-f]{6}\b", svg)
        assert svg == (reliability_svg(card.reliability) if "reliability" in svg else confusion_svg(card.matrix))


def test_names_in_the_matrix_are_escaped_and_shortened(card: Card) -> None:
    assert card.matrix is not None
    svg = confusion_svg(replace(card.matrix, teams=(NASTY, "日本語のチームの名前はとても長い", "$\\frac{1}{2}$")))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "日本語のチームの…" in svg
    assert "$\\frac{1}{2}$" in svg


def test_drawing_leaves_the_style_of_others_alone_and_follows_none(card: Card) -> None:
    import matplotlib

    before = reliability_svg(card.reliability)
    with matplotlib.rc_context({"font.size": 31, "axes.facecolor": "red", "svg.hashsalt": "mine"}):
        assert reliability_svg(card.reliability) == before
        assert matplotlib.rcParams["font.size"] == 31
        assert matplotlib.rcParams["svg.hashsalt"] == "mine"


def test_drawing_where_no_cache_can_be_written_says_nothing(tmp_path: Path) -> None:
    """matplotlib would warn of a folder it cannot write to, and of building its list of fonts."""
    (tmp_path / "file").write_text("")
    code = (
        "import os, sys; os.environ['MPLCONFIGDIR'] = sys.argv[1]\n"
        "from signaltriage.report.plots import reliability_svg\n"
        "from signaltriage.metrics import reliability_table\n"
        "print(len(reliability_svg(reliability_table([0.9, 0.4], [True, False]))) > 1000)"
    )
    done = python(code, tmp_path / "file" / "below")
    assert (done.stdout, done.stderr) == ("True\n", "")
