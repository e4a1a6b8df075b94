from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from signaltriage.themes.function_words import FUNCTION_WORDS
from signaltriage.themes.meaning import Meaning
from signaltriage.themes.names import Known, ThemeName, name_themes
from signaltriage.themes.partition import unit
from signaltriage.themes.phrases import runs_of, stem

TEXTS = [
    "How do I cancel my bank transfer?",
    "I want to cancel a transfer to my friend",
    "Please cancel that transfer, it was a mistake",
    "cancel transfer now",
    "My Apple Pay top up has failed again",
    "top-up failed with Apple Pay",
    "The top up failed on my phone",
    "Top ups fail, and nobody answers",
    "Where is my new card? I ordered it two weeks ago",
    "new card has not arrived",
    "My card hasn't arrived yet",
    "still waiting for the card to arrive",
]
THEMES = np.repeat(np.arange(3), 4)


def names(texts: list[str], themes: np.ndarray, n: int) -> list[ThemeName]:
    return name_themes(texts, themes, n)


def test_names_are_phrases_that_a_person_would_give() -> None:
    found = names(TEXTS, THEMES, 3)
    assert found[0].name == "Cancel transfer"
    assert found[1].name.lower().replace("-", " ") == "top up failed"
    assert "card" in found[2].name.lower()
    for entry in found:
        words = entry.name.split()
        assert 2 <= len(words) <= 5
        assert entry.name[0].isupper()
        assert words[0].lower() not in FUNCTION_WORDS
        assert words[-1].lower() not in FUNCTION_WORDS
        assert 2 <= len(entry.keywords) <= 8
        assert len({stem(word) for word in entry.keywords}) == len(entry.keywords)
        assert entry.description.endswith(".")


def test_the_order_of_rows_and_themes_is_of_no_account() -> None:
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert names([TEXTS[i] for i in order], THEMES[order], 3) == names(TEXTS, THEMES, 3)
    turned = names(TEXTS, 2 - THEMES, 3)
    assert [entry.name for entry in turned[::-1]] == [entry.name for entry in names(TEXTS, THEMES, 3)]


def test_no_two_themes_have_one_name() -> None:
    texts = [
        text for _ in range(5) for text in ("cancel my transfer", "transfer cancelled", "please cancel the transfer")
    ]
    found = names(
        [f"{text} {'abcde'[i // 3]}{'x' * (i // 3)}" for i, text in enumerate(texts)], np.repeat(np.arange(5), 3), 5
    )
    assert len({entry.name.casefold() for entry in found}) == 5


def test_names_that_people_gave_stay_and_are_not_given_again() -> None:
    found = name_themes(TEXTS, THEMES, 3, Known(fixed={2: "Cancel transfer"}))
    assert found[2].name == "Cancel transfer"
    assert found[0].name.casefold() != "cancel transfer"


@pytest.mark.parametrize(
    "text", ["", "   ", "the of and", "👍👍", "1234 5678", "カードが届きません", "https://example.org"]
)
def test_a_theme_of_one_signal_has_a_name_whatever_it_says(text: str) -> None:
    (found,) = names([text], np.array([0]), 1)
    assert found.name.strip()
    assert found.description.strip()


def test_themes_without_words_are_told_apart_too() -> None:
    found = names(["", "...", "card lost"], np.array([0, 1, 3]), 5)
    assert len({entry.name for entry in found}) == 5
    assert found[2].name.startswith("Signals without words")


def test_other_languages() -> None:
    texts = ["Der Drucker druckt leere Etiketten", "leere Etiketten vom Drucker", "Wieder leere Etiketten!"]
    texts += ["la facture est en double", "une facture en double", "encore une facture en double ce mois"]
    first, second = names(texts, np.array([0, 0, 0, 1, 1, 1]), 2)
    assert first.name == "Leere Etiketten"
    assert "facture" in second.name.lower()


