"""Articles in passages: nothing lost, nothing too long, nothing over the end of a section."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from signaltriage.gaps.passages import Cut, Passage, cut, token_counter
from signaltriage.types import Article, Section
from support import WordsEncoder


def count(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_short_sections_are_one_passage_each_under_their_heading() -> None:
    article = Article("a", "t", "", (Section("", "One. Two."), Section("How", "Three.")))
    assert cut(article, count) == [Passage("", "One. Two.", 0, 0, 9), Passage("How", "Three.", 1, 0, 6)]


def test_neighbours_overlap_by_whole_sentences() -> None:
    text = "a a a. b b b. c c c. d d d."
    found = cut(Article("a", "t", text), count, Cut(max_tokens=6, overlap=3))
    assert [p.text for p in found] == ["a a a. b b b.", "b b b. c c c.", "c c c. d d d."]


def test_no_text_no_passage() -> None:
    assert cut(Article("a", "t", " \n "), count) == []


@given(st.text(alphabet="ab. \n", max_size=400), st.integers(1, 12))
def test_every_character_is_kept_and_no_passage_is_too_long(text: str, most: int) -> None:
    found = cut(Article("a", "t", text), count, Cut(max_tokens=most, overlap=most // 3))
    kept = {at for p in found for at in range(p.start, p.end)}
    assert all(sign.isspace() or at in kept for at, sign in enumerate(text))
    assert all(count([p.text])[0] <= most for p in found)
    assert all(p.text == text[p.start : p.end].strip() for p in found)


def test_a_long_run_without_spaces_is_cut() -> None:
    found = cut(Article("a", "t", "x" * 9000), lambda texts: [len(text) for text in texts], Cut(1000, 0))
    assert len(found) == 9
    assert "".join(p.text for p in found) == "x" * 9000


def test_an_encoder_without_a_count_is_estimated_and_one_with_is_asked() -> None:
    class Counting(WordsEncoder):
        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            return [7 for _ in texts]

    assert token_counter(Counting())(["a"]) == [7]
    assert token_counter(WordsEncoder())(["one two three", ""]) == [6, 0]
