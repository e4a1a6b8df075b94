"""Labelled rows as they come → a decider and the facts about its training."""

from __future__ import annotations

import hashlib
import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signaltriage.capture.fields import to_text
from signaltriage.capture.times import to_seconds
from signaltriage.encode import Encoder
from signaltriage.errors import InputError
from signaltriage.model.corrections import LIMIT, near_duplicate_similarity
from signaltriage.model.evidence import held_out_metrics, novelty_facts, pooling_of, promise_of, team_shares
from signaltriage.model.folder import state_files
from signaltriage.model.parts import ModelParts, prepare
from signaltriage.model.profiles import encode_profiles, profile_facts
from signaltriage.report.card import Card, Guessed, make_card
from signaltriage.routing.abstention import Promise
from signaltriage.routing.choices import FEW_ROWS
from signaltriage.routing.decision import Decider
from signaltriage.routing.explain import Examples
from signaltriage.routing.lexicon import Lexicon
from signaltriage.routing.reference import Reference
from signaltriage.routing.state import to_state
from signaltriage.routing.teams import TeamProfile, match_labels
from signaltriage.routing.training import NOT_HELD_OUT, Trained, TrainingRows, train_router
from signaltriage.routing.untaught import untaught_router
from signaltriage.settings import Settings
from signaltriage.store.folder import content_digest

_LIBRARIES = ("numpy", "onnxruntime", "safetensors", "scikit-learn", "scipy", "tokenizers")
Columns = tuple[Sequence[object], Sequence[object], Sequence[object] | NDArray[Any] | None, Sequence[str] | None]


@dataclass(frozen=True)
class _Usable:
    """Rows with a text and a team, and what became of the others."""

    texts: list[str]
    teams: list[str]
    times: NDArray[np.float64] | None
    groups: list[str] | None
    unlabelled: list[str]
    """Texts without a team."""
    counts: dict[str, int]
    junk: list[str]
    """Texts labelled as nobody's."""


def train_parts(
    encoder: Encoder,
    settings: Settings,
    columns: Columns,
    none_label: str | None = None,
    teams: Sequence[TeamProfile] = (),
) -> ModelParts:
    """Train, choose when to ask a person, write down the facts, keep what later signals are compared with.

    Rows whose team is `none_label` are of no team: they teach what to turn away. `teams` are those known in words.
    """
    rows = _usable(columns, settings.clean, none_label)
    if not rows.texts and not teams:
        raise InputError(
            f"None of the {rows.counts['rows']} rows has both a text and a team.",
            remedy="Check the text and label columns, or describe the teams in a teams.toml.",
        )
    matched = match_labels(rows.teams, teams)
    rows = replace(rows, teams=matched.labels)
    vectors = encoder.encode(rows.texts)
    junk = (rows.junk, encoder.encode(rows.junk) if rows.junk else None)
    # Names of teams tell something new only where there are few rows of each.
    few = len(rows.texts) <= FEW_ROWS * len(matched.profiles)
    profiles = encode_profiles(encoder, matched.profiles, rows.unlabelled) if teams or few else None
    training_rows = TrainingRows(rows.texts, rows.teams, vectors, rows.times, rows.groups, junk, profiles)
    if rows.texts or profiles is None:
        trained = train_router(training_rows, folds=settings.folds, seed=settings.seed)
    else:
        trained = untaught_router(profiles)
    router = trained.router
    code = {team: i for i, team in enumerate(router.classes)}
    # In sorted order, so that which of two equal examples is kept does not depend on the order of the input.
    order = sorted(range(len(rows.texts)), key=lambda i: (rows.texts[i], rows.teams[i]))
    y = np.array([code[rows.teams[i]] for i in order], dtype=np.int64)
    examples = Examples.choose([rows.texts[i] for i in order], y, vectors[order], settings.examples_per_team)
    if settings.examples_per_team:  # a word that stood in one text only is that text's
        examples = replace(examples, lexicon=Lexicon.learn(rows.texts, router.meaning, encoder.encode))
    promise = promise_of(trained, settings, {team: rows.teams.count(team) for team in router.classes})
    facts = _facts(rows, trained, settings, promise)
    facts["profiles"] = profile_facts(teams, matched, facts["teams"])
    facts[LIMIT] = near_duplicate_similarity(vectors[order], y, settings.target_error)
    facts["group_pooling"] = asdict(pooling_of(trained, training_rows, settings.seed))
    model_version = _version(Decider(router, examples, {}, np.zeros(0), ""), facts)
    shares = team_shares(np.bincount(y, minlength=len(router.classes)))
    decider = Decider(router, examples, promise.min_probability, shares, model_version)
    return ModelParts(
        encoder,
        decider,
        settings,
        facts,
        reference=Reference.choose(trained, rows.texts, vectors, settings.seed),
        card=_card(trained, facts, encoder, model_version),
    )


