"""`ThemeSet` ↔ folder: JSON and arrays, every file vouched for by the manifest before anything is built."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder
from signaltriage.errors import EncoderError, ModelRefusedError, SettingsError
from signaltriage.model.folder import encoder_files, encoder_of, moment
from signaltriage.model.theme_records import change_from, plain, signal_from, signal_record, theme_from
from signaltriage.settings import ThemeSettings
from signaltriage.store.folder import MANIFEST, THEMES, read_folder, stamped, write_folder
from signaltriage.theme_types import Assignment, Workaround
from signaltriage.themes.state import ThemeState

if TYPE_CHECKING:
    from signaltriage.model.themes import ThemeSet

STATE = "state"
"""Where the folder lies within the output of `signaltriage themes`."""
ARRAYS, RECORD, SIGNALS, FOUND = "state.npz", "state.json", "signals.jsonl", "themes.json"


def write_themes(themes: ThemeSet, path: str | Path, created_at: datetime | None) -> Path:
    """Write the folder and return its path."""
    arrays, record = themes.state.to_data()
    signals = zip(themes.signals, themes.assignments, strict=True)
    found = {
        "themes": [plain(theme) for theme in themes.themes],
        "changes": [plain(change) for change in themes.changes],
        "workarounds": [plain(workaround) for workaround in themes.workarounds],
    }
    files = {
        ARRAYS: _arrays_to_bytes(arrays),
        RECORD: _json(record),
        SIGNALS: b"".join(_json({"signal": signal_record(s), "assignment": plain(a)}, indent=None) for s, a in signals),
        FOUND: _json(found),
        **encoder_files(themes.encoder, self_contained=False),
    }
    manifest = {
        "settings": asdict(themes.settings),
        "signals": len(themes.signals),
        "themes": len(themes.themes),
        "run": themes.state.run,
        "encoder": {
            "name": themes.encoder.name,
            "digest": themes.encoder.digest,
            "dimension": themes.encoder.dimension,
            "source": themes.encoder.name if themes.encoder.name.startswith("st:") else None,
        },
    }
    return write_folder(path, files, manifest, stamped(moment(created_at)), THEMES)


def read_themes(path: str | Path, threads: int | None, encoder: Encoder | None) -> dict[str, Any]:
    """Verify the folder, or the one within it, and build the parts of a `ThemeSet`, by name."""
    folder = read_folder(state_folder(path), THEMES)
    try:
        rows = [json.loads(line) for line in folder.files[SIGNALS].split(b"\n") if line]
        found = json.loads(folder.files[FOUND])
        state = ThemeState.from_data(_arrays_from_bytes(folder.files[ARRAYS]), json.loads(folder.files[RECORD]))
        parts: dict[str, Any] = {
            "themes": tuple(map(theme_from, found["themes"])),
            "signals": tuple(signal_from(row["signal"]) for row in rows),
            "assignments": tuple(Assignment(**row["assignment"]) for row in rows),
            "changes": tuple(map(change_from, found["changes"])),
            "workarounds": tuple(Workaround(**record) for record in found["workarounds"]),
            "settings": ThemeSettings(**folder.manifest["settings"]),
            "state": state,
        }
        wanted = {key: folder.manifest["encoder"][key] for key in ("name", "digest", "source")}
    except (KeyError, ValueError, TypeError, AttributeError, SettingsError, BadZipFile, RecursionError) as error:
        raise ModelRefusedError(
            f"{folder.path} is complete, but its parts do not make themes: {error!r}.", remedy=THEMES.again
        ) from error
    made = encoder or encoder_of(folder, wanted, threads)
    if made.digest != wanted["digest"]:
        raise EncoderError(
            f"{made.name} is not the encoder that {folder.path} was made with: its digest is {made.digest[:12]}….",
            remedy="Bring back the one it was made with, or find the themes anew.",
        )
    return {**parts, "encoder": made}


def edited_by_people(path: str | Path) -> bool:
    """Whether a folder of themes holds what people said of them; False where there is no such folder."""
    try:
        record = json.loads(read_folder(state_folder(path), THEMES).files[RECORD])
    except (ModelRefusedError, KeyError, ValueError):
        return False
    by_hand = any(str(event.get("reason", "")).startswith("a person") for event in record.get("events", ()))
    return by_hand or any(record.get(name) for name in ("names", "owners", "not_a_theme"))


def state_folder(path: str | Path) -> Path:
    """The folder that holds the state: the one given, or `state` within the output of a run."""
    given = Path(path)
    within = given / STATE
    return within if not (given / MANIFEST).is_file() and within.is_dir() else given


def _json(record: object, indent: int | None = 1) -> bytes:
    return (json.dumps(record, ensure_ascii=False, sort_keys=True, indent=indent) + "\n").encode()


def _arrays_to_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """An .npz whose bytes depend on the arrays alone."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **{name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
    return stream.getvalue()


def _arrays_from_bytes(content: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
