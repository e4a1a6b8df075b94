"""`ThemeSet`: signals in, themes out, and the same themes when more signals come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from signaltriage.encode import Encoder, load_encoder
from signaltriage.errors import EncoderError
from signaltriage.model.theme_edits import ThemeEdits, edited
from signaltriage.model.theme_making import Grouped, make_themes, workarounds_in
from signaltriage.model.theme_owners import named_owner
from signaltriage.model.theme_signals import Heard, cleaned, heard, signals_of
from signaltriage.settings import ThemeSettings
from signaltriage.theme_types import Assignment, Owner, Theme, ThemeChange, Workaround
from signaltriage.themes.identity import Continued, continue_themes, found_themes
from signaltriage.themes.state import ThemeEvent, ThemeState
from signaltriage.types import Signal

if TYPE_CHECKING:
    import pandas as pd

    from signaltriage.model.triage import TriageModel


@dataclass(frozen=True)
class ThemeSet:
    """Themes and the signals they were found in: complete once it exists, immutable, safe to share between threads.

    Made by `discover` or `load`; kept by `save`.
    """

    themes: tuple[Theme, ...]
    """The largest first."""
    signals: tuple[Signal, ...]
    """All that is known, from earlier runs too, sorted by id; texts are cleaned."""
    assignments: tuple[Assignment, ...]
    """Where each of the signals stands, in the same order."""
    changes: tuple[ThemeChange, ...]
    """What happened in this run, and what people changed since."""
    workarounds: tuple[Workaround, ...]
    """Ways around a problem that signals tell of: operational debt."""
    settings: ThemeSettings
    state: ThemeState
    """What a later run must know."""
    encoder: Encoder

    @classmethod
    def discover(
        cls,
        signals: Sequence[Signal] | Sequence[str],
        previous: ThemeSet | None = None,
        *,
        model: TriageModel | None = None,
        settings: ThemeSettings | None = None,
        encoder: Encoder | None = None,
        clean: bool = True,
        seed: int = 0,
    ) -> Self:
        """Find the themes of signals; their order changes nothing.

        Args:
            signals: as they came. Plain texts get an id made of what they say.
            previous: an earlier run, to go on from: what it knew keeps its theme, and its signals still count.
            model: says who owns each theme.
            settings: how themes are looked for; those of `previous` unless given.
            encoder: texts to unit vectors; that of `previous`, of `model`, or the one that ships.
            clean: strip HTML, quoted replies, signatures and the like first.
            seed: of whatever is drawn at random.

        Raises:
            UsageError: two signals have one id.
            EncoderError: not the encoder that `previous` was made with.
        """
        settings = settings or (previous.settings if previous else ThemeSettings())
        encoder = encoder or (previous.encoder if previous else model.encoder if model else load_encoder())
        if previous is not None and previous.encoder.digest != encoder.digest:
            raise EncoderError(
                "The earlier run was made with another encoder: its themes cannot be compared with.",
                remedy="Leave the encoder out, or begin anew without the earlier run.",
            )
        said = heard(cleaned(signals_of(signals), clean), previous.signals if previous else ())
        vectors = _vectors(said, previous.state if previous else None, encoder)
        how: dict[str, Any] = {"counts": said.counts, "settings": settings, "seed": seed}
        if previous is None:
            run = found_themes(said.keys, vectors, **how)
        else:
            run = continue_themes(previous.state, said.keys, vectors, **how)
        kept = _names_kept(previous, run)
        grouped = Grouped(said, vectors, run.partition, run.theme_ids, kept, _named_owners(run))
        return cls(
            themes=make_themes(grouped, model, encoder),
            signals=grouped.heard.signals,
            assignments=_assignments(grouped),
            changes=tuple(change_of(event) for event in run.events),
            workarounds=workarounds_in(grouped),
            settings=settings,
            state=run.state,
            encoder=encoder,
        )

    def edit(self, edits: ThemeEdits, *, model: TriageModel | None = None, seed: int = 0) -> Self:
        """The themes as people know them better; every later run keeps to it.

        Args:
            edits: names, owners, merges, splits, and what is no theme.
            model: says who owns the themes whose signals change; without it, that is not known.
            seed: of whatever is drawn at random.

        Raises:
            UsageError: a theme is not there, or the edits contradict one another.
        """
        edits.check(self.themes)
        said = heard((), self.signals)
        vectors = _vectors(said, self.state, self.encoder)
        state = edited(self.state, edits)
        run = continue_themes(state, said.keys, vectors, counts=said.counts, settings=self.settings, seed=seed)
        same = [theme for theme in self.themes if theme.id not in edits.regrouped]
        names = {**{theme.id: theme.name for theme in same}, **run.state.edits.names}
        owners = {theme.id: theme.owner for theme in same if theme.owner is not None and model is None}
        grouped = Grouped(said, vectors, run.partition, run.theme_ids, names, {**owners, **_named_owners(run)})
        new = (*state.events[len(self.state.events) :], *run.events)
        return replace(
            self,
            themes=make_themes(grouped, model, self.encoder),
            assignments=_assignments(grouped),
            changes=(*self.changes, *map(change_of, new)),
            workarounds=workarounds_in(grouped),
            state=replace(run.state, run=self.state.run),
        )

    @classmethod
    def load(cls, path: str | Path, *, threads: int | None = None, encoder: Encoder | None = None) -> Self:
        """Load what `save` wrote, or the output folder of `signaltriage themes`; every file is verified first.

        Raises:
            ModelRefusedError: the folder is missing, altered, incomplete or of another format.
            EncoderError: its encoder cannot be found.
        """
        from signaltriage.model.theme_folder import read_themes

        return cls(**read_themes(path, threads, encoder))

    def save(self, path: str | Path, *, created_at: datetime | None = None) -> Path:
        """Write a folder of data: JSON and arrays, nothing that can run.

        Args:
            path: the folder to write; one of themes that is already there is replaced.
            created_at: now, unless given; the one thing in which two runs on the same signals differ.
        """
        from signaltriage.model.theme_folder import write_themes

        return write_themes(self, path, created_at)

    def assign(self, new: Sequence[Signal] | Sequence[str], *, clean: bool = True) -> list[Assignment]:
        """Where new signals stand among the themes, in their order; nothing is changed by it."""
        signals = cleaned(signals_of(new), clean)
        if not signals:
            return []
        said = [i for i, signal in enumerate(signals) if signal.text]
        found = [Assignment(signal.id, None, None, 0.0) for signal in signals]
        if said:
            places = self.state.assign(self.encoder.encode([signals[i].text for i in said]))
            names = self.state.theme_ids
            rows = zip(said, places.nearest.tolist(), places.similarity.tolist(), places.member.tolist(), strict=True)
            for i, nearest, similarity, member in rows:
                name = names[nearest] if nearest >= 0 else None
                found[i] = Assignment(signals[i].id, name if member else None, name, round(similarity, 5))
        return found

    def to_frame(self) -> pd.DataFrame:
        """The themes as a pandas frame, one a row, with the columns of themes.csv."""
        from signaltriage.model.theme_tables import themes_frame

        return themes_frame(self.themes)


def change_of(event: ThemeEvent) -> ThemeChange:
    """An event as it is told."""
    return ThemeChange(event.kind, event.theme_id, tuple(event.others), event.reason)


def _vectors(said: Heard, before: ThemeState | None, encoder: Encoder) -> NDArray[np.float32]:
    """Unit vectors of the different texts, shape (m, d); those that an earlier run kept are not worked out again."""
    kept = {} if before is None else {key: i for i, key in enumerate(before.past.ids)}
    new = [i for i, key in enumerate(said.keys) if key not in kept]
    vectors = np.zeros((len(said.keys), encoder.dimension), dtype=np.float32)
    if new:
        vectors[new] = encoder.encode([said.texts[i] for i in new])
    if before is not None:
        old = [i for i, key in enumerate(said.keys) if key in kept]
        known = before.past.vectors[[kept[said.keys[i]] for i in old]].astype(np.float32)
        vectors[old] = known / np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-12)
    return vectors


def _named_owners(run: Continued) -> dict[str, Owner]:
    return {id: named_owner(team) for id, team in run.state.edits.owners.items()}


def _names_kept(previous: ThemeSet | None, run: Continued) -> dict[str, str]:
    """Names that stay: those that people gave, and those that themes have had: a name is part of what a team owns."""
    before = {} if previous is None else {theme.id: theme.name for theme in previous.themes}
    return {**before, **run.state.edits.names}


def _assignments(grouped: Grouped) -> tuple[Assignment, ...]:
    partition, ids = grouped.partition, grouped.theme_ids
    found = []
    for signal, row in zip(grouped.heard.signals, grouped.heard.row.tolist(), strict=True):
        if row < 0 or partition.nearest[row] < 0:
            found.append(Assignment(signal.id, None, None, 0.0))
            continue
        nearest = ids[int(partition.nearest[row])]
        similarity = round(float(partition.similarity[row]), 5)
        found.append(Assignment(signal.id, nearest if partition.member[row] else None, nearest, similarity))
    return tuple(found)
