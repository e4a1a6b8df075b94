"""The sets that `eval.gaps` measures: articles, queries, and which articles answer each."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eval.sets import ROOT, AbsentError, data_root
from signaltriage.capture.articles import read_articles
from signaltriage.types import Article

BLUNT: Final = ROOT / "eval" / "blunt" / "covid_queries.csv"
ANSWERS: Final = BLUNT.with_name("covid_answers.csv")
"""Which rows of covid_faq answer each of its paraphrases, by our reading of the answers."""


@dataclass(frozen=True)
class GapSet:
    """Queries over a knowledge base."""

    title: str
    articles: tuple[Article, ...]
    queries: tuple[str, ...]
    answers: tuple[frozenset[str], ...]
    """Ids of the articles that answer each query; empty: none does."""


def stackfaq() -> GapSet:
    """Questions asked again in other words."""
    rows = _rows(data_root() / "gaps" / "stackfaq" / "articles.csv")
    articles = tuple(Article(row["article_id"], row["title"], row["answer"]) for row in rows)
    asked = _rows(data_root() / "gaps" / "stackfaq" / "queries.csv")
    return GapSet(
        "stackfaq: 62 questions with answers, asked again",
        articles,
        tuple(row["query"] for row in asked),
        tuple(frozenset({row["article_id"]}) for row in asked),
    )


def covid_faq() -> GapSet:
    """Paraphrases of some of the questions; entries of the same question count as one answer each."""
    articles = _covid()
    asked = [row for row in _pairs() if row["similar"] == "1"]
    ids: dict[str, set[str]] = {}
    for article in articles:
        ids.setdefault(_plain(article.title), set()).add(article.id)
    known = [row for row in asked if _plain(row["question_1"]) in ids]
    return GapSet(
        "covid_faq: 213 entries of five agencies, 92 of them asked again",
        articles,
        tuple(row["question_2"] for row in known),
        tuple(frozenset(ids[_plain(row["question_1"])]) for row in known),
    )


def covid_asked() -> GapSet:
    """The same paraphrases over the questions that were paraphrased, and no other."""
    whole = covid_faq()
    wanted = frozenset().union(*whole.answers)
    articles = tuple(article for article in whole.articles if article.id in wanted)
    return GapSet("covid_faq, only the entries that were asked again", articles, whole.queries, whole.answers)


def covid_judged() -> GapSet:
    """The same paraphrases and all entries; beside the published one, every entry that answers by our reading: five
    agencies answer many of the same questions."""
    whole = covid_faq()
    rows = {int(line["query"]): line["rows"].split() for line in _rows(ANSWERS)}
    answers = tuple(right.union(f"{int(row):03d}" for row in rows[at]) for at, right in enumerate(whole.answers))
    return GapSet("covid_faq, every entry that answers by reading counted", whole.articles, whole.queries, answers)


def blunt() -> GapSet:
    """Our own queries, half of which nothing answers."""
    rows = _rows(BLUNT)
    answers = tuple(frozenset(f"{int(at):03d}" for at in f"{r['answer_row']} {r['also_rows']}".split()) for r in rows)
    return GapSet("blunt: 150 queries of our own over covid_faq", _covid(), tuple(r["query"] for r in rows), answers)


def training() -> GapSet:
    """Our own made-up company: searches whose truth is known, noise left out, each text once."""
    articles = read_articles(ROOT / "training_data" / "articles").articles
    truth = {row["id"]: row for row in _rows(ROOT / "training_data" / "searches_truth.csv")}
    needs: dict[str, frozenset[str]] = {}
    for row in _rows(ROOT / "training_data" / "searches.csv"):
        told = truth[row["id"]]
        if told["verdict"] != "not_a_need":
            needs.setdefault(row["query"], frozenset({told["article_id"]} - {""}))
    return GapSet("training_data: synthetic", tuple(articles), tuple(needs), tuple(needs.values()))


def covid_pairs() -> tuple[list[str], list[str], list[bool]]:
    """Pairs of questions, and whether they ask the same, as published."""
    rows = _pairs()
    return [r["question_1"] for r in rows], [r["question_2"] for r in rows], [r["similar"] == "1" for r in rows]


SETS: Final[dict[str, Callable[[], GapSet]]] = {
    "stackfaq": stackfaq,
    "covid_faq": covid_faq,
    "covid_faq_asked": covid_asked,
    "covid_faq_judged": covid_judged,
    "blunt": blunt,
    "training_data": training,
}


def _covid() -> tuple[Article, ...]:
    rows = _rows(data_root() / "gaps" / "covid_faq" / "faq.csv")
    return tuple(Article(f"{number:03d}", row["question"].strip(), row["answer"]) for number, row in enumerate(rows))


def _pairs() -> list[dict[str, str]]:
    return _rows(data_root() / "gaps" / "covid_faq" / "question_similarity_en.csv")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        raise AbsentError(f"{path.parent.name}/{path.name} is not there")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
