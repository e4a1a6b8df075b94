"""`doctor`: is a model folder sound, what is it, and does this machine give the answers it was measured with?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signaltriage.encode.onnx import OnnxEncoder
from signaltriage.errors import EncoderError
from signaltriage.model.triage import TriageModel
from signaltriage.report.card import CARD_PAGE


@dataclass(frozen=True)
class Health:
    """A folder that passed every check, explained. Sizes in bytes, cosines -1 to 1."""

    path: str
    model_version: str
    created_at: str
    teams: dict[str, int]
    """Training rows of each."""
    training_data: dict[str, Any]
    split: dict[str, Any]
    held_out: dict[str, Any]
    min_probability: dict[str, float]
    encoder: dict[str, Any]
    probe_cosine: float | None
    """How near this processor's vectors are to those the encoder shipped with; None where it carries no probes."""
    libraries: dict[str, str]
    files: dict[str, int]
    card: str | None
    """The model card's page; None in a folder of a version that wrote none."""
    drift_rows: int | None
    """Held-out rows that incoming signals can be compared with; None where the folder keeps none."""


def examine(path: str | Path) -> Health:
    """Verify a model folder, load it, and ask its encoder for the vectors it shipped with.

    Raises:
        ModelRefusedError: the folder is not sound.
        EncoderError: its encoder is missing, or this processor computes other vectors with it.
    """
    model = TriageModel.load(path)
    facts = model.facts
    sizes = {
        str(file.relative_to(path)): file.stat().st_size for file in sorted(Path(path).rglob("*")) if file.is_file()
    }
    return Health(
        path=str(path),
        model_version=model.version,
        created_at=str(facts["created_at"]).partition("[")[0],
        teams=facts["teams"],
        training_data=facts["training_data"],
        split=facts["split"],
        held_out=facts["held_out"],
        min_probability=dict(model.decider.min_probability),
        encoder=facts["encoder"],
        probe_cosine=_probe(model),
        libraries=facts["libraries"],
        files=sizes,
        card=str(Path(path) / CARD_PAGE) if CARD_PAGE in sizes else None,
        drift_rows=model.reference.rows if model.reference else None,
    )


def _probe(model: TriageModel) -> float | None:
    if not isinstance(model.encoder, OnnxEncoder):
        return None
    report = model.encoder.check_probes()
    if report.cosine_min < model.encoder.card.probes.min_cosine:
        raise EncoderError(
            f"On this processor {model.encoder.name} gives other vectors than it was measured with "
            f"(cosine {report.cosine_min:.3f}, at least {model.encoder.card.probes.min_cosine} expected).",
            remedy="Train and serve on the same kind of machine, or use another encoder (--encoder).",
        )
    return round(report.cosine_min, 6)
