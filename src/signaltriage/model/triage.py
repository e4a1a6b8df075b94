"""`TriageModel`: text in, prediction out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import NDArray

from signaltriage.encode import Encoder, load_encoder
from signaltriage.errors import UsageError
from signaltriage.model.parts import ModelParts, prepare
from signaltriage.settings import Settings
from signaltriage.types import Prediction

if TYPE_CHECKING:
    import pandas as pd

    from signaltriage.routing.teams import TeamProfile

_BATCH = 4000
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

        Raises:
            UsageError: the sequences differ in length, or a name stands for two of the profiles.
            InputError: no rows and no profiles, or fewer than two teams.
        """
        from signaltriage.model.training import train_decider

        settings = settings or Settings()
        encoder = encoder or load_encoder(settings.encoder, threads=settings.threads)
        columns = {"teams": teams, "times": times, "groups": groups}
        for name, column in columns.items():
            if column is not None and len(column) != len(texts):
                raise UsageError(f"{len(texts)} texts but {len(column)} {name}.", remedy="Give one for each text.")
        decider, facts = train_decider(encoder, settings, (texts, teams, times, groups), profiles)
        return cls(encoder, decider, settings, facts)

    @classmethod
    def load(cls, path: str | Path, *, threads: int | None = None, encoder: Encoder | None = None) -> Self:
        """Load a model folder; every file is verified before anything is built.

        Raises:
            ModelRefusedError: the folder is missing, altered, incomplete or of another format.
            EncoderError: its encoder cannot be found.
        """
        from signaltriage.model.folder import read_model

        parts = read_model(path, threads, encoder)
        return cls(parts.encoder, parts.decider, parts.settings, parts.facts)

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
        """First 12 hex digits of the digest over the model's content."""
        return self.decider.version

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams it can route to, sorted."""
        return self.decider.router.classes

    def predict(self, texts: Sequence[object]) -> list[Prediction]:
        """Predictions in the order of the texts, as many as texts. None and NaN count as empty texts."""
        return list(self.predict_stream(texts))

    def predict_stream(self, texts: Sequence[object]) -> Iterator[Prediction]:
        """The same one by one, computed a batch at a time."""
        if isinstance(texts, str):
            raise UsageError("predict takes a list of texts.", remedy="Use predict_one for a single text.")
        for start in range(0, len(texts), _BATCH):
            cleaned = prepare(texts[start : start + _BATCH], self.settings.clean)
            yield from self.decider.decide(cleaned, self.encoder.encode(cleaned))

    def predict_one(self, text: object) -> Prediction:
        """The prediction for one text."""
        return self.predict([text])[0]

    def predict_frame(self, frame: pd.DataFrame, text: str | Sequence[str] | None = None) -> pd.DataFrame:
        """The frame's columns and after them `st_team` … `st_reason`; index and order kept.

        Args:
            frame: one signal a row.
            text: text columns, joined in this order; None recognises the usual ones.
        """
        from signaltriage.capture.columns import pick_text_columns
        from signaltriage.capture.fields import join_text
        from signaltriage.capture.records import unique_names

        named = frame.set_axis(list(unique_names([str(name) for name in frame.columns])), axis=1)
        columns = pick_text_columns(list(named.columns), text)
        return with_results(frame, self.predict(join_text(named, columns.names)))


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
