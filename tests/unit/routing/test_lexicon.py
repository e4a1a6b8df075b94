"""What words mean to the router by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing import lexicon
from signaltriage.routing.lexicon import Lexicon
from signaltriage.routing.words import words_in
from support import TEXTS


@pytest.fixture(scope="module")
def learnt(small) -> Lexicon:
    return Lexicon.learn(TEXTS, small.trained.router.meaning, small.encoder.encode)


def test_every_word_of_the_training_texts_is_there_also_one_that_stood_there_once(learnt: Lexicon) -> None:
    assert set(learnt.words) == {w.key for text in TEXTS for w in words_in(text) if len(w.key) > 1}
    assert list(learnt.words) == sorted(learnt.words)
    assert learnt.meanings.mean(axis=0) == pytest.approx(0, abs=1e-3)


def test_a_word_leads_by_what_the_meaning_scorer_says_of_it(learnt: Lexicon, small) -> None:
    meaning = small.trained.router.meaning
    vpn, parcel = meaning.scores(small.encoder.encode(["vpn", "parcel"]))
    teams, direction = np.array([2, 5]), np.array([1.0, -1.0])
    found = learnt.leads(["vpn", "unheard", "parcel"], teams, direction)
    assert found[1] == 0
    assert found[0] - found[2] == pytest.approx(vpn[2] - vpn[5] - parcel[2] + parcel[5], abs=2e-3)


def test_the_row_order_changes_nothing_and_where_room_is_short_frequent_words_are_kept(
    learnt: Lexicon, small, monkeypatch: pytest.MonkeyPatch
) -> None:
    meaning = small.trained.router.meaning
    again = Lexicon.learn(TEXTS[::-1], meaning, small.encoder.encode)
    assert again.words == learnt.words
    assert np.array_equal(again.meanings, learnt.meanings)
    monkeypatch.setattr(lexicon, "MOST_ENTRIES", 6 * 10)
    few = Lexicon.learn(TEXTS, meaning, small.encoder.encode)
    assert len(few.words) == 10
    assert "the" in few.words


def test_texts_without_words(small) -> None:
    empty = Lexicon.learn(["?!", ""], small.trained.router.meaning, small.encoder.encode)
    assert empty.words == ()
    assert empty.leads(["vpn"], np.array([0, 1]), np.array([1.0, -1.0])).tolist() == [0]
    assert empty.leads([], np.array([0, 1]), np.array([1.0, -1.0])).tolist() == []
