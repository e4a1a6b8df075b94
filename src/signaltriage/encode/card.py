"""encoder.json: what an encoder folder holds, how to know that it is whole, and which vectors it must give."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from signaltriage.encode.base import ParityReport, Vectors
from signaltriage.errors import EncoderError

FORMAT = 1
CARD = "encoder.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
NOTICE = "NOTICE"
FILES = (MODEL, TOKENIZER)
"""The files that make the vectors; their hashes make the digest."""
_REBUILD = "restore the folder, or build it again: python models/build_encoder.py"


@dataclass(frozen=True, slots=True)
class Probes:
    """Texts and the vectors that the builder's machine gave for them: int8 kernels differ between CPU families."""

    min_cosine: float
    """A machine whose vectors have a lower cosine (-1 to 1) to these does not run this encoder faithfully."""
    texts: tuple[str, ...]
    vectors: tuple[tuple[float, ...], ...]
    """Shape (texts, dimension), rounded."""

    def matrix(self) -> Vectors:
        """The expected vectors as an array."""
        return np.array(self.vectors, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """All of encoder.json."""

    name: str
    source: str
    source_sha256: str
    licence: str
    architecture: str
    dimension: int
    max_tokens: int
    pooling: str
    normalise: bool
    quantisation: str
    files: dict[str, str]
    """File name → sha256."""
    parity: ParityReport
    probes: Probes

    @property
    def digest(self) -> str:
        """Sha256 over all that the vectors depend on: the files' hashes and the token limit, as canonical JSON."""
        parts = {"files": self.files, "format": FORMAT, "max_tokens": self.max_tokens}
        return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def to_json(self) -> str:
        """The text of encoder.json, a line a key; the same card gives the same text."""
        parts = {"format": FORMAT, "digest": self.digest} | asdict(self)
        lines = (f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in parts.items())
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def read(cls, folder: Path) -> EncoderCard:
        """Read and check encoder.json; the files it names are not touched yet."""
        path = folder / CARD
        try:
            parts = json.loads(path.read_bytes())
        except OSError as error:
            raise EncoderError(f"no encoder in {folder}: {CARD} cannot be read", remedy=_REBUILD) from error
        except ValueError as error:
            raise EncoderError(f"{path} is not JSON: {error}", remedy=_REBUILD) from error
        return cls._from_parts(path, parts)

    @classmethod
    def _from_parts(cls, path: Path, parts: Any) -> EncoderCard:
        found = parts.get("format") if isinstance(parts, dict) else None
        if found != FORMAT:
            remedy = f"build it again with this version of signaltriage, which reads format {FORMAT}"
            raise EncoderError(f"{path} has format {found!r}", remedy=remedy)
        try:
            digest = parts.pop("digest")
            parts.pop("format")
            parity = ParityReport(**parts.pop("parity"))
            probes = parts.pop("probes")
            vectors = tuple(tuple(map(float, row)) for row in probes["vectors"])
            card = cls(
                parity=parity, probes=Probes(float(probes["min_cosine"]), tuple(probes["texts"]), vectors), **parts
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EncoderError(f"{path} is not a whole encoder card: {error}", remedy=_REBUILD) from error
        _check(card, path, digest)
        return card


def _check(card: EncoderCard, path: Path, digest: str) -> None:
    sound = (
        isinstance(card.files, dict)
        and set(card.files) == set(FILES)
        and all(isinstance(sha, str) and len(sha) == 64 for sha in card.files.values())
        and all(type(number) is int and number > 0 for number in (card.dimension, card.max_tokens))
        and len(card.probes.texts) == len(card.probes.vectors)
        and all(len(row) == card.dimension for row in card.probes.vectors)
        and isinstance(card.name, str)
    )
    if not sound:
        raise EncoderError(f"{path} contradicts itself", remedy=_REBUILD)
    if card.digest != digest:
        raise EncoderError(f"{path}: the digest is not that of its files and limits", remedy=_REBUILD)


def read_verified(folder: Path, card: EncoderCard) -> dict[str, bytes]:
    """The files' bytes, each checked against the card: what was verified is what gets used."""
    found: dict[str, bytes] = {}
    for name, sha256 in card.files.items():
        try:
            found[name] = (folder / name).read_bytes()
        except OSError as error:
            raise EncoderError(f"{folder / name} cannot be read: {error.strerror}", remedy=_REBUILD) from error
        if hashlib.sha256(found[name]).hexdigest() != sha256:
            raise EncoderError(f"{folder / name} was altered: its sha256 is not the one in {CARD}", remedy=_REBUILD)
    return found
