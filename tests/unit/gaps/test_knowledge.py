"""Searching articles, and changing them one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from gap_base import articles

from signaltriage.errors import InputError, ModelRefusedError
from signaltriage.gaps.knowledge import KnowledgeIndex, top
from signaltriage.gaps.state import of_data, to_data
from signaltriage.types import Article
from support import WordsEncoder

QUERIES = ["forgot password", "ERR-1042", "android bell", "parcel address", "", "🙂", "نسيت كلمة المرور"]


def index() -> KnowledgeIndex:
    return KnowledgeIndex.build(articles(), WordsEncoder())


def test_the_right_article_comes_first_with_its_passage() -> None:
    found = index().search(QUERIES[:4], k=3)
    assert [hits[0].article_id for hits in found] == ["password", "parcel", "push", "address"]
    assert found[2][0].heading == "On Android"
    assert found[2][0].text == "Tap the bell."
    assert found[0][0].lexical_rank == 1
    assert [hit.relevance for hit in found[0]] == sorted((hit.relevance for hit in found[0]), reverse=True)


def test_every_query_has_hits_whatever_it_is_made_of() -> None:
    assert [len(hits) for hits in index().search(QUERIES, k=20)] == [11] * len(QUERIES)


def test_an_empty_base_finds_nothing_and_one_article_finds_itself() -> None:
    assert KnowledgeIndex.build([], WordsEncoder()).search(["x"]) == [[]]
    one = KnowledgeIndex.build([Article("a", "Reset", "")], WordsEncoder()).search(["reset", "y"])
    assert [(hits[0].article_id, hits[0].passage) for hits in one] == [("a", -1)] * 2


def test_the_order_of_articles_and_the_company_of_queries_change_nothing() -> None:
    one = index()
    other = KnowledgeIndex.build(articles()[::-1], WordsEncoder())
    assert one.weights == other.weights
    assert one.search(QUERIES) == other.search(QUERIES) == [other.search([query])[0] for query in QUERIES]


def test_two_articles_of_one_id_are_refused() -> None:
    with pytest.raises(InputError, match="'refund'"):
        KnowledgeIndex.build([*articles(), articles()[0]], WordsEncoder())


def test_adding_changing_and_leaving_out_equals_building_anew() -> None:
    encoder = WordsEncoder()
    changed = Article("card", "Pay by invoice", "Ask for it at the desk.")
    new = Article("desk", "Book a desk", "Open the floor plan.")
    updated = KnowledgeIndex.build(articles(), encoder).updated([changed, new], without=["vpn"])
    wanted = [article for article in articles() if article.id not in ("card", "vpn")] + [changed, new]
    anew = KnowledgeIndex.build(wanted, encoder)
    anew = KnowledgeIndex(anew.entries, encoder, anew.vocabulary, updated.weights)
    assert updated.ids == anew.ids
    queries = [*QUERIES, "book a desk", "office vpn", "pay"]
    assert updated.search(queries) == anew.search(queries)
    with pytest.raises(InputError, match="no article 'x'"):
        updated.updated(without=["x"])


def test_only_what_is_new_is_encoded() -> None:
    encoded: list[str] = []

    class Watched(WordsEncoder):
        def encode(self, texts: list[str]) -> np.ndarray:
            encoded.extend(texts)
            return super().encode(texts)

    base = KnowledgeIndex.build(articles(), Watched())
    encoded.clear()
    base.updated([Article("desk", "Book a desk", "Open the floor plan.")], without=["vpn"])
    assert encoded == ["Book a desk", "Book a desk\nOpen the floor plan."]


def test_the_k_best_are_those_of_a_full_sort() -> None:
    values = np.array([0.1, 0.5, 0.5, 0.2, 0.5], dtype=np.float32)
    assert top(values, 2).tolist() == [1, 2]
    assert top(values, 9).tolist() == [1, 2, 4, 3, 0]
    assert top(values[:0], 3).tolist() == []


def test_saved_and_loaded_it_says_the_same() -> None:
    one = index()
    record, arrays = to_data(one)
    again = of_data(record, arrays, WordsEncoder())
    assert again.search(QUERIES) == one.search(QUERIES)
    assert again.entries[0].article == one.entries[0].article
    assert all(array.dtype != object for array in arrays.values())
    empty = KnowledgeIndex.build([], WordsEncoder())
    assert of_data(*to_data(empty), WordsEncoder()).search(["x"]) == [[]]


@pytest.mark.parametrize("name", ["titles", "passages_first", "spans", "passage_words_codes"])
def test_damaged_data_are_refused(name: str) -> None:
    record, arrays = to_data(index())
    with pytest.raises(ModelRefusedError, match="damaged"):
        of_data(record, {**arrays, name: arrays[name][:-1]}, WordsEncoder())
    with pytest.raises(ModelRefusedError, match="damaged"):
        of_data(record, {key: value for key, value in arrays.items() if key != name}, WordsEncoder())


def test_another_encoder_is_refused() -> None:
    record, arrays = to_data(index())
    with pytest.raises(ModelRefusedError, match="another encoder"):
        of_data(record, arrays, WordsEncoder(dimension=32))
