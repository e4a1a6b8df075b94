"""What every encoder is to the rest of the package: texts in, unit vectors out, a digest to tell it by."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from signaltriage.errors import EncoderError, UsageError

Vectors = NDArray[np.float32]
"""Shape (N, dimension): one row a text, each of length 1, in the order of the texts."""
Rows = NDArray[np.intp]


@runtime_checkable
class Encoder(Protocol):
    """Texts to unit vectors. A text's vector depends on that text alone, never on its batch-mates."""

    @property
    def name(self) -> str:
        """For people: all-MiniLM-L6-v2-int8."""
        ...

    @property
    def digest(self) -> str:
        """Sha256, 64 hex digits: two encoders with the same digest give the same vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts, shape (N, dimension), in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors, and how many of the texts were longer than the encoder reads."""

    vectors: Vectors
    n_truncated: int


@dataclass(frozen=True, slots=True)
class ParityReport:
    """How near an encoder's vectors are to those of the model it was made from (cosine, -1 to 1)."""

    reference: str
    n_texts: int
    cosine_mean: float
    cosine_min: float


def compare(vectors: Vectors, reference: Vectors, *, name: str) -> ParityReport:
    """Cosine of each row of `vectors` (N, D, unit) to the same row of `reference` (N, D, unit)."""
    cosines = np.einsum("nd,nd->n", vectors.astype(np.float64), reference.astype(np.float64))
    return ParityReport(name, len(cosines), float(cosines.mean()), float(cosines.min()))


def distinct_texts(texts: Sequence[str]) -> tuple[list[str], Rows]:
    """The different texts in order of first sight, and for each text the place of its like among them, shape (N,).

    Refuses what looks like texts and is not: a bare string (its letters would be encoded), None, a number.
    """
    if isinstance(texts, str):
        raise UsageError("encode takes a sequence of texts.", remedy="Put a single text in a list.")
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise UsageError(f"Text {index} is a {type(text).__name__}, not a str.", remedy="Pass texts only.")
    places: dict[str, int] = {}
    row_of = np.fromiter((places.setdefault(text, len(places)) for text in texts), dtype=np.intp, count=len(texts))
    return list(places), row_of


def refuse_non_finite(vectors: Vectors, row_of: Rows) -> None:
    """Raise for the first text whose vector, `vectors[row_of[index]]`, holds a NaN or an infinity."""
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        index = int(np.flatnonzero(row_of == bad[0])[0])
        raise EncoderError(
            f"Text {index}: its vector is not finite ({len(bad)} such texts)",
            remedy="the encoder's weights are damaged or overflow: use another encoder, or serve the model directly",
        )


def available_cpus() -> int:
    """CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
