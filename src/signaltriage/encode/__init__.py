"""Texts to unit vectors.

A text becomes token ids (`tokens`), texts with the same number of tokens run together (`batches`, `engine`), and an
encoder folder with its verified files (`card`) makes that an `OnnxEncoder` (`onnx`). `cache` keeps vectors on disk.
`sentence` serves or exports any sentence-transformers model; `build` turns one into an encoder folder (`weights`,
`calibrate`, `quantize`, `graph`). Heavy libraries are imported when they are first needed, never by this import.
"""

from signaltriage.encode.base import Encoded, Encoder, ParityReport
from signaltriage.encode.locate import default_folder, find_encoder, load_encoder

__all__ = ["Encoded", "Encoder", "ParityReport", "default_folder", "find_encoder", "load_encoder"]
