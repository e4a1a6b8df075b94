"""Text to token ids, the same for a text whatever surrounds it; knows when a text was too long to be read whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signaltriage.errors import EncoderError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHARS_A_TOKEN = 16
"""First cut, in characters for each token that will be read: ordinary text has 4 to 5."""
_SLACK = 100
"""Tokens that a cut may alter: all lie in the word that was cut, and WordPiece reads a word of more than 100 characters
as one unknown token. So a cut text that still has `room` + 100 tokens has the same first `room` tokens as the whole."""
_GROWTH = 8
_CHUNK = 1024
_PROBE = "a"


@dataclass(frozen=True, slots=True)
class TokenIds:
    """Ids of each text, special tokens included, and whether the text had more than were kept."""

    ids: list[list[int]]
    truncated: list[bool]


class Tokens:
    """A tokenizer.json that reads at most `max_tokens` tokens of a text, special tokens included."""

    def __init__(self, tokenizer_json: str, max_tokens: int) -> None:
        self._tokenizer = _parse(tokenizer_json)
        self._prefix, self._suffix = _special_tokens(self._tokenizer)
        self._room = max_tokens - len(self._prefix) - len(self._suffix)
        if self._room < 1:
            raise EncoderError(f"max_tokens is {max_tokens}: no token of the text would be read")
        self._cut = max_tokens * _CHARS_A_TOKEN

    def encode(self, texts: Sequence[str]) -> TokenIds:
        """Ids of each text, in order."""
        ids: list[list[int]] = []
        truncated: list[bool] = []
        for start in range(0, len(texts), _CHUNK):
            for plain in self._plain(texts[start : start + _CHUNK]):
                truncated.append(len(plain) > self._room)
                ids.append(self._prefix + plain[: self._room] + self._suffix)
        return TokenIds(ids, truncated)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones left out; of a very long text, of its beginning only."""
        return [len(ids) for ids in self._plain(texts)]

    def _plain(self, texts: Sequence[str]) -> list[list[int]]:
        cut = [encodable(text[: self._cut]) for text in texts]
        plain = [found.ids for found in self._tokenizer.encode_batch_fast(cut, add_special_tokens=False)]
        for index, text in enumerate(texts):
            size = self._cut
            while len(text) > size and len(plain[index]) < self._room + _SLACK:
                size *= _GROWTH
                plain[index] = self._tokenizer.encode(encodable(text[:size]), add_special_tokens=False).ids
        return plain


def encodable(text: str) -> str:
    """The text with lone surrogates (half a character, from broken JSON or UTF-16) replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _parse(tokenizer_json: str) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(tokenizer_json)
    except Exception as error:  # the library raises bare Exception
        raise EncoderError(f"tokenizer.json cannot be read: {error}", remedy="build the encoder again") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _special_tokens(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """What the tokenizer puts before and after every text."""
    bare: list[int] = tokenizer.encode(_PROBE, add_special_tokens=False).ids
    dressed: list[int] = tokenizer.encode(_PROBE).ids
    for start in range(len(dressed) - len(bare) + 1):
        if bare and dressed[start : start + len(bare)] == bare:
            return dressed[:start], dressed[start + len(bare) :]
    raise EncoderError("tokenizer.json: cannot tell the special tokens from the text's own", remedy="serve it directly")


def serving_tokenizer(tokenizer_json: str) -> str:
    """The same tokenizer with padding and truncation switched off, as an encoder folder keeps it."""
    parts = json.loads(tokenizer_json)
    parts["padding"] = None
    parts["truncation"] = None
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
