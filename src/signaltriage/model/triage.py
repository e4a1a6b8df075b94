"""`TriageModel`: text in, prediction out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

from signaltriage.encode import Encoder, load_encoder
from signaltriage.errors import UsageError
from signaltriage.model.corrections import names_of, remember, storable
from signaltriage.model.guidance import Records, guide, rules_version, with_rules
from signaltriage.model.parts import ModelParts, prepare
from signaltriage.routing.corrections import Correction
from signaltriage.routing.overlay import Signals
from signaltriage.settings import Settings
from signaltriage.types import Explanation, GroupPrediction, Prediction

if TYPE_CHECKING:
    import pandas as pd

    from signaltriage.routing.teams import TeamProfile

_BATCH = 1000
"""Texts that travel together: memory stays flat however many are passed."""
RESULT_COLUMNS = ("st_team", "st_outcome", "st_probability", "st_best_guess", "st_runner_up", "st_reason")


@dataclass(frozen=True)
class TriageModel(ModelParts):
    """A trained model: complete once it exists, immutable, safe to share between threads.

    Made by `train` or `load`; kept by `save`.
    """

    @classmethod
    def train(
        cls,
        texts: Sequence[object],
        teams: Sequence[object],
        *,
        times: Sequence[object] | NDArray[Any] | None = None,
        groups: Sequence[str] | None = None,
        profiles: Sequence[TeamProfile] = (),
        settings: Settings | None = None,
        encoder: Encoder | None = None,
        none_label: str | None = None,
    ) -> Self:
        """Train on labelled signals.

        Rows without text or without team are left out and counted in `facts`. The same rows in another order give
        the same model.

        Args:
            texts: signals as they came, shape (n,); cleaned here unless `settings.clean` is off.
            teams: the owning team of each, shape (n,).
            times: when each was filed, shape (n,): datetimes, ISO 8601 texts or seconds since the epoch. Where given,
                the newest rows are the ones held out, and old ones fade if that serves the newest.
            groups: rows of one group (thread, account) are never on both sides of a split.
            profiles: teams in words (`routing.teams.read_teams`): those without a row can be routed to as well. A label
                is the id of one, else its name; texts without a team help to place those with few rows or none.
            settings: see `Settings`.
            encoder: overrides `settings.encoder`.
            none_label: the team of rows that belong to none, such as spam: they teach what to turn away.

        Raises:
            UsageError: the sequences differ in length, or a name stands for two of the profiles.
            InputError: no rows and no profiles, or fewer than two teams.
        """
        from signaltriage.model.training import train_parts

        settings = settings or Settings()
        encoder = encoder or load_encoder(settings.encoder, threads=settings.threads)
        columns = {"teams": teams, "times": times, "groups": groups}
        for name, column in columns.items():
            if column is not None and len(column) != len(texts):
                raise UsageError(f"{len(texts)} texts but {len(column)} {name}.", remedy="Give one for each text.")
        return cls.of(train_parts(encoder, settings, (texts, teams, times, groups), none_label, profiles))

    @classmethod
    def of(cls, parts: ModelParts) -> Self:
        """A model of these parts."""
        return cls(**{field.name: getattr(parts, field.name) for field in fields(ModelParts)})

    @classmethod
    def load(cls, path: str | Path, *, threads: int | None = None, encoder: Encoder | None = None) -> Self:
        """Load a model folder; every file is verified before anything is built.

        Raises:
            ModelRefusedError: the folder is missing, altered, incomplete or of another format.
            EncoderError: its encoder cannot be found.
        """
        from signaltriage.model.folder import read_model

        return cls.of(read_model(path, threads, encoder))

    def save(self, path: str | Path, *, created_at: datetime | None = None, self_contained: bool = False) -> Path:
        """Write a model folder: data only. Two trainings on the same rows differ in `created_at` alone.

        Args:
            path: the folder to write; a model folder that is already there is replaced.
            created_at: now, unless given.
            self_contained: put a copy of the encoder into the folder even where it ships with the package.
        """
        from signaltriage.model.folder import write_model

        return write_model(self, path, created_at, self_contained)

    @property
    def version(self) -> str:
        """First 12 hex digits of the digest over the model's content; then, with "+", 8 over rules and corrections."""
        return "+".join(filter(None, (self.decider.version, rules_version(self.rules), self.corrections.version)))

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams it can route to, sorted."""
        return self.decider.router.classes

    def predict(
        self, texts: Sequence[object], ids: Sequence[object] | None = None, records: Records | None = None
    ) -> list[Prediction]:
        """Predictions in the order of the texts, as many as texts. None and NaN count as empty texts.

        Args:
            texts: signals as they came.
            ids: of the signals, so that a correction of one is known to be its own.
            records: of each signal, its other columns and its text as "text": what rules may ask. Without them, a rule
                that asks for a column does not fire.
        """
        return list(self.predict_stream(texts, ids, records))

    def predict_stream(
        self, texts: Sequence[object], ids: Sequence[object] | None = None, records: Records | None = None
    ) -> Iterator[Prediction]:
        """The same one by one, computed a batch at a time."""
        if isinstance(texts, str):
            raise UsageError("predict takes a list of texts.", remedy="Use predict_one for a single text.")
        names = names_of(ids, len(texts))

        def seen(start: int) -> Signals:
            batch = slice(start, start + _BATCH)
            cleaned = prepare(texts[batch], self.settings.clean)
            return Signals(cleaned, self.encoder.encode(cleaned), names[batch])

        for start, signals in _one_ahead(seen, range(0, len(texts), _BATCH)):
            asked = None if records is None else records[start : start + _BATCH]
            yield from guide(self, signals, asked, self.decider.decide(signals.texts, signals.vectors))

    def predict_one(self, text: object) -> Prediction:
        """The prediction for one text."""
        return self.predict([text])[0]

    def explain(self, text: object) -> Explanation:
        """What carried the decision on one text: words are deleted and the model is asked again, some 100 times."""
        from signaltriage.model.explanation import explain

        return explain(self, prepare([text], self.settings.clean)[0], self.predict_one(text))

    def predict_group(self, texts: Sequence[object]) -> GroupPrediction:
        """One prediction for signals that belong together, such as those of a theme.

        Their order is of no account, equal texts count once and empty ones not at all. One text is as probable as by
        itself, and a further one that agrees never lowers the probability.

        Raises:
            UsageError: no texts.
        """
        from signaltriage.routing.explain import describe_none
        from signaltriage.routing.groups import GroupPooling, pool

        if isinstance(texts, str) or not len(texts):
            raise UsageError("predict_group takes a list of at least one text.", remedy="Leave out groups of none.")
        said = [
            (raw, text) for raw, text in zip(texts, prepare(texts, self.settings.clean), strict=True) if text.strip()
        ]
        said = said or [("", "")]
        how = GroupPooling(**self.facts.get("group_pooling", {}))
        predictions = self.predict([raw for raw, _ in said])
        group = pool([text for _, text in said], predictions, self.decider.min_probability, how)
        none = statistics.median(p.none_probability for p in predictions)
        if group.team is None or none < self.decider.router.none_limit:
            return group
        return replace(group, team=None, outcome="needs_human", reason=f"{describe_none(none)}; {group.reason}")

    def with_rules(self, path: str | Path) -> Self:
        """A model that also keeps the if/then rules of a TOML file.

        Raises:
            SettingsError: the file cannot be read, or a rule makes no sense or names a team the model does not know.
        """
        return with_rules(self, path)

    def correct(self, corrections: Sequence[Correction]) -> Self:
        """A model that also knows these corrections: they count at once, for the signals and their near-duplicates.

        Texts are cleaned here. A correction that is known already, word for word, adds nothing.

        Raises:
            UsageError: a text is empty, or a team unknown to the model ("" is no team, and known).
        """
        cleaned = prepare([c.text for c in corrections], self.settings.clean)
        for c, text in zip(corrections, cleaned, strict=True):
            if not text.strip():
                raise UsageError("A correction without a text.", remedy="Give the text of the signal.")
            if c.to_team and c.to_team not in self.teams:
                raise UsageError(f"{c.to_team!r} is no team of this model.", remedy=f"It has: {', '.join(self.teams)}.")
        new = [replace(c, text=storable(text)) for c, text in zip(corrections, cleaned, strict=True)]
        return replace(self, corrections=remember(self.corrections, new, self.encoder))

    def predict_frame(self, frame: pd.DataFrame, text: str | Sequence[str] | None = None) -> pd.DataFrame:
        """The frame's columns and after them `st_team` … `st_reason`; index and order kept.

        Args:
            frame: one signal a row.
            text: text columns, joined in this order; None recognises the usual ones.
        """
        from signaltriage.capture.columns import pick_text_columns
        from signaltriage.capture.fields import join_text
        from signaltriage.capture.records import unique_names
        from signaltriage.model.rules import records_of

        named = frame.set_axis(list(unique_names([str(name) for name in frame.columns])), axis=1)
        columns = pick_text_columns(list(named.columns), text)
        texts = join_text(named, columns.names)
        records = None if self.rules is None else records_of(named, texts, self.rules)
        return with_results(frame, self.predict(texts, records=records))


def _one_ahead(work: Callable[[int], Signals], starts: Sequence[int]) -> Iterator[tuple[int, Signals]]:
    """What work gives for each start, the next one being under way in a thread while the caller uses this one."""
    if len(starts) < 2:
        yield from ((start, work(start)) for start in starts)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(work, starts[0])
        for k, start in enumerate(starts):
            done = coming.result()
            if k + 1 < len(starts):
                coming = ahead.submit(work, starts[k + 1])
            yield start, done


def with_results(frame: pd.DataFrame, predictions: Sequence[Prediction]) -> pd.DataFrame:
    """A copy of the frame with the result columns behind its own.

    Raises:
        UsageError: the frame already has one of them.
    """
    taken = [name for name in RESULT_COLUMNS if name in frame.columns]
    if taken:
        raise UsageError(
            f"The input already has a column {taken[0]}.", remedy="Rename it, or classify the original export."
        )
    results: dict[str, Any] = {
        "st_team": [p.team or "" for p in predictions],
        "st_outcome": [p.outcome for p in predictions],
        "st_probability": [p.probability for p in predictions],
        "st_best_guess": [p.best_guess for p in predictions],
        "st_runner_up": [p.runners_up[0].team if p.runners_up else "" for p in predictions],
        "st_reason": [p.reason for p in predictions],
    }
    return frame.assign(**results)
