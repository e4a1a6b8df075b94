"""Reasons: the comparison that decided, the words that moved it, the example it is like."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.explain import EXAMPLE_CHARACTERS, WORDS_SHOWN, Evidence, Examples, describe, find_evidence
from signaltriage.types import RunnerUp
from support import SIGNALS, TEAMS, TEXTS

EVIDENCE = Evidence(("vpn", "drops"), "VPN drops at home", 0.871)
NEXT = [RunnerUp("apps", 0.2), RunnerUp("pay", 0.1)]


def test_routed() -> None:
    said = describe(0.93, 0.75, EVIDENCE, NEXT, 4)
    assert said == "93% sure, 75% needed; words: vpn, drops; like (0.87): “VPN drops at home”"


def test_held_for_a_person_names_the_next_team() -> None:
    said = describe(0.48, 0.75, EVIDENCE, NEXT, 4)
    assert said.startswith("only 48% sure, 75% needed; next apps 20%; words:")
    assert describe(0.48, 0.75, EVIDENCE, [], 4).startswith("only 48% sure, 75% needed; words:")


def test_a_model_that_may_never_route_says_so() -> None:
    assert describe(0.99, 1.01, EVIDENCE, NEXT, 4).startswith("99% sure; held-out data allow no limit")


def test_a_probability_just_below_the_limit_never_reads_as_the_limit() -> None:
    assert describe(0.8999, 0.9, EVIDENCE, NEXT, 4).startswith("only 89% sure, 90% needed")
    for percent in range(1, 100):
        limit = percent / 100
        assert describe(limit, limit, EVIDENCE, NEXT, 4).startswith(f"{percent}% sure, {percent}% needed")


def test_words_that_are_not_known_and_examples_that_are_not_kept() -> None:
    assert "no word of it occurs in the training data" in describe(0.5, 0.4, EVIDENCE, NEXT, 0)
    assert describe(0.5, 0.4, Evidence((), "", 0.0), NEXT, 3) == "50% sure, 40% needed"


def test_the_typical_examples_of_each_team_are_kept(small) -> None:
    codes = small.examples.team_codes
    assert np.bincount(codes).tolist() == [5] * len(SIGNALS)
    assert set(small.examples.texts) <= {text if len(text) <= EXAMPLE_CHARACTERS else text[:1] for text in TEXTS} | {
        shown for shown in small.examples.texts if shown.endswith("…")
    }
    none = Examples.choose(TEXTS, np.zeros(len(TEXTS), dtype=np.int64), small.vectors, 0)
    assert (len(none.texts), len(none.vectors)) == (0, 0)


def test_examples_are_shortened_to_one_line() -> None:
    vectors = np.eye(2, dtype=np.float32)
    kept = Examples.choose(["two\n\n lines", "x" * 500], np.array([0, 1]), vectors, 1)
    assert kept.texts == ("two lines", "x" * (EXAMPLE_CHARACTERS - 1) + "…")


def evidence(small, text: str, best: str, second: str) -> Evidence:
    router = small.trained.router
    pair = np.array([[router.classes.index(best), router.classes.index(second)]])
    return find_evidence(router, small.examples, router.rows([text]), small.encoder.encode([text]), pair)[0]


def test_the_example_is_the_nearest_of_the_best_guess_by_brute_force(small) -> None:
    text = "vpn drops when I work from home"
    found = evidence(small, text, "network", "app")
    mine = [i for i, code in enumerate(small.examples.team_codes) if small.trained.router.classes[code] == "network"]
    similarity = small.examples.vectors[mine].astype(np.float64) @ small.encoder.encode([text])[0].astype(np.float64)
    assert found.example == small.examples.texts[mine[int(similarity.argmax())]]
    assert found.similarity == pytest.approx(similarity.max(), abs=1e-5)


def test_the_words_are_of_the_text_and_speak_for_the_team(small) -> None:
    text = "the vpn drops, please reset my password"
    for team, word in (("network", "vpn"), ("identity", "password")):
        found = evidence(small, text, team, "shipping")
        assert any(word in term for term in found.words)
        assert len(found.words) <= WORDS_SHOWN
        assert all(term in text.replace(",", "") for term in found.words)


def test_no_word_is_shown_inside_another(small) -> None:
    for text, team in zip(TEXTS, TEAMS, strict=True):
        words = evidence(small, text, team, "app" if team != "app" else "network").words
        padded = [f" {word} " for word in words]
        assert not any(a != b and a in b for a in padded for b in padded)


def test_a_model_without_examples_still_gives_words(small) -> None:
    router = small.trained.router
    empty = Examples((), np.zeros(0, dtype=np.int32), np.zeros((0, small.vectors.shape[1]), dtype=np.float16))
    text = ["vpn drops"]
    found = find_evidence(router, empty, router.rows(text), small.encoder.encode(text), np.array([[2, 0]]))[0]
    assert found.example == ""
    assert found.words
