"""Code blocks, stack traces and logs: the error message is telling, the two hundred lines around it are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

KEPT_LINES: Final = 4
"""Lines kept of a code block or a run of log lines: the first, and those that speak of an error."""

_WIKI_FENCE: Final = re.compile(r"\{(?:code|noformat)(?::[^{}\n]{0,100})?\}")
_WORD: Final = re.compile(r"\w")
_LANGUAGE: Final = re.compile(r"[\w+#.-]{1,20}[ \t]*\n")
_ERROR: Final = re.compile(
    r"error|exception|fail|denied|refused|timed? ?out|cannot|could not|unable|invalid|not found|fatal|panic|"
    r"\b0x[0-9a-f]{4,}|\b[45]\d\d\b",
    re.IGNORECASE,
)
_FRAME: Final = re.compile(
    r"\s*(?:at\s+[\w$.<>/\[\]:@-]{2,300}\s?\(|at\s\S{1,300}:\d+(?::\d+)?\)?$|File \"[^\"\n]{1,300}\", line \d+|"
    r"\.\.\. \d+ (?:more|common frames)|#\d+\s+0x[0-9a-f]+|from \S{1,300}:\d+:in |goroutine \d+ |\S{1,200}\.go:\d+)"
)
_BLOB: Final = re.compile(r"[A-Za-z0-9+/=_-]{50,}")
_STAMP: Final = re.compile(
    r"\s*\[?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d[.,\s]|\d\d?/\w{2,3}/\d{2,4}[: ]\d\d:)"
)


def shorten_code_blocks(text: str) -> str:
    """Shorten what stands between fences: ``` … ```, {code} … {code}, {noformat} … {noformat}."""
    if "```" in text:
        text = _shorten_between(text.split("```"), "```")
    if "{code" in text or "{noformat" in text:
        text = _shorten_between(_WIKI_FENCE.split(text), " ")
    return text


def shorten_traces(text: str) -> str:
    """Keep the first frame of a stack trace and its message, and the first and the telling lines of a log."""
    if text.count("\n") < 3:
        return text
    lines = text.split("\n")
    if sum(1 for line in lines if _FRAME.match(line)) > 2:
        lines = list(_without_frames(lines))
    return "\n".join(_without_log_runs(lines))


def drop_blobs(text: str) -> str:
    """Drop keys, certificates and other encoded data: long runs that mix digits with small and capital letters."""
    if all(len(word) < 50 for word in text.split()):
        return text
    return _BLOB.sub(lambda found: " " if _is_encoded(found[0]) else found[0], text)


def _is_encoded(run: str) -> bool:
    return not run.islower() and not run.isupper() and any(c.isdigit() for c in run)


def _shorten_between(parts: list[str], fence: str) -> str:
    """Shorten every second part; a fence that is never closed opens no block."""
    closed = len(parts) - (1 - len(parts) % 2)
    shown = [part if i % 2 == 0 else f"\n{_shorten(part)}\n" for i, part in enumerate(parts[:closed])]
    return "".join(shown) + "".join(fence + part for part in parts[closed:])


def _shorten(block: str) -> str:
    lines = [line for line in block.split("\n") if line.strip()]
    if len(lines) > KEPT_LINES:  # a line with nothing but a bracket tells nothing
        lines = [line for line in lines if _WORD.search(line)]
    if len(lines) > 1 and _LANGUAGE.match(block):
        lines = lines[1:]
    return "\n".join(_telling(lines))


def _telling(lines: list[str]) -> list[str]:
    if len(lines) <= KEPT_LINES:
        return lines
    return lines[:1] + [line for line in lines[1:] if _ERROR.search(line[:500])][: KEPT_LINES - 1]


def _without_frames(lines: list[str]) -> Iterator[str]:
    seen = False
    in_python = False
    for line in lines:
        if _FRAME.match(line):
            in_python = line.lstrip().startswith("File ")
            if not seen:
                yield line
            seen = True
        elif in_python and line.startswith((" ", "\t")) and line.strip():
            continue  # the source line that Python prints under each frame
        else:
            in_python = False
            yield line


def _without_log_runs(lines: list[str]) -> Iterator[str]:
    run: list[str] = []
    for line in lines:
        if _STAMP.match(line):
            run.append(line)
            continue
        yield from _telling(run)
        run = []
        yield line
    yield from _telling(run)
