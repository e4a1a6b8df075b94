"""The encoder that serves: an encoder folder, verified, run by onnxruntime and tokenizers. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from signaltriage.encode.base import Encoded, ParityReport, Vectors, available_cpus, compare
from signaltriage.encode.card import MODEL, TOKENIZER, EncoderCard, read_verified
from signaltriage.encode.engine import Engine
from signaltriage.encode.tokens import Tokens
from signaltriage.errors import EncoderError


class OnnxEncoder:
    """Texts to unit vectors. Complete once it exists; safe to share between threads; pickled as its folder's path."""

    def __init__(self, folder: Path, card: EncoderCard, engine: Engine, threads: int) -> None:
        self.folder = folder
        self.card = card
        self.threads = threads
        self._engine = engine

    @classmethod
    def load(cls, folder: str | Path, *, threads: int | None = None) -> Self:
        """Verify the folder's files against its encoder.json, then build. `threads`: None = every CPU at hand."""
        folder = Path(folder).resolve()
        card = EncoderCard.read(folder)
        files = read_verified(folder, card)
        threads = threads or available_cpus()
        engine = Engine(files[MODEL], Tokens(files[TOKENIZER].decode(), card.max_tokens), threads=threads)
        if engine.dimension != card.dimension:
            raise EncoderError(
                f"{folder}: model.onnx gives {engine.dimension} dimensions, encoder.json says {card.dimension}"
            )
        return cls(folder, card, engine, threads)

    @property
    def name(self) -> str:
        """For people, not for identity: see `digest`."""
        return self.card.name

    @property
    def digest(self) -> str:
        """Sha256 over the files' hashes and the token limit."""
        return self.card.digest

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.card.dimension

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are read; the rest is left out and counted."""
        return self.card.max_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts, shape (N, dimension), in their order; an empty text has a defined vector too."""
        return self._engine.encode(texts).vectors

    def encode_with_report(self, texts: Sequence[str]) -> Encoded:
        """The same, and how many of the texts were longer than `max_tokens`."""
        return self._engine.encode(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones left out; of a text far longer than is read, of its beginning only."""
        return self._engine.count_tokens(texts)

    def check_probes(self) -> ParityReport:
        """This CPU's vectors of the card's probes against the expected: below `card.probes.min_cosine` is unfit."""
        probes = self.card.probes
        return compare(self.encode(probes.texts), probes.matrix(), name=f"probes of {self.name}")

    def __repr__(self) -> str:
        return f"OnnxEncoder({self.name!r}, dimension={self.dimension}, digest={self.digest[:12]}…)"

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, (str(self.folder), self.digest, self.threads)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __copy__(self) -> Self:
        return self


def _load(folder: str, digest: str, threads: int) -> OnnxEncoder:
    encoder = OnnxEncoder.load(folder, threads=threads)
    if encoder.digest != digest:
        raise EncoderError(f"{folder} now holds another encoder ({encoder.name}) than the one that was pickled")
    return encoder
