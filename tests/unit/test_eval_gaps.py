"""The figures of `eval.gaps`, on rows small enough to count by hand."""

from __future__ import annotations

import argparse

import numpy as np
import pytest
from eval.gap_peers import PEERS, told_by
from eval.gap_sets import GapSet
from eval.gaps import OURS, Remembering, draws, hard, measure, ranking

from signaltriage.types import Article
from support import WordsEncoder

WORDS = "refund card password account vpn wifi leave payslip parcel address invoice badge".split()  # noqa: SIM905
ARTICLES = tuple(Article(word, f"About the {word}", f"All there is to say of the {word}.") for word in WORDS)
SMALL = GapSet("small", ARTICLES, (*WORDS, "zebra"), (*(frozenset({word}) for word in WORDS), frozenset()))


def test_ranking_counts_places() -> None:
    orders = [["a", "b", "c", "d"], ["b", "a", "c", "d"], ["a", "b", "c", "d"]]
    found = ranking(orders, [frozenset("a"), frozenset("ad"), frozenset()])
    assert found["map"] == pytest.approx((1 + (1 / 2 + 2 / 4) / 2) / 2)
    assert found["hit_1"] == 0.5
    assert found["hit_3"] == 1
    assert found["ndcg_3"] == pytest.approx((1 + (1 / np.log2(3)) / (1 + 1 / np.log2(3))) / 2, abs=1e-4)


def test_half_of_the_articles_is_hidden_and_so_are_their_answers() -> None:
    found = draws(SMALL, 3, seed=0)
    assert [len(part.articles) for part in found] == [6, 6, 6]
    for part in found:
        names = {article.id for article in part.articles}
        assert all(right <= names for right in part.answers)
        assert sum(bool(right) for right in part.answers) == 6
    assert found[0].articles != found[1].articles


def test_hard_compares_the_same_queries_with_and_without_their_article() -> None:
    def told(left: GapSet) -> np.ndarray:
        there = {article.id for article in left.articles}
        return np.array([float(query in there) for query in left.queries])

    assert hard(SMALL, told) == 1.0


def test_everything_is_measured_for_us_and_for_every_peer() -> None:
    options = argparse.Namespace(draws=2, seed=0)
    found = measure(SMALL, Remembering(WordsEncoder()), options)
    assert set(found["methods"]) == {OURS, *PEERS}
    ours = found["methods"][OURS]
    assert ours["hit_1"] == 1
    assert ours["hard_auroc"] > 0.9
    assert set(ours["half"]) == {"auroc", "f1_missing", "ece", "ece_of_one", "ece_by_chance", "limit"}
    assert ours["together"]["hit_1"] == 1
    assert found["answered"] == 12


@pytest.mark.parametrize("name", list(PEERS))
def test_a_peer_ranks_and_tells(name: str) -> None:
    encoder = WordsEncoder()
    relevance = PEERS[name](ARTICLES, ["wifi", "zebra"], encoder)
    assert relevance.shape == (2, 12)
    assert relevance[0].argmax() == WORDS.index("wifi")
    told = told_by(name, ARTICLES, ["wifi", "zebra"], encoder)
    assert told[0] > told[1]
