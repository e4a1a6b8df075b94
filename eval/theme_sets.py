"""The sets whose labels themes are compared with: texts, labels and vectors, the same for every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eval.run import TRIAL
from eval.sets import ROOT, AbsentError, data_root
from signaltriage.encode import load_encoder
from signaltriage.encode.cache import CachedEncoder
from signaltriage.model.parts import prepare

QUICK_ROWS: Final = 1500


@dataclass(frozen=True)
class ThemeSet:
    """One table whose labels are a partition that somebody made."""

    name: str
    path: str
    text: tuple[str, ...]
    label: str
    asked: float | None = None
    """ARI that issue 5 asks for; None: a check set, on which nothing was asked."""
    drop: str | None = None
    rows: int | None = None
    """Drawn at random with seed 0; None: all."""
    repo: bool = False


SETS: Final = {
    entry.name: entry
    for entry in (
        ThemeSet("banking77", "routing/banking77/train.csv", ("text",), "label", 0.54),
        ThemeSet("clinc150", "routing/clinc150/train.csv", ("text",), "label", 0.70, drop="oos"),
        ThemeSet("stackoverflow", "themes/stackoverflow_short.csv", ("text",), "label", 0.60, rows=10_000),
        ThemeSet("dstc11_insurance", "themes/dstc11_insurance.csv", ("utterance",), "intent", 0.56),
        ThemeSet("hwu64", "routing/hwu64/train.csv", ("text",), "label"),
        ThemeSet("twitter_us_airline", "themes/twitter_us_airline.csv", ("text",), "negativereason"),
        ThemeSet("sumo_firefox", "routing/sumo_firefox/train.csv", ("title", "content"), "topic"),
        ThemeSet("signaltriage-training-data", "training_data/signals.csv", ("text",), "team", repo=True),
    )
}
ASKED: Final = tuple(name for name, entry in SETS.items() if entry.asked is not None)


@dataclass(frozen=True)
class ThemeRows:
    """A set, read and encoded."""

    entry: ThemeSet
    texts: list[str]
    labels: NDArray[Any]
    """Shape (n,)."""
    vectors: NDArray[np.float32]
    """Unit vectors, shape (n, dimension)."""

    @property
    def true_k(self) -> int:
        """How many labels there are."""
        return len(set(self.labels.tolist()))

    def take(self, rows: NDArray[np.int64] | Sequence[int]) -> ThemeRows:
        """Only these rows, in this order."""
        rows = np.asarray(rows, dtype=np.int64)
        return ThemeRows(self.entry, [self.texts[i] for i in rows], self.labels[rows], self.vectors[rows])


def load(name: str, *, quick: bool = False) -> ThemeRows:
    """Read, clean and encode a set; vectors are kept for the next time. Raises AbsentError."""
    entry = SETS[name]
    path = (ROOT if entry.repo else data_root()) / entry.path
    if not path.exists():
        raise AbsentError(f"{entry.path} is not there")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if entry.drop is not None:
        frame = frame[frame[entry.label] != entry.drop]
    rows = min(entry.rows or len(frame), QUICK_ROWS if quick else len(frame))
    kept = np.sort(np.random.default_rng(0).permutation(len(frame))[:rows])
    frame = frame.iloc[kept]
    texts = prepare(["\n".join(row) for row in frame[list(entry.text)].to_numpy().tolist()], True)
    encoder = CachedEncoder(load_encoder(None), TRIAL / "vectors")
    return ThemeRows(entry, texts, frame[entry.label].to_numpy(dtype=object), encoder.encode(texts))
