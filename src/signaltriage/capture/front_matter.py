"""The front matter of a Markdown file: its fields, the text below it, and what is wrong with it, in words."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

_FENCE: Final = re.compile(r"(-{3,}|\+{3,})[ \t]*(?:\n|\Z)")
_FIELD: Final = re.compile(r"[\w\"'][\w .\"'-]{0,60}\s{0,5}[:=]")
_BLOCK: Final = re.compile(r"(?:[^\n#][^\n]*(?:\n|\Z))*")
"""Lines up to the first that is blank or a heading: what an unclosed front matter can be at most."""
_MOST: Final = 100_000
"""Characters of a front matter that are parsed."""


@dataclass(frozen=True)
class FrontMatter:
    """What a Markdown file says of itself, and the rest of it."""

    told: dict[str, Any]
    content: str
    problem: str = ""
    """Why the front matter, or part of it, could not be used; empty where all is well or there is none."""


def split_front_matter(text: str) -> FrontMatter:
    """Split a Markdown text: YAML between lines of dashes, TOML between plus signs, a JSON object, or none.

    A front matter that cannot be read is no text of the article: it is left out, and the problem told. A line of dashes
    with prose below it is a rule, not a front matter.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \t\n")
    opened = _FENCE.match(text)
    if opened is None:
        return _json(text) if text.startswith("{\n") else FrontMatter({}, text)
    below = text[opened.end() :]
    sign = opened[1][0]
    closing = re.compile(rf"^{re.escape(sign)}{{3,}}[ \t]*(?:\n|\Z)", re.MULTILINE).search(below)
    if closing is not None:
        block, rest = below[: closing.start()], below[closing.end() :]
        if block.strip() and not _FIELD.match(block.lstrip()) and not _says_fields(block):
            return FrontMatter({}, text)
        told, problem = _parsed(block, sign)
        return FrontMatter(told, rest, problem)
    if not _FIELD.match(below):
        return FrontMatter({}, text)
    lines = _BLOCK.match(below)
    block = lines[0] if lines else ""
    told, problem = _parsed(block, sign)
    problem = f"front matter is not closed by {opened[1]}" + (f", and {problem}" if problem else "")
    return FrontMatter(told, below[len(block) :], problem)


def _json(text: str) -> FrontMatter:
    """A text that begins with a JSON object on lines of its own, as some site builders write it."""
    try:
        told, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return FrontMatter({}, text)
    return FrontMatter(told, text[end:])


def _says_fields(block: str) -> bool:
    """Whether any line looks like a field: a block that begins with a comment, or is broken at its first line."""
    return any(_FIELD.match(line) or line.startswith(": ") for line in block.splitlines())


def _parsed(block: str, sign: str) -> tuple[dict[str, Any], str]:
    """The fields of a block, and why there are none."""
    import yaml

    if len(block) > _MOST:
        return {}, f"front matter is longer than {_MOST:,} characters"
    try:
        if sign == "+":
            return tomllib.loads(block), ""
        # An alias can stand for a text of any size (a "billion laughs"); no front matter needs one.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.SafeLoader)):
            return {}, "front matter holds YAML aliases, which are not read"
        told = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        return {}, f"front matter is no {'TOML' if sign == '+' else 'YAML'}: {_brief(error)}"
    if told is not None and not isinstance(told, dict):
        return {}, "front matter holds no fields"
    return {str(key): value for key, value in (told or {}).items()}, ""


def _brief(error: Exception) -> str:
    """A parser's message in one line, with the line of the front matter."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem:
        return f"{problem}, line {mark.line + 2}" if mark is not None else str(problem)
    return " ".join(str(error).split())[:120] or type(error).__name__
