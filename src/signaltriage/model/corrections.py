"""Corrections: from a table into a model, kept in its folder, carried on to the next training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from signaltriage.capture.fields import to_text
from signaltriage.encode import Encoder
from signaltriage.errors import UsageError
from signaltriage.model.parts import ModelParts, prepare
from signaltriage.routing.corrections import Correction, CorrectionMemory
from signaltriage.routing.overlay import Signals, Surroundings, apply_corrections
from signaltriage.store.folder import MANIFEST, read_folder
from signaltriage.types import Prediction

FILE = "corrections.jsonl"
LIMIT = "min_near_duplicate_similarity"
"""Fact of the model: the cosine from which on two signals count as near-duplicates."""


def surroundings(model: ModelParts) -> Surroundings:
    """What the model knows of likeness. A model written before there was a limit knows likeness of words only."""
    examples = model.decider.examples
    return Surroundings(
        model.decider.router.classes,
        float(model.facts.get(LIMIT, 1.0)),
        1 - model.settings.target_error,
        examples.vectors,
        examples.team_codes,
    )


def overlay(model: ModelParts, signals: Signals, predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions as the model's corrections would have them; without corrections, as they are."""
    if not len(model.corrections):
        return list(predictions)
    return apply_corrections(model.corrections, signals, predictions, surroundings(model))


def names_of(ids: Sequence[object] | None, n: int) -> list[str]:
    """Signal ids as texts; none given: all empty.

    Raises:
        UsageError: not one for each text.
    """
    if ids is None:
        return [""] * n
    if len(ids) != n:
        raise UsageError(f"{n} texts but {len(ids)} ids.", remedy="Give one for each text.")
    return [storable(to_text(name)).strip() for name in ids]


def storable(text: str) -> str:
    """A text as JSON can hold it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def remember(memory: CorrectionMemory, corrections: Sequence[Correction], encoder: Encoder) -> CorrectionMemory:
    """A memory that knows these too."""
    new = [c for c in corrections if c not in memory.known]
    return memory.add(new, encoder.encode([c.text for c in new])) if new else memory


def carry(folders: Sequence[Path], encoder: Encoder) -> CorrectionMemory:
    """The corrections of some model folders, verified, in this order; none where there is no such folder.

    Raises:
        ModelRefusedError: a folder is not sound.
    """
    memory = CorrectionMemory()
    for path in folders:
        if (path / MANIFEST).is_file():
            memory = remember(memory, from_bytes(read_folder(path).files.get(FILE, b"")), encoder)
    return memory


def to_files(memory: CorrectionMemory) -> dict[str, bytes]:
    """The memory as a file of one JSON object a line; no corrections, no file. Vectors are worked out anew."""
    if not len(memory):
        return {}
    lines = (json.dumps(asdict(c), ensure_ascii=False, sort_keys=True) + "\n" for c in memory.corrections)
    return {FILE: "".join(lines).encode()}


def from_bytes(content: bytes) -> list[Correction]:
    """The corrections of such a file.

    Raises:
        ValueError, TypeError: it is not one.
    """
    return [Correction(**json.loads(line)) for line in content.decode().split("\n") if line]


def with_corrections(rows: dict[str, list[Any]], memory: CorrectionMemory, clean: bool) -> dict[str, list[Any]]:
    """Training columns (texts, teams, and where there times and groups) with what people put right.

    The team a person gave last replaces that of every row of the same text; corrected signals that are not among the
    rows are added. "Of no team" is an empty team: such a row teaches nothing.
    """
    last: dict[str, Correction] = {}
    for row in sorted(range(len(memory)), key=lambda row: memory.order[row]):
        last[memory.corrections[row].text] = memory.corrections[row]
    cleaned = [storable(text) for text in prepare(rows["texts"], clean)]
    given = zip(cleaned, rows["teams"], strict=True)
    out = {**rows, "teams": [last[text].to_team if text in last else team for text, team in given]}
    for text in sorted(set(last) - set(cleaned)):
        new = {"texts": text, "teams": last[text].to_team, "times": last[text].at, "groups": ""}
        out = {name: [*column, new[name]] for name, column in out.items()}
    return out


def near_duplicate_similarity(vectors: Any, y: Any, target_error: float) -> float:
    """The limit for the facts: whatever the order of the rows, the same.

    Args:
        vectors: unit vectors, shape (n, dimension), rows in an order of their content.
        y: team codes, shape (n,).
        target_error: share of near-duplicates that may be of another team, 0-1.
    """
    from signaltriage.routing.likeness import near_duplicate_limit

    return near_duplicate_limit(np.asarray(vectors), np.asarray(y), 1 - target_error)
