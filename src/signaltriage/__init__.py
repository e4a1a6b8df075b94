"""signaltriage: raw customer and employee signals in; out, the team that owns the cause, or "a person must look".

The journey of a signal:

    capture   a file's rows become texts; what cannot be read is rejected with its place and reason
    encode    a text becomes a unit vector
    routing   vector and wording become calibrated probabilities over teams, a decision and its reason
    themes    what recurs is found, named and followed from run to run
    gaps      searches and articles become what is missing, what is not found and why
    store     a model is kept as a folder of data whose every byte is vouched for
    report    what was measured, as plain data and as a page
    model     composes these for Python;  cli  composes them for the shell

Names are loaded when first used: importing the package is fast, and torch is never among what it loads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signaltriage.errors import (
        EncoderError,
        InputError,
        ModelRefusedError,
        QualityGateError,
        SettingsError,
        SignalTriageError,
        UsageError,
    )
    from signaltriage.gap_types import KnowledgeGap, SearchEvent
    from signaltriage.model.gaps import find_gaps
    from signaltriage.model.knowledge import KnowledgeBase
    from signaltriage.model.themes import ThemeSet
    from signaltriage.model.triage import TriageModel
    from signaltriage.settings import Settings, ThemeSettings
    from signaltriage.theme_types import Assignment, Theme
    from signaltriage.types import Article, Explanation, GroupPrediction, Prediction, Rejected, RunnerUp, Signal

__version__ = "0.1.0"
_HOME = {
    "Article": "types",
    "Assignment": "theme_types",
    "EncoderError": "errors",
    "Explanation": "types",
    "GroupPrediction": "types",
    "InputError": "errors",
    "KnowledgeBase": "model.knowledge",
    "KnowledgeGap": "gap_types",
    "ModelRefusedError": "errors",
    "Prediction": "types",
    "QualityGateError": "errors",
    "Rejected": "types",
    "RunnerUp": "types",
    "SearchEvent": "gap_types",
    "Settings": "settings",
    "SettingsError": "errors",
    "Signal": "types",
    "SignalTriageError": "errors",
    "Theme": "theme_types",
    "ThemeSet": "model.themes",
    "ThemeSettings": "settings",
    "TriageModel": "model.triage",
    "UsageError": "errors",
    "find_gaps": "model.gaps",
}
__all__ = [
    "Article",
    "Assignment",
    "EncoderError",
    "Explanation",
    "GroupPrediction",
    "InputError",
    "KnowledgeBase",
    "KnowledgeGap",
    "ModelRefusedError",
    "Prediction",
    "QualityGateError",
    "Rejected",
    "RunnerUp",
    "SearchEvent",
    "Settings",
    "SettingsError",
    "Signal",
    "SignalTriageError",
    "Theme",
    "ThemeSet",
    "ThemeSettings",
    "TriageModel",
    "UsageError",
    "__version__",
    "find_gaps",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
