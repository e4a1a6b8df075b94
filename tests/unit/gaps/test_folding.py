"""Spelling is read as the base and the log spell it; words of the world stay."""

from __future__ import annotations

import pytest

from signaltriage.gaps.folding import Speller, fold_all, fold_case, merge_split_words, words_of
from signaltriage.gaps.slips import kind_of

GENERAL = frozenset(("night", "mode", "handle", "swap", "torn", "hand", "authentication", "the"))
SPELLER = Speller.of(
    ["Reset your password. The rate card lists prices.", "Swap the size of a jacket. Ragout reasons. Energy every day"],
    [("trolley weight", 3), ("trolly weight", 1), ("reset pasword", 2)],
    GENERAL,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Reset  PASSWORD?? ", "reset password"),
        ("rset pasword", "reset password"),  # two ask it misspelt, and it is a misspelling all the same
        ("rate crad", "rate card"),
        ("trolly weight", "trolley weight"),
        ("ragout resons", "ragout reasons"),
        ("size swp", "size swap"),  # three letters, but it stands with the other word in an article
        ("night swp", "night swp"),
        ("ratecard prices", "rate card prices"),
        ("athentication", "authentication"),
        ("torn jacket", "torn jacket"),
        ("swapping", "swapping"),
        ("Passwort vergessen leider", "passwort vergessen leider"),  # more unknown than known: another language
        ("パスワード", "パスワード"),
        ("err-1042", "err-1042"),
    ],
)
def test_queries_are_read_as_they_are_meant(typed: str, read: str) -> None:
    assert SPELLER.correct(typed) == read


def test_words_that_were_cut_in_two_are_joined() -> None:
    assert merge_split_words("rago ut reasons", SPELLER.known) == "ragout reasons"
    assert merge_split_words("rate card", SPELLER.known | {"ratecard"}) == "rate card"


def test_folding_does_not_depend_on_order() -> None:
    typed = ["rate crad", "Rate Card", "rago ut"]
    assert fold_all(typed, SPELLER) == fold_all(typed[::-1], SPELLER)
    assert fold_case("ＶＰＮ") == "vpn"
    assert words_of("don’t re-use X1") == ["don't", "re", "use", "x1"]


# Words of a help centre, and words of the language that it does not use: enough of both to count neighbours among them.
_BASE = "base poor sure card cost hands space pace report client state plate date late rate gate line time name same"
_LANGUAGE = (
    "bare bore care core dare fare hare mare pore sore tare wore bane cane lane mane pane sane vane wane cage page "
    "rage sage wage case vase fate hate mate cave gave pave rave save wave dose hose nose pose rose dove love rove "
    "fine mine nine pine vine wine bite kite mite site dime lime mime come dome home tome hide ride side tide wide"
)


@pytest.mark.parametrize("word", ["bake", "poop", "cust", "puce", "cast", "card"])
def test_a_short_word_that_looks_like_another_stays(word: str) -> None:
    speller = Speller.of([_BASE], [], frozenset(_LANGUAGE.split()))
    assert speller.correct(word) == word


def test_a_base_of_few_words_does_not_draw_every_word_to_itself() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    general = frozenset(f"{a}oo{b}" for a in letters for b in letters)
    assert Speller.of(["You are sure poor"], [], general - {"poop"}).correct("poop") == "poop"


def test_a_slip_that_no_other_word_explains_is_mended_all_the_same() -> None:
    speller = Speller.of([_BASE], [], frozenset(_LANGUAGE.split()))
    assert speller.correct("crad") == "card"
    assert speller.correct("cilent") == "client"


def test_a_word_that_several_people_type_is_no_misspelling_of_a_chance_neighbour() -> None:
    speller = Speller.of([_BASE], [("bake", 3), ("bake it", 2)], frozenset(_LANGUAGE.split()))
    assert speller.is_known("bake")
    assert speller.correct("bake") == "bake"


def test_other_words_of_an_article_tell_a_slip_from_a_word() -> None:
    texts = [f"{word} {other}" for word, other in zip(_BASE.split(), _BASE.split()[::-1], strict=True)]
    speller = Speller.of([*texts, "frozen stock"], [], frozenset([*_LANGUAGE.split(), "frozen"]))
    assert speller.correct("frozen stok") == "frozen stock"


def test_a_word_is_known_by_its_other_forms() -> None:
    speller = Speller.of(["base"], [], frozenset(("baker", "sharing")))
    assert speller.correct("bake") == "bake"
    assert speller.correct("share") == "share"


@pytest.mark.parametrize(
    ("word", "other", "kind"),
    [
        ("crad", "card", "swapped"),
        ("pasword", "password", "doubled"),
        ("papper", "paper", "doubled"),
        ("delivry", "delivery", "dropped"),
        ("cliente", "client", "added"),
        ("bake", "base", "changed"),
        ("handset", "hands", "several"),
        ("abcd", "badc", "several"),
    ],
)
def test_kinds_of_slips(word: str, other: str, kind: str) -> None:
    assert kind_of(word, other) == kind
