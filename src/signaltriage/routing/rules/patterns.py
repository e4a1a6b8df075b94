"""Regular expressions that give up in time. `regex` (Apache-2.0) is Python's `re` with a time limit.

A pattern such as (a+)+$ takes exponential time on some texts. The limit is counted in seconds of this process's
processor time (all its threads), so other programs do not change what is found, and it is a thousand times what an
ordinary search takes. A signal near the limit may fall on either side; beyond it, a person looks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

MAX_PATTERN = 5000
"""Characters of one pattern: compiling takes longer than its length would suggest."""
TIME_LIMIT = 0.05
"""Seconds for one search, and beyond that"""
TIME_LIMIT_PER_CHARACTER = 1e-6
"""seconds for each character searched, so that length alone is never at fault."""


class PatternError(ValueError):
    """What is wrong with a pattern, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> regex.Pattern[str]:
    """The compiled pattern.

    Raises:
        PatternError: it is no regular expression, or too big.
    """
    import regex

    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"{len(pattern):,} characters", f"Split it: {MAX_PATTERN:,} are allowed.")
    try:
        return regex.compile(pattern)
    except RecursionError as error:
        raise PatternError("nested too deeply", "Use fewer brackets inside one another.") from error
    except (regex.error, OverflowError, ValueError, TypeError) as error:
        raise PatternError(
            str(error), "In TOML a backslash in \"…\" is written twice; in '…' once. Otherwise mend the pattern."
        ) from error


def found(pattern: str, text: str) -> bool | None:
    """Whether the pattern occurs in the text; None if that could not be told within the time limit."""
    try:
        limit = TIME_LIMIT + TIME_LIMIT_PER_CHARACTER * len(text)
        return compiled(pattern).search(text, timeout=limit) is not None
    except (TimeoutError, MemoryError, RecursionError):
        return None
