"""Words as a person sees them."""

from __future__ import annotations

import pytest

from signaltriage.routing.words import how_many, presentable, without, words_in


def typed(text: str) -> list[str]:
    return [word.typed for word in words_in(text)]


def test_words_are_whole_and_as_typed() -> None:
    assert typed("Can't log in: e-mail or VPN? vpn!") == ["Can't", "log", "in", "e-mail", "or", "VPN"]
    assert typed("") == typed("?! …") == []


def test_every_occurrence_goes_whatever_its_case() -> None:
    text = "VPN drops. The vpn, my vpns and the VPN!"
    assert without(text, [words_in(text)[0]]) == "drops. The , my vpns and the !"
    assert without(text, words_in(text)) == ". , !"
    assert without("two\n\nlines", []) == "two lines"


@pytest.mark.parametrize(("n", "named"), [(1, 1), (2, 1), (3, 1), (4, 2), (6, 3), (50, 3)])
def test_as_many_others_are_left_to_compare_with(n: int, named: int) -> None:
    assert how_many(words_in(" ".join(f"w{i}" for i in range(n)))) == named


def test_fragments_and_blobs_are_not_presentable() -> None:
    assert [presentable(word) for word in words_in(f"a vpn {'x' * 60}")] == [False, True, False]
