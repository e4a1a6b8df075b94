"""The expressions of `facet_patterns.toml`, compiled."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import regex

_FILE: Final = "facet_patterns.toml"
_PART: Final = regex.compile(r"<([A-Z]+)>")


@dataclass(frozen=True)
class Patterns:
    """Of one kind of facet."""

    plain: Any
    """Takes back what a negator stands before."""
    whole: Any


@lru_cache(maxsize=1)
def patterns() -> dict[str, Patterns]:
    """By kind, in the order of the file."""
    tables = tomllib.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    parts: dict[str, str] = tables["parts"]

    def compiled(expressions: list[str]) -> Any:
        joined = "|".join(f"(?:{_PART.sub(lambda name: parts[name[1]], expression)})" for expression in expressions)
        return regex.compile(rf"(?<!\w)(?:{joined})(?!\w)", regex.IGNORECASE)

    return {
        kind: Patterns(compiled(plain), compiled([*tables["whole"][kind], *tables["other_languages"][kind]]))
        for kind, plain in tables["plain"].items()
    }
