"""teams.toml: who the teams are, in words, for routing to teams that have few labelled signals or none.

    [[team]]
    id = "finops"                      what the label column says; the team's name in every result
    name = "Finance Ops & Procurement"
    owns = "Purchase approvals, expenses and mileage, company cards, paying suppliers."

Known beside these, all optional texts and not used to route: `blamed_for` (what sounds like this team and is not),
`lead_role`, `component`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from signaltriage.errors import SettingsError

_PROMPTS = (
    "{}",
    "{}?",
    "I have a question about {}.",
    "how do i {}",
    "The customer asks about {}.",
    "my {}",
)
"""Ways a name may be spoken of; their mean is steadier than the name alone (prompt ensembles: Radford et al. 2021)."""
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_JOINT = re.compile(r"[\W_]+")
_CLAUSE = re.compile(r"[.,;:!?]+(?:\s+|$)|\n+")


@dataclass(frozen=True, slots=True)
class TeamProfile:
    """A team in words."""

    id: str
    name: str = ""
    """For people; the id where left out."""
    owns: str = ""
    """What the team owns the cause of, in a few sentences."""
    blamed_for: str = ""
    lead_role: str = ""
    component: str = ""


def humanised(name: str) -> str:
    """card_arrival, cardArrival, Card/Arrival → card arrival."""
    return _JOINT.sub(" ", _HUMP.sub(" ", name)).strip().lower()


def views(profile: TeamProfile) -> list[str]:
    """Texts that stand for the team, each to be encoded: its name in several prompts, or its name and the clauses of
    what it owns."""
    name = humanised(profile.name or profile.id) or profile.id
    clauses = [clause.strip() for clause in _CLAUSE.split(profile.owns)]
    clauses = [clause for clause in clauses if len(clause) > 2]
    return [name, *clauses] if clauses else [prompt.format(name) for prompt in _PROMPTS]


def read_teams(path: str | Path) -> tuple[TeamProfile, ...]:
    """Read a teams.toml.

    Raises:
        SettingsError: not readable, no team in it, an unknown key, a value that is not a text, an id twice.
    """
    import tomllib

    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}", remedy="Give a readable TOML file of [[team]] tables.") from error
    tables = content.get("team")
    if not isinstance(tables, list) or not tables or set(content) != {"team"}:
        raise SettingsError(f"{path}: there must be [[team]] tables and nothing else.", remedy="Give each an id.")
    profiles = tuple(_profile(table, f"{path}, team {number}") for number, table in enumerate(tables, 1))
    check_distinct(profiles, str(path))
    return profiles


def check_distinct(profiles: Sequence[TeamProfile], where: str = "profiles") -> None:
    """Refuse two teams that a label could not tell apart.

    Raises:
        SettingsError: an id or a name stands for two teams.
    """
    owner: dict[str, str] = {}
    for profile in profiles:
        for key in {profile.id, profile.name} - {""}:
            if key in owner:
                raise SettingsError(
                    f"{where}: {key!r} names both {owner[key]!r} and {profile.id!r}.",
                    remedy="Give each team an id and a name of its own.",
                )
            owner[key] = profile.id


def _profile(table: Any, where: str) -> TeamProfile:
    known = [field.name for field in fields(TeamProfile)]
    if not isinstance(table, dict):
        raise SettingsError(f"{where} is not a table.", remedy="Write it as [[team]] with an id.")
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise SettingsError(f"{where}: unknown key {unknown[0]!r}.", remedy=f"Known are: {', '.join(known)}.")
    for key, value in table.items():
        if not isinstance(value, str):
            raise SettingsError(f"{where}: {key} = {value!r} is not a text.", remedy="Put it in quotation marks.")
    stripped = {key: value.strip() for key, value in table.items()}
    if not stripped.get("id"):
        raise SettingsError(f"{where} has no id.", remedy="Give the value that labels carry, such as id = 'billing'.")
    return TeamProfile(**stripped)


@dataclass(frozen=True, slots=True)
class Matched:
    """Labels brought to the ids of the teams they mean."""

    labels: list[str]
    profiles: tuple[TeamProfile, ...]
    """Those given, and one of nothing but its name for each label that none of them knows; sorted by id."""
    unknown: tuple[str, ...]
    """Labels that no given profile knows; empty where none was given."""


def match_labels(labels: Iterable[str], profiles: Sequence[TeamProfile]) -> Matched:
    """A label is the id of a team, else its name; one that is neither is kept as it is."""
    id_of = {profile.name: profile.id for profile in profiles if profile.name}
    id_of |= {profile.id: profile.id for profile in profiles}
    matched = [id_of.get(label, label) for label in labels]
    unknown = tuple(sorted(set(matched) - set(id_of.values())))
    everyone = sorted((*profiles, *map(TeamProfile, unknown)), key=lambda profile: profile.id)
    return Matched(matched, tuple(everyone), unknown if profiles else ())
