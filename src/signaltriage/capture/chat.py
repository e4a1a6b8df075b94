"""Marks of chat and issue tools: Slack's <…> references and :emoji:, Jira's wiki notation."""

from __future__ import annotations

import re
from typing import Final

_SLACK: Final = re.compile(
    r"<(?:([@#!])([^<>|\n]{1,200})|((?:https?|mailto|tel):[^<>|\s]{1,2000}))(?:\|([^<>\n]{0,300}))?>"
)
_SLACK_ID: Final = re.compile(r"[UWCGDTBS][A-Z0-9]{5,}")
_ADDRESS_END: Final = re.compile(r"\A\s*[:,]\s+")
"""What "<@U0123>: could you …" leaves before the message."""
_EMOJI: Final = re.compile(r"(?<![\w:/#])(?::(?=[\d_+-]*[a-z])[a-z0-9_+-]{2,40}:)+(?!\w)")

_WIKI: Final = re.compile(r"\{(?:quote|color|panel|info|note|tip|warning|expand|anchor)(?::[^{}\n]{0,100})?\}")
_MONO: Final = re.compile(r"\{\{([^{}\n]{1,200})\}\}")
_WIKI_LINK: Final = re.compile(
    r"\[([^\[\]|\n]{1,200})\|(?:https?://|mailto:|#)[^\[\]|\s]{1,2000}(?:\|[^\[\]\n]{0,40})?\]"
)
_WIKI_USER: Final = re.compile(r"\[~[^\[\]\n]{1,100}\]")
_WIKI_IMAGE: Final = re.compile(
    r"![\w.() -]{1,100}\.(?:png|jpe?g|gif|bmp|svg|mp4|mov)(?:\|[^!\n]{0,80})?!", re.IGNORECASE
)
_WIKI_START: Final = re.compile(r"^[ \t]*(?:h[1-6]\.|bq\.)[ \t]+", re.MULTILINE)


def read_slack_marks(text: str) -> str:
    """Read `<#C0123|help>` as #help and `<https://…|label>` as label; `<@U0123>`, `<!here>` and `:emoji:` vanish."""
    text = read_slack_references(text)
    return _EMOJI.sub(" ", text) if ":" in text else text


def read_slack_references(text: str) -> str:
    """The same for what stands in `<…>` alone; emoji stay."""
    if "<" not in text:
        return text
    spoken_to = text.startswith("<@")
    text = _SLACK.sub(_slack_words, text)
    return _ADDRESS_END.sub("", text, 1) if spoken_to else text


def read_jira_marks(text: str) -> str:
    """Take Jira's wiki marks off: headings, panels, colours, `{{code}}`, `[label|link]`, `[~user]`, images."""
    if "{" in text:
        text = _MONO.sub(r"\1", _WIKI.sub(" ", text))
    if "[" in text:
        text = _WIKI_USER.sub("", _WIKI_LINK.sub(r"\1", text))
    if "!" in text:
        text = _WIKI_IMAGE.sub(" ", text)
    return _WIKI_START.sub("", text) if "." in text else text


def _slack_words(found: re.Match[str]) -> str:
    kind, name, link, label = found.groups()
    if link:
        return str(label or link.removeprefix("mailto:").removeprefix("tel:"))
    if kind != "#":  # who is spoken to is not what is said
        return " "
    channel = label or ("" if _SLACK_ID.fullmatch(name) else name)
    return f"#{channel}" if channel else " "
