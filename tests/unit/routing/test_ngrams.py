"""The wording of a signal, against scikit-learn's vectorizers as an oracle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from signaltriage.routing import ngrams
from signaltriage.routing.ngrams import Wording, char_ngrams, word_ngrams, words_of
from support import FRESH, TEXTS

AWKWARD = [
    "Ärger mit dem GERÄT, Ärger!",
    "ärger  mit\tdem\ngerät",
    "a b c a b",
    "x",
    "…!?",
    "don't can't e-mail e-mail",
    "日本 の 日本 店",
    "ΟΔΟΣ οδος Straße STRASSE",
]


def oracle(texts: list[str], **options: object) -> TfidfVectorizer:
    return TfidfVectorizer(min_df=ngrams.MIN_DOCUMENTS, sublinear_tf=True, **options).fit(texts)


def word_oracle(texts: list[str]) -> TfidfVectorizer:
    return oracle(texts, ngram_range=(1, 2), token_pattern=r"\w+")


def char_oracle(texts: list[str]) -> TfidfVectorizer:
    return oracle(texts, analyzer="char_wb", ngram_range=(3, 5))


@pytest.mark.parametrize("texts", [TEXTS, AWKWARD * 2], ids=["signals", "awkward"])
def test_vocabulary_and_rows_equal_scikit_learns(texts: list[str]) -> None:
    words, chars = word_oracle(texts), char_oracle(texts)
    wording = Wording.learn(texts)
    assert list(wording.words) == words.get_feature_names_out().tolist()
    assert list(wording.chars) == chars.get_feature_names_out().tolist()
    for batch in (texts, FRESH):
        expected = sparse.hstack([words.transform(batch), chars.transform(batch)]).toarray()
        np.testing.assert_allclose(wording.rows(batch).toarray(), expected, atol=2e-6)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(alphabet="ab é\n.-1", max_size=12), min_size=2, max_size=8))
def test_rows_equal_scikit_learns_for_any_texts(texts: list[str]) -> None:
    wording = Wording.learn(texts)
    found = wording.rows(texts).toarray()
    for make, columns in (
        (word_oracle, slice(0, wording.n_words)),
        (char_oracle, slice(wording.n_words, None)),
    ):
        try:
            expected = make(texts).transform(texts).toarray()
        except ValueError:  # scikit-learn refuses an empty vocabulary; here it is an empty block
            expected = np.zeros((len(texts), 0))
        np.testing.assert_allclose(found[:, columns], expected, atol=2e-6)


def test_ngrams_of_words_and_of_one_token() -> None:
    assert list(word_ngrams(["a", "b", "c"])) == ["a", "b", "c", "a b", "b c"]
    assert list(word_ngrams([])) == []
    assert char_ngrams("ab") == [" ab", "ab ", " ab "]
    assert char_ngrams("a") == [" a "]
    assert words_of("Don't  PANIC: it's 42") == ["don", "t", "panic", "it", "s", "42"]


def test_a_very_long_token_is_cut() -> None:
    blob = "q" * 60
    wording = Wording.learn([blob + "AAAA", blob + "BBBB"])
    assert wording.words == (blob,)
    assert wording.rows([blob + "zzz"]).nnz == len(wording.idf)


def test_a_term_seen_in_one_text_only_is_left_out() -> None:
    wording = Wording.learn(["alpha alpha alpha", "beta gamma", "beta delta"])
    assert wording.words == ("beta",)


def test_only_the_most_frequent_terms_are_kept_and_ties_go_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngrams, "MAX_TERMS", 3)
    wording = Wording.learn(["c b a d"] * 2 + ["d"])
    assert wording.words == ("a", "a d", "d")


def test_learning_does_not_depend_on_the_order_of_the_texts() -> None:
    one, other = Wording.learn(TEXTS), Wording.learn(TEXTS[::-1])
    assert (one.words, one.chars) == (other.words, other.chars)
    assert one.idf.tobytes() == other.idf.tobytes()


def test_a_row_does_not_depend_on_its_company_nor_on_what_was_asked_before() -> None:
    wording = Wording.learn(TEXTS)
    together = wording.rows(FRESH + TEXTS)
    for i, text in enumerate(FRESH):
        alone = Wording.learn(TEXTS).rows([text])
        assert alone.indices.tolist() == together[i].indices.tolist()
        assert alone.data.tobytes() == together[i].data.tobytes()


def test_threads_may_share_it() -> None:
    wording, expected = Wording.learn(TEXTS), Wording.learn(TEXTS).rows(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(wording.rows, [TEXTS] * 8):
            assert (found != expected).nnz == 0


def test_each_part_of_a_row_has_unit_length() -> None:
    wording = Wording.learn(TEXTS)
    rows = wording.rows(TEXTS).toarray().astype(np.float64)
    for part in (rows[:, : wording.n_words], rows[:, wording.n_words :]):
        lengths = np.linalg.norm(part, axis=1)
        assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()


def test_no_texts_and_no_known_terms() -> None:
    wording = Wording.learn(TEXTS)
    assert wording.rows([]).shape == (0, len(wording.idf))
    assert wording.rows(["", "   ", "🤷"]).nnz == 0
    nothing = Wording.learn(["one", "TWO!"])
    assert nothing.rows(["one"]).shape == (1, 0)
