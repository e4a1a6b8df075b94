from __future__ import annotations

import json
import time

import pytest

from signaltriage.encode.locate import default_folder
from signaltriage.encode.tokens import Tokens, encodable, serving_tokenizer
from signaltriage.errors import EncoderError

CLS, SEP = 101, 102


@pytest.fixture(scope="module")
def text_of_tokenizer() -> str:
    return (default_folder() / "tokenizer.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tokens(text_of_tokenizer: str) -> Tokens:
    return Tokens(text_of_tokenizer, 256)


def uncut(text_of_tokenizer: str, text: str, max_tokens: int = 256) -> list[int]:
    """The oracle: the tokenizers library's own truncation over the whole text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(text_of_tokenizer)
    tokenizer.enable_truncation(max_tokens)
    return list(tokenizer.encode(text).ids)


def test_special_tokens_around_each_text(tokens: Tokens) -> None:
    found = tokens.encode(["", "hello", "hello hello"])
    assert found.ids == [[CLS, SEP], [CLS, 7592, SEP], [CLS, 7592, 7592, SEP]]
    assert found.truncated == [False, False, False]


def test_limit_is_exact(tokens: Tokens) -> None:
    found = tokens.encode(["hello " * 254, "hello " * 255])
    assert [len(ids) for ids in found.ids] == [256, 256]
    assert found.truncated == [False, True]
    assert found.ids[0] == found.ids[1]


@pytest.mark.parametrize(
    "text",
    [
        "please reset my password " * 2000,
        "supercalifragilistic" * 5000,
        " " * 100_000 + "late words",
        ("x" * 300 + " ") * 2000,
        "." * 50_000,
        "漢字" * 20_000,
        "e\u0301" * 20_000,
        "word " * 10 + "a" * 60_000 + " tail",
        "[SEP] [MASK] " * 3000,
    ],
    ids=["ordinary", "one word", "blank", "unknown words", "dots", "han", "accents", "long middle", "special"],
)
def test_cutting_characters_changes_no_token(tokens: Tokens, text_of_tokenizer: str, text: str) -> None:
    assert tokens.encode([text]).ids[0] == uncut(text_of_tokenizer, text)


def test_every_length_around_the_cut(tokens: Tokens, text_of_tokenizer: str) -> None:
    cut = 256 * 16
    for length in (*range(cut - 3, cut + 4), cut + 90, cut + 110):
        text = ("internationalisation, " * 400)[:length]
        assert tokens.encode([text]).ids[0] == uncut(text_of_tokenizer, text)


def test_a_million_characters_are_fast(tokens: Tokens) -> None:
    start = time.perf_counter()
    found = tokens.encode(["my order did not arrive " * 42_000] * 20)
    assert time.perf_counter() - start < 1
    assert found.truncated == [True] * 20


def test_lone_surrogates_are_read_as_unknown_characters(tokens: Tokens) -> None:
    found = tokens.encode(["good \ud83d morning", "good morning"])
    assert found.ids[0] == found.ids[1]
    assert encodable("\ud83d\ude00") == "😀"
    assert encodable("plain") == "plain"


def test_order_holds_across_chunks(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"text number {i}" for i in range(50)]
    whole = tokens.encode(texts).ids
    monkeypatch.setattr("signaltriage.encode.tokens._CHUNK", 7)
    assert tokens.encode(texts).ids == whole


def test_padding_and_truncation_of_the_file_are_switched_off(text_of_tokenizer: str) -> None:
    parts = json.loads(text_of_tokenizer)
    assert parts["padding"] is None
    assert parts["truncation"] is None
    padded = parts | {"padding": {"strategy": {"Fixed": 128}}}
    assert json.loads(serving_tokenizer(json.dumps(padded)))["padding"] is None


def test_a_broken_tokenizer_is_refused() -> None:
    with pytest.raises(EncoderError, match=r"tokenizer\.json"):
        Tokens("{}", 256)


def test_a_limit_without_room_is_refused(text_of_tokenizer: str) -> None:
    with pytest.raises(EncoderError, match="max_tokens"):
        Tokens(text_of_tokenizer, 2)


def test_a_count_leaves_special_tokens_out(tokens: Tokens) -> None:
    assert tokens.count(["hello world", "", "x " * 5000])[:2] == [2, 0]
    assert tokens.count(["x " * 5000])[0] > 256
