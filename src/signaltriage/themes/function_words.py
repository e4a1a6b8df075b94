"""The words of `function_words.toml`: they carry no subject."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_WORDS: Final[dict[str, str]] = tomllib.loads(
    files(__package__).joinpath("function_words.toml").read_text(encoding="utf-8")
)

FUNCTION_WORDS: Final = frozenset((_WORDS["english"] + _WORDS["other_languages"]).split())
"""Lower-cased; English, German, French, Spanish, Portuguese and Dutch."""
BREAKS: Final = frozenset(_WORDS["breaks"].split())
"""Those that end a phrase."""
LINKS: Final = frozenset(_WORDS["links"].split())
"""Those that stay inside one."""
NEGATIONS: Final = frozenset(_WORDS["negations"].split())
PARTICLES: Final = frozenset(_WORDS["particles"].split())
"""Those that belong to the word before them: "top up" is one word."""
