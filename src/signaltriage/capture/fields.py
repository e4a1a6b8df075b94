"""From cells to the text of a signal: any value as text, fields inside JSON cells, several columns joined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from signaltriage.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_MISSING: Final = frozenset(("NAType", "NaTType"))


def to_text(value: object) -> str:
    """Turn any value into text: None, NaN and pandas' missing values are "", bytes are decoded, the rest is str()."""
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in _MISSING:  # told by name: pandas need not be imported to ask
        return ""
    if isinstance(value, float) and value != value:
        return ""
    if isinstance(value, bytes | bytearray):
        try:
            return value.decode("utf-8-sig")
        except UnicodeDecodeError:
            return value.decode("cp1252", errors="replace")
    return str(value)


def join_text(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Give one text per row of `frame`: the cells of the columns `names`, in that order, blank ones left out, a newline
    between them.

    A name with dots that is no column (`fields.summary`, `messages.0.body`) reaches into the JSON of the column before
    its first dot. Raises UsageError when there is no such column.
    """
    parts = [_column_texts(frame, name) for name in names]
    if len(parts) == 1:
        return parts[0]
    return ["\n".join(text for text in texts if text and not text.isspace()) for texts in zip(*parts, strict=True)]


def _column_texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name in frame.columns:
        return [value if type(value) is str else to_text(value) for value in frame[name].tolist()]
    root, _, path = name.partition(".")
    if not path or root not in frame.columns:
        raise UsageError(f"There is no column {name!r}.", remedy=f"There is: {', '.join(map(str, frame.columns))}.")
    return [_inner_text(cell, keys) for cell, keys in zip(frame[root].tolist(), repeat(path.split(".")), strict=False)]


def _inner_text(cell: object, keys: list[str]) -> str:
    """Follow `keys` into the JSON of a cell; what is not there is ""."""
    value: Any = cell
    if isinstance(cell, str):
        try:
            value = json.loads(cell) if cell[:1] in {"{", "["} else None
        except (ValueError, RecursionError):
            return ""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ""
    return _rich_text(value) if isinstance(value, dict | list) else to_text(value)


def _rich_text(document: object) -> str:
    """Give the words of a rich-text tree (Atlassian's document format): its `text` leaves, each block on a line."""
    parts: list[str] = []
    waiting: list[Any] = [document]
    while waiting:  # a stack instead of recursion: the depth is the sender's choice
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str):
                parts.append(node["text"])
            if isinstance(node.get("content"), list):
                waiting.append("\n")
                waiting.append(node["content"])
    return "".join(parts).strip()
