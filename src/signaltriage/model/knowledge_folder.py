"""`KnowledgeBase` ↔ folder: JSON and arrays, every file vouched for by the manifest before anything is built."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from signaltriage.encode import Encoder
from signaltriage.errors import ModelRefusedError
from signaltriage.gaps.answerable import Answerability
from signaltriage.gaps.knowledge import KnowledgeIndex
from signaltriage.gaps.state import of_data, to_data
from signaltriage.model.folder import moment
from signaltriage.store.folder import FolderKind, read_folder, stamped, write_folder

if TYPE_CHECKING:
    from signaltriage.model.knowledge import KnowledgeBase

KNOWLEDGE = FolderKind("knowledge base", 2, "gaps")
ARRAYS, INDEX, LEARNED = "index.npz", "index.json", "answers.json"


def write_base(base: KnowledgeBase, path: str | Path, created_at: datetime | None) -> Path:
    """Write the folder and return its path."""
    record, arrays = to_data(base.index)
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    files = {
        ARRAYS: packed.getvalue(),
        INDEX: json.dumps(record, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"),
        LEARNED: json.dumps(base.answers.record(), sort_keys=True).encode(),
    }
    manifest = {
        "articles": len(base),
        "encoder": {"name": base.index.encoder.name, "digest": base.index.encoder.digest},
    }
    return write_folder(path, files, manifest, stamped(moment(created_at)), KNOWLEDGE)


def read_base(path: str | Path, encoder: Encoder) -> tuple[KnowledgeIndex, Answerability]:
    """Verify the folder and build an index and what was learned of it."""
    files = read_folder(path, KNOWLEDGE).files
    try:
        with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        index = of_data(json.loads(files[INDEX]), arrays, encoder)
        return index, Answerability.of_record(index, json.loads(files[LEARNED]))
    except (KeyError, TypeError, ValueError, BadZipFile) as error:
        raise ModelRefusedError(
            f"{path} does not hold a knowledge base: {error}.", remedy="Build it again from the articles."
        ) from error
