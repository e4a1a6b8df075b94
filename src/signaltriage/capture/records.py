"""What every reader hands over: a header, and rows that are read or rejected one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from signaltriage.types import Rejected

RAW_LIMIT: Final = 100_000
"""Characters kept of the raw text of a rejected row; a longer one ends in a mark that says how long it was."""

Row = tuple[int, list[str]]
"""1-based line (or record) number, and one cell for each column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table being read: `header` as in the file, `rows` in order, each read or rejected, `how` it is being read."""

    header: tuple[str, ...]
    rows: Iterator[Row | Rejected]
    how: str


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Give repeated names a number, as pandas does: `Labels, Labels` → `Labels, Labels.1`."""
    seen: set[str] = set()
    taken = set(header)
    names = []
    for name in header:
        unique, number = name, 0
        while unique in seen or (number and unique in taken):
            number += 1
            unique = f"{name}.{number}"
        seen.add(unique)
        names.append(unique)
    return tuple(names)


def reject(line: int, reason: str, raw: str) -> Rejected:
    """Build a rejected row, its raw text cut to `RAW_LIMIT` characters."""
    if len(raw) > RAW_LIMIT:
        raw = f"{raw[:RAW_LIMIT]}… [cut: {len(raw):,} characters]"
    return Rejected(line=line, reason=reason, raw=raw)
