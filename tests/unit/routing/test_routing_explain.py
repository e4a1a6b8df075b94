"""Reasons: the comparison that decided, the words that moved it, the example it is like."""

from __future__ import annotations

import numpy as np
import pytest

from signaltriage.routing.explain import (
    EXAMPLE_CHARACTERS,
    Evidence,
    Examples,
    Leaders,
    _telling_words,
    describe,
    find_evidence,
    nearest_of_all,
)
from signaltriage.routing.words import WORDS_SHOWN, words_in
from signaltriage.types import Neighbour, RunnerUp
from support import FRESH, SIGNALS, TEXTS

HOME = Neighbour("VPN drops at home", "net", 0.871)
CRASH = Neighbour("it drops and crashes", "apps", 0.9)
EVIDENCE = Evidence(("vpn", "drops"), (HOME,))
NEXT = [RunnerUp("apps", 0.2), RunnerUp("pay", 0.1)]


def test_routed() -> None:
    said = describe(0.93, 0.75, "net", EVIDENCE, NEXT, 4)
    assert said == "93% sure, 75% needed; words: vpn, drops; like (0.87, net): “VPN drops at home”"


def test_a_neighbour_of_another_team_is_shown_with_its_label() -> None:
    said = describe(0.93, 0.75, "net", Evidence((), (CRASH, HOME)), NEXT, 4)
    assert said.endswith("like (0.90, yet of apps): “it drops and crashes”; like (0.87, net): “VPN drops at home”")


def test_held_for_a_person_names_the_next_team() -> None:
    said = describe(0.48, 0.75, "net", EVIDENCE, NEXT, 4)
    assert said.startswith("only 48% sure, 75% needed; next apps 20%; words:")
    assert describe(0.48, 0.75, "net", EVIDENCE, [], 4).startswith("only 48% sure, 75% needed; words:")


def test_a_model_that_may_never_route_says_so() -> None:
    assert describe(0.99, 1.01, "net", EVIDENCE, NEXT, 4).startswith("99% sure; held-out data allow no limit")


def test_a_probability_just_below_the_limit_never_reads_as_the_limit() -> None:
    assert describe(0.8999, 0.9, "net", EVIDENCE, NEXT, 4).startswith("only 89% sure, 90% needed")
    for percent in range(1, 100):
        limit = percent / 100
        assert describe(limit, limit, "net", EVIDENCE, NEXT, 4).startswith(f"{percent}% sure, {percent}% needed")


def test_words_that_are_not_known_and_examples_that_are_not_kept() -> None:
    assert "no word of it occurs in the training data" in describe(0.5, 0.4, "net", EVIDENCE, NEXT, 0)
    assert describe(0.5, 0.4, "net", Evidence((), ()), NEXT, 3) == "50% sure, 40% needed"


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


def evidence(small, text: str, *teams: str) -> Evidence:
    """For the first of these teams against the others, whatever the router thinks."""
    router = small.trained.router
    codes = np.array([[router.classes.index(team) for team in teams]])
    leaders = Leaders(codes, np.linspace(0.6, 0.1, len(teams))[None])
    both = router.rows([text]), small.encoder.encode([text])
    return find_evidence(router, small.examples, [text], both, leaders)[0]


def brute_force(small, text: str, *teams: str) -> tuple[str, float]:
    classes = small.trained.router.classes
    mine = [i for i, code in enumerate(small.examples.team_codes) if classes[code] in teams]
    similarity = small.examples.vectors[mine].astype(np.float64) @ small.encoder.encode([text])[0].astype(np.float64)
    return small.examples.texts[mine[int(similarity.argmax())]], float(similarity.max())


@pytest.mark.parametrize("text", [text for text in FRESH if text])
def test_the_neighbours_are_the_nearest_by_brute_force(small, text: str) -> None:
    teams = ("network", "app", "shipping")
    nearest, *of_best = evidence(small, text, *teams).neighbours
    expected, similarity = brute_force(small, text, *teams)
    assert (nearest.text, nearest.similarity) == (expected, pytest.approx(similarity, abs=1e-5))
    assert len(of_best) == (nearest.team != "network")
    for known in of_best:
        assert (known.team, known.text) == ("network", brute_force(small, text, "network")[0])


def test_the_nearest_of_all_come_in_order_with_their_labels(small) -> None:
    router, text = small.trained.router, "vpn drops when I work from home"
    found = nearest_of_all(router, small.examples, small.encoder.encode([text])[0], 4)
    assert found[0].text == brute_force(small, text, *router.classes)[0]
    assert [known.similarity for known in found] == sorted((known.similarity for known in found), reverse=True)
    team_of = dict(zip(small.examples.texts, small.examples.team_codes, strict=True))
    assert all(router.classes[team_of[known.text]] == known.team for known in found)


def test_the_words_are_as_typed_and_speak_for_the_team(small) -> None:
    text = "The VPN drops again, please reset my Password!"
    for team, word in (("network", "VPN"), ("identity", "Password")):
        found = evidence(small, text, team, "shipping")
        assert word in found.words
        assert len(found.words) <= WORDS_SHOWN
        assert {*found.words} <= {known.typed for known in words_in(text)}


def test_at_most_half_of_the_words_are_named(small) -> None:
    assert len(evidence(small, "vpn drops", "network", "app").words) == 1
    assert len(evidence(small, "my vpn drops again", "network", "app").words) <= 2


def test_a_text_without_words_and_a_model_without_examples(small) -> None:
    assert evidence(small, "?!", "network", "app").words == ()
    router = small.trained.router
    empty = Examples((), np.zeros(0, dtype=np.int32), np.zeros((0, small.vectors.shape[1]), dtype=np.float16))
    both = router.rows(["vpn drops"]), small.encoder.encode(["vpn drops"])
    network = router.classes.index("network")
    leaders = Leaders(np.array([[network, 0]]), np.array([[0.7, 0.2]]))
    found = find_evidence(router, empty, ["vpn drops"], both, leaders)[0]
    assert found.neighbours == ()
    assert found.words
    assert nearest_of_all(router, empty, both[1][0], 3) == ()


def test_where_no_word_speaks_for_the_guess_the_one_that_speaks_least_against_it_is_named() -> None:
    words = words_in("x alpha beta gamma")
    assert _telling_words(words, np.array([0.0, -3.0, -1.0, -2.0])) == ("beta",)
    assert _telling_words(words, np.array([9.0, -3.0, 2.0, 1.0])) == ("beta", "gamma")
    assert _telling_words(words_in("x"), np.array([1.0])) == ()
