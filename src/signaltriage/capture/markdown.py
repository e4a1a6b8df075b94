"""Markdown's marks taken off, its words kept.

Own patterns rather than markdown-it-py: a Markdown parser takes every text for Markdown, so that an indented line of a
mail becomes code and a line of dashes under a sentence a heading; and it costs more than the rest of the cleaning
together. Each pattern has bounded repeats of characters that cannot start it anew, so its time is linear.
"""

from __future__ import annotations

import re
from typing import Final

_LINK: Final = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]\((?:[^()\s]|\([^()\s]{0,100}\)){0,2000}(?:\s\"[^\"\n]{0,200}\")?\)"
)
# A mark behind a backslash is a character, neither opening nor closing.
_STRONG: Final = re.compile(
    r"(?<![\w*\\])\*\*(?=\S)([^*\n]{1,500})(?<=[^\s\\])\*\*(?!\w)"
    r"|(?<![\w\\])__(?=\S)([^_\n]{1,500})(?<=[^\s\\])__(?!\w)"
)
_EMPHASIS: Final = re.compile(
    r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,300})(?<=[^\s\\])\*(?![\w*])"
    r"|(?<![\w/_\\])_(?=[^\s_])([^_\n]{1,300})(?<=[^\s\\])_(?![\w_])"
)
_STRUCK: Final = re.compile(r"~~(?=\S)([^~\n]{1,500})~~")
_CODE: Final = re.compile(r"`([^`\n]{1,500})`")
_LINE_START: Final = re.compile(
    r"^[ \t]{0,12}(?:(?:#{1,6}|\*{1,3}|[+•·▪‣◦-])[ \t]+(?:\[[ xX]\][ \t]+)?){1,4}", re.MULTILINE
)
_RULE: Final = re.compile(r"^[ \t]*(?:[-*_=~#][ \t]*){3,}$", re.MULTILINE)
_TABLE_RULE: Final = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}[-:| \t]*$", re.MULTILINE)
_TABLE_ROW: Final = re.compile(r"^[ \t]*\|{1,2}[^\n]*\|[ \t]*$", re.MULTILINE)
_AUTOLINK: Final = re.compile(r"<((?:https?|mailto):[^<>\s]{1,2000})>")
_ESCAPE: Final = re.compile(r"\\([*_`~#])")


def strip_markdown(text: str) -> str:
    """Links become their text, tables words with spaces, and emphasis, headings, bullets and rules vanish."""
    if "[" in text:
        text = _LINK.sub(r"\1", text)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", text)
    if "`" in text:
        text = _CODE.sub(r"\1", text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(_inner, _STRONG.sub(_inner, text))
    if "~~" in text:
        text = _STRUCK.sub(r"\1", text)
    if "|" in text:
        text = _TABLE_ROW.sub(lambda row: row[0].replace("|", " "), _TABLE_RULE.sub("", text))
    text = _LINE_START.sub("", _RULE.sub("", text))
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def _inner(found: re.Match[str]) -> str:
    return str(found[1] or found[2])
