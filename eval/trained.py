"""Models of the routing sets that several evaluations look at, trained once and kept under .cache/eval/models."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from eval.sets import ROOT, Part, RoutingSet, Rows, load
from signaltriage import TriageModel
from signaltriage.encode import load_encoder
from signaltriage.errors import ModelRefusedError

TRAIN_ROWS = 3000
"""Rows drawn from each training side, so that an evaluation of five sets takes minutes."""
CACHE = ROOT / ".cache" / "eval"
_ONLY_EXPLAIN = {"attribution.py", "deletion.py", "explain.py"}
"""Parts of routing that no fit depends on."""
SETS = ("banking77", "clinc150", "hwu64", "it_service_tickets", "sumo_firefox")


def trained(entry: RoutingSet, *, seed: int) -> tuple[TriageModel, Rows]:
    """A model of `TRAIN_ROWS` rows of a set, and the set's own sides. Raises AbsentError."""
    rows = load(entry)
    drawn = np.random.default_rng(seed).permutation(len(rows.train.texts))[:TRAIN_ROWS]
    few = rows.train.take(np.sort(drawn))
    folder = CACHE / "models" / f"{entry.name}-{_key(few, seed)}"
    encoder = load_encoder(cache=CACHE / "vectors")
    try:
        return TriageModel.load(folder, encoder=encoder), rows
    except ModelRefusedError:
        print(f"{entry.name}: training on {len(few.texts)} rows", file=sys.stderr, flush=True)
        model = TriageModel.train(few.texts, few.labels, times=few.times, encoder=encoder)
        model.save(folder)
        return model, rows


def _key(part: Part, seed: int) -> str:
    """Another program, other rows: another model."""
    digest = hashlib.sha256(f"{seed}\x1e".encode())
    for path in sorted((ROOT / "src" / "signaltriage").rglob("*.py")):
        fits = path.parent.name in {"routing", "encode", "capture"} or path.name in {"training.py", "evidence.py"}
        if fits and path.name not in _ONLY_EXPLAIN:
            digest.update(path.read_bytes())
    for text, label in zip(part.texts, part.labels, strict=True):
        digest.update(f"{text}\x1f{label}\x1e".encode())
    return digest.hexdigest()[:16]
