"""What a model is made of, and texts as all of its parts see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signaltriage.capture.clean import clean_text
from signaltriage.capture.fields import to_text
from signaltriage.encode import Encoder
from signaltriage.report.card import Card
from signaltriage.routing.corrections import CorrectionMemory
from signaltriage.routing.decision import Decider
from signaltriage.routing.reference import Reference
from signaltriage.settings import Settings

if TYPE_CHECKING:
    from signaltriage.routing.rules import RuleSet


@dataclass(frozen=True)
class ModelParts:
    """Everything that makes a model."""

    encoder: Encoder
    decider: Decider
    settings: Settings
    facts: Mapping[str, Any]
    """What the manifest says of training: rows, labels, split, chosen settings, held-out metrics, library versions."""
    corrections: CorrectionMemory = field(default_factory=CorrectionMemory)
    """What people put right since."""
    rules: RuleSet | None = None
    """If/then rules that go before and after the classifier."""
    reference: Reference | None = None
    """What incoming signals are compared with; None in folders of older versions, or where nothing was held out."""
    card: Card | None = None
    """The model card's figures, where it was trained here; rendered when the model is saved."""
    kept_files: Mapping[str, bytes] = field(default_factory=dict)
    """Files of the folder it was loaded from that nothing is built from, saved again as they were: the card."""


def prepare(texts: Sequence[object], clean: bool) -> list[str]:
    """Texts as the encoder and the router see them."""
    plain = (to_text(text) for text in texts)
    return [clean_text(text) for text in plain] if clean else list(plain)
