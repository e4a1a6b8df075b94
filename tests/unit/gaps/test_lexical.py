"""Terms and BM25, beside a plain computation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from signaltriage.gaps.lexical import K1, B, Bags, Bm25, is_identifier, stem, telling_words, terms


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("deleting", "delet"),
        ("delete", "delet"),
        ("deleted", "delet"),
        ("stopped", "stop"),
        ("filling", "fill"),
        ("copies", "copy"),
        ("boxes", "box"),
        ("status", "status"),
        ("los", "los"),
        ("größe", "größe"),
    ],
)
def test_stems(word: str, root: str) -> None:
    assert stem(word) == root


def test_an_identifier_counts_as_a_whole_and_by_its_parts() -> None:
    assert terms("Error ERR-1042!") == ["error", "=err-1042", "err", "1042"]
    assert terms("re-open it") == ["re", "open", "it"]
    assert "=3.12" in terms("python 3.12")
    assert [is_identifier(token) for token in ("s3", "1042", "a_b", "well")] == [True, False, True, False]


def test_scripts_without_spaces_become_pairs_and_emoji_nothing() -> None:
    assert terms("忘れた") == ["忘れ", "れた"]
    assert terms("🙂 !?") == []
    assert terms("نسيت كلمة") == ["نسيت", "كلمة"]


def test_telling_words_are_those_that_are_left_or_all() -> None:
    assert telling_words("How do I reset my password?") == ["reset", "password"]
    assert telling_words("what is it") == ["what", "is", "it"]


def plain(query: list[str], texts: list[list[str]]) -> list[float]:
    n, mean = len(texts), sum(map(len, texts)) / len(texts)

    def idf(term: str) -> float:
        having = sum(term in text for text in texts)
        return math.log1p((n - having + 0.5) / (having + 0.5))

    def weight(term: str, text: list[str]) -> float:
        count = text.count(term)
        return idf(term) * count * (K1 + 1) / (count + K1 * (1 - B + B * len(text) / mean))

    best = (K1 + 1) * sum(idf(term) for term in set(query))
    return [sum(weight(term, text) for term in set(query)) / best for text in texts]


def test_bm25_is_what_the_formula_says() -> None:
    texts = [["a", "b", "b"], ["b", "c"], [], ["a", "a", "a", "d"]]
    vocabulary: dict[str, int] = {}
    index = Bm25(Bags.of(texts, vocabulary), vocabulary)
    queries = [["a", "b"], ["c", "x"], ["b", "b", "b"], []]
    found = index.scores(queries)
    assert found.shape == (4, 4)
    for row, query in zip(found[:3], queries, strict=False):
        np.testing.assert_allclose(row, plain(query, texts), rtol=1e-5)
    assert not found[3].any()


def test_stacked_bags_are_the_bags_of_all() -> None:
    vocabulary: dict[str, int] = {}
    whole = Bags.of([["a"], ["b", "a"], []], vocabulary)
    parts = Bags.stacked([Bags.of([["a"]], vocabulary), Bags.of([["b", "a"], []], vocabulary)])
    for name in ("indptr", "codes", "counts"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
    assert Bm25(Bags.stacked([]), {}).scores([["a"]]).shape == (1, 0)


def test_words_learned_after_it_was_built_are_unknown_to_it() -> None:
    vocabulary: dict[str, int] = {}
    index = Bm25(Bags.of([["a"], ["b"]], vocabulary), vocabulary)
    Bags.of([["new"]], vocabulary)
    assert not index.scores([["new"]]).any()
    assert index.idf("new") > index.idf("a")
