"""Cells that a spreadsheet would run as formulas get a leading quote mark: OWASP's defence against CSV injection.

The guard loses nothing: `unguard(guard_cell(x)) == x` for every text. For that, a cell that already starts with quote
marks before a dangerous character gets one more.
"""

from __future__ import annotations

import re
from typing import Final

_DANGEROUS: Final = "=+\\-@\t\r\n＝＋－＠"
_FORMULA: Final = re.compile(f"'*[{_DANGEROUS}]")
_NUMBER: Final = re.compile(r"[+-](?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?\s?%?", re.ASCII)
_FIRST: Final = frozenset("'=+-@\t\r\n＝＋－＠")


def guard_cell(text: str) -> str:
    """Put a `'` before a cell that would run as a formula; plain numbers such as -5 or +3.14 are left alone."""
    return "'" + text if _runs(text) else text


def unguard(text: str) -> str:
    """Take back what `guard_cell` did."""
    return text[1:] if text.startswith("'") and _runs(text[1:]) else text


def _runs(text: str) -> bool:
    # The set look-up first: it settles nearly every cell without a regular expression.
    return bool(text) and text[0] in _FIRST and bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)
