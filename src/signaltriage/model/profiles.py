"""Teams in words, brought to vectors, and what the manifest says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from signaltriage.encode import Encoder
from signaltriage.routing.coldstart import Profiles
from signaltriage.routing.teams import Matched, TeamProfile, check_distinct, views

MOST_UNLABELLED = 5_000
"""Signals without a team that are looked at: more place the teams no better, and each costs an encoding."""


def encode_profiles(encoder: Encoder, teams: Sequence[TeamProfile], unlabelled: Sequence[str]) -> Profiles:
    """Vectors of what is said of the teams, and of signals without a label, sorted and distinct."""
    check_distinct(teams)
    texts = [(k, text) for k, team in enumerate(teams) for text in views(team)]
    # Signals without a label draw each team to one place, which serves names but not descriptions of several clauses.
    unlabelled = () if any(team.owns for team in teams) else unlabelled
    kept = sorted(sorted(unlabelled, key=_digest)[:MOST_UNLABELLED])
    return Profiles(
        tuple(team.id for team in teams),
        tuple(text for _, text in texts),
        np.array([k for k, _ in texts], dtype=np.int64),
        encoder.encode([text for _, text in texts]),
        encoder.encode(kept) if kept else np.empty((0, encoder.dimension), dtype=np.float32),
    )


def profile_facts(given: Sequence[TeamProfile], matched: Matched, rows: Mapping[str, int]) -> dict[str, Any]:
    """What was given, which teams have no labelled row, which labels nobody described."""
    return {
        "given": len(given),
        "without_rows": sorted(team.id for team in given if not rows[team.id]),
        "unknown_labels": list(matched.unknown),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