def _card(trained: Trained, facts: dict[str, Any], encoder: Encoder, model_version: str) -> Card:
    held_out = trained.held_out
    n = 0 if trained.choice.split == NOT_HELD_OUT else len(held_out.y)
    guessed = Guessed(trained.router.classes, held_out.y[:n], held_out.probabilities[:n])
    encoder_facts = {"name": encoder.name, "digest": encoder.digest, "dimension": encoder.dimension}
    return make_card(guessed, facts, encoder_facts, model_version)


def _usable(columns: Columns, clean: bool, none_label: str | None) -> _Usable:
    texts, teams, times, groups = columns
    cleaned = prepare(texts, clean)
    # A lone surrogate cannot be written to any file: it becomes a question mark, here as in the texts.
    names = [to_text(team).strip().encode("utf-8", "replace").decode() for team in teams]
    junk = [text for text, team in zip(cleaned, names, strict=True) if team == none_label and text.strip()]
    names = ["" if team == none_label else team for team in names]
    kept = [i for i, (text, team) in enumerate(zip(cleaned, names, strict=True)) if text.strip() and team]
    seconds = None if times is None else to_seconds(_rows_at(times, kept))
    teams_of: dict[str, set[str]] = defaultdict(set)
    for i in kept:
        teams_of[cleaned[i]].add(names[i])
    counts = {
        "rows": len(cleaned),
        "used": len(kept),
        "without_text": sum(not text.strip() for text in cleaned),
        "without_team": sum(bool(text.strip()) and not team for text, team in zip(cleaned, names, strict=True)),
        "distinct_texts": len(teams_of),
        "texts_with_conflicting_teams": sum(len(found) > 1 for found in teams_of.values()),
    }
    return _Usable(
        [cleaned[i] for i in kept],
        [names[i] for i in kept],
        seconds,
        None if groups is None else [to_text(group) for group in _rows_at(groups, kept)],
        sorted({text for text, team in zip(cleaned, names, strict=True) if text.strip() and not team} - set(junk)),
        counts,
        junk,
    )


def _rows_at(column: Sequence[object] | NDArray[Any], rows: Sequence[int]) -> list[object]:
    """The cells at these places: by position, also where a pandas Series numbers its rows otherwise."""
    cells = list(column)
    return [cells[i] for i in rows]


def _facts(rows: _Usable, trained: Trained, settings: Settings, promise: Promise) -> dict[str, Any]:
    teams = np.array(rows.teams)
    return {
        "training_data": {"sha256": _data_digest(rows.texts, rows.teams), **rows.counts, **_time_span(rows.times)},
        "teams": {team: int((teams == team).sum()) for team in trained.router.classes},
        "split": {"kind": trained.choice.split, "folds": settings.folds},
        "choice": asdict(trained.choice),
        "held_out": held_out_metrics(trained.held_out, promise),
        "promise": asdict(promise),
        "novelty": novelty_facts(trained),
        "settings": _settings_record(settings),
        "libraries": _library_versions(),
    }


def _time_span(times: NDArray[np.float64] | None) -> dict[str, str]:
    """When the oldest and the newest row were filed, as ISO 8601 in UTC; nothing without times."""
    if times is None:
        return {}
    edges = {"oldest": times.min(), "newest": times.max()}
    return {name: str(np.datetime64(round(seconds), "s")) + "Z" for name, seconds in edges.items()}


def _library_versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a vendored or renamed build
            found[name] = "unknown"
    return found


def _version(decider: Decider, facts: dict[str, Any]) -> str:
    files = state_files(to_state(decider.router, decider.examples))
    return content_digest({**files, "training_data": facts["training_data"]["sha256"].encode()})[:12]


def rows_digest(texts: Sequence[object], teams: Sequence[object], clean: bool) -> str:
    """The digest that training on these rows would write down as that of its data."""
    rows = _usable((texts, teams, None, None), clean, None)
    return _data_digest(rows.texts, rows.teams)


def _data_digest(texts: Sequence[str], teams: Sequence[str]) -> str:
    """Sha256 over the labelled rows in sorted order: the same rows, the same digest."""
    lines = sorted(f"{team}\x1f{text}\x1e" for text, team in zip(texts, teams, strict=True))
    return hashlib.sha256("".join(lines).encode("utf-8", "replace")).hexdigest()


def _settings_record(settings: Settings) -> dict[str, Any]:
    """Settings that shape results; threads do not."""
    return {name: value for name, value in asdict(settings).items() if name != "threads"}