def test_the_case_of_names_in_the_text_is_kept() -> None:
    texts = [
        "we use Apple Pay here",
        "my Apple Pay is gone",
        "is Apple Pay down",
        "open the PIN page",
        "the PIN page is slow",
    ]
    first, second = names(texts, np.array([0, 0, 0, 1, 1]), 2)
    assert "Apple Pay" in first.name
    assert "PIN" in second.name


def test_copies_of_one_text_count_once_for_the_name() -> None:
    texts = ["parcel lost in transit"] * 50 + [
        "refund is late",
        "my refund is late",
        "late refund again",
        "when comes the refund",
    ]
    (found,) = names(texts, np.zeros(54, dtype=np.int64), 1)
    assert "refund" in found.name.lower()
    assert found.description.startswith("54 signals")


def test_words_and_stems() -> None:
    assert runs_of("the door is locked") == [["the", "door", "is", "locked"]]
    assert runs_of("Der Drucker war kaputt") == [["Der", "Drucker", "kaputt"]]
    assert runs_of("Please sign up, by e-mail (see https://a.b/c): don't!") == [
        ["Please", "sign up"],
        ["by", "e-mail"],
        ["see"],
        ["don't"],
    ]
    assert stem("transfers") == stem("transfer") == stem("Transferred")
    assert stem("deliveries") == stem("delivery")
    assert stem("top-up") == stem("top up")
    assert stem("gas") == "gas"


def test_a_theme_of_what_is_missing_says_so() -> None:
    texts = ["No hike since years", "there is no hike", "No hike at all", "no hike, again", "the hike was a walk"]
    texts += ["growth is slow", "slow growth here", "growth too slow"]
    first, second = names(texts, np.array([0, 0, 0, 0, 0, 1, 1, 1]), 2)
    assert first.name == "No hike"
    assert second.name.lower() in {"slow growth", "growth slow"}


def test_a_phrase_of_few_texts_gives_way_to_what_the_theme_is_about() -> None:
    texts = [f"invoice {word} wrong" for word in ["was", "is", "looks", "came", "seems", "again", "still"]]
    texts += ["invoice by pigeon post", "pigeon post invoice", "the door is stuck", "door stuck", "stuck door again"]
    themes = np.array([0] * 9 + [1] * 3)

    def encode(said: Sequence[str]) -> NDArray[np.float32]:
        about = [[0.9, 0.1, 0.4] if "nvoice" in name else [0.1, 0.9, 0.4] for name in said]
        about = [[0.05, 0.05, 0.99] if "igeon" in name else row for name, row in zip(said, about, strict=True)]
        return unit(np.array(about))

    meaning = Meaning(encode, unit(np.array([[0.9, 0.1, 0.4], [0.1, 0.9, 0.4]])))
    found = name_themes(texts, themes, 2, Known(meaning=meaning))
    assert "invoice" in found[0].name.lower()
    assert "pigeon" not in found[0].name.lower()
    assert "door" in found[1].name.lower()
    assert name_themes(texts[::-1], themes[::-1], 2, Known(meaning=meaning)) == found


@pytest.mark.parametrize("closing", ["Mit freundlichen Grüßen", "Thanks in advance", "Hi team", "Please help me"])
def test_no_theme_is_called_by_its_politeness(closing: str) -> None:
    texts = [f"{subject} {closing}." for subject in ("It is broken.", "Again!", "Still so.", "Since Monday.")]
    texts += [f"Drucker kaputt. {closing}", f"Schon wieder: Drucker kaputt! {closing}"]
    (found,) = names(texts, np.zeros(len(texts), dtype=np.int64), 1)
    assert not {stem(word) for word in found.name.split()} & {stem(word) for word in closing.split()}


def test_a_theme_without_a_word_in_common_says_so() -> None:
    strays = [f"{chr(97 + i % 26) * 3}{chr(97 + i // 26) * 2}q" for i in range(120)]
    (found,) = names(strays, np.zeros(120, dtype=np.int64), 1)
    assert found.name.startswith("Mixed: ")
    (alike,) = names([f"printer {stray}" for stray in strays], np.zeros(120, dtype=np.int64), 1)
    assert alike.name == "Printer"
