"""`TriageModel` ↔ model folder. What each file holds; that it is what it was is `store`'s business."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from signaltriage.encode import Encoder, find_encoder, load_encoder
from signaltriage.errors import EncoderError, ModelRefusedError, SettingsError
from signaltriage.model.corrections import FILE, from_bytes, remember, to_files
from signaltriage.model.evidence import team_shares
from signaltriage.model.guidance import RULES_FILE, rules_from
from signaltriage.model.parts import ModelParts
from signaltriage.report.card import CARD_FILES
from signaltriage.routing.corrections import CorrectionMemory
from signaltriage.routing.decision import Decider
from signaltriage.routing.reference import Reference
from signaltriage.routing.state import RouterState, from_state, to_state
from signaltriage.settings import Settings
from signaltriage.store.folder import VerifiedFolder, read_folder, stamped, write_folder

if TYPE_CHECKING:
    from signaltriage.routing.rules import RuleSet

ARRAYS = "router.safetensors"
RECORD = "router.json"
REFERENCE = "drift.safetensors"
ENCODER_FOLDER = "encoder"


def state_files(state: RouterState) -> dict[str, bytes]:
    """A router's parts as files: arrays as safetensors, the rest as JSON."""
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in state.arrays.items()}
    record = json.dumps(state.record, ensure_ascii=False, sort_keys=True)
    return {ARRAYS: save(arrays), RECORD: (record + "\n").encode("utf-8", "replace")}


def write_model(model: ModelParts, path: str | Path, created_at: datetime | None, self_contained: bool) -> Path:
    """Write the model folder and return its path."""
    files = state_files(to_state(model.decider.router, model.decider.examples))
    files |= to_files(model.corrections)
    files |= {RULES_FILE: model.rules.source.encode()} if model.rules is not None else {}
    files |= encoder_files(model.encoder, self_contained)
    files |= _reference_files(model.reference)
    files |= _card_files(model)
    limits = model.decider.min_probability
    manifest = {
        **model.facts,
        "model_version": model.decider.version,
        "labels": list(limits),
        "min_probability": dict(limits),
        "encoder": {
            "name": model.encoder.name,
            "digest": model.encoder.digest,
            "dimension": model.encoder.dimension,
            "source": model.settings.encoder if str(model.settings.encoder).startswith("st:") else None,
        },
    }
    return write_folder(path, files, manifest, stamped(moment(created_at)))


def moment(given: datetime | None) -> datetime:
    """The time that was passed in, or now: the one place that looks at the clock."""
    return given or datetime.now(UTC)


def read_model(path: str | Path, threads: int | None, encoder: Encoder | None) -> ModelParts:
    """Verify the folder, find its encoder, build the model's parts."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    folder = read_folder(path)
    manifest = folder.manifest
    try:
        router, examples = from_state(load(folder.files[ARRAYS]), json.loads(folder.files[RECORD]))
        shares = team_shares([manifest["teams"][team] for team in router.classes])
        known = {field.name for field in fields(Settings)}
        settings = Settings(**{k: v for k, v in manifest["settings"].items() if k in known}, threads=threads)
        decider = Decider(router, examples, dict(manifest["min_probability"]), shares, manifest["model_version"])
        reference = Reference.from_arrays(load(folder.files[REFERENCE])) if REFERENCE in folder.files else None
        wanted = {key: manifest["encoder"][key] for key in ("name", "digest", "source")}
    except (KeyError, ValueError, TypeError, SafetensorError) as error:
        raise ModelRefusedError(
            f"{folder.path} is complete, but its parts do not make a model: {error!r}.", remedy="Train it again."
        ) from error
    facts = {key: manifest[key] for key in manifest if key not in {"files", "seal", "format_version"}}
    found = encoder or encoder_of(folder, wanted, threads)
    if found.digest != wanted["digest"]:
        raise EncoderError(
            f"{found.name} is not the encoder {folder.path} was trained with: its digest is {found.digest[:12]}….",
            remedy="Train again with this encoder, or bring back the one it was trained with.",
        )
    corrections, rules = _guidance(folder, found, router.classes)
    kept = {name: folder.files[name] for name in CARD_FILES if name in folder.files}
    return ModelParts(found, decider, settings, facts, corrections, rules, reference, kept_files=kept)


def _guidance(
    folder: VerifiedFolder, encoder: Encoder, teams: tuple[str, ...]
) -> tuple[CorrectionMemory, RuleSet | None]:
    """What people put right, and the rules they gave."""
    name = FILE
    try:
        corrections = remember(CorrectionMemory(), from_bytes(folder.files.get(FILE, b"")), encoder)
        name = RULES_FILE
        return corrections, rules_from(folder.files.get(RULES_FILE), RULES_FILE, teams)
    except (ValueError, TypeError, SettingsError) as error:
        raise ModelRefusedError(f"{folder.path / name} does not hold what it should: {error}.") from error


def _card_files(model: ModelParts) -> Mapping[str, bytes]:
    if model.card is None:
        return model.kept_files
    from signaltriage.report.page import card_files

    return card_files(model.card)


def _reference_files(reference: Reference | None) -> dict[str, bytes]:
    from safetensors.numpy import save

    if reference is None:
        return {}
    return {REFERENCE: save({name: np.ascontiguousarray(array) for name, array in reference.to_arrays().items()})}


def encoder_files(encoder: Encoder, self_contained: bool) -> dict[str, bytes]:
    """A copy of the encoder's folder, unless it ships with the package."""
    if find_encoder(encoder.digest) is not None and not self_contained:
        return {}
    source = getattr(encoder, "folder", None)
    if source is None:
        if self_contained:
            raise EncoderError(
                f"{encoder.name} is served by sentence-transformers and cannot be copied into a model folder.",
                remedy="Export it to an encoder folder first (signaltriage.encode.sentence.export).",
            )
        return {}
    files = sorted(file for file in Path(source).iterdir() if file.is_file())
    return {f"{ENCODER_FOLDER}/{file.name}": file.read_bytes() for file in files}


def encoder_of(folder: VerifiedFolder, wanted: Mapping[str, Any], threads: int | None) -> Encoder:
    """The encoder that a folder was made with. Raises EncoderError where it is not to be found."""
    where: str | Path | None = find_encoder(wanted["digest"], [folder.path / ENCODER_FOLDER]) or wanted["source"]
    if where is None:
        raise EncoderError(
            f"{folder.path} needs the encoder {wanted['name']} ({wanted['digest'][:12]}…), which is not here.",
            remedy="Install the version of signaltriage that ships it, or train with --self-contained.",
        )
    return load_encoder(where, threads=threads)
