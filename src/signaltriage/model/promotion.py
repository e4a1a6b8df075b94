"""`promote` and `rollback`: a challenger judged against the champion, put in its place, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from signaltriage.capture.times import to_seconds
from signaltriage.errors import InputError, UsageError
from signaltriage.model.folder import moment
from signaltriage.model.parts import prepare
from signaltriage.model.runs import Columns, LabelledRows, read_labelled
from signaltriage.model.training import rows_digest
from signaltriage.model.triage import TriageModel
from signaltriage.routing.explain import EXAMPLE_CHARACTERS
from signaltriage.routing.folds import FORWARD_TRAIN_SHARE
from signaltriage.routing.promotion import MARGIN, Judged, Verdict, judge
from signaltriage.store.folder import read_folder
from signaltriage.store.history import Entry, Step, former, install

_BEGINNING = EXAMPLE_CHARACTERS - 10


@dataclass(frozen=True)
class Contest:
    """Who is held against whom, on what."""

    challenger: str | Path
    champion: str | Path
    """The folder to be replaced; where there is none, only the challenger's promise is tried."""
    data: str | Path
    columns: Columns
    margin: float = MARGIN


@dataclass(frozen=True)
class Promotion:
    """What came of it."""

    promoted: bool
    challenger: str
    challenger_version: str
    champion: str
    champion_version: str | None
    rows: str
    """Which rows the verdict rests on, in words."""
    warnings: tuple[str, ...]
    verdict: Verdict
    kept: str | None
    """Where the former champion lies now."""


def promote(contest: Contest, at: datetime | None = None, threads: int | None = None) -> Promotion:
    """Judge, and if the verdict is for it put the challenger in the champion's place; else nothing is touched.

    Raises:
        UsageError: the rows are those a model was trained on.
        InputError: no labelled rows to judge by.
        ModelRefusedError: one of the folders is not sound.
    """
    challenger = TriageModel.load(contest.challenger, threads=threads)
    champion = TriageModel.load(contest.champion, threads=threads) if Path(contest.champion).exists() else None
    models = [model for model in (challenger, champion) if model is not None]
    rows = _labelled(read_labelled([contest.data], contest.columns), contest)
    chosen, how, fresh = _newest(rows, models)
    for judged_by in (chosen,) if fresh else (rows, chosen):
        _refuse_training_data(judged_by, models, contest)
    verdict = judge(
        Judged(
            chosen.labels,
            champion.predict(chosen.texts) if champion else None,
            challenger.predict(chosen.texts),
            contest.columns.none_label,
        ),
        float(challenger.facts["promise"]["target_error"]),
        _own_targets(challenger),
        contest.margin,
    )
    entry = _put_in_place(contest, verdict, at) if verdict.promoted else None
    return Promotion(
        promoted=verdict.promoted,
        challenger=str(contest.challenger),
        challenger_version=challenger.version,
        champion=str(contest.champion),
        champion_version=champion.version if champion else None,
        rows=how,
        warnings=tuple(_warnings(chosen, models)),
        verdict=verdict,
        kept=entry.kept if entry else None,
    )


def roll_back(path: str | Path, version: str | None = None, at: datetime | None = None) -> Entry:
    """Bring the model before this one back, or the one named; what is replaced is kept as well.

    Raises:
        UsageError: there is none.
        ModelRefusedError: it is damaged; nothing is touched then.
    """
    folder = former(path, version)
    read_folder(folder)
    return install(path, folder, Step("rollback", moment(at).isoformat()))


def _labelled(rows: LabelledRows, contest: Contest) -> LabelledRows:
    labels = [label.strip() for label in rows.labels]
    kept = [i for i, label in enumerate(labels) if label and rows.texts[i].strip()]
    if not kept:
        raise InputError(f"{contest.data} has no labelled rows.", remedy="Check the text and label columns.")
    return _take(replace(rows, labels=labels), kept)


def _take(rows: LabelledRows, kept: Sequence[int]) -> LabelledRows:
    return replace(
        rows,
        texts=[rows.texts[i] for i in kept],
        labels=[rows.labels[i] for i in kept],
        times=None if rows.times is None else [rows.times[i] for i in kept],
    )


def _newest(rows: LabelledRows, models: Sequence[TriageModel]) -> tuple[LabelledRows, str, bool]:
    """The rows to judge by, which they are in words, and whether they are known to be newer than all training."""
    n = len(rows.texts)
    if rows.times is None:
        return rows, f"all {n:,} labelled rows, no times being given", False
    seconds = to_seconds(rows.times)
    ends = [model.facts["training_data"].get("newest") for model in models]
    if all(ends):
        last = max(datetime.fromisoformat(str(end)).timestamp() for end in ends)
        kept = np.flatnonzero(seconds > last)
        if not len(kept):
            raise InputError(
                f"None of the {n:,} rows is newer than what the models were trained on.",
                remedy="Give rows filed since, or leave --time out if these were held back from training.",
            )
        return _take(rows, kept.tolist()), f"the {len(kept):,} of {n:,} rows newer than both models' training", True
    edge = np.sort(seconds)[int(n * FORWARD_TRAIN_SHARE)]
    kept = np.flatnonzero(seconds >= edge)
    said = f"the newest {len(kept):,} of {n:,} rows, a model not having been told the times of its training rows"
    return _take(rows, kept.tolist()), said, False


def _refuse_training_data(rows: LabelledRows, models: Sequence[TriageModel], contest: Contest) -> None:
    none = contest.columns.none_label
    labels = ["" if label == none else label for label in rows.labels]
    for model in models:
        if rows_digest(rows.texts, labels, model.settings.clean) == model.facts["training_data"]["sha256"]:
            raise UsageError(
                f"{contest.data} is what model {model.version} was trained on: judged on it, any model looks good.",
                remedy="Give labelled rows that neither model has seen, best the newest.",
            )


def _warnings(rows: LabelledRows, models: Sequence[TriageModel]) -> list[str]:
    """Where texts are among a model's examples, it was trained on them."""
    found = []
    for model in models:
        known = {_start(text) for text in model.decider.examples.texts}
        n = sum(_start(text) in known for text in prepare(rows.texts, model.settings.clean))
        if n:
            found.append(
                f"{n:,} of {len(rows.texts):,} texts are examples that model {model.version} was trained on: "
                "it is judged too well on those"
            )
    return found


def _start(text: str) -> str:
    """Examples are kept shortened, so only beginnings can be compared."""
    return " ".join(text.split())[:_BEGINNING]


def _own_targets(model: TriageModel) -> dict[str, float]:
    """Teams that were promised something by themselves, as the settings ask."""
    settings = model.settings
    own = dict.fromkeys(model.teams, settings.target_error) if settings.per_team else {}
    return own | {team: share for team, share in settings.team_target_error.items() if team in model.teams}


def _put_in_place(contest: Contest, verdict: Verdict, at: datetime | None) -> Entry:
    figures: dict[str, Any] = {"promise": asdict(verdict.promise), "margin": verdict.margin}
    if verdict.overall is not None:
        figures["overall"] = asdict(verdict.overall)
    return install(contest.champion, contest.challenger, Step("promote", moment(at).isoformat(), figures))
