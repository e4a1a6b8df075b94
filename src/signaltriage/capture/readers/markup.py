"""Mark-up taken off and nothing else: HTML, Markdown, Slack's and Jira's marks, Atlassian's documents.

Quoted mails, signatures and boilerplate stay: what was said is captured whole, and `clean_text` judges it later.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from signaltriage.capture.chat import read_jira_marks, read_slack_references
from signaltriage.capture.html import html_to_text, unescape_entities
from signaltriage.capture.markdown import strip_markdown

_FENCE: Final = re.compile(r"(```|~~~)")
# Only at the start of a run: from every place within one, a run that ends in no newline takes quadratic time.
_BLANK: Final = re.compile(r"(?<![ \t\u00a0])[ \t\u00a0]++\n")
_GAP: Final = re.compile(r"\n{3,}")
_BLOCKS: Final = frozenset(
    (
        *("paragraph", "heading", "listItem", "blockquote", "codeBlock", "panel", "tableRow", "rule", "taskItem"),
        *("decisionItem", "expand", "nestedExpand", "mediaSingle", "mediaGroup", "bulletList", "orderedList", "table"),
    )
)
_CELLS: Final = frozenset(("tableCell", "tableHeader"))


def plain(value: object) -> str:
    """A text that is no mark-up unless it is HTML all the same."""
    if not isinstance(value, str):
        return ""
    return from_html(value) if "<" in value or "&" in value else tidy(value)


def from_html(value: object) -> str:
    """The words of HTML, blocks on lines of their own; a text without tags keeps its lines."""
    if not isinstance(value, str):
        return ""
    return tidy(unescape_entities(html_to_text(value, with_quotes=True)))


def from_markdown(value: object) -> str:
    """The words of Markdown (with HTML in it); what stands between fences stays as it is."""
    if not isinstance(value, str):
        return ""
    if not _FENCE.search(value):
        return tidy(strip_markdown(from_html(value)))
    kept: list[str] = []
    closing = ""
    for piece in _FENCE.split(value):
        if piece in {"```", "~~~"} and (not closing or piece == closing):
            closing = "" if closing else piece
            kept.append(piece)
        else:
            kept.append(piece if closing else strip_markdown(html_to_text(piece, with_quotes=True)))
    return tidy("".join(kept))


def from_slack(value: object) -> str:
    """The words of a Slack message: references read, `*` and `_` off, emoji and code as typed."""
    if not isinstance(value, str):
        return ""
    text = read_slack_references(value)
    text = text if "`" in text else strip_markdown(text)
    return tidy(unescape_entities(text))


def from_jira(value: object) -> str:
    """The words of a Jira text: a document, or a text in wiki notation."""
    if isinstance(value, dict | list):
        return from_document(value)
    return tidy(read_jira_marks(plain(value)))


def from_document(document: object) -> str:
    """The words of Atlassian's document format: texts, mentions, emoji, cards, dates; each block on a line."""
    parts: list[str] = []
    waiting: list[Any] = [document]
    while waiting:  # a stack instead of recursion: the depth is the sender's choice
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            kind = node.get("type")
            kind = kind if isinstance(kind, str) else ""
            parts.append(_own_words(node, kind))
            waiting.append("\n" if kind in _BLOCKS else "")
            if kind in _CELLS:  # the paragraph of a cell ends with the cell, not with a line
                parts.append(" ")
                node = _cell(node)
            if isinstance(node.get("content"), list):
                waiting.append(node["content"])
    return tidy("".join(parts))


def _cell(node: dict[str, Any]) -> dict[str, Any]:
    held = node.get("content")
    if isinstance(held, list) and len(held) == 1 and isinstance(held[0], dict) and held[0].get("type") == "paragraph":
        return held[0]
    return node


def _own_words(node: dict[str, Any], kind: str) -> str:
    if isinstance(node.get("text"), str):
        return str(node["text"])
    if kind == "hardBreak":
        return "\n"
    attributes = node.get("attrs")
    if not isinstance(attributes, dict):
        return ""
    if kind == "date":
        try:
            return datetime.fromtimestamp(int(attributes["timestamp"]) / 1000, UTC).date().isoformat()
        except (KeyError, ValueError, TypeError, OverflowError, OSError):
            return ""
    for name in ("text", "shortName", "url", "alt", "title"):
        if isinstance(attributes.get(name), str) and attributes[name]:
            return str(attributes[name])
    return ""


def tidy(text: str) -> str:
    """Lines end in a newline, none in spaces; at most one is blank between two."""
    if "\n" in text or "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _GAP.sub("\n\n", _BLANK.sub("\n", text))
    return text.strip()
