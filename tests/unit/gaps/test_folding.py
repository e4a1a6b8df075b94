"""Spelling is read as the base and the log spell it; words of the world stay."""

from __future__ import annotations

import pytest

from signaltriage.gaps.folding import Speller, fold_all, fold_case, merge_split_words, words_of

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
