"""What people say goes before what the model says: rules of stage "before", corrections, rules of stage "after"."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from signaltriage.model.corrections import overlay, surroundings
from signaltriage.model.parts import ModelParts
from signaltriage.routing.overlay import Signals, find_matches
from signaltriage.types import Prediction

if TYPE_CHECKING:
    from signaltriage.routing.rules import RuleSet

RULES_FILE = "rules.toml"
Records = Sequence[Mapping[str, str]]
Parts = TypeVar("Parts", bound=ModelParts)


def guide(
    model: ModelParts, signals: Signals, records: Records | None, predictions: Sequence[Prediction]
) -> list[Prediction]:
    """The predictions as the model's rules and corrections would have them.

    Args:
        model: with its rules and corrections.
        signals: cleaned texts, their vectors and ids.
        records: of each signal, the columns that rules may ask and its text as "text"; None: cleaned texts alone.
        predictions: what the classifier says of each.
    """
    if model.rules is None:
        return overlay(model, signals, predictions)
    from signaltriage.routing.rules import apply_rules

    asked = records if records is not None else [{"text": text} for text in signals.texts]
    limits = model.decider.min_probability
    before = apply_rules(model.rules, "before", asked, predictions, limits)
    corrected = overlay(model, signals, before)
    matches = find_matches(model.corrections, signals, surroundings(model)) if len(model.corrections) else []
    settled = {i for i, found in enumerate(matches) if found}
    return apply_rules(model.rules, "after", asked, corrected, limits, settled=settled)


def with_rules(model: Parts, rules: str | Path | None) -> Parts:
    """The model with the rules of this file in place of its own; None: its own.

    Raises:
        SettingsError: the file cannot be read, or a rule makes no sense or names a team the model does not know.
    """
    if rules is None:
        return model
    from signaltriage.routing.rules import RuleSet

    return replace(model, rules=RuleSet.from_toml(rules, teams=model.decider.router.classes))


def rules_version(rules: RuleSet | None) -> str:
    """Eight hex digits over the rules' text; empty without rules."""
    return "" if rules is None else hashlib.sha256(rules.source.encode()).hexdigest()[:8]


def rules_from(content: bytes | None, where: str, teams: Sequence[str]) -> RuleSet | None:
    """The rules a model folder carries; None without such a file.

    Raises:
        SettingsError: they make no sense.
    """
    if content is None:
        return None
    from signaltriage.routing.rules import RuleSet

    return RuleSet.from_text(content.decode(), where=where, teams=teams)
