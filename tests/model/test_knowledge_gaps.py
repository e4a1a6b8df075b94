"""Gaps from Python: a base that can be asked, every search accounted for, the same whatever the order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signaltriage import Article, KnowledgeBase, SearchEvent, Signal, find_gaps
from signaltriage.encode import load_encoder
from signaltriage.errors import ModelRefusedError
from signaltriage.gaps.answerable import Answer
from signaltriage.model.gap_groups import unanswered_themes
from signaltriage.model.gap_making import Ticket
from signaltriage.model.gaps import GapReport, find_all

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXTS = {
    "A1": ("Reset a passphrase", "On the sign-in page choose Help and press Reset passphrase. A mail arrives at once."),
    "A2": ("Weigh in a cart", "Push the cart onto the scale and press Weigh. The tare is taken off."),
    "A3": ("Invite a colleague", "Open Users, press Invite and type the mail address. The link is valid for 48 hours."),
    "A4": ("Print a delivery label", "Choose the printer and the size of the label, then press Print."),
    "A5": ("Change the delivery address", "Before the parcel leaves: Orders, Address, Change."),
    "A6": ("Read your invoice", "The invoice lists the rounds, the pieces and the surcharges of the month."),
    "A7": ("Connect to the office VPN", "Install the client, choose Office and sign in with your badge."),
    "A8": ("Ask for annual leave", "Open the calendar, choose the days and send them to your manager."),
    "A9": ("Export the monthly report", "Reports, Monthly, Export. The file is a spreadsheet."),
}


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    articles = [Article(id, title, body) for id, (title, body) in TEXTS.items()]
    return KnowledgeBase.from_articles(articles, encoder=load_encoder(threads=1))


def _log() -> list[SearchEvent]:
    events: list[SearchEvent] = []

    def add(user: str, *steps: tuple[str, int, str]) -> None:
        for query, results, clicked in steps:
            moment = START + timedelta(minutes=7 * len(events))
            events.append(SearchEvent(query, results, user, moment, f"s-{user}", clicked, f"q{len(events)}"))

    for i, query in enumerate(["vegan lunch menu", "canteen lunch menu", "lunch menu today", "vegan menu canteen"]):
        add(f"hungry{i}", (query, 0, ""))
    add("u1", ("reset password", 0, ""), ("reset passphrase", 1, "A1"))
    add("u2", ("reset password", 0, ""))
    add("u3", ("rest passphrase", 0, ""))
    add("u4", ("reset passphrase", 1, "A1"))
    add("u5", ("vpn", 1, "A7"), ("🙂", 0, ""))
    add("u6", ("' OR 1=1--", 0, ""), ("wp-admin", 0, ""))
    return events


def test_every_search_ends_in_one_verdict(base: KnowledgeBase) -> None:
    report = find_all(_log(), base)
    verdict = {(s.event.user, s.event.query): s.verdict for s in report.searches}
    assert (
        len(report.searches)
        == len(_log())
        == sum(report.count(v) for v in ("missing", "unfindable", "served", "not_a_need"))
    )
    assert verdict["hungry0", "vegan lunch menu"] == "missing"
    assert verdict["u2", "reset password"] == "unfindable"
    assert verdict["u3", "rest passphrase"] == "unfindable"
    assert verdict["u5", "vpn"] == "served"
    assert verdict["u5", "🙂"] == verdict["u6", "wp-admin"] == "not_a_need"
    assert sorted(q.query for q in report.queries) == sorted({event.query for event in _log()})
    assert all(q.article_id for q in report.queries)


def test_gaps_are_ranked_with_what_to_do(base: KnowledgeBase) -> None:
    report = find_all(_log(), base)
    lunch = report.gaps[0]
    assert (lunch.id, lunch.kind, lunch.demand) == ("G001", "missing", 4)
    assert "lunch" in lunch.lacks
    assert lunch.title in lunch.action
    assert lunch.outline
    (reset,) = [gap for gap in report.gaps if gap.article_id == "A1"]
    assert reset.kind == "unfindable"
    assert ("password", "passphrase") in report.synonyms
    assert "password = passphrase" in reset.action
    assert {q.gap_id for q in report.queries if q.verdict in {"served", "not_a_need"}} == {""}
    assert {q.gap_id for q in report.queries if q.verdict == "missing"} <= {gap.id for gap in report.gaps}


def test_the_order_of_rows_and_articles_does_not_matter(base: KnowledgeBase) -> None:
    events = _log()
    shuffled = random.Random(0).sample(events, len(events))
    assert find_gaps(shuffled, base) == find_gaps(events, base)
    articles = [Article(id, title, body) for id, (title, body) in reversed(TEXTS.items())]
    other = KnowledgeBase.from_articles(articles, encoder=base.index.encoder)
    assert find_gaps(events, other) == find_gaps(events, base)


def test_tickets_join_as_demand(base: KnowledgeBase) -> None:
    tickets = [
        Signal("T1", "What is on the canteen lunch menu this week?"),
        Signal("T2", "Please sell parking permits for electric bikes", START),
        Signal("T3", "Where do I buy a parking permit for my electric bike?"),
        Signal("T4", "I want to reset my passphrase"),
    ]
    gaps = find_gaps(_log(), base, signals=tickets)
    lunch = next(gap for gap in gaps if "lunch" in gap.name)
    assert (lunch.tickets, lunch.demand) == (1, 5)
    bikes = next(gap for gap in gaps if gap.tickets == 2)
    assert bikes.searches == 0
    assert {quote.id for quote in bikes.quotes} == {"T2", "T3"}
    assert not any(quote.id == "T4" for gap in gaps for quote in gap.quotes)


def test_a_theme_that_no_article_answers_is_one_gap(base: KnowledgeBase) -> None:
    words = ("fees for guests", "cost at night", "garage is full", "place by the gate")
    tickets = [Signal(f"B{i}", f"Car park {text}, who decides on that?") for i, text in enumerate(words)]
    known = [Signal("K1", "I want to reset my passphrase"), Signal("K2", "reset the passphrase please")]
    theme_of = {**{t.id: "T0001" for t in tickets}, **{t.id: "T0002" for t in known}}
    gaps = find_all(_log(), base, signals=[*tickets, *known], theme_of=theme_of).gaps
    (parking,) = [gap for gap in gaps if gap.tickets]
    assert (parking.tickets, parking.demand) == (4, 4)
    assert {quote.id for quote in parking.quotes} <= {t.id for t in tickets}


def test_a_theme_counts_where_not_even_half_of_it_is_answered() -> None:
    answer = Answer("", 0.0, 0.1, 0.5, (), ())
    tickets = [Ticket(id, "text", answer, None) for id in ("a", "b", "d")]
    assert unanswered_themes(tickets, {"a": "T1", "b": "T1", "c": "T1", "d": "T2", "e": "T2"}) == {"a": "T1", "b": "T1"}


def test_texts_alone_are_searches_without_results(base: KnowledgeBase) -> None:
    assert [gap.kind for gap in find_gaps(["vegan lunch menu"], base)] == ["missing"]


def test_what_is_not_known_to_have_shown_anything_is_not_called_served(base: KnowledgeBase) -> None:
    events = [SearchEvent("reset passphrase"), SearchEvent("canteen lunch menu")]
    answered, unanswered = find_all(events, base).searches
    assert (answered.verdict, unanswered.verdict) == ("unfindable", "missing")
    assert "what was shown is not known" in answered.why


def test_a_draft_is_published_not_written(base: KnowledgeBase) -> None:
    draft = replace(base.articles[0], draft=True)
    gaps = find_gaps(["reset passphrase"], base.add([draft]))
    assert (gaps[0].kind, gaps[0].causes[0].kind) == ("unfindable", "draft")
    assert "Publish" in gaps[0].action


def _adds_up(report: GapReport, n: int) -> bool:
    return n == len(report.searches) == sum(report.count(v) for v in ("missing", "unfindable", "served", "not_a_need"))


def test_the_odd_cases(base: KnowledgeBase) -> None:
    empty = KnowledgeBase.from_articles([], encoder=base.index.encoder)
    report = find_all([SearchEvent("vpn", 0, "u"), SearchEvent("🙂", 0, "u")], empty)
    assert [s.verdict for s in report.searches] == ["missing", "not_a_need"]
    assert "empty" in report.gaps[0].action
    assert _adds_up(find_all([], base), 0)
    equal = find_all([SearchEvent("canteen lunch menu", 0, f"u{i}") for i in range(10_000)], base)
    assert _adds_up(equal, 10_000)
    assert [gap.demand for gap in equal.gaps] == [10_000]
    one = KnowledgeBase.from_articles([Article("A1", *TEXTS["A1"])], encoder=base.index.encoder)
    strange = ["🙂🙂", "كيف أعيد تعيين كلمة المرور", "איך לאפס סיסמה", "重置密码", "", "a" * 100_000, "\ud800x"]
    found = find_all([SearchEvent(query, 0, f"u{i}") for i, query in enumerate(strange)], one)
    assert _adds_up(found, len(strange))
    assert [s.verdict for s in found.searches][:2] == ["not_a_need", "missing"]


def test_a_base_is_searched_changed_and_kept(base: KnowledgeBase, tmp_path: Path) -> None:
    assert base.search("trolley scale", k=2)[0].article_id == "A2"
    more = base.add([Article("B1", "Canteen and lunch menu", "The canteen's lunch menu hangs at the door.")])
    assert more.search("canteen lunch menu")[0].article_id == "B1"
    assert len(more.remove(["B1"])) == len(base) == 9
    folder = base.save(tmp_path / "base", created_at=START)
    loaded = KnowledgeBase.load(folder, encoder=base.index.encoder)
    assert loaded.articles == base.articles
    assert loaded.judge(["reset password"]) == base.judge(["reset password"])
    victim = folder / "index.json"
    victim.write_bytes(victim.read_bytes().replace(b"passphrase", b"passphrasf", 1))
    with pytest.raises(ModelRefusedError):
        KnowledgeBase.load(folder, encoder=base.index.encoder)
