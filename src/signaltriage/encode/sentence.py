"""Any sentence-transformers model: served directly, or exported as an encoder folder. Only this file imports torch."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from signaltriage.encode.base import Encoded, ParityReport, Vectors, compare, distinct_texts, refuse_non_finite
from signaltriage.encode.batches import by_length
from signaltriage.encode.build import BuildSpec, build_encoder
from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.encode.samples import PARITY_TEXTS
from signaltriage.encode.tokens import encodable, serving_tokenizer
from signaltriage.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EXPORT_MIN_COSINE = 0.97
"""An export whose mean cosine to the torch model is lower is no faithful copy."""
_TOKENS_A_BATCH = 2048
_CHARS_A_TOKEN = 40
_DEFAULT_MAX_TOKENS = 512


class SentenceEncoder:
    """A sentence-transformers model behind the same protocol, on the CPU, texts of equal length together."""

    def __init__(self, source: str, model: SentenceTransformer) -> None:
        self.source = source
        self._model = model
        self.max_tokens = int(model.max_seq_length or _DEFAULT_MAX_TOKENS)
        self.digest = _digest(model)
        self.dimension = int(self._vectors([""]).shape[1])

    @classmethod
    def load(cls, name_or_path: str, *, download: bool = False) -> Self:
        """Load from a folder or the local model cache; only with `download` may it be fetched from the model hub."""
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"{name_or_path}: sentence-transformers is not installed", remedy="pip install 'signaltriage[teachers]'"
            ) from error
        try:
            model = SentenceTransformer(name_or_path, device="cpu", local_files_only=not download)
        except (OSError, ValueError) as error:
            raise EncoderError(
                f"There is no sentence-transformers model {name_or_path!r} on this machine.",
                remedy="Name a folder that holds one, or fetch it once: SentenceEncoder.load(NAME, download=True)",
            ) from error
        return cls(name_or_path, model)

    @property
    def name(self) -> str:
        """The last part of its name or path."""
        return Path(self.source).name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts, shape (N, dimension), unit length, in their order."""
        return self.encode_with_report(texts).vectors

    def encode_with_report(self, texts: Sequence[str]) -> Encoded:
        """The same, and how many of the texts were longer than `max_tokens`."""
        distinct, row_of = distinct_texts(texts)
        readable = [encodable(text[: self.max_tokens * _CHARS_A_TOKEN]) for text in distinct]
        lengths = self._lengths(readable)
        vectors = np.empty((len(distinct), self.dimension), dtype=np.float32)
        for batch in by_length(np.minimum(lengths, self.max_tokens).tolist(), most_tokens=_TOKENS_A_BATCH):
            vectors[batch] = self._vectors([readable[row] for row in batch])
        refuse_non_finite(vectors, row_of)
        n_truncated = int((np.asarray(lengths, dtype=np.intp)[row_of] > self.max_tokens).sum())
        return Encoded(vectors if len(distinct) == len(texts) else vectors[row_of], n_truncated)

    def _vectors(self, texts: list[str]) -> Vectors:
        found = self._model.encode(
            texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
        )
        return np.asarray(found, dtype=np.float32)

    def _lengths(self, texts: list[str]) -> list[int]:
        """Tokens of each text; 1 each for a model without a token sequence, which cannot be padded either."""
        tokenizer: Any = self._model.tokenizer
        if not texts or not callable(tokenizer):
            return [1] * len(texts)
        return [len(ids) for ids in tokenizer(texts, truncation=False, padding=False, verbose=False)["input_ids"]]

    def __repr__(self) -> str:
        return f"SentenceEncoder({self.source!r}, dimension={self.dimension}, digest={self.digest[:12]}…)"

    def __reduce__(self) -> tuple[Any, ...]:
        return SentenceEncoder.load, (self.source,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def export(
    name_or_path: str,
    out_folder: str | Path,
    *,
    texts: Sequence[str] = PARITY_TEXTS,
    licence: str = "see the model's own page",
    download: bool = False,
) -> ParityReport:
    """Write the model as an int8 encoder folder and compare it, over `texts`, to the torch model itself."""
    teacher = SentenceEncoder.load(name_or_path, download=download)
    out = Path(out_folder)
    with _model_folder(name_or_path, teacher) as folder:
        build_encoder(folder, out, BuildSpec(f"{teacher.name}-int8", _public_name(name_or_path), licence), texts)
    report = compare(OnnxEncoder.load(out).encode(texts), teacher.encode(texts), name=f"{name_or_path} in torch")
    if report.cosine_mean < EXPORT_MIN_COSINE:
        shutil.rmtree(out)
        raise EncoderError(
            f"{name_or_path}: the export's vectors differ (mean cosine {report.cosine_mean:.3f} < {EXPORT_MIN_COSINE})",
            remedy=f"Serve it directly instead: st:{name_or_path}",
        )
    return report


def _public_name(name_or_path: str) -> str:
    """What may stand in a NOTICE: of a folder on this machine, its last part only."""
    return Path(name_or_path).resolve().name if Path(name_or_path).is_dir() else name_or_path


@contextmanager
def _model_folder(name_or_path: str, teacher: SentenceEncoder) -> Iterator[Path]:
    """The model's own folder where it has plain weights, else a saved copy (of pickled ones too)."""
    own = Path(name_or_path)
    if (own / "model.safetensors").exists() and (own / "tokenizer.json").exists():
        yield own
        return
    with tempfile.TemporaryDirectory(prefix="signaltriage-export-") as folder:
        teacher._model.save(folder, create_model_card=False)
        yield Path(folder)


def _digest(model: SentenceTransformer) -> str:
    """Sha256 over weights, modules, tokenizer, prompts and token limit: what the vectors depend on."""
    import torch

    digest = hashlib.sha256()
    modules: list[Any] = [[type(module).__name__, getattr(module, "get_config_dict", dict)()] for module in model]
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    tokenizer = serving_tokenizer(backend.to_str()) if backend is not None else repr(type(model.tokenizer))
    parts = [modules, tokenizer, model.max_seq_length, model.prompts, model.default_prompt_name]
    digest.update(json.dumps(parts, sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict().items()):
        if ".pooler." in name:  # no pooling reads it, and where the checkpoint lacks it, it is random
            continue
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
