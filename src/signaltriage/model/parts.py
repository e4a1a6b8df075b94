"""What a model is made of, and texts as all of its parts see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signaltriage.capture.clean import clean_text
from signaltriage.capture.fields import to_text
from signaltriage.encode import Encoder
from signaltriage.routing.decision import Decider
from signaltriage.routing.reference import Reference
from signaltriage.settings import Settings


@dataclass(frozen=True)
class ModelParts:
    """Everything that makes a model."""

    encoder: Encoder
    decider: Decider
    settings: Settings
    facts: Mapping[str, Any]
    """What the manifest says of training: rows, labels, split, chosen settings, held-out metrics, library versions."""
    reference: Reference | None = None
    """What incoming signals are compared with; None in folders of older versions, or where nothing was held out."""


def prepare(texts: Sequence[object], clean: bool) -> list[str]:
    """Texts as the encoder and the router see them."""
    plain = (to_text(text) for text in texts)
    return [clean_text(text) for text in plain] if clean else list(plain)
