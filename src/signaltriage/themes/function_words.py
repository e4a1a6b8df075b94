"""The words of `function_words.toml`: they carry no subject."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

_WORDS: Final[dict[str, str]] = tomllib.loads(
    files(__package__).joinpath("function_words.toml").read_text(encoding="utf-8")
)

ENGLISH: Final = frozenset(_WORDS["english"].split())
AMBIGUOUS: Final = frozenset(_WORDS["ambiguous"].split())
"""Words of content in a text that is English, function words in another."""
FOREIGN: Final = frozenset(f"{_WORDS['other_languages']} {_WORDS['more_languages']}".split()) - AMBIGUOUS - ENGLISH
"""Of the languages of Western Europe and Scandinavia, Polish and Czech."""
FUNCTION_WORDS: Final = ENGLISH | FOREIGN
"""Lower-cased."""
BREAKS: Final = frozenset(_WORDS["breaks"].split())
"""Those that end a phrase."""
LINKS: Final = frozenset(_WORDS["links"].split())
"""Those that stay inside one."""
NEGATIONS: Final = frozenset(_WORDS["negations"].split())
PARTICLES: Final = frozenset(_WORDS["particles"].split())
"""Those that belong to the word before them: "top up" is one word."""
ABSENCES: Final = frozenset(_WORDS["absences"].split())
"""Those that begin a phrase: "no response" is another subject than "response"."""
