"""Where encoders are found: the one that ships with the package, folders, and sentence-transformers models by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from signaltriage.encode.base import Encoder
from signaltriage.encode.card import CARD, EncoderCard
from signaltriage.errors import EncoderError

if TYPE_CHECKING:
    from signaltriage.encode.onnx import OnnxEncoder

DEFAULT = "all-MiniLM-L6-v2-int8"
SENTENCE_PREFIX = "st:"
_PACKAGE = Path(__file__).resolve().parent.parent
_ROOTS = (_PACKAGE / "_encoders", _PACKAGE.parents[1] / "models" / "encoders")
"""Inside an installed wheel; in a source checkout."""


def default_folder() -> Path:
    """The folder of the encoder that ships with signaltriage."""
    for root in _ROOTS:
        if (root / DEFAULT / CARD).exists():
            return root / DEFAULT
    raise EncoderError(
        f"The built-in encoder {DEFAULT} is not there (looked in {', '.join(map(str, _ROOTS))})",
        remedy="Install signaltriage again; in a source checkout run: python models/build_encoder.py",
    )


def find_encoder(digest: str, extra_folders: Iterable[str | Path] = ()) -> Path | None:
    """The folder of the encoder with this digest: `extra_folders` (encoders, or folders of them), then the shipped."""
    for folder in _candidates(extra_folders):
        try:
            if EncoderCard.read(folder).digest == digest:
                return folder
        except EncoderError:  # a damaged neighbour is not the one that is wanted
            continue
    return None


def load_encoder(
    source: str | Path | None = None, *, threads: int | None = None, cache: str | Path | None = None
) -> Encoder:
    """An encoder, ready to use.

    source: None = the one that ships with signaltriage; a folder with encoder.json; "st:NAME_OR_PATH" = any
    sentence-transformers model (extra `teachers`). threads: None = every CPU at hand. cache: a folder for vectors.
    """
    encoder = _load(source, threads)
    if cache is None:
        return encoder
    from signaltriage.encode.cache import CachedEncoder

    return CachedEncoder(encoder, cache)


def require_copyable(source: str | None) -> None:
    """Refuse an encoder that cannot be copied into a model folder, before hours go into training with it."""
    if source is not None and source.startswith(SENTENCE_PREFIX):
        raise EncoderError(
            f"{source} is served by sentence-transformers and cannot be copied into a model folder.",
            remedy="Export it to an encoder folder first (signaltriage.encode.sentence.export), and name that folder.",
        )


def _load(source: str | Path | None, threads: int | None) -> Encoder:
    if isinstance(source, str) and source.startswith(SENTENCE_PREFIX):
        from signaltriage.encode.sentence import SentenceEncoder

        return SentenceEncoder.load(source.removeprefix(SENTENCE_PREFIX))
    from signaltriage.encode.onnx import OnnxEncoder

    if source is None:
        return _shared(default_folder(), threads)
    folder = Path(source)
    if not (folder / CARD).exists():
        raise EncoderError(
            f"There is no encoder in {folder}: it has no {CARD}",
            remedy=f"Name an encoder folder, or {SENTENCE_PREFIX}{source} for a sentence-transformers model",
        )
    return OnnxEncoder.load(folder, threads=threads)


@lru_cache(maxsize=4)
def _shared(folder: Path, threads: int | None) -> OnnxEncoder:
    from signaltriage.encode.onnx import OnnxEncoder

    return OnnxEncoder.load(folder, threads=threads)


def _candidates(extra_folders: Iterable[str | Path]) -> Iterator[Path]:
    for root in (*map(Path, extra_folders), *_ROOTS):
        if (root / CARD).exists():
            yield root
        elif root.is_dir():
            yield from sorted(folder for folder in root.iterdir() if (folder / CARD).exists())
