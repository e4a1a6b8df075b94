"""The theme stage over a friction log: themes go on from those the log has, and only new texts are encoded."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from signaltriage.encode import Encoder
from signaltriage.errors import EncoderError, LogError, SignalTriageError
from signaltriage.model.theme_edits import EditRun, ThemeEdits
from signaltriage.model.theme_records import theme_from
from signaltriage.model.theme_signals import cleaned
from signaltriage.model.themes import ThemeSet
from signaltriage.settings import ThemeSettings
from signaltriage.store.log.columns import digest
from signaltriage.store.log.engine import FrictionLog
from signaltriage.store.log.reading import current_signals, keepsake, living_themes
from signaltriage.store.log.records import FoundThemes, StoredSignal, name_of
from signaltriage.store.log.theme_writing import append_themes
from signaltriage.store.log.writing import append_edit, finish_run, start_run
from signaltriage.theme_types import Assignment
from signaltriage.themes.state import ThemeState
from signaltriage.types import Signal

if TYPE_CHECKING:
    from signaltriage.model.triage import TriageModel

STATE: Final = "themes/state"
"""Arrays that the next run goes on from."""
RECORD: Final = "themes/record"
"""The same, as far as it is JSON; and what the last run was made of."""
_USUAL: Final = ThemeSettings()
_RESTORE: Final = "Restore a copy of it."


@dataclass(frozen=True)
class ThemesWith:
    """What themes are found with."""

    encoder: Encoder
    model: TriageModel | None = None
    settings: ThemeSettings = _USUAL
    seed: int = 0


@dataclass(frozen=True)
class ThemeCounts:
    """What a run found."""

    signals: int = 0
    """That themes were looked for in: what opens a conversation, or stands alone."""
    replies: int = 0
    """That are where the opener of their conversation is."""
    in_theme: int = 0
    themes: int = 0
    changes: int = 0
    unchanged: bool = False
    """Nothing had come since the last run: nothing was done."""


@dataclass(frozen=True)
class Conversations:
    """The signals of a log, as themes see them."""

    openers: tuple[Signal, ...]
    """Their ids are names in the log."""
    replies: Mapping[str, str]
    """Name of each reply, and of the opener it is with."""
    versions: str
    """Digest of all wordings."""


def find_themes(log: FrictionLog, made: ThemesWith, run: int | None, at: datetime) -> ThemeCounts:
    """Find the themes of all current signals and add them to the log, in one transaction; or do nothing, where nothing
    has come since they were found.

    Raises:
        EncoderError: the themes in the log were found with another encoder.
    """
    said = conversations(log)
    made_of = digest((said.versions, made.model.version if made.model else "", made.encoder.digest, str(made.settings)))
    before = earlier(log, made.encoder, made.settings)
    if before is None and not said.openers:
        return ThemeCounts()
    if before is not None and made_of == _record(log)["made_of"]:
        placed = sum(theme.size for theme in before.themes)
        return ThemeCounts(len(said.openers), len(said.replies), placed, len(before.themes), 0, unchanged=True)
    found = ThemeSet.discover(
        said.openers, before, model=made.model, settings=made.settings, encoder=made.encoder, seed=made.seed
    )
    add(log, found, said.replies, made_of, (run, at))
    return _counts(found, said.replies)


def edit_themes(log: FrictionLog, edits: ThemeEdits, made: ThemesWith, run: int | None, at: datetime) -> ThemeSet:
    """Apply what people know better to the themes in the log; every later run keeps to it.

    Raises:
        LogError: the log has no themes.
        UsageError: a theme is not there, or the edits contradict one another.
    """
    before = earlier(log, made.encoder, made.settings)
    if before is None:
        raise LogError(f"{log.name} has no themes yet.", remedy="Find them first: signaltriage run --log …")
    said = conversations(log)
    signals = tuple(sorted(cleaned(said.openers, clean=True), key=lambda signal: signal.id))
    found = replace(before, signals=signals).edit(edits, model=made.model, seed=made.seed)
    add(log, found, said.replies, str(_record(log)["made_of"]), (run, at))
    append_edit(log, "themes", "", asdict(edits), at)
    return found


def edit_log(log: FrictionLog, edits: ThemeEdits, made: ThemesWith, at: datetime) -> EditRun:
    """The same, noted as a run of its own.

    Raises:
        LogError: the log has no themes.
        UsageError: a theme is not there, or the edits contradict one another.
    """
    run = start_run(log, "themes-edit", asdict(edits), at)
    try:
        found = edit_themes(log, edits, made, run, at)
    except SignalTriageError as error:
        finish_run(log, run, {"error": error.message}, at, failed=True)
        raise
    assigned = sum(one.theme_id is not None for one in found.assignments)
    done = EditRun(found.changes, len(found.themes), assigned, len(found.assignments) - assigned, {"log": log.name})
    finish_run(log, run, {"changes": len(done.changes), "themes": done.themes}, at)
    return done


def themes_now(log: FrictionLog, made: ThemesWith) -> ThemeSet | None:
    """The themes in the log with all their signals, to be looked at: nothing is written. None where there are none."""
    before = earlier(log, made.encoder, made.settings)
    if before is None:
        return None
    found = ThemeSet.discover(
        conversations(log).openers, before, model=made.model, settings=made.settings, encoder=made.encoder
    )
    return replace(found, state=replace(found.state, run=before.state.run))


def conversations(log: FrictionLog) -> Conversations:
    """What opens conversations or stands alone, as signals to find themes in; replies go with their opener."""
    stored: dict[str, StoredSignal] = {one.name: one for batch in current_signals(log) for one in batch}
    replies = {}
    for name, one in stored.items():
        opener = name_of(one.record.source, one.record.thread)
        if one.record.thread and opener != name and opener in stored:
            replies[name] = opener
    openers = tuple(replace(one.record, id=name) for name, one in stored.items() if name not in replies)
    return Conversations(openers, replies, digest(tuple(str(one.version) for one in stored.values())))


def earlier(log: FrictionLog, encoder: Encoder, settings: ThemeSettings) -> ThemeSet | None:
    """The themes of the last run, without its signals: the log has those.

    Raises:
        EncoderError: they were found with another encoder.
        LogError: what the last run kept cannot be read.
    """
    arrays = keepsake(log, STATE)
    if arrays is None:
        return None
    record = _record(log)
    if record["encoder"] != encoder.digest:
        raise EncoderError(
            f"The themes in {log.name} were found with another encoder; what is new cannot be compared with them.",
            remedy="Go on with a model that was trained with the same encoder, or begin a new log.",
        )
    try:
        with np.load(io.BytesIO(arrays), allow_pickle=False) as stored:
            state = ThemeState.from_data({name: stored[name] for name in stored.files}, record["state"])
        themes = tuple(theme_from(one) for one in living_themes(log))
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise LogError(
            f"What {log.name} keeps of themes cannot be read: {error!r}.", remedy="Restore a copy."
        ) from error
    return ThemeSet(themes, (), (), (), (), settings, state, encoder)


def add(
    log: FrictionLog, found: ThemeSet, replies: Mapping[str, str], made_of: str, when: tuple[int | None, datetime]
) -> None:
    """Add themes to the log in one transaction."""
    arrays, record = found.state.to_data()
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **{name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
    kept = {"state": record, "encoder": found.encoder.digest, "made_of": made_of}
    keepsakes = {STATE: stream.getvalue(), RECORD: json.dumps(kept, sort_keys=True).encode()}
    # What says nothing any more, its author being forgotten, stays where it stood: it still counts.
    said = {signal.id for signal in found.signals if signal.text}
    placed = [one for one in found.assignments if one.id in said]
    assignments = [*placed, *_along(placed, replies)]
    append_themes(log, FoundThemes(found.themes, found.changes, assignments, keepsakes), *when)


def _along(assignments: Sequence[Assignment], replies: Mapping[str, str]) -> list[Assignment]:
    placed = {one.id: one for one in assignments}
    return [replace(placed[opener], id=reply) for reply, opener in replies.items() if opener in placed]


def _record(log: FrictionLog) -> dict[str, Any]:
    kept = keepsake(log, RECORD)
    try:
        record: dict[str, Any] = json.loads(kept or b"{}")
        return {"state": record["state"], "encoder": record["encoder"], "made_of": record["made_of"]}
    except (ValueError, KeyError, TypeError) as error:
        raise LogError(
            f"What {log.name} keeps of themes cannot be read: {error!r}.", remedy="Restore a copy."
        ) from error


def _counts(found: ThemeSet, replies: Mapping[str, str]) -> ThemeCounts:
    placed = sum(one.theme_id is not None for one in found.assignments)
    return ThemeCounts(len(found.assignments), len(replies), placed, len(found.themes), len(found.changes))
