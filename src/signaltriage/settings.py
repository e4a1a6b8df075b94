"""What a user may set: one frozen record, from keyword arguments or a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from signaltriage.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of training and serving; every one has a default that suits most."""

    target_error: float = 0.10
    """Largest share of wrong teams among the signals routed without a person, 0-1."""
    folds: int = 5
    """How many times part of the training rows is held out."""
    seed: int = 0
    encoder: str | None = None
    """None: the one that ships; a folder with encoder.json; or "st:" and a sentence-transformers model."""
    threads: int | None = None
    """Threads of the encoder; None: one for each processor. No result depends on it."""
    clean: bool = True
    """Strip HTML, quoted replies, signatures and the like before anything else looks at a text."""
    examples_per_team: int = 200
    """Training examples kept in the model to explain predictions by; 0 keeps no training text of theirs."""
    per_team: bool = False
    """Keep the promise for every team by itself; a team with too little evidence is then held for people."""
    team_target_error: Mapping[str, float] = field(default_factory=dict)
    """Teams with a target of their own, such as {"billing": 0.02}: held for people where evidence is too little."""

    def __post_init__(self) -> None:
        for name, kinds in _TYPES.items():
            value = getattr(self, name)
            # A bool is an int to Python, and "no" is true: neither must pass for what it is not.
            if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
                raise SettingsError(f"{name} = {value!r} is of the wrong type.", remedy=_RANGES[name])
        checks = {
            "target_error": 0 < self.target_error < 1,
            "team_target_error": all(0 < share < 1 for share in self.team_target_error.values()),
            "folds": self.folds >= 2,
            "seed": self.seed >= 0,
            "threads": self.threads is None or self.threads >= 1,
            "examples_per_team": self.examples_per_team >= 0,
        }
        for name, holds in checks.items():
            if not holds:
                raise SettingsError(f"{name} = {getattr(self, name)!r} is out of range.", remedy=_RANGES[name])

    @classmethod
    def from_mapping(cls, values: dict[str, Any], *, where: str = "settings") -> Self:
        """Build from names and values; an unknown name is refused, never ignored."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise SettingsError(
                f"{where}: unknown setting {', '.join(map(repr, unknown))}.",
                remedy=f"Known are: {', '.join(sorted(known))}.",
            )
        return cls(**values)

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a TOML file of `name = value` lines."""
        import tomllib

        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}", remedy="Give a readable TOML file.") from error
        return cls.from_mapping(values, where=str(path))


@dataclass(frozen=True, slots=True)
class ThemeSettings:
    """How themes are looked for; the defaults suit most."""

    granularity: float = 1.0
    """1: as fine as the data say; 2: about twice as many themes, 0.5: about half as many."""
    method: str = "graph"
    """"graph": groups of signals that share neighbours; "hdbscan": dense regions, which leaves more signals over."""
    min_size: int = 5
    """Fewest distinct signals that make a theme."""

    def __post_init__(self) -> None:
        numbers = {"granularity": int | float, "min_size": int}
        for name, kinds in numbers.items():
            value = getattr(self, name)
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise SettingsError(f"{name} = {value!r} is of the wrong type.", remedy=_THEME_RANGES[name])
        checks = {
            "granularity": 0.05 <= self.granularity <= 20,
            "method": self.method in ("graph", "hdbscan"),
            "min_size": self.min_size >= 2,
        }
        for name, holds in checks.items():
            if not holds:
                raise SettingsError(f"{name} = {getattr(self, name)!r} is out of range.", remedy=_THEME_RANGES[name])


_THEME_RANGES = {
    "granularity": "Give a number from 0.05 to 20, such as 2 for about twice as many themes.",
    "method": "Give graph or hdbscan.",
    "min_size": "Give a whole number, 2 or more.",
}
_TYPES: dict[str, Any] = {
    "target_error": int | float,
    "per_team": bool,
    "team_target_error": Mapping,
    "folds": int,
    "seed": int,
    "encoder": str | None,
    "threads": int | None,
    "clean": bool,
    "examples_per_team": int,
}
_RANGES = {
    "target_error": "Give a share between 0 and 1, such as 0.10 for one in ten.",
    "per_team": "Give true or false.",
    "team_target_error": "Give a share between 0 and 1 for each team named.",
    "folds": "Give at least 2.",
    "seed": "Give a whole number, 0 or more.",
    "encoder": "Give a text: a folder, or st: and a model's name; or leave it out.",
    "threads": "Give at least 1, or leave it out.",
    "clean": "Give true or false.",
    "examples_per_team": "Give 0 or more.",
}
