"""Measures on sample texts which channels of a model are loud, so that the int8 graph can turn them down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode.batches import by_length
from signaltriage.encode.engine import open_session
from signaltriage.encode.graph import peak_place, place_weight
from signaltriage.encode.quantize import smoothing
from signaltriage.encode.samples import CALIBRATION_TEXTS
from signaltriage.encode.tokens import Tokens
from signaltriage.encode.weights import SourceModel


def calibrate(
    source: SourceModel, reference: bytes, texts: Sequence[str] = CALIBRATION_TEXTS
) -> dict[str, NDArray[np.float32]]:
    """Smoothing factors (channels,) of each place of the graph, from the `reference` graph's peaks over `texts`."""
    session = open_session(reference)
    tokens = Tokens(source.tokenizer_json, source.shape.max_tokens)
    places = {output.name: place for output in session.get_outputs() if (place := peak_place(output.name))}
    peaks = {place: np.zeros(source.shape.hidden, dtype=np.float32) for place in places.values()}
    ids = tokens.encode(texts).ids
    for batch in by_length([len(row) for row in ids]):
        found = session.run(list(places), {"input_ids": np.array([ids[row] for row in batch], dtype=np.int64)})
        for place, peak in zip(places.values(), found, strict=True):
            np.maximum(peaks[place], peak, out=peaks[place])
    return {place: smoothing(peak, place_weight(source, place)) for place, peak in peaks.items()}
