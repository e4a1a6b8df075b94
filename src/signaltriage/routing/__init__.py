"""Which team owns the cause: a router is trained, calibrated, explained, and says when a person must look.

texts ─▶ ngrams ─▶ linear ────┐
  └─▶ vectors ─▶ kernel ──────┼─▶ fusion ─▶ calibration ─▶ abstention
             topics ─▶ kernel ┘        (router: serving · training: fitting · folds: what is held out)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signaltriage.routing.classifier import RoutingClassifier
    from signaltriage.routing.router import Router
    from signaltriage.routing.training import Trained, TrainingRows, train_router

_HOME = {
    "Router": "router",
    "RoutingClassifier": "classifier",
    "Trained": "training",
    "TrainingRows": "training",
    "train_router": "training",
}
__all__ = ["Router", "RoutingClassifier", "Trained", "TrainingRows", "train_router"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
