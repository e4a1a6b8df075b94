"""Word weights against the plain way: delete the word's columns and look at the scores."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.attribution import word_weights
from signaltriage.routing.lexicon import Lexicon
from signaltriage.routing.words import words_in
from support import TEXTS


def weights(small, text: str, best: int, rival: int) -> np.ndarray:
    router = small.trained.router
    leaders = np.array([0.7, 0.3]), np.array([best, rival])
    row = router.rows([text])
    found = word_weights(router, Lexicon(), (row.indices, row.data), text, words_in(text), leaders)
    return found / router.fusion[1]


def test_the_weight_of_the_only_word_is_the_whole_lead_it_gives(small) -> None:
    router = small.trained.router
    for text in ("vpn", "Password", "password password"):
        scores = router.words.scores(router.rows([text]))[0] - router.words.intercept
        assert weights(small, text, 1, 4) == pytest.approx([scores[1] - scores[4]], abs=1e-5)


def test_weights_of_words_that_share_nothing_add_up_to_the_lead(small) -> None:
    """Pairs are credited to both of their words, so they are taken off once."""
    router = small.trained.router
    text = "vpn parcel"
    assert router.wording.word_column(text) is None
    scores = router.words.scores(router.rows([text]))[0] - router.words.intercept
    assert weights(small, text, 2, 0).sum() == pytest.approx(scores[2] - scores[0], abs=1e-5)


@pytest.mark.parametrize("text", ["", "?!", "xqzt qqq"])
def test_what_is_not_known_weighs_nothing(small, text: str) -> None:
    assert weights(small, text, 0, 1) == pytest.approx(np.zeros(len(words_in(text))), abs=1e-9)


def test_the_weightiest_word_is_usually_the_one_whose_deletion_costs_most(small) -> None:
    from signaltriage.routing.words import without

    router, hits = small.trained.router, 0
    for text in TEXTS[:40]:
        words = words_in(text)
        best, second = np.argsort(-router.words.scores(router.rows([text]))[0])[:2]
        left = router.words.scores(router.rows([without(text, [word]) for word in words]))
        hits += (left[:, best] - left[:, second]).argmin() == weights(small, text, best, second).argmax()
    assert hits >= 30
