from __future__ import annotations

import numpy as np
import pytest
import regex

from signaltriage.themes.facet_patterns import needed, patterns
from signaltriage.themes.facet_words import hear, key, pieces, weights
from signaltriage.themes.facets import KINDS, facets_of

LONG = (
    "The rota on the wall has me down for Monday and the rota in the app has me down for Tuesday, so which one is right"
)


def test_pieces_are_words_and_pairs_without_numbers_or_days() -> None:
    assert pieces("It's Monday, 14:30!") == ["it's", "<day>", ",", "#", "!", "it's <day>", "<day> ,", ", #", "# !"]
    assert pieces("") == []


def test_weights_fit_together() -> None:
    learned = weights()
    k = len(learned.kinds)
    assert learned.kinds == KINDS
    assert learned.of_words.shape == learned.of_clause.shape == (len(learned.number), k)
    assert learned.of_vector.shape[1] == len(learned.usual_trust) == k
    for array in (learned.of_words, learned.of_clause, learned.of_vector, learned.rarity, learned.limit):
        assert np.isfinite(array).all()


def test_every_expression_has_its_trust() -> None:
    """An expression that was added or changed wants `python -m eval.facet_training --write`."""
    expressions = patterns().expressions
    assert {key(expression) for expression in expressions} == set(weights().trust)
    assert len(weights().trust) == len({(expression.kind, expression.source) for expression in expressions})


@pytest.mark.parametrize("text", ["", "xyzzy"])
def test_a_text_of_unknown_words_says_nothing(text: str) -> None:
    assert (hear(text, [text], []).log_odds < 0).all()
    assert (hear(text, [], []).log_odds < 0).all()


def test_a_pattern_that_matches_makes_it_likelier() -> None:
    expressions = [one for one in patterns().expressions if one.kind == "waiting"]
    most = max(expressions, key=lambda one: weights().trust[key(one)])
    bare, told = hear(LONG, [LONG], []).log_odds, hear(LONG, [LONG], [most]).log_odds
    waiting = np.array(KINDS) == "waiting"
    assert (told[waiting] > bare[waiting]).all()
    np.testing.assert_array_equal(told[~waiting], bare[~waiting])


def test_the_vector_is_asked() -> None:
    learned = weights()
    for k in range(len(KINDS)):
        towards = learned.of_vector[:, k] / np.linalg.norm(learned.of_vector[:, k])
        assert hear(LONG, [LONG], [], towards).log_odds[k] > hear(LONG, [LONG], [], -towards).log_odds[k]


def test_a_vector_of_another_encoder_is_not_looked_at() -> None:
    other = np.ones(7, dtype=np.float32)
    np.testing.assert_array_equal(hear(LONG, [LONG], []).log_odds, hear(LONG, [LONG], [], other).log_odds)


def test_the_clause_that_speaks_most_is_the_evidence() -> None:
    clauses = ["Lovely weather here", "nobody answered and we are still waiting for weeks"]
    assert hear(". ".join(clauses), clauses, []).clause[KINDS.index("waiting")] == 1


def test_what_surrounds_a_clause_does_not_drown_it() -> None:
    complaint = "We have been waiting for an answer for three weeks. "
    assert "waiting" in {facet.kind for facet in facets_of(complaint)}
    idle = "The hall was painted in spring and the new coffee machine makes a fine cup of coffee. "
    assert "waiting" in {facet.kind for facet in facets_of(idle * 3 + complaint + idle * 3)}


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
