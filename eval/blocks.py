"""Parts of a Markdown file that are made from results: what stands between a pair of markers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def markers(name: str) -> tuple[str, str]:
    """The lines that begin and end the block of this name."""
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def replaced(text: str, name: str, body: str) -> str:
    """`text` with `body` as the block of this name; as it is where it has no such block."""
    begin, end = markers(name)
    if begin not in text or end not in text:
        return text
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{body.strip()}\n{end}{rest.partition(end)[2]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def result(path: Path) -> Any:
    """What was measured; None where it was not."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def sections(folder: Path, parts: Mapping[str, tuple[str, str, Callable[[Any], str]]]) -> str:
    """Tables of what was measured, by the name of the result: heading, what it is, and how it becomes a table."""
    found = []
    for name, (heading, what, made) in parts.items():
        measured = result(folder / f"{name}.json")
        if measured is not None:
            found += [f"### {heading}", f"{what} `python -m eval.{name}`", made(measured)]
    return "\n\n".join(found)


def share(value: float) -> str:
    """A share, 0-1, in percent."""
    return f"{value:.1%}"
