from __future__ import annotations

import time

import numpy as np
import pytest

from signaltriage.themes.facet_patterns import patterns
from signaltriage.themes.facet_words import weights
from signaltriage.themes.facets import KINDS, facets_of


def kinds(text: str) -> set[str]:
    return {facet.kind for facet in facets_of(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("As a workaround we print the list on Thursdays.", "workaround"),
        ("We keep a spreadsheet of our own for this.", "workaround"),
        ("I retype every order by hand.", "manual_step"),
        ("Beatriz is copy-pasting them line by line.", "manual_step"),
        ("It still needs approval from finance.", "exception_approval"),
        ("The agent says he is not authorised to connect.", "exception_approval"),
        ("No reply from support since Monday.", "waiting"),
        ("We have been waiting for a part for two weeks.", "waiting"),
        ("One page says 48 hours, another says 7 days. Which is right?", "contradiction"),
        ("Ticket says solved but the button is still missing.", "contradiction"),
        ("Nobody told us that the menu had moved.", "missing_information"),
        ("This option is undocumented.", "missing_information"),
        ("The app crashes when I press save.", "broken"),
        ("It won't let me sign in.", "broken"),
        ("Der Drucker funktioniert nicht.", "broken"),
        ("Toujours pas de réponse.", "waiting"),
        ("Lo hacemos a mano.", "manual_step"),
    ],
)
def test_friction_is_heard(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Thank you, all good now!",
        "No errors today.",
        "It has never crashed.",
        "There is no need for approval.",
        "I can't wait to try the new version!",
        "The crash has been fixed.",
        "Which team plays on Saturday?",
        "Automatic reply: I am away until Monday, nothing works without me.",
        "Final-Recipient: rfc822; 550 5.1.1 mailbox unavailable, delivery failed",
        "See https://example.org/error/404/broken for the notes.",
    ],
)
def test_what_is_no_friction_is_left_alone(text: str) -> None:
    assert kinds(text) == set()


def test_the_evidence_is_in_the_text_and_in_order() -> None:
    text = "Hello, I’m waiting for approval. The page is blank, so I type them in by hand!\n```\nerror: failed\n```"
    found = facets_of(text)
    assert [(facet.start, facet.end) for facet in found] == sorted((facet.start, facet.end) for facet in found)
    for facet in found:
        assert facet.kind in KINDS
        assert facet.text == text[facet.start : facet.end]
        assert facet.text == facet.text.strip()
        assert "error" not in facet.text  # code is not what somebody says
    assert {"waiting", "exception_approval", "broken", "manual_step", "workaround"} <= {facet.kind for facet in found}


def test_evidence_is_a_clause_and_not_the_whole_text() -> None:
    text = "Lovely weather. " * 20 + "The scanner does not work. " + "See you soon. " * 20
    (facet,) = facets_of(text)
    assert facet.text == "The scanner does not work"


def test_what_is_done_by_hand_for_want_of_a_machine_is_a_workaround() -> None:
    assert "workaround" in kinds("The scanner is broken, we count by hand.")
    assert "workaround" not in kinds("We count by hand.")


def test_every_kind_has_patterns() -> None:
    assert {expression.kind for expression in patterns().expressions} == set(KINDS)


@pytest.mark.parametrize("unit", ["says ", "a", "not not ", "waiting ", "page says one ", "🙂", "\n", "no "])
def test_a_text_made_to_hurt_takes_no_time(unit: str) -> None:
    started = time.perf_counter()
    facets_of(unit * 4000)
    assert time.perf_counter() - started < 20


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Restarting the router every morning helps.", "workaround"),
        ("We went back to the old form.", "workaround"),
        ("I have to enter each patient in three systems.", "manual_step"),
        ("Please can you release my order?", "exception_approval"),
        ("Two weeks late, and nobody came.", "waiting"),
        ("Which of the two should I believe?", "contradiction"),
        ("They changed the rates without telling us.", "missing_information"),
        ("The list came back with someone else's name on it.", "broken"),
    ],
)
def test_friction_is_heard_in_other_words(text: str, kind: str) -> None:
    assert kind in kinds(text)


def test_what_is_denied_is_not_heard_by_the_model_either() -> None:
    vector = np.ones(weights().of_vector.shape[0], dtype=np.float32)
    text = "There were no errors in the import and no errors in the export of all the lists that we sent on Monday."
    assert "broken" not in {facet.kind for facet in facets_of(text, vector)}
