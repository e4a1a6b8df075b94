"""Which columns hold what the person said."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from signaltriage.errors import UsageError

_TITLES: Final = ("subject", "title", "short description", "summary", "headline")
# Plain text before mark-up, the field a person fills in before the tool's own excerpt of it.
_BODIES: Final = (
    *("description text", "body text", "plain body", "plain text", "description", "body", "content", "message"),
    *("comment", "comments", "text", "question", "query", "utterance", "feedback", "review", "verbatim", "complaint"),
    *("raw", "cooked", "document", "details", "problem", "transcript", "preview", "excerpt", "html body", "body html"),
)
_ENDINGS: Final = frozenset(("subject", "title", "summary", "description", "body", "content", "message", "comment"))
_MORE_ENDINGS: Final = frozenset(("text", "question", "query", "utterance", "feedback", "review", "verbatim"))
# A column whose name holds one of these is about the text, not the text.
_NEVER: Final = frozenset(
    (
        *("id", "ids", "key", "number", "count", "length", "size", "score", "rating", "hash", "code", "url", "link"),
        *("date", "time", "timestamp", "at", "created", "updated", "label", "labels", "tag", "tags", "category"),
        *("type", "status", "state", "priority", "team", "group", "owner", "topic", "intent", "language", "lang"),
        *("name", "author", "email", "by", "from", "to", "is", "has", "format", "predicted", "st"),
    )
)


# Of a title only: whose title it is tells that it is not the signal's.
_TITLE_OF: Final = frozenset(("user", "job", "contact", "customer", "page"))


@dataclass(frozen=True, slots=True)
class TextColumns:
    """The columns to read: `names` in the order in which they are joined, `how` says which they are and why."""

    names: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """An export whose text is not where the usual names say: told by the columns it `needs`, it lies in `names`."""

    tool: str
    needs: frozenset[str]
    names: tuple[str, ...]


_SHAPES: Final = (
    _Shape("Jira API", frozenset(("key", "fields")), ("fields.summary", "fields.description")),
    _Shape("HubSpot", frozenset(("properties", "archived")), ("properties.subject", "properties.content")),
    _Shape("Intercom", frozenset(("source", "contacts", "state")), ("source.subject", "source.body")),
    _Shape("Gorgias", frozenset(("subject", "messages", "customer")), ("subject", "messages.0.body_text")),
    _Shape("Front", frozenset(("subject", "last_message")), ("subject", "last_message.text")),
    _Shape("Discourse", frozenset(("raw", "cooked", "topic_id")), ("raw",)),
    _Shape("Slack", frozenset(("text", "ts")), ("text",)),
)
_TOOLS: Final = (
    ("Zendesk", frozenset(("subject", "description", "submitter id"))),
    ("Freshdesk", frozenset(("subject", "responder id"))),
    ("ServiceNow", frozenset(("short description", "sys updated on"))),
    ("Jira", frozenset(("summary", "issue key"))),
    ("Help Scout", frozenset(("subject", "preview"))),
    ("Front", frozenset(("subject", "waiting since", "is private"))),
)


def pick_text_columns(columns: Sequence[str], requested: str | Sequence[str] | None) -> TextColumns:
    """Choose the text columns among `columns`: those `requested`, else those of known exports and usual names.

    `requested` is a list of names or one text of names separated by commas; a name that itself holds a comma works too.
    Names are matched exactly, else without regard to case and outer spaces. Without a request, at most one title-like
    and one body-like column are picked; never one that looks like a label, an id or a date. Raises UsageError for an
    unknown name, and when nothing is recognised.
    """
    if requested is not None:
        names = _split(columns, requested) if isinstance(requested, str) else [_known(columns, n) for n in requested]
        if not names:
            raise UsageError("No text column is named.", remedy=f"Name one of: {_listing(columns)}.")
        chosen = tuple(dict.fromkeys(names))
        return TextColumns(chosen, f"text from {' + '.join(chosen)} (as asked for)")
    for shape in _SHAPES:
        if shape.needs <= set(columns) and not {"description", "body"} & set(columns):
            return TextColumns(shape.names, f"text from {' + '.join(shape.names)} (recognised: {shape.tool})")
    title = _first(columns, _TITLES)
    body = _first([column for column in columns if column != title], _BODIES)
    picked = [name for name in (title, body) if name is not None]
    if not picked:
        raise UsageError(
            f"no column looks like the text of a signal; there is: {_listing(columns)}",
            remedy="Say which with --text, such as --text subject,description.",
        )
    return TextColumns(tuple(picked), f"text from {' + '.join(picked)} ({_why(columns)})")


def _why(columns: Sequence[str]) -> str:
    words = {" ".join(_words(column)) for column in columns}
    tool = next((tool for tool, needs in _TOOLS if needs <= words), "")
    return f"recognised: {tool}" if tool else "by their usual names; --text says otherwise"


def _first(columns: Sequence[str], wanted: tuple[str, ...]) -> str | None:
    """Find the column whose name is first among `wanted`; failing that, the first whose name ends in such a word."""
    by_words = {" ".join(_words(column)): column for column in reversed(columns)}
    exact = next((by_words[name] for name in wanted if name in by_words), None)
    if exact is not None:
        return exact
    endings = (_ENDINGS | _MORE_ENDINGS) & set(wanted)
    for column in columns:
        words = _words(column)
        never = _NEVER | _TITLE_OF if words[-1:] == ["title"] else _NEVER
        if words and words[-1] in endings and not never & set(words):
            return column
    return None


def column_words(name: str) -> str:
    """A column's name as words: `createdAt` and `created_at` are both `created at`."""
    return " ".join(_words(name))


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"\w+", spaced.replace("_", " ").lower())


def _split(columns: Sequence[str], requested: str) -> list[str]:
    """Cut at commas, taking the longest run of pieces that is the name of a column."""
    pieces = requested.split(",")
    names: list[str] = []
    start = 0
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            name = _match(columns, ",".join(pieces[start:end]), nested=end == start + 1)
            if name is not None:
                names.append(name)
                break
        else:
            end = start + 1
            if pieces[start].strip():
                names.append(_known(columns, pieces[start]))
        start = end
    return names


def _match(columns: Sequence[str], name: str, *, nested: bool = True) -> str | None:
    folds: tuple[Callable[[str], str], ...] = (str, str.strip, lambda text: text.strip().casefold())
    for fold in folds:
        for column in columns:
            if name.strip() and fold(column) == fold(name):
                return column
    root, _, path = name.strip().partition(".")
    # `fields.summary` reaches into the JSON of column `fields`; join_text follows it.
    return name.strip() if nested and path and root in columns else None


def _known(columns: Sequence[str], name: str) -> str:
    found = _match(columns, name)
    if found is not None:
        return found
    lowered = {column.lower(): column for column in columns}
    close = difflib.get_close_matches(name.strip().lower(), lowered, n=1, cutoff=0.6)
    hint = f"Did you mean {lowered[close[0]]!r}? " if close else ""
    raise UsageError(f"There is no column {name.strip()!r}.", remedy=f"{hint}There is: {_listing(columns)}.")


def _listing(columns: Iterable[str]) -> str:
    names = list(columns)
    return ", ".join(names[:40]) + (f" and {len(names) - 40} more" if len(names) > 40 else "")
