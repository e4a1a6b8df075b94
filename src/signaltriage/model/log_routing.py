"""The routing stage over a friction log: every signal that the model has not judged yet, the oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.reading import current_by_name, undecided
from signaltriage.store.log.records import Decision, StoredSignal, name_of
from signaltriage.store.log.writing import append_decisions
from signaltriage.types import Prediction, Signal

if TYPE_CHECKING:
    from signaltriage.model.triage import TriageModel

COLUMNS: Final = ("source", "audience", "title", "author", "link", "status", "team", "assignee", "thread")
"""What rules may ask of a signal, besides its id, tags and text."""


@dataclass(frozen=True)
class RouteCounts:
    """What was decided in one run: decided = routed + needs_human."""

    decided: int = 0
    routed: int = 0
    needs_human: int = 0
    with_their_conversation: int = 0
    """Of which replies, decided as what opened their conversation."""


def route(
    log: FrictionLog, model: TriageModel, run: int | None, tell: Callable[[int], None] = lambda _: None
) -> RouteCounts:
    """Decide on every current signal that this version of the model has not decided on; batch by batch.

    What is decided is kept: killed at any moment, the next run goes on with the rest, to the same decisions.
    """
    outcomes: Counter[str] = Counter()
    along = 0
    for batch in undecided(log, model.version):
        openers = openers_of(log, batch)
        predictions = predict(model, batch, openers)
        decisions = [Decision(one.version, made) for one, made in zip(batch, predictions, strict=True)]
        append_decisions(log, decisions, run=run)
        outcomes.update(made.outcome for made in predictions)
        along += sum(one.name in openers for one in batch)
        tell(len(batch))
    return RouteCounts(sum(outcomes.values()), outcomes["routed"], outcomes["needs_human"], along)


def predict(model: TriageModel, batch: Sequence[StoredSignal], openers: dict[str, StoredSignal]) -> list[Prediction]:
    """Predictions of stored signals; a reply goes where the signal goes that opened its conversation."""
    leading = [openers.get(one.name, one) for one in batch]
    judged = [opener.record for opener in leading]
    records = None if model.rules is None else [record_of(signal) for signal in judged]
    found = model.predict([text_of(signal) for signal in judged], [signal.id for signal in judged], records)
    return [
        made if one is opener else replace(made, reason=f"with its conversation ({opener.record.id}): {made.reason}")
        for one, opener, made in zip(batch, leading, found, strict=True)
    ]


def openers_of(log: FrictionLog, batch: Sequence[StoredSignal]) -> dict[str, StoredSignal]:
    """By the name of each reply, what opened its conversation; replies whose opener the log lacks are left out."""
    asked = {one.name: name_of(one.record.source, one.record.thread) for one in batch if one.record.thread}
    there = current_by_name(log, [(one.record.source, one.record.thread) for one in batch if one.record.thread])
    return {reply: there[opener] for reply, opener in asked.items() if opener in there and opener != reply}


def text_of(signal: Signal) -> str:
    """Title and text, as one."""
    return "\n".join(filter(None, (signal.title, signal.text)))


def record_of(signal: Signal) -> dict[str, str]:
    """What rules may ask of a signal."""
    named = {name: str(getattr(signal, name)) for name in COLUMNS}
    return {**named, "id": signal.id, "tags": " ".join(signal.tags), "text": text_of(signal)}
