"""Queries made from articles, and the weights learned from them."""

from __future__ import annotations

import numpy as np
from gap_base import articles

from signaltriage.gaps.fields import FIELDS, SEEING
from signaltriage.gaps.fusion import PLAIN, chosen, learn_weights, made_of, reciprocal_ranks
from signaltriage.gaps.knowledge import KnowledgeIndex
from signaltriage.gaps.pseudo import mistyped
from support import WordsEncoder


def test_every_kind_is_made_and_the_blind_ones_do_not_see_themselves() -> None:
    index = KnowledgeIndex.build(articles(), WordsEncoder())
    made = made_of(index, seed=0)
    assert {query.kind for query in made} == {"title", "heading", "sentence", "keywords", "dropped", "typed"}
    for query in made:
        assert (query.blind == SEEING) == (query.kind in ("keywords", "dropped", "typed"))
    vpn = [q.text for q in made if index.ids[q.article] == "vpn"]
    assert vpn[0] == "Connect to the office VPN"
    assert "Connect office VPN" in vpn
    sentence = next(q for q in made if q.kind == "sentence" and index.ids[q.article] == "vpn")
    fields = index.fields.of(index.ask([sentence.text], [sentence.blind]))
    assert fields[0, sentence.article, 2] == 0


def test_the_same_seed_makes_the_same_and_no_more_than_asked() -> None:
    index = KnowledgeIndex.build(articles(), WordsEncoder())
    assert made_of(index, seed=3) == made_of(index, seed=3)
    assert made_of(index, seed=3) != made_of(index, seed=4)
    assert len({query.article for query in made_of(index, seed=0, most=4)}) == 4


def test_a_typing_error_changes_one_place_of_a_long_word_only() -> None:
    rng = np.random.default_rng(0)
    assert mistyped("cat", rng) == "cat"
    for _ in range(50):
        word = mistyped("password", rng)
        assert abs(len(word) - 8) <= 1
        assert set(word) <= set("password")


def test_weights_follow_the_field_that_tells() -> None:
    rng = np.random.default_rng(0)
    right = rng.random((200, len(FIELDS))) * 0.1
    rivals = rng.random((200, 6, len(FIELDS))) * 0.1
    right[:, 1] += 1
    weights = chosen(right, rivals, np.arange(200))
    assert abs(sum(weights) - 1) < 1e-3
    assert weights[1] > PLAIN[1]
    assert min(weights) >= 0


def test_few_articles_teach_nothing() -> None:
    assert learn_weights(KnowledgeIndex.build(articles()[:3], WordsEncoder())) == PLAIN


def test_a_tie_counts_against_the_right_article() -> None:
    right, rivals = np.array([[1.0], [1.0]]), np.array([[[1.0], [0.5]], [[0.2], [0.1]]])
    assert reciprocal_ranks(right, rivals, np.array([1.0])).tolist() == [0.5, 1.0]
