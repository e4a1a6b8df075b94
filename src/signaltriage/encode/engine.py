"""Runs an ONNX graph over texts: exact-length batches, one thread each; company and threads change no bit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from signaltriage.encode.base import Encoded, Vectors, distinct_texts, refuse_non_finite
from signaltriage.encode.batches import Batch, by_length
from signaltriage.encode.tokens import Tokens
from signaltriage.errors import EncoderError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_WINDOW = 8192
"""Texts whose token ids are held at once."""


class Engine:
    """A session and its tokenizer. Stateless between calls: safe to share between threads."""

    def __init__(self, model: bytes, tokens: Tokens, *, threads: int) -> None:
        self._session = open_session(model)
        self._tokens = tokens
        self._threads = max(1, threads)
        self.dimension = _dimension(self._session)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Vectors in the order of the texts; equal texts run once."""
        distinct, row_of = distinct_texts(texts)
        vectors = np.empty((len(distinct), self.dimension), dtype=np.float32)
        truncated = np.zeros(len(distinct), dtype=bool)
        for start in range(0, len(distinct), _WINDOW):
            window = slice(start, start + _WINDOW)
            found = self._tokens.encode(distinct[window])
            truncated[window] = found.truncated
            self._run(found.ids, vectors[window])
        refuse_non_finite(vectors, row_of)
        whole = vectors if len(distinct) == len(texts) else vectors[row_of]
        return Encoded(whole, int(truncated[row_of].sum()))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones left out."""
        return self._tokens.count(texts)

    def _run(self, ids: list[list[int]], out: Vectors) -> None:
        batches = by_length([len(row) for row in ids], workers=self._threads)

        def run(batch: Batch) -> None:
            input_ids = np.array([ids[row] for row in batch], dtype=np.int64)
            out[batch] = self._session.run(None, {"input_ids": input_ids})[0]

        workers = min(self._threads, len(batches))
        if workers < 2:
            for batch in batches:
                run(batch)
            return
        with ThreadPoolExecutor(workers, thread_name_prefix="encode") as pool:
            for _ in pool.map(run, batches):
                pass


def open_session(model: bytes) -> InferenceSession:
    """A session of one thread a call: work is shared out by batches instead, which no thread count can alter.

    The optimisation level stays at basic: the extended one fuses Add + LayerNormalization into a slower kernel.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no common base but Exception
        raise EncoderError(
            f"model.onnx cannot be run: {error}", remedy="build the encoder again, or update onnxruntime"
        ) from error


def _dimension(session: InferenceSession) -> int:
    shape = session.get_outputs()[0].shape
    if len(shape) != 2 or not isinstance(shape[1], int):
        raise EncoderError(f"model.onnx gives an output of shape {shape}, not one vector a text")
    return shape[1]
