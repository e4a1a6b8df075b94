"""What carried a decision, found by deleting words, on deciders simple enough to know the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from signaltriage.routing.deletion import MOST_PAIRED, MOST_TRIED, RANDOM_DRAWS, Deletions, try_deletions
from signaltriage.routing.words import words_in

TEXT = "the vpn drops and the wifi dies when I work from home"


def tried(text: str, ask, seed: int = 0) -> Deletions:
    words = words_in(text)
    return try_deletions(text, words, np.zeros(len(words)), lambda texts: np.array([ask(t) for t in texts]), seed)


def test_the_words_that_carry_it_are_found_with_what_they_are_worth() -> None:
    found = tried(TEXT, lambda text: 0.2 + 0.3 * ("vpn" in text) + 0.4 * ("wifi" in text))
    assert found.carried_by == ("wifi", "vpn")
    assert found.drop == pytest.approx(0.7)
    assert found.random_drop == pytest.approx(0)
    assert found.beaten == 1
    assert found.carried
    drops = {word.word: word.drop for word in found.words}
    assert (drops["wifi"], drops["vpn"], drops["home"]) == (0.4, 0.3, 0)


def test_words_of_which_either_would_do_are_both_found() -> None:
    """Deleted alone, either changes little: only together do they show."""
    found = tried(
        TEXT, lambda text: 0.9 - 0.01 * ("vpn" not in text) - 0.8 * ("vpn" not in text and "wifi" not in text)
    )
    assert set(found.carried_by) == {"vpn", "wifi"}
    assert found.drop == pytest.approx(0.81)


def test_it_says_so_when_no_words_carry_it() -> None:
    assert not tried(TEXT, lambda text: 0.5).carried
    assert not tried(TEXT, lambda text: 0.3 + 0.05 * (text != TEXT)).carried


def test_a_text_of_one_word_has_nothing_to_compare_with() -> None:
    found = tried("vpn", lambda text: 0.9 if text else 0.2)
    assert (found.carried_by, found.random_drop, found.beaten, found.carried) == (("vpn",), None, None, True)
    assert tried("?!", lambda text: 0.9) == Deletions((), (), 0.0, None, None)
    assert not tried("?!", lambda text: 0.9).carried


def test_words_that_no_reader_would_take_for_words_are_tried_only_where_there_are_no_others() -> None:
    assert tried("a b", lambda text: 0.5 + 0.1 * ("a" in text)).carried_by == ("a",)
    assert tried("a vpn", lambda text: 0.5 + 0.1 * ("a" in text)).carried_by == ("vpn",)


def test_a_long_text_costs_no_more_than_a_few_rounds() -> None:
    asked = 0

    def ask(texts: Sequence[str]) -> np.ndarray:
        nonlocal asked
        asked += len(texts)
        return np.array([0.5 + 0.1 * ("w7 " in text) + 0.1 * ("w9 " in text) for text in texts])

    text = " ".join(f"w{i}" for i in range(500))
    words = words_in(text)
    weights = -np.arange(500.0)
    found = try_deletions(text, words, weights, ask)
    assert set(found.carried_by) == {"w7", "w9"}
    assert len(found.words) == MOST_TRIED
    assert asked <= 1 + MOST_TRIED + 2 * MOST_PAIRED + RANDOM_DRAWS


def test_the_seed_settles_the_draws() -> None:
    def ask(text: str) -> float:
        return 0.5 + 0.01 * len(text)

    assert tried(TEXT, ask, 1) == tried(TEXT, ask, 1)
    assert tried(TEXT, ask, 1).random_drop != tried(TEXT, ask, 2).random_drop
