from __future__ import annotations

import numpy as np
import pytest
import regex

from signaltriage.themes.facet_patterns import needed, patterns
from signaltriage.themes.facet_words import log_odds, pieces, telling, weights
from signaltriage.themes.facets import KINDS, facets_of

LONG = (
    "The rota on the wall has me down for Monday and the rota in the app has me down for Tuesday, so which one is right"
)


def test_pieces_are_words_and_pairs_without_numbers_or_days() -> None:
    assert pieces("It's Monday, 14:30!") == ["it's", "<day>", ",", "#", "!", "it's <day>", "<day> ,", ", #", "# !"]
    assert pieces("") == []


def test_weights_fit_together() -> None:
    learned = weights()
    assert set(learned.kinds) < set(KINDS)
    assert learned.of_words.shape == (len(learned.number), len(learned.kinds))
    assert learned.of_vector.shape[1] == len(learned.vector_start) == len(learned.with_vector) == len(learned.kinds)
    assert np.isfinite(learned.of_words).all()
    assert np.isfinite(learned.of_vector).all()


def test_a_text_of_unknown_words_says_nothing() -> None:
    assert log_odds("xyzzy") is None
    assert log_odds("") is None


def test_a_short_text_says_nothing_without_its_vector() -> None:
    odds = log_odds("It has never")
    assert odds is not None
    assert (odds < 0).all()


def test_the_vector_moves_only_the_kinds_that_ask_it() -> None:
    learned = weights()
    vector = np.zeros(learned.of_vector.shape[0], dtype=np.float32)
    alone, both = log_odds(LONG), log_odds(LONG, vector)
    assert alone is not None
    assert both is not None
    np.testing.assert_array_equal(alone[~learned.with_vector], both[~learned.with_vector])
    assert (alone != both)[learned.with_vector].all()


def test_a_vector_of_another_encoder_is_not_looked_at() -> None:
    alone, other = log_odds(LONG), log_odds(LONG, np.ones(7, dtype=np.float32))
    assert alone is not None
    assert other is not None
    np.testing.assert_array_equal(alone, other)


def test_the_clause_that_speaks_most_is_the_evidence() -> None:
    assert telling(["Lovely weather here", "nobody answered and we are still waiting for weeks"], "waiting") == 1


@pytest.mark.parametrize("size", [3, 60, 4000])
def test_what_the_model_hears_has_its_place_in_the_text(size: int) -> None:
    vector = np.zeros(weights().of_vector.shape[0], dtype=np.float32)
    vector[:] = weights().of_vector.sum(axis=1)
    text = (LONG + " ")[: size % len(LONG)] + "word " * (size // 5)
    for facet in facets_of(text, vector):
        assert facet.text == text[facet.start : facet.end] == facet.text.strip() != ""


@pytest.mark.parametrize(
    ("source", "pieces_needed"),
    [
        ("time[ds]?[\\s-]?outs?", {"time"}),
        ("(?:no|without) (?:way|connection)", {"way", "connection"}),
        ("a?b?", None),
        ("(?:one|t)wo", {"wo"}),
        ("Colou?r", {"colo"}),
    ],
)
def test_what_an_expression_needs(source: str, pieces_needed: set[str] | None) -> None:
    assert (set(needed(source)[0]) if needed(source) else None) == pieces_needed


def test_an_expression_that_cannot_be_read_is_always_tried() -> None:
    assert needed("(?<!a|bb)(?&what)") == ()


def test_nothing_is_left_out_that_would_match() -> None:
    texts = [
        LONG,
        "STILL no reply!! It's been THREE weeks, the page is blank and nobody told us; we retype it by hand.",
        "As a workaround I use Dave's login. Der Drucker funktioniert nicht, keine Antwort.",
        "It says delivered. It is not here. Needs two signatures and one of them is away until Monday.",
    ]
    for text in texts:
        tried = set(patterns().worth_trying(text))
        for expression in patterns().expressions:
            if expression not in tried:
                found = regex.search(rf"(?<!\w)(?:{expression.source})(?!\w)", text, regex.IGNORECASE)
                assert found is None, expression.source
